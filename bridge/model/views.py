"""Views: what a page shows, already filtered by :mod:`bridge.visibility`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bridge.model.entities import About, Activity, Course, Discussion, Team
from bridge.model.outlets import Delivery, DeliveryState, Outlet
from bridge.model.plans import Plan
from bridge.model.words import Choice, Standing, Stream


@dataclass(frozen=True)
class PersonCard:
    """A person as a page may show them."""

    id: int
    name: str
    photo_url: str | None = None


@dataclass(frozen=True)
class Piece:
    """A run of what somebody wrote: plain text, or the mention of a person."""

    text: str
    person_id: int | None = None


@dataclass(frozen=True)
class CommentView:
    """A comment as this viewer may see it, or the place of one that is gone and was answered."""

    id: int
    author: PersonCard | None
    """``None`` where it is gone, or its author left."""
    text: str
    at: datetime | None
    mine: bool = False
    said: tuple[Piece, ...] = ()
    """The text in runs, where it mentions anybody; else empty."""
    parent_id: int | None = None
    edited_at: datetime | None = None
    standing: Standing = Standing.SHOWN
    replies: tuple[CommentView, ...] = ()
    """The newest ones, as they were said."""
    earlier: int = 0
    """How many replies there are before those."""


@dataclass(frozen=True)
class CommentPage:
    """Threads in the order in which they began, the newest last.

    ``before`` is the id with which the page of earlier ones begins, if there are any.
    """

    threads: tuple[CommentView, ...]
    before: int | None = None


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
    about: About | None = None
    """What a share is about, where that is no course and is still there."""
    audience_name: str = ""
    said: tuple[Piece, ...] = ()
    """The activity's own text in runs, where it mentions anybody; else empty."""
    reactions: int = 0
    reacted: bool = False
    comments: int = 0
    latest_comments: tuple[CommentView, ...] = ()
    about_me: bool = False
    """Whether the viewer is one of the people that it names."""
    completed_at: datetime | None = None
    """When the viewer, else the newest of those named, finished the course."""
    dated: bool = True
    """Whether that is known: of prior learning an LMS may give no date."""
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
    """Why nobody sees it whatever was chosen: ``history``, ``mandatory``, or
    ``quiet``: by what an admin said, or by what completes it; empty if nothing is."""
    uid: str | None = None
    """The activity that names the viewer for it, if one does now."""


@dataclass(frozen=True)
class ConsentEntry:
    """One line of what was decided about naming somebody."""

    what: str
    """A choice; ``never`` named from then on, or ``free`` of that; one item ``hidden`` or
    ``shown``; ``undone``: a choice taken back right after it was made."""
    at: datetime
    origin: str
    """Who decided: the ``person``, an ``admin``, their ``profile`` in the LMS, the ``demo``."""
    address: str
    """The network address it came from; empty where there was none, or once it is not kept."""
    course: str = ""
    """Which item it was about, if one."""


@dataclass(frozen=True)
class Sharing:
    """The viewer's own sharing settings. ``choice`` is ``None`` until they were asked."""

    choice: Choice | None
    items: tuple[SharingItem, ...]
    never_named: bool = False
    """Their profile says that their name stands nowhere, so there is nothing to choose."""
    seeded: bool = False
    """Whether the choice is their profile's, and not their own yet."""
    public: bool = False
    """Whether the public reads any outlet: else there is nothing public to agree to."""
    log: tuple[ConsentEntry, ...] = ()
    """What was decided so far, newest first."""


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
    course: Course | None
    """``None`` where it is about an activity."""
    score: float
    why_this: Reason
    why_you: Reason
    why_now: Reason
    prompt: str
    week: date
    state: str = "open"
    """``open``, ``planned``, ``shared``, ``later`` or ``dismissed``."""
    team_id: int | None = None
    ways: Mapping[str, str] = field(default_factory=dict)
    """Other ways to begin, each with its prompt: ``story``, ``question``, ``thanks``."""
    about: About | None = None
    """The activity that it is about, where it is about no course."""

    @property
    def name(self) -> str:
        """What it is about, in words: a course's name, or ``A discussion in Giving feedback``."""
        if self.course is not None:
            return self.course.name
        return self.about.name if self.about is not None else ""


@dataclass(frozen=True)
class OpenQuestion:
    """A question of the leader's people that nobody answered."""

    discussion: Discussion
    author: PersonCard | None
    """``None`` where they are never named."""
    course: Course
    team_name: str
    waiting_days: int


@dataclass(frozen=True)
class SharedItem:
    """A leader's own share, and what became of it."""

    activity: Activity
    course: Course | None
    """``None`` where it was about no course, or that is not shown any more."""
    reactions: int
    comments: int
    deliveries: tuple[tuple[str, DeliveryState], ...] = ()
    completions_after: int | None = None
    """``None`` where the rule of five hides the number; the next three as well."""
    opens: int | None = None
    """How many people of its audience opened it here."""
    enrolments_after: int | None = None
    usual_before: int | None = None
    """How many finished the course in as long a time before, on average; rounded."""
    about: About | None = None


@dataclass(frozen=True)
class DeskPage:
    suggestions: tuple[Suggestion, ...]
    questions: tuple[OpenQuestion, ...]
    shared: tuple[SharedItem, ...]
    teams: tuple[Team, ...]
    outlets: tuple[Outlet, ...]
    plans: tuple[Plan, ...] = ()
    """Drafts, what is planned, and what was withdrawn."""
    told: Mapping[int, FeedItem] = field(default_factory=dict)
    """The activities that suggestions are about, as the leader may see them now, by id."""


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
    why: str = ""
    """Why that strategy and no better one, where there is a better one."""


@dataclass(frozen=True)
class SyncReport:
    """One sync run."""

    connection: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    """``running``, ``complete``, ``partial`` (a right is missing), ``failed`` or ``stopped``."""
    streams: tuple[StreamReport, ...]
    error: str = ""
    requests: int = 0
    """All of the run, the first question who the site is included."""
    scope: str = ""
    """What of the LMS was read, if not everything that was due: ``full``, ``course 9``…"""
