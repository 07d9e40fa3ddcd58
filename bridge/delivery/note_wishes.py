"""What a leader chooses about the weekly note, on their page or by the link in one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo

from bridge.delivery import note_times as times
from bridge.delivery.notice_times import zone_of
from bridge.errors import ConfigError, InputError, NotFound
from bridge.model import NoteChannel, NoteWish
from bridge.storage import Work

_PURPOSE = "note"


def choose(
    work: Work,
    person_id: int,
    channel: NoteChannel,
    hour: int,
    weekday: int,
    now: datetime,
    zone: tzinfo,
) -> NoteWish:
    """Keep how the person wants the note, and when.

    :param channel: a way, or off.
    :param zone: of people who have none of their own.
    :raises InputError: if there is no such hour or day, or nothing is chosen.
    """
    if not (0 <= hour <= 23 and 0 <= weekday <= 6):
        raise InputError("There is no such time.", "Choose an hour and a day from the lists.")
    if channel is NoteChannel.UNASKED:
        raise InputError("Nothing is chosen.", "Choose a way, or off.")
    before = work.notes.wish(person_id)
    wish = replace(before, channel=channel, hour=hour, weekday=weekday)
    if channel is not NoteChannel.OFF and before.channel in (NoteChannel.UNASKED, NoteChannel.OFF):
        wish = replace(wish, begun_at=now, nudges=0)
    person = work.access.person(person_id)
    own_zone = zone_of(person.timezone if person else None, zone)
    work.notes.choose(replace(wish, next_at=times.next_of(wish, own_zone, now)))
    return work.notes.wish(person_id)


def token(work: Work, person_id: int) -> str:
    """What a link needs to hold to end the person's notes, without signing in."""
    return work.seal.close(f"{_PURPOSE}:{person_id}")


def of(work: Work, sealed: str) -> NoteWish:
    """Whose link it is, and what they want now.

    :raises NotFound: if it is none, or the person is not there any more.
    """
    try:
        purpose, _, number = work.seal.open(sealed).partition(":")
    except ConfigError as error:
        raise _unknown() from error
    if purpose != _PURPOSE or not number.isdecimal() or not work.access.person(int(number)):
        raise _unknown()
    return work.notes.wish(int(number))


def switch(work: Work, sealed: str, channel: NoteChannel, now: datetime, zone: tzinfo) -> NoteWish:
    """Have the person written no more notes, or again; nothing happens if it is so already.

    :raises NotFound: if the link is none.
    """
    wish = of(work, sealed)
    if wish.channel is channel:
        return wish
    return choose(work, wish.person_id, channel, wish.hour, wish.weekday, now, zone)


def _unknown() -> NotFound:
    return NotFound("This link is of nobody's notes.", "Use the one in the newest note.")
