"""What the LMS holds: the tables, and how they are looked up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bridge.demo.lms.reports import Reports
from bridge.demo.world import (
    TEACHER,
    Activity,
    Category,
    Completion,
    Course,
    Discussion,
    Enrolment,
    Forum,
    Group,
    Message,
    Person,
    Post,
    Story,
    Team,
)

SITE_COURSE_ID = 1
"""Moodle's course 1 is the site itself."""


@dataclass
class Tables:
    """What the LMS holds. All but the enrolments may be large, and then are no dicts."""

    site_name: str
    service_id: int
    people: MutableMapping[int, Person]
    teams: MutableMapping[int, Team]
    categories: MutableMapping[int, Category]
    courses: MutableMapping[int, Course]
    activities: MutableMapping[int, Activity]
    forums: MutableMapping[int, Forum]
    groups: MutableMapping[int, Group]
    discussions: MutableMapping[int, Discussion]
    posts: MutableMapping[int, Post]
    marks: MutableMapping[tuple[int, int], int]
    completions: MutableMapping[tuple[int, int], Completion]
    enrolments: Iterable[Enrolment] = ()

    @staticmethod
    def of(story: Story) -> Tables:
        """The tables that the story tells of."""
        everybody = (*story.people, story.site_admin, story.service)
        return Tables(
            site_name=story.site_name,
            service_id=story.service.id,
            people={p.id: p for p in everybody},
            teams={t.id: t for t in story.teams},
            categories={c.id: c for c in story.categories},
            courses={c.id: c for c in story.courses},
            activities={a.id: a for a in story.activities},
            forums={f.id: f for f in story.forums},
            groups={g.id: g for g in story.groups},
            discussions={d.id: d for d in story.discussions},
            posts={p.id: p for p in story.posts},
            marks={(m.activity_id, m.person_id): m.at for m in story.marks},
            completions={(c.course_id, c.person_id): c for c in story.completions},
            enrolments=story.enrolments,
        )


class Records:
    """The tables of the LMS, and how they are looked up. Who reads several of them holds ``lock``.

    :param clock: the present moment in epoch seconds; a completion is known only when its
        ``recorded_at`` has come.
    """

    def __init__(self, tables: Tables, clock: Callable[[], int]) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.site_name = tables.site_name
        self.service_id = tables.service_id
        self.people = tables.people
        self.teams = tables.teams
        self.categories = tables.categories
        self.courses = tables.courses
        self.activities = tables.activities
        self.forums = tables.forums
        self.groups = tables.groups
        self.discussions = tables.discussions
        self.posts = tables.posts
        self.marks = tables.marks
        self.completions = tables.completions
        self.messages: dict[int, Message] = {}
        self.reports = Reports()
        self._enrolled: dict[int, dict[int, Enrolment]] = {}
        self._courses_of: dict[int, set[int]] = {}
        for enrolment in tables.enrolments:
            self._put_enrolment(enrolment)

    def _put_enrolment(self, enrolment: Enrolment) -> None:
        self._enrolled.setdefault(enrolment.course_id, {})[enrolment.person_id] = enrolment
        self._courses_of.setdefault(enrolment.person_id, set()).add(enrolment.course_id)

    def _drop_enrolment(self, course_id: int, person_id: int) -> None:
        del self._enrolled[course_id][person_id]
        self._courses_of[person_id].discard(course_id)

    def name_of(self, person_id: int) -> str:
        """The full name of a person who is there."""
        return self.people[person_id].name

    def people_by(self, attribute: str, values: AbstractSet[str]) -> list[Person]:
        """The people with one of the values, which are in small letters, in a field of theirs."""
        return [p for p in self.people.values() if getattr(p, attribute).lower() in values]

    def enrolment(self, course_id: int, person_id: int) -> Enrolment | None:
        """The person's enrolment in the course, if there is one."""
        return self._enrolled.get(course_id, {}).get(person_id)

    def enrolled(self, course_id: int) -> Sequence[Enrolment]:
        """The course's enrolments, by the people's ids."""
        people = self._enrolled.get(course_id, {})
        return [people[person_id] for person_id in sorted(people)]

    def courses_of(self, person_id: int) -> list[Course]:
        """The courses that the person is enrolled in, in the catalogue's order."""
        return [
            self.courses[course_id] for course_id in sorted(self._courses_of.get(person_id, ()))
        ]

    def teachers_of(self, course_id: int) -> list[Person]:
        """Who teaches the course."""
        return [self.people[e.person_id] for e in self.enrolled(course_id) if e.role == TEACHER]

    def activities_of(self, course_id: int) -> list[Activity]:
        """What stands in the course, from top to bottom."""
        return [a for a in self.activities.values() if a.course_id == course_id]

    def criteria(self, course_id: int) -> list[Activity]:
        """The activities that must be finished to complete the course."""
        return [a for a in self.activities_of(course_id) if a.criterion]

    def completion(self, course_id: int, person_id: int) -> Completion | None:
        """The person's completion of the course, as far as it is recorded by now."""
        completion = self.completions.get((course_id, person_id))
        return completion if completion and completion.recorded_at <= self.clock() else None

    def enrolments(self) -> Sequence[Enrolment]:
        """Everybody's, course by course."""
        return [one for course_id in self.courses for one in self.enrolled(course_id)]

    def by_completion(self, newest_first: bool) -> Sequence[Enrolment]:
        """The same by the time of completion; what is not completed stands as if it were oldest."""

        def completed_at(enrolment: Enrolment) -> int:
            completion = self.completion(enrolment.course_id, enrolment.person_id)
            return completion.completed_at if completion else 0

        return sorted(self.enrolments(), key=completed_at, reverse=newest_first)

    def forums_of(self, course_id: int) -> list[Forum]:
        """The course's forums."""
        return [forum for forum in self.forums.values() if forum.course_id == course_id]

    def discussions_of(self, forum_id: int) -> list[Discussion]:
        """The forum's discussions, oldest first."""
        return [d for d in self.discussions.values() if d.forum_id == forum_id]

    def posts_of(self, discussion_id: int) -> list[Post]:
        """The discussion's posts, oldest first."""
        return [p for p in self.posts.values() if p.discussion_id == discussion_id]

    def groups_of(self, course_id: int, person_id: int) -> list[Group]:
        """The person's groups in the course."""
        return [
            group
            for group in self.groups.values()
            if group.course_id == course_id and person_id in group.member_ids
        ]
