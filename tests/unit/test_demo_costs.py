"""What the demo LMS spends on a request, where it is told to spend what a real one does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from bridge.demo.generated import Size
from bridge.demo.lms.costs import REAL, Bill, Costs, Workers
from bridge.demo.lms.server import Lms, running_lms
from tests.contract.wire_calls import Caller

ENROLLED = "core_enrol_get_enrolled_users"
STATUS = "core_completion_get_course_completion_status"
BATCH = "tool_mobile_call_external_functions"
LEAN = {"options": [{"name": "userfields", "value": "id,lastcourseaccess"}]}
FULL = {"options": [{"name": "limitnumber", "value": "9"}]}
DEAR = {"options": [{"name": "userfields", "value": "id, enrolledcourses"}]}


@pytest.mark.parametrize(
    ("function", "params", "answer", "expected"),
    [
        ("core_webservice_get_site_info", {}, {}, 0.002),
        (ENROLLED, LEAN, [{}] * 100, 0.002 + 0.016),
        (ENROLLED, FULL, [{}] * 100, 0.002 + 0.35),
        (ENROLLED, DEAR, [{}] * 100, 0.002 + 0.35),
        ("core_user_get_users_by_field", {}, [{}] * 10, 0.002 + 0.035),
        ("core_enrol_get_users_courses", {}, [{}] * 7, 0.002 + 0.0168),
        (
            "core_reportbuilder_retrieve_report",
            {},
            {"data": {"rows": [{}] * 500}},
            0.002 + 0.035,
        ),
    ],
)
def test_what_a_call_costs(
    function: str, params: dict[str, Any], answer: Any, expected: float
) -> None:
    """Each call its two milliseconds, and each record what its kind costs."""
    assert expected == pytest.approx(REAL.of_call(function, params, answer))


def test_a_batch_costs_what_its_calls_cost() -> None:
    """One request, and each inner call, the refused one too; the batch itself is no call."""
    bill = Bill(REAL)
    for _ in range(40):
        bill.add(STATUS, {}, {})
    bill.add_refusal()
    bill.add(BATCH, {}, {})

    assert 0.025 + 41 * 0.002 == pytest.approx(bill.seconds)


class Clock:
    """Seconds that pass only where somebody waits or works."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_computing_counts_towards_the_costs() -> None:
    """Only the rest is waited for, and nothing where computing took longer than a real LMS."""
    clock = Clock()
    workers = Workers(Costs(request=1.0, call=0.5), clock, clock.wait)
    for worked in (0.25, 2.0):
        with workers.answering() as bill:
            bill.add(STATUS, {}, {})
            clock.now += worked

    assert [1.25] == clock.waits


def test_without_costs_nobody_waits() -> None:
    """No limit, no price."""
    clock = Clock()
    workers = Workers(None, clock, clock.wait)
    with workers.answering() as bill, workers.answering(), workers.answering():
        bill.add(STATUS, {}, {})
        bill.add_refusal()

    assert ([], 0.0) == (clock.waits, bill.seconds)


def test_two_requests_at_a_time() -> None:
    """A third one waits until one of the two is answered."""
    workers = Workers(Costs(request=0))
    inside, order = threading.Semaphore(0), []
    leave = threading.Event()

    def answer(number: int) -> None:
        with workers.answering():
            order.append(number)
            inside.release()
            leave.wait(timeout=10)

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert inside.acquire(timeout=10)
    early = len(order), inside.acquire(blocking=False)
    leave.set()
    for thread in threads:
        thread.join(timeout=10)

    assert ((2, False), 3) == (early, len(order))


@pytest.fixture
def lms() -> Iterator[Lms]:
    """A small site that spends nothing, and counts."""
    size = Size(people=30, courses=3, enrolments=60)
    with running_lms(generated=size, costs=Costs(request=0, call=0)) as lms:
        yield lms


def test_requests_and_calls_are_counted(lms: Lms) -> None:
    """Two requests; three calls inside them, one of which was refused."""
    with requests.Session() as http:
        call = Caller(lms, http)
        call("core_webservice_get_site_info")
        asked = [{"courseid": 2, "userid": 999}, {"courseid": 999, "userid": 3}]
        given = [{"function": STATUS, "arguments": json.dumps(one)} for one in asked]
        call(BATCH, {"requests": given})

    assert 2 == lms.requests
    assert {"core_webservice_get_site_info": 1, BATCH: 1} == lms.calls
    assert {"core_webservice_get_site_info": 1, STATUS: 1} == lms.inner
