"""What moderators look at and decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.model.views import PersonCard
from bridge.model.words import Audience, Kind, Standing


@dataclass(frozen=True)
class Words:
    """What somebody wrote: an activity's own text, or a comment on it."""

    activity_id: int
    comment_id: int | None
    uid: str
    kind: Kind
    audience: Audience
    author: PersonCard | None
    """``None`` for somebody who left."""
    author_id: int | None
    title: str
    text: str
    at: datetime
    standing: Standing


@dataclass(frozen=True)
class Decision:
    """What a moderator decided; who that was stands in the log alone."""

    activity_id: int
    comment_id: int | None
    act: str
    """``hidden``, ``restored`` or ``kept``."""
    reason: str
    at: datetime


@dataclass(frozen=True)
class Earlier:
    """How it was worded until it was edited."""

    text: str
    until: datetime


@dataclass(frozen=True)
class Case:
    """What was reported or hidden, as a moderator sees it."""

    words: Words
    reasons: tuple[str, ...] = ()
    """Of each report that waits, the oldest first."""
    since: datetime | None = None
    """When it was first reported."""
    earlier: tuple[Earlier, ...] = ()
    decision: Decision | None = None
    """Why it is hidden, if it is."""


@dataclass(frozen=True)
class Queue:
    """A moderator's page: what waits, the longest first, and what is hidden, the newest first."""

    waiting: tuple[Case, ...]
    hidden: tuple[Case, ...]
