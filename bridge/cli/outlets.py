"""Commands about outlets: where shares and the feed are sent."""

from __future__ import annotations

import os
from shlex import quote
from typing import Any

import click
from rich.table import Table

from bridge import flow
from bridge.access import leaders as leading
from bridge.cli.frame import Frame, show_json
from bridge.cli.outlet_rules import pace, rules
from bridge.cli.outlet_settings import SECRET_VARIABLE, configured
from bridge.cli.people import connection_option
from bridge.delivery import outlets as stored
from bridge.delivery.settings import kinds_of as checked_kinds
from bridge.errors import InputError
from bridge.model import Audience, AudienceKind, Connection, Outlet
from bridge.outlets.kinds import KINDS, doubt, promise
from bridge.outlets.mastodon import VISIBILITIES
from bridge.ports import Abilities

yes_option = click.option("--yes", is_flag=True, help="Do not ask; for scripts.")


@click.group()
def outlets() -> None:
    """Where shares, and if you wish the feed, are sent."""


@outlets.command(epilog="Example: socialbridge outlets add news --kind moodle_forum --forum 7")
@click.argument("name")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True)
@click.option("--forum", "forum_id", type=int, help="The LMS's id of the forum (moodle_forum).")
@click.option(
    "--url", help="Where to send to (webhook), or the server's address (mahara, mastodon, matrix)."
)
@click.option("--journal", type=int, help="The journal's id in its address (mahara).")
@click.option(
    "--owner",
    type=int,
    help="Whose journal it is, by their id there, for an admin's token (mahara).",
)
@click.option("--channel", help="The channel's id, which begins with C (slack).")
@click.option("--room", help="The room's id, which begins with ! (matrix).")
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
@click.option("--off", is_flag=True, help="Add it switched off: nothing is sent yet.")
@yes_option
@connection_option
@click.pass_obj
def add(
    frame: Frame,
    name: str,
    kind: str,
    audience: str,
    kinds: str,
    off: bool,
    yes: bool,
    connection_name: str | None,
    **given: Any,
) -> None:
    """Add an outlet. Its token or secret is read from SOCIALBRIDGE_OUTLET_SECRET.

    For teams that is the workflow's address, for apprise the service's. A webhook's signing secret
    is made and shown where none is set. Who will read there, and what can be taken back, is shown
    before you are asked.
    """
    connection = frame.connection(connection_name)
    readers = audience_of(frame, connection, audience)
    settings, secret = configured(kind, given, readers.kind)
    settings = {"kinds": kinds_of(kinds), "zone": frame.bridge.config.timezone, **settings}
    # What cannot be used is said now, and not when the first post should go out.
    outlet = Outlet(0, connection.id, name, kind, readers, settings, secret, enabled=not off)
    abilities = frame.bridge.publisher(outlet).abilities
    _show(frame, outlet, abilities, audience.removeprefix("team:"))
    _agree("Add it, switched off?" if off else "Add it?", yes)
    added = flow.add_outlet(
        frame.bridge.store, frame.bridge.clock, outlet, frame.bridge.publisher, by=None
    )
    word = quote(added.name)
    look = f"socialbridge preview --outlet {word}, then socialbridge outlets on {word}"
    state = f" It is off: {look}" if off else ""
    frame.console.print(f"Outlet {added.name} added.{state}", markup=False)
    if secret and not os.environ.get(SECRET_VARIABLE):
        frame.console.print(f"Its signing secret, shown once: {secret}", markup=False)


@outlets.command("list", epilog="Example: socialbridge outlets list --json")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def list_outlets(frame: Frame, connection_name: str | None, as_json: bool) -> None:
    """Show the outlets, who reads there and what can be done there, without their secrets."""
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        found = stored.of(work, connection.id)
        readers = stored.read_by(work, connection.id)
    able = {outlet.id: frame.bridge.abilities(outlet) for outlet in found}
    if as_json:
        show_json(
            [
                {
                    "name": o.name,
                    "kind": o.kind,
                    "purpose": o.purpose,
                    "audience": o.audience.key,
                    "abilities": _can(able[o.id]),
                    "stays": able[o.id].stays,
                    "enabled": o.enabled,
                    "settings": dict(o.settings),
                }
                for o in found
            ]
        )
        return
    table = Table("name", "kind", "purpose", "read by", "can", "on", box=None, pad_edge=False)
    for outlet in found:
        table.add_row(
            outlet.name,
            outlet.kind,
            outlet.purpose,
            readers[outlet.id],
            ", ".join(_can(able[outlet.id])),
            "yes" if outlet.enabled else "no",
        )
    frame.console.print(table)


