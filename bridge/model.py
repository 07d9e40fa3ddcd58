"""The vocabulary: what the rooms, the adapters and the pages talk about.

Three kinds of dataclass stand here, all frozen:

* *facts* (``CourseFact`` …): what an LMS says, in the LMS's own ids;
* *entities* (``Person``, ``Course``, ``Activity`` …): the same and more, as the bridge keeps it, in
  the bridge's ids;
* *views* (``FeedItem``, ``Suggestion`` …): what a page shows, already filtered by
  :mod:`bridge.visibility`.

Every ``datetime`` is aware and in UTC. Text from an LMS is plain text by the time it stands here
(the connector strips markup) unless the field's name ends in ``_html``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Stream(StrEnum):
    """What a sync reads, in the order in which it reads it."""

    COURSES = "courses"
    TEAMS = "teams"
    ENROLMENTS = "enrolments"
    PEOPLE = "people"
    COMPLETIONS = "completions"
    DISCUSSIONS = "discussions"


class Choice(StrEnum):
    """What a person agreed to: who may see their name beside what they learned."""

    NOBODY = "nobody"
    TEAMS = "teams"
    EVERYONE = "everyone"
    PUBLIC = "public"


class Role(StrEnum):
    """What a person may do in the bridge, beyond what everybody may."""

    LEARNER = "learner"
    LEADER = "leader"
    DELEGATE = "delegate"
    MODERATOR = "moderator"
    COMMUNITY_MANAGER = "community_manager"
    ADMIN = "admin"


class AudienceKind(StrEnum):
    """Who an activity or an outlet is for, from narrow to wide."""

    TEAM = "team"
    COURSE = "course"
    EVERYONE = "everyone"
    PUBLIC = "public"


@dataclass(frozen=True)
class Audience:
    """The people who may see an activity.

    ``id`` is the team's or the course's id, or the connection's for everyone and public.
    """

    kind: AudienceKind
    id: int

    @property
    def key(self) -> str:
        """One word that stands for it in a column: ``team:12``."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def of(cls, key: str) -> Audience:
        """The audience that :attr:`key` stands for.

        :raises ValueError: if it is none.
        """
        kind, _, ident = key.partition(":")
        return cls(AudienceKind(kind), int(ident))


class Kind(StrEnum):
    """What an activity tells."""

    COMPLETION = "completion"
    COURSE = "course"
    DISCUSSION = "discussion"
    SHARE = "share"
    POST = "post"
    REPLY = "reply"


# --- facts: what an LMS says -------------------------------------------------------------------


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
    """Stream → the strategy that the connector uses for it: ``batch``, ``plain`` or ``none``."""


@dataclass(frozen=True)
class CategoryFact:
    lms_id: int
    name: str
    parent_lms_id: int | None
    path: str
    """Ids from the root, for example ``/3/12``."""
    sort_order: int = 0


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


@dataclass(frozen=True)
class EnrolmentFact:
    person_lms_id: int
    person_name: str
    last_access_at: datetime | None
    """Last seen in that course; ``None`` for never, or where the LMS does not say."""


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
class CoursePlace:
    """Where a course stands: its category's name, and whether people must take it."""

    category: str
    mandatory: bool


@dataclass(frozen=True)
class CategoryPolicy:
    """A category, and what is announced of its courses."""

    id: int
    name: str
    announce: bool | None
    """The admin's word; ``None`` leaves it to the rule for mandatory courses."""
    courses: int
    mandatory: int
    """How many of its courses count as mandatory, and are not announced."""


@dataclass(frozen=True)
class Listing:
    """The discussions that a forum lists: all those with a post at or after ``since``."""

    found: tuple[DiscussionFact, ...]
    since: datetime | None = None
    """``None``: all there are."""


# --- entities: what the bridge keeps -----------------------------------------------------------


@dataclass(frozen=True)
class Connection:
    """A configured LMS. ``token`` is in the clear here, and never in a ``repr``."""

    id: int
    name: str
    kind: str
    url: str
    site_name: str
    token: str = field(repr=False)
    user_lms_id: int | None = None
    release: str = ""
    functions: frozenset[str] = frozenset()
    created_at: datetime | None = None


@dataclass(frozen=True)
class Person:
    id: int
    connection_id: int
    lms_id: int
    name: str
    username: str | None = None
    email: str | None = None
    photo_url: str | None = None
    timezone: str | None = None
    language: str | None = None
    suspended: bool = False
    gone: bool = False


@dataclass(frozen=True)
class Team:
    id: int
    connection_id: int
    name: str
    lms_id: int | None = None
    size: int = 0


