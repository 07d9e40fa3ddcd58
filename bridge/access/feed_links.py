"""Private addresses of a person's feed, for feed readers, which cannot sign in."""

from __future__ import annotations

from datetime import datetime

from bridge.access.people import present
from bridge.access.secrecy import hashed, new_token
from bridge.storage import Work


def issue(work: Work, person_id: int, now: datetime) -> str:
    """A token that opens the person's feed for reading until it is revoked.

    It can be shown only now; the person's earlier ones keep working.

    :raises NotFound: if there is no such person, or they left.
    :raises NotAllowed: if the LMS has suspended them.
    """
    token = new_token()
    work.access.add_feed_link(hashed(token), present(work, person_id).id, now)
    return token


def person(work: Work, token: str) -> int | None:
    """Whose feed the token opens; ``None`` if nobody's, or if they were suspended or left."""
    return work.access.feed_link_owner(hashed(token))


def revoke(work: Work, person_id: int, now: datetime) -> None:
    """Make every private address of the person useless."""
    work.access.revoke_feed_links(person_id, now)
