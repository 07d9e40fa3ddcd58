"""Who is in which course, who finished it, and when: worked out, never looked up.

A *place* is the number of an enrolment, counted course by course; the first place of a course is
its teacher's. A *rank* is the age of a completion: 0 is the newest of the site. Ranks are spread
over the learners' places by an affine permutation, which can be undone, so both ways cost nothing.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import gcd
from random import Random

from bridge.demo.generated.size import Size, course_sizes
from bridge.demo.world import STUDENT, TEACHER, Completion, Enrolment

FIRST_PERSON_ID = 3
FIRST_COURSE_ID = 2

DAY = 86_400
SPAN = 2 * 365 * DAY
"""Completions are dated over the past two years, evenly."""
NEWEST = 60
"""Seconds since the newest completion, which the LMS has recorded by now."""
_NEVER_SEEN = 4
"""One learner in so many who have not finished was never in the course."""


def scattered(number: int, seed: int) -> int:
    """An even-handed number of 32 bits for each number and seed."""
    mixed = (number * 0x9E3779B1 + seed * 0x85EBCA6B + 0x27D4EB2F) & 0xFFFFFFFF
    mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    return mixed ^ mixed >> 13


class Learning:
    """The enrolments and completions of a generated site at a moment, in epoch seconds."""

    def __init__(self, size: Size, seed: int, moment: int) -> None:
        self.size, self.seed, self.moment = size, seed, moment
        rng = Random(seed)
        sizes = course_sizes(size, rng)
        self._starts = array("q", accumulate(sizes, initial=0))
        self._learners = array("q", (start - i for i, start in enumerate(self._starts)))
        self._all_learners = size.enrolments - size.courses
        modulus = max(self._all_learners, 1)
        self._factor = next(
            f for f in iter(lambda: rng.randint(1, modulus), 0) if gcd(f, modulus) == 1
        )
        self._shift = rng.randrange(modulus)
        self._back = pow(self._factor, -1, modulus)

    # --- places --------------------------------------------------------------------------------

    def place(self, course_id: int, person_id: int) -> int | None:
        """Where the person sits in the course, if they do."""
        course, person = course_id - FIRST_COURSE_ID, person_id - FIRST_PERSON_ID
        if not (0 <= course < self.size.courses and 0 <= person < self.size.people):
            return None
        start = self._starts[course]
        place = start + (person - start) % self.size.people
        return place if place < self._starts[course + 1] else None

    def course_at(self, place: int) -> int:
        """The id of the course that the place is in."""
        return FIRST_COURSE_ID + bisect_right(self._starts, place) - 1

    def person_at(self, place: int) -> int:
        """The id of the person who sits there."""
        return FIRST_PERSON_ID + place % self.size.people

    def places_of_course(self, course_id: int) -> range:
        """The teacher's first."""
        course = course_id - FIRST_COURSE_ID
        return range(self._starts[course], self._starts[course + 1])

    def places_of_person(self, person_id: int) -> range:
        """One in each of their courses, in the order of the courses."""
        return range(person_id - FIRST_PERSON_ID, self.size.enrolments, self.size.people)

    def people_of(self, course_id: int) -> Sequence[int]:
        """The ids of the course's people, smallest first."""
        places = self.places_of_course(course_id)
        first = FIRST_PERSON_ID + places.start % self.size.people
        over = first + len(places) - FIRST_PERSON_ID - self.size.people
        if over <= 0:
            return range(first, first + len(places))
        return [
            *range(FIRST_PERSON_ID, FIRST_PERSON_ID + over),
            *range(first, FIRST_PERSON_ID + self.size.people),
        ]

    # --- ranks ---------------------------------------------------------------------------------

    def order(self, place: int) -> int:
        """The place's number in a list by completion: the ranks, the unfinished, the teachers."""
        course = bisect_right(self._starts, place) - 1
        if place == self._starts[course]:
            return self._all_learners + course
        learner = place - course - 1
        return (self._factor * learner + self._shift) % self._all_learners

    def place_by_order(self, number: int) -> int:
        """The place with that number in a list by completion."""
        if number >= self._all_learners:
            return self._starts[number - self._all_learners]
        learner = (number - self._shift) * self._back % self._all_learners
        return learner + bisect_right(self._learners, learner)

    def completed_at(self, rank: int) -> int:
        """The moment of the completion of that rank."""
        return self.moment - NEWEST - rank * SPAN // self.size.completions

    def completed_since(self, moment: int) -> int:
        """How many of the site's completions are of that moment or newer."""
        age = self.moment - NEWEST - moment
        if age < 0 or not self.size.completions:
            return 0
        return min(self.size.completions, ((age + 1) * self.size.completions - 1) // SPAN + 1)

    # --- facts ---------------------------------------------------------------------------------

    def completion(self, place: int) -> Completion | None:
        """The completion of the enrolment at the place, if it is finished."""
        rank = self.order(place)
        if rank >= self.size.completions:
            return None
        at = self.completed_at(rank)
        recorded = min(at + NEWEST, self.moment)
        return Completion(self.course_at(place), self.person_at(place), at, recorded)

    def enrolment(self, place: int) -> Enrolment:
        """The enrolment at the place."""
        course_id = self.course_at(place)
        seen = self.last_access(place)
        since = (seen or self.moment) - DAY * (1 + place % 60)
        first = place == self._starts[course_id - FIRST_COURSE_ID]
        role = TEACHER if first else STUDENT
        return Enrolment(course_id, self.person_at(place), role, since, seen)

    def last_access(self, place: int) -> int:
        """When the person was last seen in the course: not before they finished it; 0 for never."""
        chance = scattered(place, self.seed)
        rank = self.order(place)
        if rank < self.size.completions:
            return min(self.completed_at(rank) + chance % DAY, self.moment - NEWEST // 2)
        return self.moment - NEWEST - chance % SPAN if chance % _NEVER_SEEN else 0

    def last_access_of(self, person_id: int) -> int:
        """When the person was last seen anywhere on the site."""
        return max(map(self.last_access, self.places_of_person(person_id)), default=0)
