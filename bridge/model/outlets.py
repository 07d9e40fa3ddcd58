"""Outlets and deliveries: where activities are sent, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bridge.model.words import Audience


class DeliveryState(StrEnum):
    """Where the convergence of one activity at one outlet stands."""

    WAITING = "waiting"
    SHOWN = "shown"
    ACCEPTED = "accepted"
    """Taken by an outlet that does not say whether it is shown."""
    DIGEST = "for the digest"
    """More than the outlet's budget: it waits for the next edition of its digest."""
    LISTED = "in a digest"
    """A line of a digest, which has a delivery of its own."""
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
class OutletHealth:
    """Whether what goes to an outlet goes through. One to which nothing went is as good as well."""

    failures: int = 0
    """Shares in a row of which nothing went through."""
    failed_since: datetime | None = None
    lasting: bool = False
    """Whether waiting will not help."""
    error: str = ""
    """What the last one failed of, in one sentence; ``remedy`` is what to do about it."""
    remedy: str = ""
    told_at: datetime | None = None
    """When an admin was told of this failure; stays until they were told that it is over."""


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
    """When the outlet took what it shows now; of what is gone, when it took the deletion without
    saying that it is gone."""
    not_before: datetime | None = None
    """Nothing leaves before this: the minute in which a leader can undo."""
    sent: int | None = None
    """The revision that went out and of which nobody knows whether it arrived."""
    urgent: bool = False
    """A correction or a withdrawal: it goes first."""
    pending: bool = True
    """Whether a worker still has something to do about it."""
    digest_id: int | None = None
    """The digest (an activity) that lists it, or listed it."""
    counted_on: date | None = None
    """The day of the outlet's clock whose budget it is taken from."""


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
class Rendering:
    """A post as it would leave for an outlet, made without going over the network."""

    form: str
    """What the outlet reads: ``text``, ``html``, ``blocks``, ``card``, ``mail`` or ``json``."""
    title: str
    text: str
    """Text and links as people are shown them there, in the outlet's own syntax."""
    payload: Any
    """The body of the request, whole, with everything secret left out."""
    notes: tuple[str, ...] = ()
    """In a sentence each, what an admin should know: what is cut, who gets a copy of their own."""


class Removal(StrEnum):
    """What an outlet said when it was told to take something away."""

    DONE = "done"
    ACCEPTED = "accepted"
    """Taken by an outlet that does not say whether it is gone."""


@dataclass(frozen=True)
class Receipt:
    """What an outlet said when it took a post: its id there, and if it is known to be shown."""

    remote_id: str
    shown: bool = True
    url: str = ""
