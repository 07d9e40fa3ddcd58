"""When a planned share may leave: by day where the leader is, with room around it, in time; pure.

The rules are those of tools for sharing in one's own name: daytime in the sharer's own zone, never
within thirty minutes of another share, never when what is shared is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta, tzinfo

from bridge.errors import InputError
from bridge.hours import told

DAY = time(8), time(18)
"""From when to when, by the leader's own clock."""

APART = timedelta(minutes=30)
"""No share of a leader's leaves within this of another one."""

SOONEST = timedelta(minutes=5)
FARTHEST = timedelta(days=60)

GOOD = (time(9, 30), time(12, 30), time(15, 30))
"""Times of a working day that are proposed."""

STEP = timedelta(minutes=15)
SATURDAY = 5


def wrong(
    at: datetime, now: datetime, zone: tzinfo, taken: Iterable[datetime], until: datetime | None
) -> str:
    """Why a share may not leave at that moment; empty if it may.

    :param taken: when other shares of the leader leave, or left.
    :param until: when the course is over.
    """
    if at < now + SOONEST:
        return "That is too soon to be planned."
    if at > now + FARTHEST:
        return f"That is more than {FARTHEST.days} days away."
    if until is not None and at >= until:
        return "The course is over by then."
    if not DAY[0] <= at.astimezone(zone).time() < DAY[1]:
        return f"People are not at work then: shares leave from {DAY[0]:%H:%M} to {DAY[1]:%H:%M}."
    if any(abs(at - other) < APART for other in taken):
        return "Another share of yours leaves within half an hour of that."
    return ""


def proposed(
    now: datetime, zone: tzinfo, taken: Sequence[datetime], until: datetime | None
) -> datetime | None:
    """The next good time of a working day; ``None`` where there is none before it is over."""
    return next((at for at in _good(now, zone) if not wrong(at, now, zone, taken, until)), None)


def nearest(
    at: datetime, now: datetime, zone: tzinfo, taken: Sequence[datetime], until: datetime | None
) -> datetime | None:
    """The first time from ``at`` on that is not :func:`wrong`, else the last one before it."""
    start = min(max(at, now + SOONEST + STEP), now + FARTHEST)
    start = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
    steps = int(FARTHEST / STEP)
    for moment in (start + n * STEP for n in range(steps)):
        if not wrong(moment, now, zone, taken, until):
            return moment
    for moment in (start - n * STEP for n in range(1, steps)):
        if not wrong(moment, now, zone, taken, until):
            return moment
    return None


def check(
    at: datetime, now: datetime, zone: tzinfo, taken: Sequence[datetime], until: datetime | None
) -> None:
    """Whether a share may leave then.

    :raises InputError: saying why not, and the nearest time at which it may.
    """
    why = wrong(at, now, zone, taken, until)
    if why:
        better = nearest(at, now, zone, taken, until)
        remedy = f"Take {told(better, zone)}." if better else "Share it now, or leave it."
        raise InputError(why, remedy)


def _good(now: datetime, zone: tzinfo) -> Iterator[datetime]:
    local = now.astimezone(zone)
    for days in range(FARTHEST.days + 1):
        day = local.date() + timedelta(days=days)
        if day.weekday() < SATURDAY:
            yield from (datetime.combine(day, good, zone) for good in GOOD)
