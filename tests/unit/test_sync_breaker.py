"""The circuit breaker: growing pauses, one trial, and an alarm after an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError, NotAnLms, Refused, Unavailable, Unreachable
from bridge.model import Health
from bridge.sync import breaker

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
AWAY = Unreachable("The LMS did not answer.", "Is it running?")


def fail(times: int, error: BridgeError = AWAY, jitter: float = 0.0) -> Health:
    """The health after so many failures, each at the moment the last pause was over."""
    health, now = Health(), NINE
    for _ in range(times):
        health = breaker.failed(health, error, now, jitter)
        now = health.retry_at or now
    return health


def pauses(error: BridgeError, times: int = 6) -> list[float]:
    """The pauses after each failure, in minutes."""
    health, found, now = Health(), [], NINE
    for _ in range(times):
        health = breaker.failed(health, error, now, 0.0)
        assert health.retry_at is not None
        found.append((health.retry_at - now).total_seconds() / 60)
        now = health.retry_at
    return found


def test_the_pauses_grow_to_an_hour() -> None:
    """Each is twice the one before."""
    assert [5, 10, 20, 40, 60, 60] == pauses(AWAY)


@pytest.mark.parametrize("error", [Refused("No token."), NotAnLms("A page of a shop.")])
def test_what_does_not_pass_by_itself_is_not_hammered(error: BridgeError) -> None:
    """A refused token will be refused in five minutes as well."""
    assert [15, 30, 60, 60] == pauses(error, 4)


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        (30.0, 5),
        (1800.0, 30),
        (7 * 86400.0, 1440),
        (float("inf"), 1440),
        (float("nan"), 5),
        (-5.0, 5),
        (None, 5),
    ],
)
def test_an_lms_may_say_how_long_it_wants_to_be_left_alone(
    asked: float | None, minutes: float
) -> None:
    """Longer than ours is heeded, up to a day; shorter, or nonsense, is not."""
    assert [minutes] == pauses(Unavailable("Maintenance.", after=asked), 1)


def test_pauses_are_spread() -> None:
    """So that what failed together is not tried again together; never longer than said."""
    health = breaker.failed(Health(), AWAY, NINE, 1.0)
    assert NINE + timedelta(minutes=4) == health.retry_at


def test_a_failure_is_kept_with_its_reason_and_its_beginning() -> None:
    """The beginning is that of the first, the reason that of the last."""
    first = breaker.failed(Health(), AWAY, NINE, 0.0)
    later = breaker.failed(first, Refused("Token refused.", "Make one."), NINE.replace(hour=10), 0)
    assert (2, NINE, "Token refused.", "Make one.") == (
        later.failures,
        later.failed_since,
        later.error,
        later.remedy,
    )


def test_what_an_lms_says_becomes_one_line() -> None:
    """Without what a database or a letter does not take, and not longer than a screen."""
    said = Unreachable("The LMS said:\n\x00\ud800" + "a" * 10_000)
    health = breaker.failed(Health(), said, NINE, 0.0)
    assert ("The LMS said: aaa", 500) == (health.error[:17], len(health.error))


def test_the_lms_is_left_alone_until_the_pause_is_over() -> None:
    """Then one run is the trial: it closes the breaker, or opens it for longer."""
    open_ = fail(1)
    assert NINE + timedelta(minutes=5) == breaker.resting_until(open_, NINE)
    assert None is breaker.resting_until(open_, NINE + timedelta(minutes=5))
    assert None is breaker.resting_until(breaker.worked(open_), NINE)
    assert None is breaker.resting_until(Health(), NINE)


def test_somebody_who_mended_something_need_not_wait() -> None:
    """The failure is not forgotten, the pause is."""
    mended = breaker.hurried(fail(3))
    assert (3, None) == (mended.failures, breaker.resting_until(mended, NINE))


def test_after_an_hour_of_failing_an_admin_is_told_once() -> None:
    """And once more when it works again."""
    health = fail(4)
    assert not breaker.alarm_due(health, NINE + timedelta(minutes=59))
    at = NINE + timedelta(minutes=60)
    assert breaker.alarm_due(health, at)
    health = breaker.told(health, health, at)
    assert (True, False) == (breaker.alarming(health, at), breaker.alarm_due(health, at))
    assert not breaker.all_clear_due(health)
    again = breaker.worked(breaker.failed(health, AWAY, at, 0.0))
    assert breaker.all_clear_due(again)
    assert Health() == breaker.told(again, again, at)


def test_a_failure_that_nobody_was_told_of_ends_in_silence() -> None:
    """Who heard nothing of it needs no all-clear."""
    assert not breaker.all_clear_due(breaker.worked(fail(2)))
    assert not breaker.all_clear_due(Health())


def test_a_new_failure_is_told_anew() -> None:
    """One that began after the last had ended."""
    failing = fail(4)
    health = breaker.worked(breaker.told(failing, failing, NINE + timedelta(hours=1)))
    health = breaker.failed(health, AWAY, NINE + timedelta(hours=2), 0.0)
    assert None is health.told_at
    assert NINE + timedelta(hours=2) == health.failed_since


def test_what_happens_while_a_letter_is_on_its_way_is_not_lost() -> None:
    """It worked again meanwhile: that is to be told. It failed anew: so is that, in an hour."""
    failing, at = fail(4), NINE + timedelta(hours=1)
    again = breaker.worked(failing)
    assert breaker.all_clear_due(breaker.told(again, failing, at))
    anew = breaker.failed(again, AWAY, at, 0.0)
    assert None is breaker.told(anew, failing, at).told_at
    clear = breaker.worked(breaker.told(failing, failing, at))
    anew = breaker.failed(clear, AWAY, at, 0.0)
    assert anew == breaker.told(anew, clear, at)


def test_one_failure_before_a_quiet_night_is_no_failing_hour() -> None:
    """Unless the LMS itself said that it is away for longer."""
    at = NINE + timedelta(hours=2)
    assert not breaker.alarming(fail(1), at)
    assert breaker.alarming(fail(1, Unavailable("Maintenance.", after=4 * 3600.0)), at)


@given(
    st.lists(
        st.sampled_from([AWAY, Refused("no"), Unavailable("no", after=90.0), None]), max_size=60
    ),
    st.floats(0, 1),
)
def test_whatever_happens_the_pause_is_bounded(
    errors: list[BridgeError | None], jitter: float
) -> None:
    """Never under four minutes, never over an hour; a run that goes through always closes it."""
    health = Health()
    for error in errors:
        if error is None:
            health = breaker.worked(health)
            assert (0, None) == (health.failures, breaker.resting_until(health, NINE))
            continue
        health = breaker.failed(health, error, NINE, jitter)
        until = breaker.resting_until(health, NINE)
        assert until is not None
        assert timedelta(minutes=4) <= until - NINE <= timedelta(hours=1)
