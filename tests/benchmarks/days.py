"""What goes on in an LMS from one sync to the next, by seed: learners, teachers and admins."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bridge.demo.lms.life import Life
from bridge.demo.lms.server import Lms
from bridge.demo.world import STUDENT, Completion, Enrolment, Person

DAY = 86_400

_FIRST_NAMES = ("Ada", "Bo", "Cleo", "Dag", "Esra", "Finn", "Gus", "Hana", "Ivo", "Jun")
_LAST_NAMES = ("Åberg", "Brant & Sons", "Çelik", "D'Arcy", "Eze", "<b>Fox</b>", "Grün", "Hahn")


class Days:
    """Lets things happen. Each method is one of them, and says nothing if there is no occasion.

    Most of it leaves a trace: the person was seen in the course. Some does not, when an admin takes
    a completion back or dates one back; the pairs (course, person) of those are kept, since nothing
    but a reconciliation can find them.
    """

    def __init__(self, lms: Lms, seed: int) -> None:
        self._lms, self._store = lms, lms.store
        self._chance = Random(seed)
        self._life = Life(lms.store, Random(seed + 1), 0)
        self.silent: set[tuple[int, int]] = set()
        """The pairs (course, person) that changed without anybody having been seen there."""
        self.happened = 0
        self._often: list[tuple[Callable[[], object], float]] = [
            (self._life.beat, 30),
            (self.somebody_is_hired, 4),
            (self.somebody_is_deleted, 1),
            (self.somebody_is_renamed, 2),
            (self.somebody_is_suspended_or_back, 1),
            (self.somebody_joins, 2),
            (self.somebody_leaves, 2),
            (self.somebody_enrols, 4),
            (self.somebody_unenrols, 2),
            (self.a_completion_is_revoked, 3),
            (self.a_completion_is_renewed, 3),
            (self.a_completion_is_dated_back, 2),
            (self.a_completion_is_recognised, 2),
            (self.a_completion_is_archived_and_recognised, 1),
            (self.a_course_is_hidden_or_shown, 1),
            (self.a_course_is_renamed, 1),
            (self.a_course_is_opened, 1),
            (self.a_course_is_deleted, 0.1),
            (self.a_post_is_rewritten, 2),
            (self.a_post_is_deleted, 1),
        ]

    def pass_by(self, things: int) -> None:
        """Let so many things happen now."""
        acts, weights = zip(*self._often, strict=True)
        for act in self._chance.choices(acts, weights, k=things):
            with self._store.lock:
                act()
                self.happened += 1

    # --- people ---

    def somebody_is_hired(self) -> None:
        first, last = self._chance.choice(_FIRST_NAMES), self._chance.choice(_LAST_NAMES)
        person_id = self._store.add_person(first, last)
        self._store.join(person_id, self._chance.choice(list(self._store.teams)))
        for course_id in self._chance.sample(list(self._store.courses), 2):
            self._store.enrol(person_id, course_id)

    def somebody_is_deleted(self) -> None:
        self._store.remove_person(self._somebody().id)

    def somebody_is_renamed(self) -> None:
        self._store.change_person(self._somebody().id, last_name=self._chance.choice(_LAST_NAMES))

    def somebody_is_suspended_or_back(self) -> None:
        person = self._somebody()
        self._store.change_person(person.id, suspended=not person.suspended)

    def somebody_joins(self) -> None:
        person, team_id = self._somebody(), self._chance.choice(list(self._store.teams))
        if person.id not in self._store.teams[team_id].member_ids:
            self._store.join(person.id, team_id)

    def somebody_leaves(self) -> None:
        team = self._chance.choice(list(self._store.teams.values()))
        if len(team.member_ids) > 2:
            self._store.leave(self._chance.choice(team.member_ids), team.id)

    # --- learning ---

    def somebody_enrols(self) -> None:
        person, course_id = self._somebody(), self._chance.choice(list(self._store.courses))
        if self._store.enrolment(course_id, person.id) is None:
            self._store.enrol(person.id, course_id)
            self._store.visit(person.id, course_id)

    def somebody_unenrols(self) -> None:
        enrolment = self._learner()
        self._store.unenrol(enrolment.person_id, enrolment.course_id)
        self.silent.add((enrolment.course_id, enrolment.person_id))

    def a_completion_is_revoked(self) -> None:
        if completion := self._completion():
            self._store.undo_completion(completion.person_id, completion.course_id)
            self.silent.add((completion.course_id, completion.person_id))

    def a_completion_is_renewed(self) -> None:
        """Archived, and earned once more: the person was there."""
        if completion := self._completion():
            self._store.undo_completion(completion.person_id, completion.course_id)
            self._store.complete(completion.person_id, completion.course_id)
            self.silent.add((completion.course_id, completion.person_id))

    def a_completion_is_dated_back(self) -> None:
        """An admin writes it down for somebody who was not there."""
        if enrolment := self._unfinished():
            at = self._store.clock() - self._chance.randint(1, 90) * DAY
            for activity in self._store.criteria(enrolment.course_id):
                self._store.marks[activity.id, enrolment.person_id] = at
            self._record(enrolment, at)

    def a_completion_is_recognised(self) -> None:
        """Prior learning: complete, and no criterion has a date."""
        if enrolment := self._unfinished():
            self._record(enrolment, self._store.clock())

    def a_completion_is_archived_and_recognised(self) -> None:
        """It had a date, and has none any more."""
        if completion := self._completion():
            course_id, person_id = completion.course_id, completion.person_id
            self._store.undo_completion(person_id, course_id)
            if enrolment := self._store.enrolment(course_id, person_id):
                self._record(enrolment, self._store.clock())

    def _record(self, enrolment: Enrolment, at: int) -> None:
        course_id, person_id = enrolment.course_id, enrolment.person_id
        self._store.completions[course_id, person_id] = Completion(
            course_id, person_id, at, self._store.clock()
        )
        self.silent.add((course_id, person_id))

    # --- courses and talk ---

    def a_course_is_hidden_or_shown(self) -> None:
        course = self._chance.choice(list(self._store.courses.values()))
        self._store.change_course(course.id, visible=not course.visible)

    def a_course_is_renamed(self) -> None:
        course = self._chance.choice(list(self._store.courses.values()))
        self._store.change_course(course.id, name=f"{course.name.split(' – ')[0]} – {self._word()}")

    def a_course_is_opened(self) -> None:
        category_id = self._chance.choice(list(self._store.categories))
        course_id = self._store.add_course(f"New: {self._word()}", category_id)
        for person in self._chance.sample(self._people(), 5):
            self._store.enrol(person.id, course_id)

    def a_course_is_deleted(self) -> None:
        if len(self._store.courses) > 20:
            self._store.remove_course(self._chance.choice(list(self._store.courses)))

    def a_post_is_rewritten(self) -> None:
        if post_ids := list(self._store.posts):
            self._store.rewrite(self._chance.choice(post_ids), self._word(), f"<p>{self._word()}")

    def a_post_is_deleted(self) -> None:
        if post_ids := list(self._store.posts):
            self._store.remove_post(self._chance.choice(post_ids))

    # --- who and what ---

    def _word(self) -> str:
        return f"{self._chance.choice(_LAST_NAMES)} {self._chance.randint(1, 999)}"

    def _people(self) -> list[Person]:
        accounts = {self._lms.story.service.id, self._lms.story.site_admin.id}
        return [person for person in self._store.people.values() if person.id not in accounts]

    def _somebody(self) -> Person:
        return self._chance.choice(self._people())

    def _learner(self) -> Enrolment:
        return self._chance.choice(
            [
                enrolment
                for course_id in self._store.courses
                for enrolment in self._store.enrolled(course_id)
                if enrolment.role == STUDENT
            ]
        )

    def _unfinished(self) -> Enrolment | None:
        enrolment = self._learner()
        pair = (enrolment.course_id, enrolment.person_id)
        open_still = pair not in self._store.completions
        return enrolment if open_still and self._store.criteria(enrolment.course_id) else None

    def _completion(self) -> Completion | None:
        now = self._store.clock()
        known = [c for c in self._store.completions.values() if c.recorded_at <= now]
        return self._chance.choice(known) if known else None
