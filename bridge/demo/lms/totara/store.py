"""What a Totara holds beyond a Moodle, and the switches of its site administration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.demo.lms.records import Tables
from bridge.demo.lms.store import Store
from bridge.demo.world import Course, Person, Story

ENROLLED, AUDIENCE, ALL_USERS, NO_USERS = range(4)
"""To whom audience visibility shows a course."""

GUEST = 1


@dataclass
class Switches:
    """What an administrator turns on and off."""

    web_services: bool = True
    maintenance: bool = False
    completion: bool = True
    badges: bool = True
    messaging: bool = True
    audience_visibility: bool = False
    debugging: bool = False


@dataclass(frozen=True)
class Badge:
    id: int
    name: str
    person_id: int
    issued_at: int


class TotaraStore(Store):
    """The records of a Totara. Each method is one whole change."""

    def __init__(self, story: Story | Tables, clock: Callable[[], int]) -> None:
        super().__init__(story, clock)
        self.switches = Switches()
        self.badges: list[Badge] = []
        self._deleted: set[int] = set()
        self._recognised: dict[tuple[int, int], int] = {}
        self._suspended: set[tuple[int, int]] = set()
        self._shown_to: dict[int, int] = {}
        self._audiences: dict[int, frozenset[int]] = {}
        self.people = {
            GUEST: Person(GUEST, "guest", "Guest user", " ", "root@localhost"),
            **self.people,
        }

    # --- people --------------------------------------------------------------------------------

    def remove_person(self, person_id: int) -> None:
        """The account is deleted; its row stays, and fails who asks for it by its id."""
        with self.lock:
            super().remove_person(person_id)
            self._deleted.add(person_id)

    def is_deleted(self, person_id: int) -> bool:
        return person_id in self._deleted

    def employee_number(self, person: Person) -> str:
        """Who is of the company has one; accounts of the machinery have none."""
        return f"E{person.id:04}" if person.department else ""

    def suspend_enrolment(self, person_id: int, course_id: int) -> None:
        """The person stays in the course's list, and is not judged any more."""
        with self.lock:
            self._suspended.add((course_id, person_id))

    def is_active(self, course_id: int, person_id: int) -> bool:
        """Whether the person has an enrolment there that is not suspended."""
        enrolled = self.enrolment(course_id, person_id) is not None
        return enrolled and (course_id, person_id) not in self._suspended

    # --- learning ------------------------------------------------------------------------------

    def recognise(self, person_id: int, course_id: int) -> None:
        """Prior learning is recognised: the course is complete, with no criterion and no date."""
        with self.lock:
            self._recognised[course_id, person_id] = self.clock()

    def has_completed(self, course_id: int, person_id: int) -> bool:
        """The verdict."""
        recognised = (course_id, person_id) in self._recognised
        return recognised or self.completion(course_id, person_id) is not None

    def archive(self, person_id: int, course_id: int) -> None:
        """A certification window opens: the completion is reset, to be earned again."""
        with self.lock:
            self._recognised.pop((course_id, person_id), None)
            self.undo_completion(person_id, course_id)

    # --- audience visibility -------------------------------------------------------------------

    def show_to(self, course_id: int, whom: int, *audiences: int) -> None:
        """Whom audience visibility shows the course to, where it is switched on."""
        with self.lock:
            self._shown_to[course_id] = whom
            self._audiences[course_id] = frozenset(audiences)

    def shown_to(self, course_id: int) -> int:
        return self._shown_to.get(course_id, ALL_USERS)

    def is_shown(self, course: Course, person_id: int) -> bool:
        """Whether the person, who has no rights beyond a learner's, sees the course."""
        if not self.switches.audience_visibility:
            return course.visible
        match self.shown_to(course.id):
            case 0:
                return self.is_active(course.id, person_id)
            case 1:
                chosen = (self.teams[team] for team in self._audiences[course.id])
                member = any(person_id in team.member_ids for team in chosen)
                return member or self.is_active(course.id, person_id)
            case 2:
                return True
        return False
