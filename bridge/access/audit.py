"""The log of what admins did; it stays readable without the people who did it."""

from __future__ import annotations

from datetime import datetime

from bridge.storage import Work
from bridge.storage.access import AuditEntry


def note(work: Work, person_id: int | None, act: str, subject: str, now: datetime) -> None:
    """Log an act; ``person_id`` is ``None`` for the command line. No personal data belongs here."""
    work.access.add_audit(person_id, act, subject, now)


def recent(work: Work, limit: int = 50) -> list[AuditEntry]:
    """The latest acts, newest first."""
    return work.access.audit(limit)
