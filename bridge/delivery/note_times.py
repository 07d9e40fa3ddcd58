"""When a leader's weekly note is due, and which one. Pure.

A week is seven days of the leader's own calendar: two notes never bear dates that are nearer. So
the clocks may change and a worker may be late within a day, and the day that was chosen stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bridge.delivery.notice_times import following
from bridge.model import NoteChannel, NoteKind, NoteWish, Rhythm
from bridge.storage.notes import LastDays

WEEK = 7
"""Days, by the leader's own calendar, from one note to the next."""
READY = timedelta(hours=1)
"""After the week begins, in UTC, its suggestions are there: none is written before."""
LATEST = timedelta(days=2)
"""So late a note may still be; then it is left out, for the next is near."""
AGAIN = timedelta(hours=3)
"""After that long it is looked again whether there is anything to say."""
SILENT = 21
"""Days without a share, a plan, an answer, a post or a cheer, after which a nudge is due; and the
days that lie between two of them."""
NUDGES = 3
"""So many nudges in a row are written to somebody who does not come by; then the notes rest."""
FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_WEEKS = 4


def next_of(wish: NoteWish, zone: tzinfo, now: datetime, *, weeks: int = 1) -> datetime | None:
    """When the next note is due; ``None`` if none is.

    :param weeks: from now on, at the earliest in the so-manieth week.
    """
    first_word_is_out = wish.channel is NoteChannel.UNASKED and wish.left_at is not None
    if wish.channel is NoteChannel.OFF or first_word_is_out:
        return None
    after = now + timedelta(days=WEEK) * (weeks - 1)
    # One that was chosen for before the week began is still to come.
    slots = _slots(wish, zone, after - timedelta(days=1))
    return next(at for at, day in slots if at > after and _free(wish, zone, day))


def is_free(wish: NoteWish, zone: tzinfo, now: datetime) -> bool:
    """Whether the last note is a week old by now."""
    return _free(wish, zone, now.astimezone(zone).date())


def in_time(wish: NoteWish, zone: tzinfo, now: datetime) -> bool:
    """Whether a note that is written now is one for the day that was chosen, and not too late."""
    long_ago = now - LATEST - timedelta(days=2)
    for at, _ in _slots(wish, zone, long_ago):
        if at > now:
            return False
        if now <= at + LATEST:
            return True
    raise AssertionError("There is always another week.")


def kind_of(wish: NoteWish, last: LastDays, now: datetime) -> NoteKind | None:
    """Which note it is to be; ``None`` where the notes rest: nobody reads them.

    Silence counts from when they were chosen: before it, nobody had asked for anything.
    """
    if wish.channel is NoteChannel.UNASKED:
        return NoteKind.FIRST
    if silent_days(wish, last, now) < SILENT:
        return NoteKind.WEEKLY
    if wish.nudges >= NUDGES and _days_away(wish, last, now) >= NUDGES * SILENT:
        return None
    if wish.nudged_at and (now.date() - wish.nudged_at.date()).days < SILENT:
        return NoteKind.WEEKLY
    return NoteKind.NUDGE


def silent_days(wish: NoteWish, last: LastDays, now: datetime) -> int:
    """Days, in UTC, since the leader did anything that counts, or since they chose the notes."""
    return _days(wish, last.engaged, now)


def nudges_after(wish: NoteWish, last: LastDays) -> int:
    """How many nudges in a row a further one makes."""
    answered = wish.nudged_at and last.engaged and last.engaged >= wish.nudged_at.date()
    return 1 if answered else wish.nudges + 1


def is_last_nudge(wish: NoteWish, last: LastDays, now: datetime) -> bool:
    """Whether the notes rest after a further nudge, unless its leader comes by."""
    before = (NUDGES - 1) * SILENT
    return nudges_after(wish, last) >= NUDGES and _days_away(wish, last, now) >= before


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures in a row that pass by themselves."""
    return min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE)


def weeks(failures: int) -> int:
    """After how many weeks to try again after so many lasting failures in a row."""
    return min(2 ** min(failures, 10), LONGEST_WEEKS)


def _slots(wish: NoteWish, zone: tzinfo, after: datetime) -> Iterator[tuple[datetime, date]]:
    """The moments that were chosen, and their days; none before that week's suggestions."""
    at = after
    while True:
        found = following(Rhythm.WEEKLY, wish.hour, wish.weekday, zone, at)
        assert found is not None
        at, day = found, found.astimezone(zone).date()
        begins = datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)
        yield max(at, begins + READY), day


def _free(wish: NoteWish, zone: tzinfo, day: date) -> bool:
    last = max((at for at in (wish.left_at, wish.attempted_at) if at), default=None)
    return last is None or (day - last.astimezone(zone).date()).days >= WEEK


def _days_away(wish: NoteWish, last: LastDays, now: datetime) -> int:
    return _days(wish, last.came, now)


def _days(wish: NoteWish, day: date | None, now: datetime) -> int:
    if wish.begun_at is None:
        return 0
    return (now.date() - max(wish.begun_at.date(), day or date.min)).days
