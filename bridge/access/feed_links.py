"""Private addresses of a person's feeds, for feed readers, which cannot sign in.

Each app gets an address of its own, so that one can be revoked without the others.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bridge.access.people import present
from bridge.access.secrecy import hashed, new_token
from bridge.errors import InputError
from bridge.storage import Work
from bridge.storage.tokens import FeedLink

MOST = 20
"""Addresses that a person may have at once."""
LONGEST_NAME = 60
HOUR = timedelta(hours=1)


def issue(work: Work, person_id: int, now: datetime, name: str = "") -> str:
    """A token that opens the person's feeds for reading until it is revoked.

    It can be shown only now; the person's earlier ones keep working.

    :param name: the app that it is for, in the person's words.
    :raises NotFound: if there is no such person, or they left.
    :raises NotAllowed: if the LMS has suspended them.
    :raises InputError: if the name is too long, or they have :data:`MOST` already.
    """
    owner = present(work, person_id)
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(plain) > LONGEST_NAME:
        raise InputError(
            f"The name is longer than {LONGEST_NAME} characters.", "Give it a shorter one."
        )
    if len(work.access.feed_links(owner.id)) >= MOST:
        raise InputError(f"You have {MOST} private addresses already.", "Revoke one of them first.")
    token = new_token()
    work.access.add_feed_link(hashed(token), owner.id, plain, now)
    return token


def opened(work: Work, token: str) -> FeedLink | None:
    """The address of that token; ``None`` if it is none, or its person was suspended or left."""
    return work.access.feed_link(hashed(token))


def note_use(work: Work, link: FeedLink, now: datetime) -> None:
    """Keep that the address was read."""
    work.access.use_feed_link(link.token_hash, now)


def is_noted(link: FeedLink, now: datetime) -> bool:
    """Whether it was kept within the hour that it was read: more exact than that nobody asks."""
    return link.used_at is not None and now - link.used_at < HOUR


def of(work: Work, person_id: int) -> tuple[FeedLink, ...]:
    """The person's addresses that are in use, newest first."""
    return work.access.feed_links(person_id)


def revoke(work: Work, person_id: int, now: datetime, handle: str = "") -> None:
    """Make every private address of the person useless, or the one of that handle."""
    if handle and not re.fullmatch(r"[0-9a-f]{16}", handle):
        return
    work.access.revoke_feed_links(person_id, now, handle)
