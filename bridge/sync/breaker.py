"""The circuit breaker of a connection: when to leave an LMS alone, and when to raise the alarm.

Pure, from health to health. A failure opens it until ``retry_at``, for longer after each one; then
one run is the trial. If that goes through the breaker is closed, if not it stays open for longer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.errors import BridgeError, Unavailable
from bridge.model import Health

FIRST_PAUSE = timedelta(minutes=5)
LASTING_PAUSE = timedelta(minutes=15)
"""The first pause after an error that does not pass by itself: a refused token, a wrong address."""
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_ASKED_PAUSE = timedelta(days=1)
"""An LMS that asks for a longer pause is asked again after this one all the same."""
SPREAD = 0.2
"""By how much of it a pause may be shorter, so that several connections are not tried in step."""

LONGEST_LINE = 500
"""Characters that are kept of an error."""

ALARM_AFTER = timedelta(hours=1)
"""How long a connection fails before an admin is told."""


def failed(before: Health, error: BridgeError, now: datetime, jitter: float) -> Health:
    """The health after a run that ended with ``error``.

    :param jitter: a random number from 0 to 1.
    """
    first = before.failures == 0
    failures = before.failures + 1
    return Health(
        failures=failures,
        failed_since=now if first else before.failed_since,
        retry_at=now + _pause(failures, error, jitter),
        error=_line(error.message),
        remedy=_line(error.remedy),
        told_at=None if first else before.told_at,
    )


def worked(before: Health) -> Health:
    """The health after a run that went through; who was told of a failure is still to be told."""
    return Health(told_at=before.told_at)


def hurried(before: Health) -> Health:
    """The health when somebody has mended something: the next run need not wait."""
    return replace(before, retry_at=None)


def resting_until(health: Health, now: datetime) -> datetime | None:
    """Until when the LMS is left alone; ``None`` if it may be asked now."""
    if health.failures == 0 or health.retry_at is None or health.retry_at <= now:
        return None
    return health.retry_at


def alarming(health: Health, now: datetime) -> bool:
    """Whether the connection has failed for :data:`ALARM_AFTER`.

    One failure with nothing after it (in quiet hours, or while no worker ran) is no failing hour,
    unless the LMS itself said that it will be away for that long.
    """
    if health.failures == 0 or health.failed_since is None:
        return False
    long_since = now - health.failed_since >= ALARM_AFTER
    away = health.retry_at is not None and health.retry_at - health.failed_since > ALARM_AFTER
    return long_since and (health.failures > 1 or away)


def alarm_due(health: Health, now: datetime) -> bool:
    """Whether an admin is to be told that the connection fails: once for each failure."""
    return alarming(health, now) and health.told_at is None


def all_clear_due(health: Health) -> bool:
    """Whether an admin, who was told that it fails, is to be told that it works again."""
    return health.failures == 0 and health.told_at is not None


def told(current: Health, seen: Health, now: datetime) -> Health:
    """The ``current`` health, now that an admin was told what was due of it as it was ``seen``."""
    if seen.failures == 0:
        return current if current.failures else replace(current, told_at=None)
    if current.failures and current.failed_since != seen.failed_since:
        return current  # Another failure has begun meanwhile, and nobody was told of that one.
    return replace(current, told_at=now)


def _line(text: str) -> str:
    """What an LMS may have had a say in, as one line that every database and letter takes."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_LINE]


def _pause(failures: int, error: BridgeError, jitter: float) -> timedelta:
    first = FIRST_PAUSE if error.retry else LASTING_PAUSE
    # The exponent is bounded: after ten failures the longest pause is reached by far.
    grown = min(first * 2 ** min(failures - 1, 10), LONGEST_PAUSE) * (1 - SPREAD * jitter)
    asked = error.after if isinstance(error, Unavailable) else None
    if asked is None or not asked > 0:
        return grown
    return max(grown, timedelta(seconds=min(asked, LONGEST_ASKED_PAUSE.total_seconds())))
