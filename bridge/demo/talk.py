"""What the people asked one another in the forums, and what stayed unanswered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from bridge.demo.catalogue import LATER, THANKS, Asked
from bridge.demo.company import DAY, Offer
from bridge.demo.world import (
    ALL_PARTICIPANTS,
    STUDENT,
    Discussion,
    Enrolment,
    Forum,
    Group,
    Person,
    Post,
)

_HOUR = 3600
OPEN = 14
"""How many questions nobody has answered yet."""


@dataclass
class Thread:
    """A discussion before it has ids."""

    forum_id: int
    author_id: int
    title: str
    text: str
    at: int
    group_id: int = ALL_PARTICIPANTS
    pinned: bool = False
    replies: list[tuple[int, int, str]] = field(default_factory=list)
    """Author, time and text."""


@dataclass(frozen=True)
class Talk:
    discussions: tuple[Discussion, ...]
    posts: tuple[Post, ...]


class Conversation:
    """Who may speak where: draws the authors of threads and replies from the enrolled."""

    def __init__(
        self,
        rng: Random,
        now: int,
        offer: Offer,
        people: Sequence[Person],
        enrolments: Sequence[Enrolment],
        teachers: Mapping[int, int],
    ) -> None:
        self.rng, self.now, self.offer, self.teachers = rng, now, offer, teachers
        self.departments = {person.id: person.department for person in people}
        self.students: dict[int, list[int]] = {}
        for enrolment in enrolments:
            if enrolment.role == STUDENT and enrolment.last_access:
                self.students.setdefault(enrolment.course_id, []).append(enrolment.person_id)

    def somebody(self, course_id: int, but: int = 0, department: str = "") -> int:
        """A student of the course, of that department if it has one there."""
        able = [person for person in self.students[course_id] if person != but]
        wanted = [person for person in able if self.departments[person] == department]
        return self.rng.choice(wanted or able)

    def answerer(self, course_id: int, asker: int) -> int:
        """The teacher, or more often a colleague."""
        teacher = self.teachers[course_id]
        return teacher if self.rng.random() < 0.4 else self.somebody(course_id, but=asker)

    def working_time(self, days_ago: float) -> int:
        """About that long ago, at a time at which people write."""
        day = self.now - int(days_ago * DAY)
        weekday = datetime.fromtimestamp(day, UTC).weekday()
        day -= max(0, weekday - 4) * DAY
        at = day - day % DAY + self.rng.randrange(7 * _HOUR, 17 * _HOUR)
        return at if at < self.now - _HOUR else self.now - self.rng.randrange(2, 9) * _HOUR

    def question(
        self, forum: Forum, asked: Asked, days_ago: float, answered: bool, department: str = ""
    ) -> Thread:
        """``asked`` by somebody, and its answer if it got one."""
        author = self.somebody(forum.course_id, department=department)
        thread = Thread(forum.id, author, asked.title, asked.text, at=self.working_time(days_ago))
        if answered:
            at = thread.at + self.rng.randrange(_HOUR, 2 * DAY)
            if at < self.now:
                thread.replies.append((self.answerer(forum.course_id, author), at, asked.answer))
            later = at + self.rng.randrange(_HOUR, DAY)
            if later < self.now and self.rng.random() < 0.3:
                thread.replies.append((author, later, "Thank you, that helps."))
        return thread


def talk(conversation: Conversation, groups: Sequence[Group], burst_department: str) -> Talk:
    """Every discussion of the company, the closed forums included, numbered in time's order."""
    threads = [
        *_open_questions(conversation, burst_department),
        *_answered_questions(conversation),
        *_remarks(conversation),
        *_behind_doors(conversation, groups),
    ]
    return number(threads)


