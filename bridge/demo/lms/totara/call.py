"""One call of a Totara's function: what its user sees, being enrolled or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import NOTHING, Call, Function
from bridge.demo.lms.parameters import Record
from bridge.demo.lms.refusals import bad_course_context
from bridge.demo.lms.totara.store import TotaraStore
from bridge.demo.lms.totara.words import missing
from bridge.demo.world import Course, Person


@dataclass(frozen=True)
class TotaraCall(Call):
    """What a function may look at while it answers."""

    caller_id: int = 0

    @property
    def user_id(self) -> int:
        return self.caller_id

    @property
    def totara(self) -> TotaraStore:
        return cast(TotaraStore, self.store)

    def is_in(self, course_id: int) -> bool:
        """Whether the token's user is enrolled in the course."""
        return self.totara.is_active(course_id, self.user_id)

    def sees(self, course: Course) -> bool:
        """Whether the course is in the catalogue of the token's user."""
        return self.can(can.VIEW_HIDDEN_COURSES) or self.totara.is_shown(course, self.user_id)

    def may_enter(self, course: Course) -> bool:
        return self.sees(course) and (self.can(can.VIEW_COURSE) or self.is_in(course.id))

    def enter_context(self, course_id: int) -> Course:
        course = self.store.courses.get(course_id)
        if course is None:
            raise missing()
        if not self.may_enter(course):
            raise bad_course_context(course_id)
        return course

    def knows(self, person: Person) -> bool:
        """Whether the token's user may see the person at all: a right, or a course of both."""
        if self.can(can.VIEW_DETAILS) or person.id == self.user_id:
            return True
        return any(self.is_in(course.id) for course in self.store.courses_of(person.id))

    def picture(self, size: int) -> str:
        return f"{self.url}/theme/image.php/basis/core/1/u/f{size}"


Answer = Callable[[TotaraCall, dict[str, Any]], Any]


def function(answer: Answer, takes: Record = NOTHING) -> Function:
    """A function of the table: its call is a Totara's."""
    return Function(cast(Callable[[Call, dict[str, Any]], Any], answer), takes)
