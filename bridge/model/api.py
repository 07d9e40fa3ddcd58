"""Programs that act for a person: personal tokens of the JSON API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a token may do, of what its person may do."""

    READ = "read"
    """Read what the person may read."""
    WRITE = "write"
    """Say, cheer, follow and report in the person's name."""
    ME = "me"
    """See and change who may see the person's name, letters, sessions; export and erase."""
    LEAD = "lead"
    """The desk of a leader or of a delegate."""
    MODERATE = "moderate"
    ADMIN = "admin"


@dataclass(frozen=True)
class ApiToken:
    """A personal token, without its secret."""

    token_hash: str
    person_id: int
    name: str
    """What its person calls it: the program that has it."""
    scopes: frozenset[Scope]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    """When it was last used, to the hour."""

    @property
    def handle(self) -> str:
        """What stands for it on its person's own page; it opens nothing."""
        return self.token_hash[:16]


@dataclass(frozen=True)
class Answer:
    """What was answered to a write that had a key."""

    request_hash: str
    status: int | None
    """``None`` as long as nobody knows how it went."""
    body: str
