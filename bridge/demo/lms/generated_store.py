"""A store whose tables are worked out from formulas, with what has happened since on top.

It is read and changed by the same methods as :class:`~bridge.demo.lms.store.Store`. What happens
is kept; so a test that makes something happen to everybody keeps everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from bridge.demo.catalogue import SITE_NAME
from bridge.demo.generated import Site
from bridge.demo.lms.lazy import Computed, Joined, Lazy, Overlay, without
from bridge.demo.lms.records import Tables
from bridge.demo.lms.store import Store
from bridge.demo.world import (
    TEACHER,
    Activity,
    Completion,
    Course,
    Discussion,
    Enrolment,
    Forum,
    Person,
    Post,
)

V = TypeVar("V")
Pair = tuple[int, int]
"""The ids of a course and a person."""


class GeneratedStore(Store):
    """The records of a generated site, and everything that may change them."""

    def __init__(self, site: Site, clock: Callable[[], int]) -> None:
        self.site = site
        self._learning = site.learning
        self._completions = Overlay(Computed(_Completed(site), self._completed))
        self._activities = Overlay(Computed(site.activity_ids, site.activity))
        self._forums = Overlay(Computed(site.forum_ids, site.forum))
        self._discussions = Overlay(Computed(site.discussion_ids, site.discussion))
        self._posts = Overlay(Computed(site.post_ids, site.post))
        self._people = Overlay(Computed(site.person_ids, site.person))
        self._put: dict[int, dict[int, Enrolment]] = {}
        """Course → person → an enrolment that is new or not as it was."""
        self._new: dict[int, set[int]] = {}
        """Person → the courses that they were enrolled in since."""
        self._out: dict[int, set[int]] = {}
        """Course → the people who are enrolled there no more."""
        super().__init__(
            Tables(
                site_name=SITE_NAME,
                service_id=site.service_id,
                people=self._people,
                teams=Overlay(Computed(site.team_ids, site.team)),
                categories=Overlay(Computed(site.category_ids, site.category)),
                courses=Overlay(Computed(site.course_ids, site.course)),
                activities=self._activities,
                forums=self._forums,
                groups={},
                discussions=self._discussions,
                posts=self._posts,
                marks=Overlay(Computed(_Marked(site), self._marked)),
                completions=self._completions,
            ),
            clock,
        )

    # --- people --------------------------------------------------------------------------------

    def name_of(self, person_id: int) -> str:
        if self._people.is_touched(person_id):
            return super().name_of(person_id)
        return self.site.name_of(person_id)

    def people_by(self, attribute: str, values: AbstractSet[str]) -> list[Person]:
        ids = {self.site.person_named(value) for value in values}
        ids |= {self.site.service_id, *self._people.touched}
        people = [self.people[person_id] for person_id in sorted(ids) if person_id in self.people]
        return [person for person in people if getattr(person, attribute).lower() in values]

    # --- enrolments ----------------------------------------------------------------------------

    def _put_enrolment(self, enrolment: Enrolment) -> None:
        course_id, person_id = enrolment.course_id, enrolment.person_id
        self._put.setdefault(course_id, {})[person_id] = enrolment
        self._out.get(course_id, set()).discard(person_id)
        if self._learning.place(course_id, person_id) is None:
            self._new.setdefault(person_id, set()).add(course_id)

    def _drop_enrolment(self, course_id: int, person_id: int) -> None:
        if self.enrolment(course_id, person_id) is None:
            raise KeyError((course_id, person_id))
        self._put.get(course_id, {}).pop(person_id, None)
        self._new.get(person_id, set()).discard(course_id)
        if self._learning.place(course_id, person_id) is not None:
            self._out.setdefault(course_id, set()).add(person_id)

    def enrolment(self, course_id: int, person_id: int) -> Enrolment | None:
        if person_id in self._put.get(course_id, ()):
            return self._put[course_id][person_id]
        if person_id in self._out.get(course_id, ()):
            return None
        place = self._learning.place(course_id, person_id)
        return None if place is None else self._learning.enrolment(place)

    def _enrolment(self, pair: Pair) -> Enrolment:
        """The enrolment, which is there."""
        enrolment = self.enrolment(*pair)
        assert enrolment is not None
        return enrolment

    def enrolled(self, course_id: int) -> Sequence[Enrolment]:
        known = course_id in self.site.course_ids
        ids = self._learning.people_of(course_id) if known else ()
        put, out = self._put.get(course_id, {}), self._out.get(course_id, set())
        if out or any(course_id in self._new.get(person_id, ()) for person_id in put):
            ids = sorted({*ids, *put} - out)
        return Lazy(ids, lambda person_id: self._enrolment((course_id, person_id)))

    def courses_of(self, person_id: int) -> list[Course]:
        ids = {self._learning.course_at(p) for p in self._places_of(person_id)}
        ids = {i for i in ids if person_id not in self._out.get(i, ())}
        return [self.courses[i] for i in sorted(ids | self._new.get(person_id, set()))]

    def _places_of(self, person_id: int) -> Iterable[int]:
        """None for the site's administrator and the account of the token, who learn nothing."""
        learns = self.site.person_ids.start < person_id < self.site.service_id
        return self._learning.places_of_person(person_id) if learns else ()

    def teachers_of(self, course_id: int) -> list[Person]:
        ids = set(self._put.get(course_id, ()))
        if course_id in self.site.course_ids:
            ids.add(self._learning.person_at(self._learning.places_of_course(course_id)[0]))
        found = (self.enrolment(course_id, person_id) for person_id in sorted(ids))
        return [self.people[e.person_id] for e in found if e and e.role == TEACHER]

    def enrolments(self) -> Sequence[Enrolment]:
        holes = [
            place
            for course_id, people in self._out.items()
            for person_id in people
            if (place := self._learning.place(course_id, person_id)) is not None
        ]
        pieces = without(self.site.size.enrolments, holes)
        there = Joined(Lazy(piece, self._pair) for piece in pieces)
        return Lazy(Joined([there, sorted(self._added())]), self._enrolment)

    def by_completion(self, newest_first: bool) -> Sequence[Enrolment]:
        pairs = Joined(self._pieces_by_completion())
        order = range(len(pairs)) if newest_first else range(len(pairs) - 1, -1, -1)
        return Lazy(Lazy(order, pairs.__getitem__), self._enrolment)

    def _pieces_by_completion(self) -> Iterator[Sequence[Pair]]:
        """The formula's order without the pairs that something happened to, which come between."""
        out = {(course, person) for course, people in self._out.items() for person in people}
        touched = self._completions.touched | out | self._added()
        finished: list[tuple[int, Pair]] = []
        unfinished: list[Pair] = []
        events: list[tuple[int, int, Pair]] = []
        for pair in sorted(touched):
            place = self._learning.place(*pair)
            if place is not None:
                events.append((self._learning.order(place), 1, pair))
            if self.enrolment(*pair) is None:
                continue
            completion = self.completion(*pair)
            if completion:
                finished.append((-completion.completed_at, pair))
            else:
                unfinished.append(pair)
        for age, pair in sorted(finished):
            events.append((self._learning.completed_since(-age), 0, pair))
        start = 0
        for number, leaves, pair in sorted(events, key=lambda event: event[:2]):
            yield Lazy(range(start, number), self._pair_by_order)
            start = number + leaves
            if not leaves:
                yield [pair]
        yield Lazy(range(start, self.site.size.enrolments), self._pair_by_order)
        yield unfinished

    def _added(self) -> set[Pair]:
        return {(course, person) for person, courses in self._new.items() for course in courses}

    def _pair(self, place: int) -> Pair:
        return self._learning.course_at(place), self._learning.person_at(place)

    def _pair_by_order(self, number: int) -> Pair:
        return self._pair(self._learning.place_by_order(number))

    def _completed(self, pair: Pair) -> Completion:
        place = self._learning.place(*pair)
        completion = None if place is None else self._learning.completion(place)
        assert completion is not None
        return completion

    def _marked(self, key: Pair) -> int:
        """An activity that completes a course was finished with the course."""
        activity_id, person_id = key
        return self._completed((self.site.activity(activity_id).course_id, person_id)).completed_at

    # --- what is in a course -------------------------------------------------------------------

    def activities_of(self, course_id: int) -> list[Activity]:
        ids = self.site.activities_of(course_id) if course_id in self.site.course_ids else ()
        return _rows(self._activities, ids, lambda row: row.course_id == course_id)

    def forums_of(self, course_id: int) -> list[Forum]:
        ids = [self.site.forum_of(course_id)] if course_id in self.site.course_ids else []
        return _rows(self._forums, ids, lambda row: row.course_id == course_id)

    def discussions_of(self, forum_id: int) -> list[Discussion]:
        ids = self.site.discussions_of(forum_id) if forum_id in self.site.forum_ids else ()
        return _rows(self._discussions, ids, lambda row: row.forum_id == forum_id)

    def posts_of(self, discussion_id: int) -> list[Post]:
        known = discussion_id in self.site.discussion_ids
        ids = self.site.posts_of(discussion_id) if known else ()
        return _rows(self._posts, ids, lambda row: row.discussion_id == discussion_id)


