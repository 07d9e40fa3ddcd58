"""The figures behind a suggestion's reasons, counted anew, for the page that proves them.

Which of the numbers may stand on one page is decided by :mod:`bridge.curation.telling`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bridge.curation.choose import monday
from bridge.curation.memory import REST, TASTE
from bridge.curation.score import opened
from bridge.curation.site import USUAL_WEEKS, day_of
from bridge.curation.telling import Cells, Tie, Told, both_told, told
from bridge.curation.wording import on, sentence
from bridge.errors import NotFound
from bridge.model import Course, Reason, Viewer
from bridge.storage import Work
from bridge.storage.evidence import Counted, Shared
from bridge.visibility import FEW, shown_count

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
    """What each signal had of the score, in percents, to the nearest ten."""
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
    shared_alike: tuple[Shared, ...] = ()


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
    page = told(_cells(counted), weeks)
    return Evidence(
        course=course,
        today=today,
        reasons={
            name: Reason(stored[name]["text"], stored[name]["link"])
            for name in ("this", "you", "now")
            # What names a course that was hidden since is not repeated.
            if name in stored and not (name == "this" and known and beside is None)
        },
        told_on=made_at.astimezone(UTC).date() if made_at else None,
        parts=stored.get("parts", {}),
        people=counted.people,
        finished=_of_yours(counted.finished, page.finished is not None, page),
        recently="" if page.recently is None else _of_yours(page.recently, True, page),
        in_it="" if page.in_it is None else _of_yours(page.in_it, True, page),
        could=_could(course, counted, page),
        site=counted.site,
        all_finished=page.all_finished,
        all_enrolled=page.all_enrolled,
        weeks=page.weeks,
        usual=_usual(weeks, page),
        beside=None if beside is None else _beside(beside, page),
        own=_own(counted, today),
        opened=opened(course, history, today),
        put_off=here.put_off(viewer.person_id, course_id, monday(now.astimezone(UTC)), REST),
        shared_alike=here.shared_alike(viewer.person_id, course, now - TASTE),
    )


def _cells(c: Counted) -> Cells:
    return Cells(
        people=c.people,
        site=c.site,
        finished=c.finished,
        recently=c.recently,
        in_it=c.in_it,
        all_finished=c.all_finished,
        all_enrolled=c.all_enrolled,
    )


def _of_yours(count: int, exact: bool, page: Told) -> str:
    # Unlike in a sentence, nobody is among the few here: the page has a line for it either way.
    if exact:
        return f"{count:,} of your {page.people:,} people"
    if page.people < 2 * FEW:
        return ""
    few = "fewer than five" if count < FEW else "all but fewer than five"
    return f"{few} of your {page.people:,} people"


def _could(course: Course, counted: Counted, page: Told) -> str:
    if course.self_enrol is False:
        return "" if page.in_it is None else _of_yours(page.in_it, True, page)
    return _of_yours(counted.people - counted.finished, page.finished is not None, page)


def _usual(weeks: Sequence[int], page: Told) -> int | None:
    """How many a week are usual; not said where it would tell of the one week that is not."""
    some = slice(2, 2 + USUAL_WEEKS)
    unsaid = page.weeks[some].count(None)
    total = shown_count(sum(weeks[some]), page.site)
    return round(total / USUAL_WEEKS) if total and unsaid in (0, USUAL_WEEKS) else None


def _beside(found: tuple[Course, int, int, int], page: Told) -> Beside:
    course, every, theirs, both = found
    tie = both_told(page, Tie(every, theirs, both))
    return Beside(
        course=course,
        all=tie.all,
        both=tie.both,
        theirs=_of_yours(theirs, tie.theirs is not None, page),
    )


def _own(counted: Counted, today: date) -> str:
    if counted.own_at is not None:
        day = min(day_of(counted.own_at.timestamp()), today)
        return sentence(f"you finished it {on(day, today)}")
    if counted.own_finished:
        return "You have finished it; the LMS does not say when."
    return "You are enrolled in it." if counted.own_enrolled else ""
