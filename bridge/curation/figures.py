"""The numbers behind one suggestion, from which its reasons are worded; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bridge.model import Course


@dataclass(frozen=True)
class Anchor:
    """A course that the leader's people know, and what ties it to the one suggested."""

    course: Course
    theirs: int
    """How many of the leader's people finished it."""
    all: int
    """How many of the site did."""
    both: int
    """How many of those finished the suggested course, too."""


@dataclass(frozen=True)
class Figures:
    """One course for one leader, in raw counts: what of them may be said, the wording decides."""

    course: Course
    today: date
    offers: int
    """How many courses were there to choose from."""
    site: int
    """People of the site."""
    people: int
    """People of the leader's teams, without the leader."""
    finished: int
    """How many of the leader's people have finished it."""
    recently: int
    """How many of those in the last three weeks."""
    could: int
    """How many of the leader's people could take it and have not finished it."""
    in_it: int
    """How many of the leader's people are enrolled and have not finished it."""
    week: int
    """People of the site who finished it in the last seven days."""
    usual: int
    """People of the site who finished it in the :data:`~bridge.curation.site.USUAL_WEEKS`."""
    all_finished: int
    all_enrolled: int
    site_rate: float
    """Completions per enrolment over all courses, from 0 to 1."""
    anchor: Anchor | None = None
    own_finished: bool = False
    own_day: date | None = None
    """When the leader finished it, where the LMS gave a date."""
    own_enrolled: bool = False
    questions: int = 0
    """Discussions of the leader's people there that nobody replied to; 0 unless the leader could
    read them in the LMS."""
    shared_alike: int = 0
    """Courses of its category that the leader shared in the last half-year."""
    put_off: date | None = None
    """When the leader last said "later" to it, in an earlier week."""
    opened: date | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    """What each signal added to the score."""
