"""The site that the feed benchmark reads, the same for both sides; it needs nothing but Python.

There are as many places as people: place 1 is everybody's, every tenth a team's, the others a
course's people's. Person *n* tells a story in place *n*: half of the stories say that they and two
others finished a course, half are something that they said. So whoever belongs to fifty places, and
whoever follows those fifty people, has the same stories to read.

One in ten of the people chose to be named to nobody. They tell no story, but are among the others
of one: their names have to be kept back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
EVERYONE = 1
PLACES_EACH = 50
NAMED = 3
"""People whom a story of a completed course is about."""


@dataclass(frozen=True)
class Story:
    """Something told by a person, in the place of the same number. Ids begin with 1, the oldest."""

    id: int
    at: datetime
    person: int
    course: int
    """The course that was completed, or 0."""
    others: tuple[int, ...]
    said: str


@dataclass(frozen=True)
class Site:
    """So many people, and so many stories, one a minute."""

    people: int
    stories: int

    def places(self, person: int) -> list[int]:
        """The fifty places of a person: everybody's, and others by chance."""
        tellers = [n for n in range(2, self.people + 1) if agreed(n)]
        return [EVERYONE, *sorted(random.Random(person).sample(tellers, PLACES_EACH - 1))]

    def told(self) -> Iterator[Story]:
        """Every story, oldest first."""
        chance = random.Random(7)
        everybody = range(1, self.people + 1)
        tellers = [n for n in everybody if agreed(n)]
        courses = [n for n in tellers if is_course(n)]
        for ident in range(1, self.stories + 1):
            person = chance.choice(tellers)
            completed = ident % 2 == 0
            course = person if is_course(person) else chance.choice(courses)
            others = [n for n in chance.sample(everybody, NAMED) if n != person]
            yield Story(
                id=ident,
                at=NOW - timedelta(minutes=self.stories - ident),
                person=person,
                course=course if completed else 0,
                others=tuple(others[: NAMED - 1]) if completed else (),
                said="" if completed else f"Any tips on step {ident}?",
            )

    def newest(self, person: int) -> list[int]:
        """The ids of all that the person has to read, newest first."""
        return sorted(
            (n for place in self.places(person) for n in self._told_in[place]), reverse=True
        )

    @cached_property
    def _told_in(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {place: [] for place in range(1, self.people + 1)}
        for story in self.told():
            found[story.person].append(story.id)
        return found


def agreed(person: int) -> bool:
    """Whether the person chose to be named to everyone."""
    return person % 10 != 9


def is_course(place: int) -> bool:
    """Whether a place is that of a course's people."""
    return place != EVERYONE and not is_team(place)


def is_team(place: int) -> bool:
    """Whether a place is that of a team."""
    return place % 10 == 0


def name_of_place(place: int) -> str:
    """What it is called."""
    if place == EVERYONE:
        return "Everyone"
    return f"Team {place}" if is_team(place) else f"Course {place}: what everybody should know"


def name_of(person: int) -> tuple[str, str]:
    """First and last name."""
    return "Person", f"Number {person}"
