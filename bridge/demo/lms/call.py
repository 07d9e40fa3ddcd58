"""One call of a web-service function: of whom, with which rights, at what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.parameters import Record
from bridge.demo.lms.records import SITE_COURSE_ID
from bridge.demo.lms.refusals import (
    bad_course_context,
    no_permission,
    no_record,
    not_accessible,
)
from bridge.demo.lms.store import Store
from bridge.demo.world import Activity, Course

CORE_VERSION = "2024100706"
PLUGIN_VERSION = "2024100700"
NOTHING = Record({})


@dataclass(frozen=True)
class Function:
    """A web-service function: what it takes, and what answers it."""

    answer: Callable[[Call, dict[str, Any]], Any]
    takes: Record = NOTHING

    @staticmethod
    def version(name: str) -> str:
        """The version that the site's description gives for the function of that name."""
        return CORE_VERSION if name.startswith("core_") else PLUGIN_VERSION


@dataclass(frozen=True)
class Call:
    """What a function may look at while it answers. The store's lock is held meanwhile."""

    store: Store
    url: str
    """The address of the site, without a slash at its end."""
    token: str
    capabilities: frozenset[str]
    service: tuple[str, ...]
    """The functions that the token's service lists."""
    again: Callable[[str, Any], Any]
    """Calls another function in the name of the same token: name and arguments → its answer."""

    @property
    def now(self) -> int:
        return self.store.clock()

    @property
    def user_id(self) -> int:
        """The user whom the token belongs to."""
        return self.store.service_id

    def can(self, capability: str) -> bool:
        return capability in self.capabilities

    def require(self, capability: str) -> None:
        """:raises Refusal: ``nopermissions`` without the capability."""
        if not self.can(capability):
            raise no_permission(can.TITLES[capability])

    def may_enter(self, course: Course) -> bool:
        """Whether the user, who is enrolled nowhere, may go into the course."""
        return self.can(can.VIEW_COURSE) and (course.visible or self.can(can.VIEW_HIDDEN_COURSES))

    def enter(self, course: Course) -> None:
        """:raises Refusal: ``requireloginerror`` if the course is closed to the user."""
        if not self.may_enter(course):
            raise not_accessible()

    def enter_context(self, course_id: int) -> Course:
        """The course, for the older functions.

        :raises Refusal: ``invalidrecord`` if there is none, ``errorcoursecontextnotvalid`` if it is
            closed to the user.
        """
        course = self.store.courses.get(course_id)
        if course is None:
            raise no_record("course")
        if not self.may_enter(course):
            raise bad_course_context(course_id)
        return course

    def may_use(self, activity: Activity) -> bool:
        """Whether the user may open the activity, given that they are in the course."""
        return (activity.visible or self.can(can.VIEW_HIDDEN_ACTIVITIES)) and (
            not activity.availability or self.can(can.IGNORE_RESTRICTIONS)
        )

    def picture(self, size: int) -> str:
        """The address of the face that Moodle shows for people without a picture."""
        return f"{self.url}/theme/image.php/boost/core/1/u/f{size}"

    def cover(self, course_id: int) -> str:
        """The address of the picture that Moodle draws for a course without one."""
        return f"{self.url}/pluginfile.php/{course_context(course_id)}/course/generated/course.svg"


Table = Mapping[str, Function]


def course_context(course_id: int) -> int:
    """The context id of a course; they lie between those of the site and of the activities."""
    return 2 if course_id == SITE_COURSE_ID else 1_000 + course_id


def activity_context(activity_id: int) -> int:
    """The context id of an activity."""
    return 100_000 + activity_id
