"""Commands about people: leaders, roles, sign-in links, suggestions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import click

from bridge import curation, flow
from bridge.access import audit, links
from bridge.access import roles as granting
from bridge.cli.frame import Frame, show_json
from bridge.errors import NotAllowed
from bridge.model import Role, Suggestion

connection_option = click.option(
    "--connection", "connection_name", help="Needed where there is more than one."
)


@click.group()
def roles() -> None:
    """What people may do beyond what everybody may."""


ROLES = click.Choice([r.value for r in Role if r not in (Role.LEARNER, Role.LEADER)])


@roles.command(epilog="Example: socialbridge roles grant dana@example.com admin")
@click.argument("person")
@click.argument("role", type=ROLES)
@connection_option
@click.pass_obj
def grant(frame: Frame, person: str, role: str, connection_name: str | None) -> None:
    """Give PERSON a role."""
    found = frame.person(person, frame.connection(connection_name))
    with frame.bridge.store.work() as work:
        granting.grant(work, found.id, Role(role))
        audit.note(work, None, f"granted {role}", str(found.id), frame.bridge.clock.now())
    frame.console.print(f"{found.name} is {role}.", markup=False)


@roles.command(epilog="Example: socialbridge roles revoke dana@example.com admin")
@click.argument("person")
@click.argument("role", type=ROLES)
@connection_option
@click.pass_obj
def revoke(frame: Frame, person: str, role: str, connection_name: str | None) -> None:
    """Take a role from PERSON."""
    found = frame.person(person, frame.connection(connection_name))
    with frame.bridge.store.work() as work:
        granting.revoke(work, found.id, Role(role))
        audit.note(work, None, f"revoked {role}", str(found.id), frame.bridge.clock.now())
    frame.console.print(f"{found.name} is not {role}.", markup=False)


@click.command(epilog="Example: socialbridge link alice@example.com")
@click.argument("person")
@connection_option
@click.option("--minutes", default=15, show_default=True, help="How long the link is good for.")
@click.pass_obj
def link(frame: Frame, person: str, connection_name: str | None, minutes: int) -> None:
    """Print a sign-in link for PERSON, good for one use."""
    found = frame.person(person, frame.connection(connection_name))
    now = frame.bridge.clock.now()
    with frame.bridge.store.work() as work:
        token = links.issue(work, found.id, now, timedelta(minutes=minutes))
        audit.note(work, None, "link issued", str(found.id), now)
    click.echo(frame.bridge.link(f"/sign-in/{token}"))


@click.command(epilog="Example: socialbridge suggest alice@example.com --why")
@click.argument("leader")
@connection_option
@click.option("--why", "links", is_flag=True, help="With the page that proves each reason.")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def suggest(
    frame: Frame, leader: str, connection_name: str | None, links: bool, as_json: bool
) -> None:
    """Print this week's suggestions for LEADER, each with its reasons."""
    bridge = frame.bridge
    connection = frame.connection(connection_name)
    found = frame.person(leader, connection)
    with bridge.store.reading() as work:
        led = work.access.teams_led(found.id)
    if not led:
        raise NotAllowed(
            f"{found.name} leads no team.",
            f"Make them a leader: `socialbridge leaders add TEAM {leader}`.",
        )
    flow.suggest(bridge.store, bridge.clock, connection.id, found.id)
    with bridge.store.reading() as work:
        found_now = curation.suggestions(work, found.id, bridge.clock.now())
    if as_json:
        show_json([_plain(s, bridge.link) for s in found_now])
        return
    if not found_now:
        frame.console.print("There is too little to go on yet: no suggestion this week.")
    for number, suggestion in enumerate(found_now, start=1):
        frame.console.print(f"{number}. {suggestion.name}", style="bold", markup=False)
        for label, reason in (
            ("why this", suggestion.why_this),
            ("why you ", suggestion.why_you),
            ("why now ", suggestion.why_now),
        ):
            frame.console.print(f"   {label}  {reason.text}", markup=False)
            if links and reason.link:
                # Not wrapped, so that it can be followed and copied.
                click.echo(f"             {bridge.link(reason.link)}")
        frame.console.print(f"   ask yourself  {suggestion.prompt}", markup=False)


def _plain(suggestion: Suggestion, link: Callable[[str], str]) -> dict[str, object]:
    course, about = suggestion.course, suggestion.about
    return {
        "about": suggestion.name,
        "kind": "course" if about is None else about.kind.value,
        "course": course.name if course else "",
        "url": course.url if course else link(f"/a/{about.uid}") if about else "",
        "score": round(suggestion.score, 4),
        "why_this": suggestion.why_this.text,
        "why_you": suggestion.why_you.text,
        "why_now": suggestion.why_now.text,
        "prompt": suggestion.prompt,
        "state": suggestion.state,
    }
