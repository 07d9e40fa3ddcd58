"""Secret links by which a feed reader, which cannot sign in, reads a person's own feed."""

from __future__ import annotations

from datetime import datetime

from bridge.access import tokens
from bridge.storage import Work


def issue(work: Work, person_id: int, now: datetime) -> str:
    """A new secret for the person's feeds; earlier ones stay good until they are revoked."""
    token = tokens.new()
    work.access.add_feed_link(tokens.kept(token), person_id, now)
    return token


def person(work: Work, token: str) -> int | None:
    """Whose feeds the secret opens; ``None`` if it opens none (any more)."""
    return work.access.feed_link_person(tokens.kept(token))


def revoke(work: Work, person_id: int, now: datetime) -> None:
    """Every secret of the person opens nothing any more."""
    work.access.revoke_feed_links(person_id, now)
