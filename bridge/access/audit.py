"""The log of what people with rights did. It names ids, so that it outlives an erased name."""

from __future__ import annotations

from datetime import datetime

from bridge.storage import Work
from bridge.storage.access import AuditEntry


def note(work: Work, person_id: int | None, act: str, subject: str, now: datetime) -> None:
    """Write down that the person did something; ``None`` stands for the command line.

    :param act: what was done, in at most 40 characters.
    :param subject: to what, without the names of people.
    """
    work.access.note(person_id, act[:40], subject, now)


def recent(work: Work, limit: int) -> tuple[AuditEntry, ...]:
    """The last entries, newest first."""
    return work.access.recent(limit)
