"""What goes on happening in the LMS by itself: people learn, ask, and sometimes answer."""

from __future__ import annotations

import logging
import threading
from random import Random

from bridge.demo.catalogue import LATER
from bridge.demo.lms.store import Store
from bridge.demo.world import ALL_PARTICIPANTS, STUDENT, Course, Enrolment, Person

log = logging.getLogger(__name__)

CRON_SECONDS = (20, 70)
"""How long after the last click a completion is recorded: Moodle's cron comes by when it does."""
_WAITING_SECONDS = 2 * 3600
"""Only questions that have waited this long are answered by themselves: leaders come first."""


class Life:
    """A thread that lets something happen about every ``pace`` seconds; none if ``pace`` is 0."""

    def __init__(self, store: Store, rng: Random, pace: float) -> None:
        self._store, self._rng, self._pace = store, rng, pace
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, if there is a pace."""
        if self._pace > 0:
            self._thread = threading.Thread(target=self._run, name="life", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End, and wait until it has."""
        self._end.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(self._pace * self._rng.uniform(0.6, 1.4)):
            log.info("%s", self.beat())

    def beat(self) -> str:
        """Let one thing happen now; a sentence that says what."""
        dice = self._rng.random()
        with self._store.lock:
            if not self._learning():
                return "Nobody is here."
            if dice < 0.55:
                return self.someone_finishes()
            if dice < 0.75:
                return self.someone_visits()
            if dice < 0.9:
                return self.someone_asks()
            return self.someone_answers()

    def someone_finishes(self) -> str:
        """A person finishes the last activity of a course; cron says so a little later."""
        open_enrolments = [
            e
            for e in self._learning()
            if self._store.criteria(e.course_id)
            and (e.course_id, e.person_id) not in self._store.completions
        ]
        if not open_enrolments:
            return "Everybody has finished everything."
        enrolment = self._rng.choice(open_enrolments)
        now = self._store.clock()
        recorded = now + self._rng.randint(*CRON_SECONDS)
        self._store.complete(enrolment.person_id, enrolment.course_id, now, recorded)
        return f"{self._name(enrolment.person_id)} finished {self._course(enrolment).name}."

    def someone_visits(self) -> str:
        """A person looks into a course."""
        enrolment = self._rng.choice(self._learning())
        self._store.visit(enrolment.person_id, enrolment.course_id)
        return f"{self._name(enrolment.person_id)} looked into {self._course(enrolment).name}."

    def someone_asks(self) -> str:
        """A person asks something that nobody has asked in that course yet."""
        enrolment = self._rng.choice(self._learning())
        forum = self._store.forums_of(enrolment.course_id)[0]
        asked = {discussion.name for discussion in self._store.discussions_of(forum.id)}
        new = [question for question in LATER if question.title not in asked]
        if not new:
            return self.someone_visits()
        question = self._rng.choice(new)
        self._store.ask(enrolment.person_id, enrolment.course_id, question.title, question.text)
        return f"{self._name(enrolment.person_id)} asked: {question.title}"

    def someone_answers(self) -> str:
        """A colleague answers one of the questions that have waited long enough."""
        before = self._store.clock() - _WAITING_SECONDS
        answers = {question.title: question.answer for question in LATER}
        waiting = [
            discussion
            for discussion in self._store.discussions.values()
            if discussion.name in answers
            and discussion.modified_at < before
            and discussion.group_id == ALL_PARTICIPANTS
            and len(self._store.posts_of(discussion.id)) == 1
        ]
        if not waiting:
            return self.someone_visits()
        discussion = self._rng.choice(waiting)
        course_id = self._store.forums[discussion.forum_id].course_id
        colleagues = [
            e.person_id
            for e in self._learning()
            if e.course_id == course_id and e.person_id != discussion.author_id
        ]
        if not colleagues:
            return self.someone_visits()
        person_id = self._rng.choice(colleagues)
        self._store.answer(person_id, discussion.id, answers[discussion.name])
        return f"{self._name(person_id)} answered: {discussion.name}"

    def _learning(self) -> list[Enrolment]:
        """The students of the visible courses."""
        return [
            enrolment
            for course in self._store.courses.values()
            if course.visible
            for enrolment in self._store.enrolled(course.id)
            if enrolment.role == STUDENT and not self._person(enrolment).suspended
        ]

    def _person(self, enrolment: Enrolment) -> Person:
        return self._store.people[enrolment.person_id]

    def _course(self, enrolment: Enrolment) -> Course:
        return self._store.courses[enrolment.course_id]

    def _name(self, person_id: int) -> str:
        return self._store.people[person_id].name
