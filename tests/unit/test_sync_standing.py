"""How a connection stands, in one word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bridge.errors import Unreachable
from bridge.model import Health, SyncReport
from bridge.sync import breaker
from bridge.sync.standing import Standing, standing

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LATELY = SyncReport("acme", NINE - timedelta(minutes=4), NINE, "complete", ())
AWAY = Unreachable("The LMS did not answer.")


def failed(times: int, minutes_ago: float) -> Health:
    """The health after so many failures, the first of them so long ago."""
    health, at = Health(), NINE - timedelta(minutes=minutes_ago)
    for _ in range(times):
        health = breaker.failed(health, AWAY, at, 0.0)
        at = health.retry_at or at
    return health


def test_all_is_well() -> None:
    """The last run began a moment ago, and nothing failed."""
    assert Standing.WORKING == standing(Health(), LATELY, NINE)


def test_before_the_first_run() -> None:
    """There is nothing to judge yet."""
    assert Standing.NEW == standing(Health(), None, NINE)


def test_a_failure_is_paused_then_due_and_after_an_hour_it_is_failing() -> None:
    """A run that fails does not mean that the LMS is lost."""
    assert Standing.PAUSED == standing(failed(1, 2), LATELY, NINE)
    assert Standing.FAILED == standing(failed(1, 6), LATELY, NINE)
    assert Standing.FAILING == standing(failed(4, 70), LATELY, NINE)


def test_a_run_that_goes_on_says_so_in_quiet_hours_too() -> None:
    """It began before them, or by hand."""
    running = replace(LATELY, outcome="running", ended_at=None)
    assert Standing.RUNNING == standing(Health(), running, NINE, quiet=NINE)
    assert Standing.QUIET == standing(Health(), LATELY, NINE, quiet=NINE)


def test_where_no_run_begins_no_worker_is_at_work() -> None:
    """Nobody would look for that; after a pause or quiet hours it takes a moment all the same."""
    old = replace(LATELY, started_at=NINE - timedelta(minutes=31))
    assert Standing.IDLE == standing(Health(), old, NINE)
    assert Standing.WORKING == standing(Health(), old, NINE, quiet_lately=True)
    assert Standing.WORKING == standing(Health(), old, NINE, every=timedelta(minutes=15))
    assert Standing.FAILED == standing(failed(3, 40), old, NINE)
