"""Entities: what the bridge keeps, in its own ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bridge.model.words import Audience, Choice, Kind, Role, Standing


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
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the admin chose for it: ``report_id``, the custom report that completions come from."""
    oauth_client: Mapping[str, str] = field(default_factory=dict, repr=False)
    """``client_id`` and ``client_secret`` for Totara's GraphQL API; empty without one."""


@dataclass(frozen=True)
class Health:
    """Whether syncs of a connection go through. One that was never synced is as good as well."""

    failures: int = 0
    """Runs in a row that failed, since the last one that went through."""
    failed_since: datetime | None = None
    retry_at: datetime | None = None
    """Until then the worker leaves the LMS alone."""
    error: str = ""
    """What the last run failed of, in one sentence; ``remedy`` is what to do about it."""
    remedy: str = ""
    told_at: datetime | None = None
    """When an admin was told of this failure; stays until they were told that it is over."""


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
    renewals: int = 0
    """How often it was completed anew since it was first seen."""


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
    about_id: int | None = None
    """The activity that a share is about, where it is about no course."""
    day: date | None = None
    title: str = ""
    """What it was told to be about, as that was called then: a course, a discussion, a team."""
    text: str = ""
    question: bool = False
    number: int = 0
    """What a milestone counts."""
    edited_at: datetime | None = None
    """When its author last put it into other words."""
    standing: Standing = Standing.SHOWN
    others: int = 0
    group: int = 0


@dataclass(frozen=True)
class About:
    """The activity that a share, or a suggestion, is about: which one it is and who may see it.

    It quotes nothing and names nobody. Its own page shows what there is to whoever may see it.
    """

    id: int
    uid: str
    connection_id: int
    kind: Kind
    audience: Audience
    actor_id: int | None = None
    behalf_of_id: int | None = None
    course: str = ""
    """The name of the course that it tells of, if of one."""

    @property
    def what(self) -> str:
        """What it is, in words that hold whoever reads them: ``a discussion``."""
        return ABOUT[self.kind]

    @property
    def name(self) -> str:
        """The same with the name of its course: ``A discussion in Giving feedback``."""
        what = self.what[:1].upper() + self.what[1:]
        return f"{what} in {self.course}" if self.course else what


ABOUT: Mapping[Kind, str] = {
    Kind.DISCUSSION: "a discussion",
    Kind.COMPLETION: "an achievement",
    Kind.RENEWAL: "an achievement",
    Kind.MILESTONE: "a milestone",
    Kind.POST: "a colleague's post",
    Kind.SHARE: "a colleague's share",
}
"""The kinds of activities that a share may be about, and what they are called."""


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
    helped_ids: frozenset[int] = frozenset()
    """Leaders whose delegate the person is."""
    timezone: str | None = None
    language: str | None = None
    choice: Choice | None = None
    """``None`` as long as the person has chosen nothing, nor their profile for them."""
    chosen: bool = False
    """Whether they chose themselves, or put the question aside; else the first visit asks."""
    never_named: bool = False
    """Their name stands nowhere, whatever was chosen; see :func:`bridge.visibility.effective`."""

    @property
    def is_leader(self) -> bool:
        return bool(self.led_team_ids)
