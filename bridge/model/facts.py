"""Facts: what an LMS says, in the LMS's own ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.model.words import Rule


@dataclass(frozen=True)
class Site:
    """An LMS, as it describes itself; ``functions`` are those that the token may call."""

    name: str
    url: str
    release: str
    user_id: int
    user_name: str
    functions: frozenset[str]
    strategies: Mapping[str, str] = field(default_factory=dict)
    """Stream → the strategy that the connector uses for it: ``report``, ``batch``, ``plain`` …, or
    ``none``."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Stream → why that strategy and no better one, where there is a better one."""
    is_admin: bool = False
    """Whether the token is a site administrator's."""
    clock: tuple[float, float] | None = None
    """Seconds by which the LMS's clock is ahead of ours, and by how many that may be wrong."""


@dataclass(frozen=True)
class CategoryFact:
    lms_id: int
    name: str
    parent_lms_id: int | None
    path: str
    """Ids from the root, for example ``/3/12``."""
    sort_order: int = 0
    courses: int = field(default=0, compare=False)
    """So many the LMS counts in it, hidden ones too; it is not kept, and no news if it changes."""


@dataclass(frozen=True)
class CourseFact:
    lms_id: int
    name: str
    short_name: str
    summary: str
    category_lms_id: int | None
    visible: bool
    tracked: bool
    """Whether completion is switched on in the course, as far as the LMS says."""
    starts_at: datetime | None
    ends_at: datetime | None
    self_enrol: bool | None
    """Whether a person can enrol without being put in; ``None`` where the LMS does not say."""
    url: str


@dataclass(frozen=True)
class TeamFact:
    """A cohort (Moodle) or an audience (Totara)."""

    lms_id: int
    name: str
    id_number: str
    visible: bool


@dataclass(frozen=True)
class PersonFact:
    lms_id: int
    name: str
    username: str | None
    email: str | None
    photo_url: str | None
    timezone: str | None
    language: str | None
    department: str | None
    suspended: bool
    last_access_at: datetime | None
    profile: Mapping[str, str] = field(default_factory=dict)
    """Values of the custom profile fields that an admin named, by short name, as far as the LMS
    shows them; never of any other field."""


@dataclass(frozen=True)
class EnrolmentFact:
    person_lms_id: int
    person_name: str
    last_access_at: datetime | None
    """Last seen in that course; where the LMS does not say that (Totara 12, Moodle before 3.7),
    last seen on the site. ``None`` for never."""
    staff: bool = False
    """Whether they only teach or run the course, as far as the LMS says: it does not judge them."""


@dataclass(frozen=True)
class CompletionFact:
    """The LMS's verdict on one person in one course.

    ``completed_at`` is ``None`` when the person is not complete, and when the LMS gives no date
    at all (recognition of prior learning).
    """

    course_lms_id: int
    person_lms_id: int
    completed: bool
    completed_at: datetime | None
    rule: Rule | None = None
    """What completes the course, where the verdict says that."""


@dataclass(frozen=True)
class ReportRow:
    """One row of the custom report: somebody's enrolment, and whether it was completed."""

    course_lms_id: int
    person_lms_id: int
    person_name: str
    dated_as: str
    """When it was completed, worded for the token's user: a hint to compare, never to read a time
    from. Empty where it is not completed."""


@dataclass(frozen=True)
class ReportPage:
    """A page of the custom report, newest completion first, what is not completed last."""

    rows: tuple[ReportRow, ...]
    total: int
    """How many rows the whole report has."""


@dataclass(frozen=True)
class JobTeamFact:
    """The people who report to one manager by a job assignment (Totara)."""

    manager_lms_id: int
    manager_name: str
    person_lms_ids: frozenset[int]


@dataclass(frozen=True)
class ForumFact:
    lms_id: int
    course_lms_id: int
    name: str
    open_to_course: bool
    """False where groups, a restriction or a hidden activity keep some of the course out."""
    can_start: bool


@dataclass(frozen=True)
class DiscussionFact:
    lms_id: int
    forum_lms_id: int
    course_lms_id: int
    first_post_lms_id: int
    author_lms_id: int
    author_name: str
    title: str
    text: str
    created_at: datetime
    modified_at: datetime
    replies: int
    url: str


@dataclass(frozen=True)
class Tally:
    """What storing a page of facts came to, in rows."""

    new: int = 0
    changed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.new + other.new, self.changed + other.changed)


@dataclass(frozen=True)
class CategoryPolicy:
    """A category, and what is announced of its courses."""

    id: int
    name: str
    announce: bool | None
    """The admin's word; ``None`` leaves it to the rule for mandatory courses."""
    courses: int
    mandatory: int
    """How many of its courses are not announced."""


@dataclass(frozen=True)
class TagPolicy:
    """A tag that is read, and what is announced of courses with it."""

    name: str
    announce: bool | None
    """The admin's word; ``None``: it decides nothing."""
    courses: int
    quiet: int
    """How many of them are not announced."""


@dataclass(frozen=True)
class RulePolicy:
    """A way of completing a course, and what is announced of courses that are completed so."""

    rule: Rule
    announce: bool | None
    courses: int
    quiet: int
    """How many of them are not announced."""


@dataclass(frozen=True)
class Listing:
    """The discussions that a forum lists: all those with a post at or after ``since``."""

    found: tuple[DiscussionFact, ...]
    since: datetime | None = None
    """``None``: all there are."""