@dataclass(frozen=True)
class Course:
    id: int
    connection_id: int
    lms_id: int
    name: str
    summary: str
    url: str
    category: str = ""
    visible: bool = True
    mandatory: bool = False
    gone: bool = False
    self_enrol: bool | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    first_seen_at: datetime | None = None


@dataclass(frozen=True)
class Completion:
    id: int
    connection_id: int
    course_id: int
    person_id: int
    completed_at: datetime
    seen_at: datetime
    history: bool = False
    """Older than a week when first seen: stored and counted, never announced."""


@dataclass(frozen=True)
class Discussion:
    id: int
    connection_id: int
    course_id: int
    lms_id: int
    forum_lms_id: int
    first_post_lms_id: int
    author_id: int | None
    author_name: str
    title: str
    text: str
    created_at: datetime
    replies: int
    url: str
    ours: bool = False
    """Posted by the bridge itself: never news, never a question."""
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Activity:
    """Something told to an audience (ActivityStreams 2.0), in the state called ``revision``.

    ``others`` is the raw number of people who did the same and are not named; a page shows it only
    as far as :func:`bridge.visibility.shown_count` allows. ``group`` is the number of people that
    ``others`` is taken from: those who are not named.
    """

    id: int
    uid: str
    connection_id: int
    kind: Kind
    audience: Audience
    published: datetime
    updated: datetime
    revision: int = 1
    gone: bool = False
    actor_id: int | None = None
    behalf_of_id: int | None = None
    """The leader for whom a delegate wrote it."""
    course_id: int | None = None
    discussion_id: int | None = None
    day: date | None = None
    text: str = ""
    question: bool = False
    others: int = 0
    group: int = 0


@dataclass(frozen=True)
class Viewer:
    """The person who looks, with all that decides what they may see."""

    person_id: int
    connection_id: int
    name: str
    roles: frozenset[Role] = frozenset({Role.LEARNER})
    team_ids: frozenset[int] = frozenset()
    course_ids: frozenset[int] = frozenset()
    led_team_ids: frozenset[int] = frozenset()
    timezone: str | None = None
    language: str | None = None
    choice: Choice | None = None
    """``None`` as long as the person has not been asked."""

    @property
    def is_leader(self) -> bool:
        return bool(self.led_team_ids)


# --- outlets and deliveries --------------------------------------------------------------------


class DeliveryState(StrEnum):
    """Where the convergence of one activity at one outlet stands."""

    WAITING = "waiting"
    SHOWN = "shown"
    RETRY = "retry"
    UNKNOWN = "unknown"
    DEAD = "dead"
    GONE = "gone"
    KEPT = "cannot be taken back"


@dataclass(frozen=True)
class Outlet:
    """A configured social destination. ``secret`` is in the clear here, and never in a ``repr``."""

    id: int
    connection_id: int
    name: str
    kind: str
    audience: Audience
    settings: Mapping[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)
    enabled: bool = True
    purpose: str = "share"
    """``share`` for what people and the feed send, ``reply`` for answers back into the LMS."""


@dataclass(frozen=True)
class Delivery:
    """One activity at one outlet: the revision it should show, and the one it shows.

    ``wanted`` is ``None`` when the outlet should show nothing (any more).
    """

    id: int
    activity_id: int
    outlet_id: int
    key: str
    """The idempotency key: the same for every attempt at this delivery."""
    wanted: int | None
    shown: int | None = None
    state: DeliveryState = DeliveryState.WAITING
    remote_id: str | None = None
    attempts: int = 0
    reason: str = ""
    due_at: datetime | None = None
    attempted_at: datetime | None = None
    accepted_at: datetime | None = None
    not_before: datetime | None = None
    """Nothing leaves before this: the minute in which a leader can undo."""
    sent: int | None = None
    """The revision that went out and of which nobody knows whether it arrived."""
    urgent: bool = False
    """A correction or a withdrawal: it goes first."""
    pending: bool = True
    """Whether a worker still has something to do about it."""


@dataclass(frozen=True)
class Post:
    """What an outlet is asked to show: plain text only; the publisher escapes it for its outlet.

    ``key`` is the delivery's idempotency key and ``url`` the activity's own page, by which a
    publisher may recognise what it sent.
    """

    key: str
    revision: int
    title: str
    text: str
    url: str
    link: str = ""
    """What the post is about, for example the course in the LMS."""
    link_title: str = ""
    author: str = ""
    published: datetime | None = None
    activity: Mapping[str, Any] = field(default_factory=dict)
    """The same as an ActivityStreams 2.0 object, for outlets that take one."""
    reply_to: str = ""
    """The remote id of the post that this one answers."""
    thread: str = ""
    """The remote id of the discussion that ``reply_to`` stands in."""