def _rows(table: Overlay[int, V], ids: Iterable[int], belongs: Callable[[V], bool]) -> list[V]:
    """Those of the formula that are still there, and those that came since."""
    return [
        *(table[one] for one in ids if one in table),
        *(row for row in table.added.values() if belongs(row)),
    ]


class _Completed:
    """The pairs that are finished, newest first: known without a list of them."""

    def __init__(self, site: Site) -> None:
        self._learning = site.learning

    def __contains__(self, key: Any) -> bool:
        place = self._learning.place(*key)
        return place is not None and self._learning.order(place) < len(self)

    def __iter__(self) -> Iterator[Pair]:
        for rank in range(len(self)):
            place = self._learning.place_by_order(rank)
            yield self._learning.course_at(place), self._learning.person_at(place)

    def __len__(self) -> int:
        return self._learning.size.completions


class _Marked(_Completed):
    """The same, with the activity that completes the course in the place of the course."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._site = site

    def __contains__(self, key: Any) -> bool:
        activity_id, person_id = key
        if activity_id not in self._site.activity_ids:
            return False
        activity = self._site.activity(activity_id)
        return activity.criterion and super().__contains__((activity.course_id, person_id))

    def __iter__(self) -> Iterator[Pair]:
        for course_id, person_id in super().__iter__():
            yield self._site.activities_of(course_id)[0], person_id
