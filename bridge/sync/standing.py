"""How a connection stands, in one word for a page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.model import Health, SyncReport
from bridge.sync import breaker

LONG = timedelta(minutes=30)
"""No run for so long, or for three rounds of the worker, says that no worker is at work."""
ROUNDS = 3


class Standing(StrEnum):
    """From what needs an admin most to what needs nobody."""

    FAILING = "failing"
    """For an hour or more."""
    PAUSED = "paused"
    """It has failed a little, and is left alone for a while."""
    FAILED = "failed"
    """The last run failed, and the next is due."""
    IDLE = "idle"
    """No run has begun that should have: no worker is at work."""
    NEW = "new"
    QUIET = "quiet"
    RUNNING = "running"
    WORKING = "working"


@dataclass(frozen=True)
class Overview:
    """How a connection stands, and why."""

    standing: Standing
    health: Health
    paused: datetime | None
    """Until then it is left alone."""
    quiet: datetime | None
    """Until then it is quiet hours."""
    newest: SyncReport | None
    last_good: SyncReport | None
    """The last run that went through, if one is kept."""


def standing(
    health: Health,
    newest: SyncReport | None,
    now: datetime,
    *,
    quiet: datetime | None = None,
    quiet_lately: bool = False,
    every: timedelta = timedelta(minutes=5),
) -> Standing:
    """How the connection stands.

    :param newest: its newest run, if it has any.
    :param quiet: until when it is quiet hours. :param quiet_lately: whether they just ended.
    :param every: how often the worker comes by.
    """
    if breaker.alarming(health, now):
        return Standing.FAILING
    if breaker.resting_until(health, now):
        return Standing.PAUSED
    if newest is not None and newest.outcome == "running":
        return Standing.RUNNING
    if quiet is not None:
        return Standing.QUIET
    if newest is None:
        return Standing.NEW
    since = max(newest.started_at, health.retry_at or newest.started_at)
    if not quiet_lately and now - since > max(ROUNDS * every, LONG):
        return Standing.IDLE
    return Standing.FAILED if health.failures else Standing.WORKING