@dataclass(frozen=True)
class Receipt:
    """What an outlet said when it took a post: its id there, and if it is known to be shown."""

    remote_id: str
    shown: bool = True
    url: str = ""


# --- views: what a page shows ------------------------------------------------------------------


@dataclass(frozen=True)
class PersonCard:
    """A person as a page may show them."""

    id: int
    name: str
    photo_url: str | None = None


@dataclass(frozen=True)
class CommentView:
    id: int
    author: PersonCard
    text: str
    at: datetime
    mine: bool = False


@dataclass(frozen=True)
class FeedItem:
    """One activity as this viewer may see it."""

    activity: Activity
    actor: PersonCard | None = None
    behalf_of: PersonCard | None = None
    names: tuple[PersonCard, ...] = ()
    """The people named in an aggregate, newest first; at most three."""
    named: int = 0
    """How many people may be named in all."""
    others: int | None = None
    """How many more did the same; ``None`` where the rule of five hides the number."""
    course: Course | None = None
    discussion: Discussion | None = None
    audience_name: str = ""
    reactions: int = 0
    reacted: bool = False
    comments: int = 0
    latest_comments: tuple[CommentView, ...] = ()
    about_me: bool = False
    """Whether the viewer is one of the people that it names."""
    completed_at: datetime | None = None
    """When the viewer, else the newest of those named, finished the course."""
    recorded_at: datetime | None = None
    """When the bridge first saw that in the LMS."""
    my_completion_id: int | None = None
    """The viewer's own completion among those named, so that a page can offer to hide it."""


@dataclass(frozen=True)
class FeedPage:
    """One page of a feed, newest first; ``before`` is the cursor of the next page, if any."""

    items: tuple[FeedItem, ...]
    before: str | None = None


@dataclass(frozen=True)
class SharingItem:
    """One completion of the viewer's own, and what becomes of it."""

    completion_id: int
    course: str
    completed_at: datetime
    hidden: bool
    """The viewer said that this one is not to be shown."""
    reason: str = ""
    """Why nobody sees it whatever was chosen: ``history``, ``mandatory``; empty if nothing is."""
    uid: str | None = None
    """The activity that names the viewer for it, if one does now."""


@dataclass(frozen=True)
class Sharing:
    """The viewer's own sharing settings. ``choice`` is ``None`` until they were asked."""

    choice: Choice | None
    items: tuple[SharingItem, ...]


@dataclass(frozen=True)
class Reason:
    """One sentence of figures, and where they can be checked."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Suggestion:
    """One thing that a leader could share this week, with its reasons."""

    id: int
    leader_id: int
    course: Course
    score: float
    why_this: Reason
    why_you: Reason
    why_now: Reason
    prompt: str
    week: date
    state: str = "open"
    """``open``, ``shared``, ``later`` or ``dismissed``."""
    team_id: int | None = None


@dataclass(frozen=True)
class OpenQuestion:
    """A question of the leader's people that nobody answered."""

    discussion: Discussion
    author: PersonCard
    course: Course
    team_name: str
    waiting_days: int


@dataclass(frozen=True)
class SharedItem:
    """A leader's own share, and what became of it."""

    activity: Activity
    course: Course | None
    reactions: int
    comments: int
    deliveries: tuple[tuple[str, DeliveryState], ...] = ()
    completions_after: int | None = None
    """``None`` where the rule of five hides the number."""


@dataclass(frozen=True)
class DeskPage:
    suggestions: tuple[Suggestion, ...]
    questions: tuple[OpenQuestion, ...]
    shared: tuple[SharedItem, ...]
    teams: tuple[Team, ...]
    outlets: tuple[Outlet, ...]


@dataclass(frozen=True)
class PulseWeek:
    """One week of one group: counts of people. ``week`` is its Monday."""

    week: date
    eligible: int
    reached: int
    active: int
    engaged: int


@dataclass(frozen=True)
class Pulse:
    """The weeks, oldest first, of everybody (``team`` is ``None``) or of one team."""

    team: Team | None
    weeks: tuple[PulseWeek, ...]
    hidden: bool = False
    """Whether the group is too small for its numbers to be shown."""


@dataclass(frozen=True)
class LedgerRow:
    delivery: Delivery
    outlet_name: str
    outlet_kind: str
    what: str
    """The title of the activity, without names of people."""


@dataclass(frozen=True)
class StreamReport:
    """What one stream of a sync run cost and found."""

    stream: Stream
    strategy: str = ""
    requests: int = 0
    rows: int = 0
    new: int = 0
    changed: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class SyncReport:
    """One sync run."""

    connection: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    """``complete``, ``partial`` (a right is missing) or ``failed``."""
    streams: tuple[StreamReport, ...]
    error: str = ""
    requests: int = 0
    """All of the run, the first question who the site is included."""
