"""What a real LMS spends: time for each answer, and two answers at once.

The figures were measured on a Moodle of 300 people and are the same for each record on a larger
one. With them a benchmark against the demo LMS tells what it would tell of a real site; without
them it would measure Python.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

BATCH = "tool_mobile_call_external_functions"
"""The function that calls others: what it spends is theirs."""

_DEAR_FIELDS = frozenset({"enrolledcourses", "preferences", "customfields"})
"""Fields of a person in a course that make the record a full one: each is looked up for itself."""


@dataclass(frozen=True)
class Costs:
    """Seconds, and how many requests are answered at once."""

    request: float = 0.025
    call: float = 0.002
    """A call of a function: the one of a plain request, or each of those in a batch."""
    person: float = 0.0035
    """A full record of a person."""
    lean_person: float = 0.00016
    """A record with a few fields only."""
    course_of_person: float = 0.0024
    """A course of a person, with their progress in it."""
    report_row: float = 0.00007
    at_once: int = 2

    def of_call(self, function: str, params: Mapping[str, Any], answer: Any) -> float:
        """Seconds that the call takes."""
        match function:
            case "core_enrol_get_enrolled_users":
                record = self.lean_person if _is_lean(params) else self.person
                return self.call + record * len(answer)
            case "core_user_get_users_by_field":
                return self.call + self.person * len(answer)
            case "core_enrol_get_users_courses":
                return self.call + self.course_of_person * len(answer)
            case "core_reportbuilder_retrieve_report":
                return self.call + self.report_row * len(answer["data"]["rows"])
        return self.call


REAL = Costs()
"""What was measured."""


def _is_lean(params: Mapping[str, Any]) -> bool:
    for option in params["options"]:
        if option["name"] == "userfields" and option["value"]:
            return not _DEAR_FIELDS & {name.strip() for name in option["value"].split(",")}
    return False


class Bill:
    """What one request costs so far, in seconds."""

    def __init__(self, costs: Costs | None) -> None:
        self._costs = costs
        self.seconds = costs.request if costs else 0.0

    def add(self, function: str, params: Mapping[str, Any], answer: Any) -> None:
        """One more call was answered."""
        if self._costs and function != BATCH:
            self.seconds += self._costs.of_call(function, params, answer)

    def add_refusal(self) -> None:
        """One more call was refused: it was begun all the same."""
        if self._costs:
            self.seconds += self._costs.call


class Workers:
    """Answers requests as slowly as they cost, and no more at once than there are workers.

    :param costs: ``None`` for as fast as it can, with no limit.
    """

    def __init__(
        self,
        costs: Costs | None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.costs = costs
        self._clock, self._wait = clock, wait
        self._free = threading.Semaphore(costs.at_once) if costs else None

    @contextmanager
    def answering(self) -> Iterator[Bill]:
        """Inside the block a request is answered; what computing took counts towards its costs."""
        if self._free is None:
            yield Bill(None)
            return
        with self._free:
            begun = self._clock()
            bill = Bill(self.costs)
            yield bill
            rest = bill.seconds - (self._clock() - begun)
            if rest > 0:
                self._wait(rest)
