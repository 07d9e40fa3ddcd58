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


KINDS: dict[str, tuple[str, ...]] = {
    "leaders": ("lead", "delegate"),
    "sharing": ("policy", "profile", "consent"),
    "outlets": ("outlet", "deliver"),
    "people": ("person", "erasure", "granted", "revoked", "link"),
    "words": ("hide", "keep", "restore"),
    "keys": ("xapi", "lti", "oidc", "secrets"),
}
"""What acts are about, each with how its acts begin."""


def page(
    work: Work, connection_id: int, kind: str, before: int | None, limit: int
) -> tuple[tuple[AuditEntry, ...], int | None]:
    """Acts that an admin of the connection may read, newest first, and where older ones begin.

    They are those of its people. What was done at the command line, or by somebody who was erased
    since, is of no connection: it is read where the bridge has only this one.

    :param kind: one of :data:`KINDS`; any other word stands for all of them.
    :param before: what the page before gave; ``None`` for the newest.
    """
    starts = KINDS.get(kind, ())
    found = work.access.acts(connection_id, starts, before, limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    return found[:limit], more


def count(work: Work, connection_id: int, act: str, since: datetime) -> int:
    """How often that was noted since then with one of the connection's people as its subject."""
    return work.access.count_acts(connection_id, act, since)


def recent(work: Work, limit: int) -> tuple[AuditEntry, ...]:
    """The last entries, newest first."""
    return work.access.recent(limit)
