"""Who learned what, and when: three months with weeks, a burst and a decay.

People learn on weekdays more than at weekends and in working hours more than at night. In one team
a campaign made one topic grow in the last two weeks; another team spiked two months ago and
dwindled; the mandatory courses had a deadline five weeks ago.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from bridge.demo import catalogue
from bridge.demo.company import DAY, Offer, Staff
from bridge.demo.world import TEACHER, Completion, Course, Enrolment, Mark, Person

BURST_TEAM = "Customer Care"
BURST_COURSES = ("Giving feedback", "Coaching conversations")
DECAY_TEAM = "Marketing"

_DAYS = 92
_WEEKDAYS = (1.0, 1.15, 1.2, 1.1, 0.75, 0.08, 0.06)
_HOUR = 3600

_LIKES: Mapping[str, Mapping[str, float]] = {
    "Sales": {catalogue.CUSTOMERS: 4, catalogue.LEADERSHIP: 1, catalogue.DIGITAL: 1},
    "Customer Care": {catalogue.CUSTOMERS: 3, catalogue.PEOPLE: 2, catalogue.DIGITAL: 0.5},
    "Engineering": {catalogue.DIGITAL: 4, catalogue.LEADERSHIP: 1, catalogue.PEOPLE: 0.7},
    "Marketing": {catalogue.DIGITAL: 2, catalogue.CUSTOMERS: 2, catalogue.PEOPLE: 0.7},
    "Operations": {catalogue.PEOPLE: 2, catalogue.DIGITAL: 1.5, catalogue.LEADERSHIP: 1},
    "Finance": {catalogue.DIGITAL: 3, catalogue.LEADERSHIP: 1, catalogue.PEOPLE: 0.7},
    "Product & Design": {catalogue.DIGITAL: 2, catalogue.CUSTOMERS: 1.5, catalogue.PEOPLE: 1},
    "People & Learning": {catalogue.PEOPLE: 3, catalogue.LEADERSHIP: 3, catalogue.DIGITAL: 0.5},
}
_COMPULSORY_SHARE = {
    "Safety at work": 1.0,
    "Data protection essentials": 1.0,
    "Information security": 0.45,
    "Code of conduct": 0.35,
}


@dataclass(frozen=True)
class Learning:
    """What the people did in the courses."""

    enrolments: tuple[Enrolment, ...]
    marks: tuple[Mark, ...]
    completions: tuple[Completion, ...]
    teachers: Mapping[int, int]


def learn(rng: Random, now: int, staff: Staff, offer: Offer) -> Learning:
    """Enrolments and what came of them, up to ``now``."""
    teachers = _teachers(rng, staff, offer)
    enrolments: list[Enrolment] = [
        Enrolment(course_id, person_id, TEACHER, now - 200 * DAY, now - rng.randrange(3 * DAY))
        for course_id, person_id in teachers.items()
    ]
    marks: list[Mark] = []
    completions: list[Completion] = []
    employees = [person for person in staff.people if person.department]
    for person in employees:
        for course in _choices(rng, person, offer):
            if teachers[course.id] == person.id:
                continue
            fate = _Fate(rng, now, person, course, offer)
            enrolments.append(fate.enrolment)
            marks += fate.marks
            if fate.completion:
                completions.append(fate.completion)
    _record_late(now, offer.course("Code of conduct").id, enrolments, completions)
    return Learning(
        tuple(sorted(enrolments, key=lambda e: (e.course_id, e.person_id))),
        tuple(sorted(marks, key=lambda m: m.at)),
        tuple(sorted(completions, key=lambda c: c.recorded_at)),
        teachers,
    )


def _teachers(rng: Random, staff: Staff, offer: Offer) -> dict[int, int]:
    academy = tuple(staff.team("People & Learning").member_ids[1:])
    trainers = tuple(person.id for person in staff.people if not person.department)
    return {course.id: rng.choice(academy + trainers) for course in offer.courses}


def _choices(rng: Random, person: Person, offer: Offer) -> list[Course]:
    """The courses that the person is enrolled in."""
    likes = _LIKES[person.department]
    chosen: list[Course] = []
    electives: list[Course] = []
    weights: list[float] = []
    for course in offer.courses:
        category = offer.titles[course.id].category
        if category == catalogue.COMPLIANCE:
            if rng.random() < _COMPULSORY_SHARE[course.name]:
                chosen.append(course)
        elif not course.visible:
            if person.department == "People & Learning":
                chosen.append(course)
        elif course.name in BURST_COURSES and person.department == BURST_TEAM:
            if rng.random() < 0.85:
                chosen.append(course)
        else:
            electives.append(course)
            weights.append(likes.get(category, 0.3))
    wanted = max(1, round(rng.gauss(3.5, 1.3)))
    while wanted and electives:
        pick = rng.choices(range(len(electives)), weights)[0]
        chosen.append(electives.pop(pick))
        weights.pop(pick)
        wanted -= 1
    return chosen


class _Fate:
    """What came of one enrolment: nothing, a beginning, or a completion."""

    def __init__(self, rng: Random, now: int, person: Person, course: Course, offer: Offer) -> None:
        self.rng, self.now = rng, now
        compulsory = offer.titles[course.id].category == catalogue.COMPLIANCE
        burst = person.department == BURST_TEAM and course.name in BURST_COURSES
        never, begun = (0.06, 0.18) if compulsory else (0.14, 0.42)
        if burst:
            never, begun = 0.05, 0.3
        dice = rng.random()
        criteria = offer.criteria(course.id)
        last_moment = self._moment(_weights(now, person.department, compulsory, burst))
        self.marks: list[Mark] = []
        self.completion: Completion | None = None
        last_access = 0
        if dice >= never:
            last_access = last_moment
        if dice >= begun and criteria:
            at = last_moment
            for activity in reversed(criteria):
                self.marks.append(Mark(activity.id, person.id, at))
                at -= rng.randrange(_HOUR, 3 * DAY)
            recorded = min(last_moment + rng.randrange(60, 900), now)
            self.completion = Completion(course.id, person.id, last_moment, recorded)
            last_access = min(now, last_moment + rng.choice((0, 0, 0, _HOUR, 2 * DAY)))
        elif dice >= never and len(criteria) > 1 and rng.random() < 0.6:
            self.marks.append(Mark(criteria[0].id, person.id, last_moment))
        since = (last_access or last_moment) - rng.randrange(2 * DAY, 25 * DAY)
        self.enrolment = Enrolment(
            course.id, person.id, since=since - 4 * DAY, last_access=last_access
        )

    def _moment(self, weights: Sequence[float]) -> int:
        """A second of one of the last days, in working hours, that has passed."""
        midnight = self.now - self.now % DAY
        for _ in range(50):
            days_ago = self.rng.choices(range(_DAYS), weights)[0]
            hour = self.rng.choice((self.rng.gauss(9.5, 1.3), self.rng.gauss(14, 1.5)))
            at = midnight - days_ago * DAY + int(hour * _HOUR)
            if at < self.now - 20 * 60:
                return at
        return self.now - DAY


def _weights(now: int, department: str, compulsory: bool, burst: bool) -> list[float]:
    """How likely each day is, today first."""
    weights = []
    for days_ago in range(_DAYS):
        weekday = datetime.fromtimestamp(now - days_ago * DAY, UTC).weekday()
        weight = _WEEKDAYS[weekday]
        if burst:
            weight *= math.exp(-days_ago / 5) + 0.01
        elif compulsory:
            weight *= 0.3 + 4 * math.exp(-(((days_ago - 35) / 5) ** 2))
        elif department == DECAY_TEAM:
            weight *= 0.02 + (0 if days_ago > 70 else math.exp((days_ago - 70) / 12))
        else:
            weight *= 1.2 - days_ago / 200
        weights.append(weight)
    return weights


def _record_late(
    now: int, course_id: int, enrolments: list[Enrolment], completions: list[Completion]
) -> None:
    """One completion of two months ago was entered by hand this morning."""
    at, recorded = now - 61 * DAY, now - 5 * _HOUR
    number = next(n for n, c in enumerate(completions) if c.course_id == course_id)
    person_id = completions[number].person_id
    completions[number] = Completion(course_id, person_id, at, recorded)
    number = next(
        n for n, e in enumerate(enrolments) if (e.course_id, e.person_id) == (course_id, person_id)
    )
    enrolments[number] = Enrolment(course_id, person_id, since=now - 90 * DAY, last_access=recorded)
