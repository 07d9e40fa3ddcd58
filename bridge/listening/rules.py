"""What counts as waiting for an answer: pure rules.

Every discussion that nobody replied to counts, a question mark or not: people ask in statements
("I cannot find the form"), in every language, and a guess at grammar would leave out just those
who find it hard to ask. The one who waited longest comes first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.model import AudienceKind, Viewer
from bridge.visibility import visible_audiences

WINDOW = timedelta(days=60)
"""Older questions have found their answer elsewhere, or will not be helped by one now."""

LIMIT = 50
"""Questions a page: nobody answers more in a week, and the oldest come first anyway."""


def waiting_since(now: datetime) -> datetime:
    """The oldest moment at which a question can have been asked that still waits."""
    return now - WINDOW


def waiting_days(asked_at: datetime, now: datetime) -> int:
    """Whole days since it was asked; none for a clock that runs ahead of ours."""
    return max(0, (now - asked_at).days)


def courses_heard(viewer: Viewer) -> frozenset[int]:
    """The courses whose forums the viewer may read here: never wider than the LMS."""
    return frozenset(a.id for a in visible_audiences(viewer) if a.kind is AudienceKind.COURSE)
