"""When a letter about somebody's notices is due. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.model import LetterWish, Rhythm

QUIET = timedelta(hours=20)
"""However somebody changes their mind, two letters are at least so far apart."""
FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=2)


def zone_of(name: str | None, fallback: tzinfo) -> tzinfo:
    """The time zone of that name; an LMS may say anything."""
    try:
        return ZoneInfo(name) if name else fallback
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return fallback


def following(
    rhythm: Rhythm, hour: int, weekday: int, zone: tzinfo, after: datetime
) -> datetime | None:
    """The first moment after ``after`` at which a letter is due; ``None`` where none is wanted.

    An hour that the clocks skip is the next one; of one that they show twice it is the first.
    """
    if rhythm is Rhythm.OFF:
        return None
    day = after.astimezone(zone).date()
    for ahead in range(9):
        then = day + timedelta(days=ahead)
        if rhythm is Rhythm.WEEKLY and then.weekday() != weekday:
            continue
        at = datetime(then.year, then.month, then.day, hour, tzinfo=zone).astimezone(UTC)
        if at > after:
            return at
    raise AssertionError("A week has every day.")


def next_of(wish: LetterWish, zone: tzinfo, now: datetime) -> datetime | None:
    """When the person's next letter is due, none before the quiet time after the last is over."""
    after = max(now, wish.sent_at + QUIET - timedelta(seconds=1)) if wish.sent_at else now
    return following(wish.rhythm, wish.hour, wish.weekday, zone, after)


def pause(failures: int) -> timedelta:
    """How long to wait after the mail server asked to come back so often in a row."""
    return min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE)
