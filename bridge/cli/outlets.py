"""Commands about outlets: where shares and the feed are sent."""

from __future__ import annotations

import os

import click
from rich.table import Table

from bridge.access import leaders as leading
from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.delivery import outlets as stored
from bridge.errors import InputError
from bridge.model import Audience, AudienceKind, Connection, Kind, Outlet
from bridge.outlets.mastodon import VISIBILITIES
from bridge.outlets.signing import new_secret
from bridge.ports import Abilities

SECRET_VARIABLE = "SOCIALBRIDGE_OUTLET_SECRET"
KINDS = ["moodle_forum", "webhook", "mahara", "email", "mastodon", "slack", "teams"]


@click.group()
def outlets() -> None:
    """Where shares, and if you wish the feed, are sent."""


@outlets.command(epilog="Example: socialbridge outlets add news --kind moodle_forum --forum 7")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--forum", type=int, help="The LMS's id of the forum (moodle_forum).")
@click.option("--url", help="Where to send to (webhook), or the site's address (mahara, mastodon).")
@click.option("--journal", type=int, help="The journal's id in its address (mahara).")
@click.option(
    "--owner",
    type=int,
    help="Whose journal it is, by their id there, for an admin's token (mahara).",
)
@click.option("--channel", help="The channel's id, which begins with C (slack).")
@click.option(
    "--visibility",
    type=click.Choice(VISIBILITIES),
    help="Who sees the statuses; by default followers only, unless the public reads (mastodon).",
)
@click.option("--to", multiple=True, help="Whom to write to; may be given again (email).")
@click.option(
    "--list", "lists", multiple=True, help="A mailing list's address; may be given again (email)."
)
@click.option(
    "--audience",
    default="everyone",
    show_default=True,
    help="Who reads there: everyone (of this LMS), public, or team:NAME.",
)
@click.option(
    "--kinds",
    default="",
    help="Sent there by itself: completion, renewal, milestone, course, post, …",
)
@connection_option
@click.pass_obj
def add(
    frame: Frame,
    name: str,
    kind: str,
    forum: int | None,
    url: str | None,
    journal: int | None,
    owner: int | None,
    channel: str | None,
    visibility: str | None,
    to: tuple[str, ...],
    lists: tuple[str, ...],
    audience: str,
    kinds: str,
    connection_name: str | None,
) -> None:
    """Add an outlet. Its token or secret is read from SOCIALBRIDGE_OUTLET_SECRET.

    For teams that is the workflow's address. A webhook's signing secret is made and shown where
    none is set.
    """
    connection = frame.connection(connection_name)
    settings: dict[str, object] = {"kinds": kinds_of(kinds)}
    secret = ""
    if kind == "moodle_forum":
        if forum is None:
            raise InputError("Which forum?", "Give its id: --forum 7 (it stands in its address).")
        settings["forum_id"] = forum
    elif kind == "mahara":
        if not url or journal is None:
            raise InputError("Which journal?", "Give its site and id: --url https://… --journal 10")
        settings |= {"url": url, "journal": journal, "owner": owner}
        secret = _token()
    elif kind == "email":
        if not to and not lists:
            raise InputError("Whom to?", "Give addresses: --to ANNA@… or --list TEAM@….")
        settings |= {"to": list(to), "lists": list(lists)}
    elif kind == "mastodon":
        if not url:
            raise InputError("Which server?", "Give its address: --url https://…")
        default = "public" if audience == AudienceKind.PUBLIC else "private"
        settings |= {"url": url, "visibility": visibility or default}
        secret = _token()
    elif kind == "slack":
        if not channel:
            raise InputError("Which channel?", "Give its id: --channel C0123456789.")
        settings |= {"channel": channel, "url": url}
        secret = _token()
    elif kind == "teams":
        secret = _token("the address of a workflow")
    else:
        if not url:
            raise InputError("Where to?", "Give the address: --url https://…")
        settings["url"] = url
        secret = os.environ.get(SECRET_VARIABLE) or new_secret()
    readers = audience_of(frame, connection, audience)
    # What cannot be used is said now, and not when the first post should go out.
    outlet = Outlet(0, connection.id, name, kind, readers, settings, secret)
    abilities = frame.bridge.publisher(outlet).abilities
    with frame.bridge.store.work() as work:
        stored.add(work, connection.id, name, kind, readers, settings, secret)
    frame.console.print(f"Outlet {name} added. {promise(abilities)}", markup=False)
    if secret and not os.environ.get(SECRET_VARIABLE):
        frame.console.print(f"Its signing secret, shown once: {secret}", markup=False)


def _token(what: str = "a token") -> str:
    """The outlet's token, which never stands in a command: others could see it there."""
    token = os.environ.get(SECRET_VARIABLE, "").strip()
    if not token:
        raise InputError(f"The outlet needs {what}.", f"Set {SECRET_VARIABLE} to it and try again.")
    return token


def promise(abilities: Abilities) -> str:
    """What can become of a post there when it changes, or when consent is taken back."""
    if abilities.edit and abilities.delete:
        return "What it shows is edited and deleted when that is needed."
    if abilities.delete:
        return "What it shows is deleted when that is needed; it cannot be edited."
    return "What is sent there cannot be taken back."


def kinds_of(text: str) -> list[str]:
    """The kinds that are named, separated by commas.

    :raises InputError: if one of them is none.
    """
    kinds = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [kind for kind in kinds if kind not in set(Kind)]
    if unknown:
        raise InputError(f"Unknown: {', '.join(unknown)}.", f"Use {', '.join(Kind)}.")
    return kinds


def audience_of(frame: Frame, connection: Connection, text: str) -> Audience:
    """The audience that is named.

    :raises InputError: if it is none.
    """
    if text in (AudienceKind.EVERYONE, AudienceKind.PUBLIC):
        return Audience(AudienceKind(text), connection.id)
    if text.startswith("team:"):
        with frame.bridge.store.reading() as work:
            team = leading.find_team(work, connection.id, text.removeprefix("team:"))
        return Audience(AudienceKind.TEAM, team.id)
    raise InputError(f"{text!r} is no audience.", "Use everyone, public or team:NAME.")


@outlets.command("list", epilog="Example: socialbridge outlets list --json")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def list_outlets(frame: Frame, connection_name: str | None, as_json: bool) -> None:
    """Show the outlets, without their secrets."""
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        found = stored.of(work, connection.id)
    if as_json:
        show_json(
            [
                {
                    "name": o.name,
                    "kind": o.kind,
                    "purpose": o.purpose,
                    "audience": o.audience.key,
                    "enabled": o.enabled,
                    "settings": dict(o.settings),
                }
                for o in found
            ]
        )
        return
    table = Table("name", "kind", "purpose", "audience", "enabled", box=None, pad_edge=False)
    for outlet in found:
        table.add_row(
            outlet.name,
            outlet.kind,
            outlet.purpose,
            outlet.audience.key,
            "yes" if outlet.enabled else "no",
        )
    frame.console.print(table)
