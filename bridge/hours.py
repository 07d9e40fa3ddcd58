"""Hours of the day by the clock on somebody's wall: spans, when one ends, and how a moment is told.

Pure. What counts is what the clock of the zone shows, the hour that it shows twice and the one that
it leaves out included.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

Spans = Sequence[tuple[time, time]]
"""From a time of day to before another; over midnight where the second is the earlier one."""

MINUTE = timedelta(minutes=1)
SATURDAY = 5


def spans(text: str) -> tuple[tuple[time, time], ...]:
    """Spans as they are written: ``01:30-04:00``, several separated by commas.

    :raises ValueError: with the part that is none.
    """
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            begin, end = (_time_of_day(side) for side in part.split("-"))
        except ValueError as error:
            raise ValueError(part) from error
        found.append((begin, end))
    return tuple(found)


def whole_day(hours: Spans) -> bool:
    """Whether the spans leave no minute of the day."""
    return len({minute for span in hours for minute in _minutes(*span)}) == 24 * 60


def quiet_until(
    hours: Spans, zone: tzinfo, now: datetime, *, weekends: bool = False
) -> datetime | None:
    """When the quiet hours end that ``now`` lies in; ``None`` outside of them.

    :param hours: never the whole day.
    :param weekends: whether Saturday and Sunday are quiet from midnight to midnight.
    """
    if not _quiet(hours, now.astimezone(zone), weekends):
        return None
    moment = now.replace(second=0, microsecond=0)
    # Spans never cover a whole day, so an end comes; a minute at a time it is right on the days
    # on which the clock is changed as well.
    while _quiet(hours, moment.astimezone(zone), weekends):
        moment += MINUTE
    return moment


def told(at: datetime | None, zone: tzinfo) -> str:
    """A moment by the clock of ``zone``: *Wed 25 Nov 2026, 09:00 UTC*."""
    return at.astimezone(zone).strftime("%a %d %b %Y, %H:%M %Z") if at else "once"


def _quiet(hours: Spans, local: datetime, weekends: bool) -> bool:
    if weekends and local.weekday() >= SATURDAY:
        return True
    at = local.time()
    return any(
        begin <= at < end if begin < end else at >= begin or at < end for begin, end in hours
    )


def _minutes(begin: time, end: time) -> set[int]:
    """The minutes of the day from ``begin`` to before ``end``; all if they are the same."""
    first = begin.hour * 60 + begin.minute
    length = (end.hour * 60 + end.minute - first) % (24 * 60) or 24 * 60
    return {(first + minute) % (24 * 60) for minute in range(length)}


def _time_of_day(text: str) -> time:
    """The time that is written as ``HH:MM``; 24:00 is the midnight at the end of the day."""
    hour, minute = (int(part) for part in text.split(":"))
    return time() if (hour, minute) == (24, 0) else time(hour, minute)
