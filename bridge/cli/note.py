"""The command that shows a leader's weekly note."""

from __future__ import annotations

import click

from bridge import flow
from bridge.cli.frame import Frame, show_json
from bridge.cli.people import connection_option
from bridge.flow import NoteLook
from bridge.hours import told
from bridge.model import NoteChannel, Person

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BY = {NoteChannel.MESSAGE: "a message of the LMS", NoteChannel.MAIL: "e-mail"}


@click.command(epilog="Example: socialbridge note alice@example.com")
@click.argument("leader")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def note(frame: Frame, leader: str, connection_name: str | None, as_json: bool) -> None:
    """Print the weekly note that LEADER would be written now.

    And by which way, when the next one is due, and why the last one was not taken. Nothing is sent,
    and the links in it open nothing.
    """
    bridge = frame.bridge
    found = frame.person(leader, frame.connection(connection_name))
    look = flow.look_at_note(
        bridge.store,
        bridge.clock,
        found.id,
        link=bridge.link,
        zone=bridge.zone,
        mails=bridge.writes_letters,
    )
    if as_json:
        show_json(_plain(look))
        return
    for line in _about(look, found, unasked=bridge.config.first_note):
        frame.console.print(line, markup=False)
    if look.words is None:
        frame.console.print("There is nothing to say now, so nothing would be sent.")
        return
    channel = look.ways.best(look.wish.channel)
    by_mail = channel is NoteChannel.MAIL
    text = look.words.plain if by_mail else look.words.message
    head = f"\nSubject: {look.words.subject}\n" if by_mail else ""
    click.echo(f"{head}\n{text}")


def _about(look: NoteLook, person: Person, *, unasked: bool) -> list[str]:
    wish = look.wish
    by = BY[look.ways.best(wish.channel)]
    lines = []
    if wish.channel is NoteChannel.OFF:
        lines.append(f"{person.name} wants no note. If they did:")
    elif wish.channel is NoteChannel.UNASKED and wish.left_at:
        lines.append(f"{person.name} got the first note and chose nothing, so none follows.")
    elif wish.channel is NoteChannel.UNASKED and not unasked:
        lines.append(f"{person.name} has not chosen, and SOCIALBRIDGE_FIRST_NOTE is no.")
    elif wish.channel is NoteChannel.UNASKED:
        lines.append(f"{person.name} has not chosen: one first note, by {by}.")
    else:
        at = f"{DAYS[wish.weekday]} at {wish.hour:02}:00"
        lines.append(f"{person.name}, by {by}, each {at}.")
    if wish.next_at:
        lines.append(f"The next one is due on {told(wish.next_at, look.zone)}.")
    if look.kind is None:
        lines.append("The notes rest after three nudges. They go on when their reader comes by.")
    if wish.left_at:
        lines.append(f"The last one left on {told(wish.left_at, look.zone)} ({wish.left_as}).")
    if wish.doubt_at:
        lines.append("Nobody knows whether it arrived.")
    if wish.problem:
        lines.append(f"It was not taken: {wish.problem} {wish.remedy}".rstrip())
    return lines


def _plain(look: NoteLook) -> dict[str, object]:
    wish, words = look.wish, look.words
    return {
        "channel": wish.channel.value,
        "weekday": wish.weekday,
        "hour": wish.hour,
        "next": wish.next_at,
        "last": wish.left_at,
        "last_was": wish.left_as,
        "in_doubt": wish.doubt_at is not None,
        "problem": wish.problem,
        "remedy": wish.remedy,
        "kind": look.kind.value if look.kind else None,
        "by_message": look.ways.message,
        "by_mail": bool(look.ways.address),
        "subject": words.subject if words else None,
        "text": words.plain if words else None,
    }
