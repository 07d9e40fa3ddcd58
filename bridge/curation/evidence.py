"""The figures behind a suggestion's reasons, counted anew, for the page that proves them.

What may be said of a number is what the reasons may say of it (:mod:`bridge.curation.wording`): a
number of the site that stands beside the leader's for the same time gives way where the difference
would tell of a few others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bridge.curation.choose import monday
from bridge.curation.figures import Figures
from bridge.curation.memory import REST, TASTE
from bridge.curation.score import opened
from bridge.curation.site import USUAL_WEEKS, day_of
from bridge.curation.wording import of_site, of_yours, on, sentence
from bridge.errors import NotFound
from bridge.model import Course, Reason, Viewer
from bridge.storage import Work
from bridge.storage.evidence import Counted, Shared
from bridge.visibility import shown_count

WEEKS = 2 + USUAL_WEEKS + 1
"""Weeks that are shown: this one, the one before, and those that say what is usual; one more."""


@dataclass(frozen=True)
class Beside:
    """Another course that the reasons name, in counts that may be said."""

    course: Course
    all: int | None
    both: int | None
    theirs: str


@dataclass(frozen=True)
class Evidence:
    """What is counted now of one course for one leader.

    A number is ``None``, and words are empty, where nothing may be said.
    """

    course: Course
    today: date
    reasons: Mapping[str, Reason]
    """As the leader was given them: ``this``, ``you`` and ``now``; empty without a suggestion."""
    told_on: date | None
    """The day as of which those were counted."""
    parts: Mapping[str, int]
    """What each signal had of the score, in percents."""
    people: int
    finished: str
    """Of the leader's people; the next three as well."""
    recently: str
    in_it: str
    could: str
    site: int
    all_finished: int | None
    all_enrolled: int | None
    weeks: tuple[int | None, ...]
    """How many of the site finished it in each of the last weeks, this one first."""
    usual: int | None
    """A week, over those that say what is usual; rounded."""
    beside: Beside | None
    own: str
    """When the leader finished it, or that they are in it."""
    opened: date | None
    put_off: date | None
    shared_alike: tuple[Shared, ...] = field(default=())


def evidence(work: Work, viewer: Viewer, course_id: int, now: datetime) -> Evidence:
    """The figures of a course for the leader who looks; eight statements at most.

    :raises NotFound: if there is no such course that could be suggested to them.
    """
    found = work.evidence.course(viewer.connection_id, course_id) if viewer.is_leader else None
    if found is None:
        raise NotFound("There is no such course to share.", "It may have been hidden in the LMS.")
    course, history = found
    here, today = work.evidence, now.astimezone(UTC).date()
    counted = here.counted(viewer.connection_id, viewer.person_id, course_id, today)
    weeks = here.weeks(viewer.connection_id, course_id, today, WEEKS)
    stored, made_at = here.stored(viewer.person_id, course_id) or ({}, None)
    known = next(iter(stored.get("mentions", ())), None)
    beside = (
        here.beside(viewer.connection_id, viewer.person_id, known, course_id) if known else None
    )
    usual = sum(weeks[2 : 2 + USUAL_WEEKS])
    said = _figures(course, today, counted)
    return Evidence(
        course=course,
        today=today,
        reasons={
            name: Reason(stored[name]["text"], stored[name]["link"])
            for name in ("this", "you", "now")
            if name in stored
        },
        told_on=made_at.astimezone(UTC).date() if made_at else None,
        parts=stored.get("parts", {}),
        people=counted.people,
        finished=of_yours(counted.finished, said),
        recently=of_yours(counted.recently, said),
        in_it=of_yours(counted.in_it, said),
        could=of_yours(said.could, said),
        site=counted.site,
        all_finished=of_site(counted.all_finished, counted.finished, said),
        all_enrolled=_enrolled(counted, said),
        weeks=weeks_told(weeks, counted, said),
        usual=round(usual / USUAL_WEEKS) if shown_count(usual, counted.site) else None,
        beside=None if beside is None else _beside(beside, said),
        own=_own(counted, today),
        opened=opened(course, history, today),
        put_off=here.put_off(viewer.person_id, course_id, monday(now.astimezone(UTC)), REST),
        shared_alike=here.shared_alike(viewer.person_id, course, now - TASTE),
    )


def _enrolled(counted: Counted, f: Figures) -> int | None:
    """Who is in it or has finished it: said if each of both may be."""
    unfinished = counted.all_enrolled - counted.all_finished
    known = (
        of_site(counted.all_finished, counted.finished, f),
        of_site(unfinished, counted.in_it, f),
    )
    return None if None in known else counted.all_enrolled


def weeks_told(weeks: Sequence[int], counted: Counted, f: Figures) -> tuple[int | None, ...]:
    """Each week's number; this one's is left out where three of them would tell too much beside
    what the leader's people did in them."""
    told = tuple(shown_count(count, counted.site) for count in weeks)
    three = sum(weeks[:3])
    together = shown_count(three, counted.site) is None or of_site(three, counted.recently, f)
    return told if together else (None, *told[1:])


def _figures(course: Course, today: date, counted: Counted) -> Figures:
    """The counts in the terms of the wording, which asks for people and site."""
    could = counted.in_it if course.self_enrol is False else counted.people - counted.finished
    return Figures(
        course=course,
        today=today,
        offers=0,
        site=counted.site,
        people=counted.people,
        finished=counted.finished,
        recently=counted.recently,
        could=could,
        in_it=counted.in_it,
        week=0,
        usual=0,
        all_finished=counted.all_finished,
        all_enrolled=counted.all_enrolled,
        site_rate=0.0,
    )


def _beside(found: tuple[Course, int, int, int], f: Figures) -> Beside:
    course, every, theirs, both = found
    return Beside(
        course=course,
        all=of_site(every, theirs, f),
        both=shown_count(both, every),
        theirs=of_yours(theirs, f),
    )


def _own(counted: Counted, today: date) -> str:
    if counted.own_at is not None:
        day = min(day_of(counted.own_at.timestamp()), today)
        return sentence(f"you finished it {on(day, today)}")
    if counted.own_finished:
        return "You have finished it; the LMS does not say when."
    return "You are enrolled in it." if counted.own_enrolled else ""
