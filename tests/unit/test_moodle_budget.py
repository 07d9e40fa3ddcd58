"""How much is asked of a site at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bridge.lms.moodle.budget import Budget, Lanes


class Time:
    """A clock that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited: list[float] = []

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waited.append(round(seconds, 3))
        self.now += seconds


def test_after_the_first_second_requests_leave_at_their_pace() -> None:
    """Five a second: five at once, and then one every fifth of a second."""
    time = Time()
    budget = Budget(5, clock=time.clock, pause=time.pause)
    for _ in range(8):
        budget.take()
    assert [0.2, 0.2, 0.2] == time.waited


def test_rest_is_saved_for_a_second_only() -> None:
    """After an hour of rest it is five at once again, not eighteen thousand."""
    time = Time()
    budget = Budget(5, clock=time.clock, pause=time.pause)
    for _ in range(5):
        budget.take()
    time.now += 3600
    for _ in range(6):
        budget.take()
    assert [0.2] == time.waited


def test_less_than_one_a_second_is_possible() -> None:
    """One every two seconds."""
    time = Time()
    budget = Budget(0.5, clock=time.clock, pause=time.pause)
    for _ in range(3):
        budget.take()
    assert [2.0, 2.0] == time.waited


def test_without_a_limit_nobody_waits() -> None:
    """Zero is no limit."""
    time = Time()
    budget = Budget(0, clock=time.clock, pause=time.pause)
    for _ in range(100):
        budget.take()
    assert [] == time.waited


def test_results_come_in_the_order_of_the_jobs() -> None:
    """Also where the second job is done before the first."""
    second_done = threading.Event()

    def job(number: int) -> int:
        if number == 0:
            assert second_done.wait(5)
        if number == 1:
            second_done.set()
        return number

    lanes = Lanes(2)
    assert [0, 1, 2, 3] == list(lanes.map(job, range(4)))
    lanes.close()


def test_no_more_run_at_once_than_there_are_lanes() -> None:
    """Two lanes: never a third job beside two."""
    running, most, lock = 0, 0, threading.Lock()

    def job(number: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1

    lanes = Lanes(2)
    list(lanes.map(job, range(50)))
    lanes.close()
    assert 1 <= most <= 2


def test_what_is_asked_is_read_as_it_is_needed() -> None:
    """However long the list is, only a few are ahead of what was taken."""
    read = 0

    def given() -> Iterator[int]:
        nonlocal read
        for number in range(10_000):
            read += 1
            yield number

    lanes = Lanes(2)
    results = lanes.map(lambda number: number, given())
    assert 0 == next(results)
    assert read <= 6
    results.close()  # type: ignore[attr-defined]
    lanes.close()


def test_an_error_is_raised_where_its_result_would_have_been() -> None:
    """What was done before it is not lost, and what comes after it is not begun for nothing."""

    def job(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    lanes, taken = Lanes(1), []
    with pytest.raises(ValueError, match="two"):
        for result in lanes.map(job, range(9)):
            taken.append(result)
    lanes.close()
    assert [0, 1] == taken


def test_there_is_one_lane_at_least() -> None:
    """None at all would wait for ever."""
    with pytest.raises(ValueError, match="one lane"):
        Lanes(0)