def number(threads: Sequence[Thread]) -> Talk:
    """Give discussions and posts their ids in the order in which they were written."""
    ordered = sorted(threads, key=lambda thread: thread.at)
    written = sorted(
        [(t.at, d, -1) for d, t in enumerate(ordered, start=1)]
        + [(r[1], d, n) for d, t in enumerate(ordered, start=1) for n, r in enumerate(t.replies)]
    )
    ids = {(d, n): post_id for post_id, (_, d, n) in enumerate(written, start=1)}
    posts: list[Post] = []
    discussions: list[Discussion] = []
    for d, thread in enumerate(ordered, start=1):
        first = ids[d, -1]
        posts.append(
            Post(
                first,
                d,
                0,
                thread.author_id,
                thread.title,
                _html(thread.text),
                thread.at,
                thread.at,
            )
        )
        for n, (author, at, text) in enumerate(thread.replies):
            posts.append(
                Post(ids[d, n], d, first, author, f"Re: {thread.title}", _html(text), at, at)
            )
        discussions.append(
            Discussion(
                id=d,
                forum_id=thread.forum_id,
                first_post_id=first,
                name=thread.title,
                author_id=thread.author_id,
                created_at=thread.at,
                modified_at=posts[-1].modified_at,
                modified_by_id=posts[-1].author_id,
                group_id=thread.group_id,
                pinned=thread.pinned,
            )
        )
    return Talk(tuple(discussions), tuple(sorted(posts, key=lambda post: post.id)))


def _open_questions(talk: Conversation, burst_department: str) -> list[Thread]:
    """The newest questions: nobody has answered them for hours, days, more than a week."""
    places = [
        (f, asked)
        for f, asked in _places(talk)
        if asked is talk.offer.titles[f.course_id].asked[-1]
    ]
    ages = [0.2, 1, 2, 2.5, 3, 4, 4, 5, 6, 7, 8, 9, 11, 13]
    departments = [burst_department] * 4 + ["Sales", "Engineering", "Marketing"] * 4
    chosen = talk.rng.sample(places, OPEN)
    return [
        talk.question(forum, asked, age, answered=False, department=department)
        for (forum, asked), age, department in zip(chosen, ages, departments, strict=False)
    ]


def _answered_questions(talk: Conversation) -> list[Thread]:
    threads = [
        talk.question(forum, asked, talk.rng.uniform(2, 85), answered=True)
        for forum, asked in _places(talk)
        if asked is not talk.offer.titles[forum.course_id].asked[-1]
    ]
    forums = list(dict.fromkeys(forum for forum, _ in _places(talk)))
    for asked in LATER:
        for forum in talk.rng.sample(forums, 3):
            threads.append(talk.question(forum, asked, talk.rng.uniform(10, 88), answered=True))
    return threads


def _remarks(talk: Conversation) -> list[Thread]:
    """Praise, which is no question, and one pinned welcome."""
    threads = []
    for forum, _ in _places(talk):
        if talk.rng.random() < 0.4:
            author = talk.somebody(forum.course_id)
            title = talk.rng.choice(THANKS)
            at = talk.working_time(talk.rng.uniform(1, 80))
            threads.append(Thread(forum.id, author, title, "Thanks to everybody here!", at))
    feedback = talk.offer.forum(talk.offer.course("Giving feedback").id)
    threads.append(
        Thread(
            feedback.id,
            talk.teachers[feedback.course_id],
            "Welcome: how this forum works",
            "Ask anything. If you know the answer to a question, write it down.",
            talk.working_time(89),
            pinned=True,
        )
    )
    return threads


def _behind_doors(talk: Conversation, groups: Sequence[Group]) -> list[Thread]:
    """One discussion in each forum that is not open to its whole course."""
    words = {
        "Practice groups": ("Our opening offer", "Only we should read this before Thursday."),
        "Notes of the hiring panel": ("Candidate of Tuesday", "Strong on listening."),
        "Certified first aiders": ("A talk that stayed with me", "Can we speak about it here?"),
    }
    threads = []
    for forum in talk.offer.forums:
        if forum.name not in words:
            continue
        title, text = words[forum.name]
        author = talk.somebody(forum.course_id)
        group = next((g.id for g in groups if author in g.member_ids), ALL_PARTICIPANTS)
        threads.append(
            Thread(forum.id, author, title, text, talk.working_time(3), group_id=group)
            if forum.name == "Practice groups"
            else Thread(forum.id, author, title, text, talk.working_time(4))
        )
    return threads


def _places(talk: Conversation) -> list[tuple[Forum, Asked]]:
    """Each open forum of a visible course with each question of the catalogue for it."""
    return [
        (talk.offer.forum(course.id), asked)
        for course in talk.offer.courses
        if course.visible
        for asked in talk.offer.titles[course.id].asked
    ]


def _html(text: str) -> str:
    return f"<p>{text}</p>"
