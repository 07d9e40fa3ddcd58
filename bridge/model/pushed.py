"""What an LMS pushes: what one xAPI statement says, in the LMS's own ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Says(StrEnum):
    """What a statement says, as far as the bridge cares."""

    COMPLETED = "completed"
    ENROLLED = "enrolled"
    LEFT = "left"
    POSTED = "posted"
    """Something was written, changed or deleted in a forum."""
    NOTHING = "nothing"


class ActorBy(StrEnum):
    """By what a statement names its actor."""

    USER_ID = "user_id"
    USERNAME = "username"
    EMAIL = "email"
    EMAIL_SHA1 = "email_sha1"


class PushState(StrEnum):
    """What became of a statement."""

    STORED = "stored"
    WAITING = "waiting"
    """It cannot be matched yet, and is tried again after each people sync."""
    NOTED = "noted"
    """The next sync reads what it is about; the statement itself is not believed."""
    IGNORED = "ignored"


@dataclass(frozen=True)
class Actor:
    """Whom a statement names; e-mail addresses and user names are in small letters."""

    by: ActorBy
    value: str


@dataclass(frozen=True)
class PushedFact:
    """One statement: only what is needed to match it, never a name or a text.

    ``actor`` and ``course_lms_id`` are there where ``says`` needs them; ``reason`` is the sentence
    that says why a statement says nothing.
    """

    id: str
    digest: str
    """Of all that the statement says: the same id with another digest is a contradiction."""
    says: Says
    at: datetime | None = None
    actor: Actor | None = None
    course_lms_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class XapiKey:
    """A key by which an LMS pushes; of its secret only a hash is kept."""

    key: str
    connection_id: int
    accounts: ActorBy
    """What the name of an actor's account is: a user id or a username."""
    secret_hash: str
    made_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class ReasonCount:
    """How many statements are in one state for one reason, and since when the oldest is."""

    state: PushState
    reason: str
    count: int
    oldest: datetime