@outlets.command(epilog="Example: socialbridge outlets kinds --json")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def kinds(frame: Frame, as_json: bool) -> None:
    """Show which kinds of outlets there are, and what can be done at each."""
    if as_json:
        show_json(
            [
                {
                    "kind": name,
                    "label": kind.label,
                    "reaches": kind.reaches,
                    "limit": kind.limit,
                    "abilities": _can(kind.abilities),
                    "stays": kind.abilities.stays,
                    "depends": kind.depends,
                }
                for name, kind in KINDS.items()
            ]
        )
        return
    table = Table("kind", "read by", "can", "takes", box=None, pad_edge=False)
    for name, kind in KINDS.items():
        able = ", ".join(_can(kind.abilities)) + (" *" if kind.depends else "")
        table.add_row(name, kind.reaches, able, kind.limit)
    frame.console.print(table)
    for name, kind in KINDS.items():
        if kind.depends:
            frame.console.print(f"* {name}: depends on {kind.depends}.", markup=False)


@outlets.command(epilog="Example: socialbridge outlets on news")
@click.argument("name")
@yes_option
@connection_option
@click.pass_obj
def on(frame: Frame, name: str, yes: bool, connection_name: str | None) -> None:
    """Switch an outlet on, after showing who reads there and what can be taken back."""
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        outlet = stored.named(work, connection.id, name)
        readers = stored.read_by(work, connection.id)
    _show(frame, outlet, frame.bridge.abilities(outlet), readers[outlet.id])
    if outlet.enabled:
        frame.console.print(f"{outlet.name} is on already.", markup=False)
        return
    frame.console.print(
        f"See its posts: socialbridge preview --outlet {quote(outlet.name)}", markup=False
    )
    _agree("Switch it on?", yes)
    _switch(frame, outlet, True)


@outlets.command(epilog="Example: socialbridge outlets off news")
@click.argument("name")
@connection_option
@click.pass_obj
def off(frame: Frame, name: str, connection_name: str | None) -> None:
    """Switch an outlet off: nothing new is sent there; what has to be taken back still is."""
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        outlet = stored.named(work, connection.id, name)
    _switch(frame, outlet, False)


@outlets.command(epilog="Example: socialbridge outlets remove news")
@click.argument("name")
@connection_option
@click.pass_obj
def remove(frame: Frame, name: str, connection_name: str | None) -> None:
    """Forget an outlet where nothing stands any more; one where something may stand is kept."""
    connection = frame.connection(connection_name)
    with frame.bridge.store.reading() as work:
        outlet = stored.named(work, connection.id, name)
    flow.remove_outlet(frame.bridge.store, frame.bridge.clock, connection.id, outlet.id, by=None)
    frame.console.print(f"{outlet.name} is taken out.", markup=False)


def _switch(frame: Frame, outlet: Outlet, enabled: bool) -> None:
    with frame.bridge.store.work() as work:
        stored.change(work, outlet.connection_id, outlet.id, enabled=enabled)
    frame.console.print(f"{outlet.name} is {'on' if enabled else 'off'}.", markup=False)


def _show(frame: Frame, outlet: Outlet, abilities: Abilities, read_by: str) -> None:
    """Say who reads there and what can be done there, before anything may be sent."""
    kind = KINDS[outlet.kind]
    lines = [
        f"{outlet.name}: {kind.label}, read by {kind.reaches}; kept to what {read_by} may see.",
        f"Takes: {kind.limit}.",
        promise(abilities) + (f" {abilities.stays}" if abilities.stays else ""),
        doubt(abilities),
    ]
    for line in lines:
        frame.console.print(line, markup=False)


def _agree(question: str, yes: bool) -> None:
    """Go on only if somebody says so.

    :raises InputError: if they say no, or nobody is there to be asked.
    """
    try:
        agreed = yes or click.confirm(question)
    except click.Abort as error:
        raise InputError("Nobody is there to be asked.", "Add --yes.") from error
    if not agreed:
        raise InputError("Nothing was changed.")


def _can(abilities: Abilities) -> list[str]:
    able = {
        "publish": True,
        "edit": abilities.edit,
        "delete": abilities.delete,
        "find": abilities.find,
        "idempotent": abilities.idempotent,
    }
    return [word for word, true in able.items() if true]


def kinds_of(text: str) -> list[str]:
    """The kinds that are named, separated by commas.

    :raises InputError: if one of them is none.
    """
    return checked_kinds([p for p in map(str.strip, text.split(",")) if p])


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


outlets.add_command(rules)
outlets.add_command(pace)
