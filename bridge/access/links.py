"""One-time sign-in links.

Opening a link uses nothing up, because mail scanners open links: :func:`peek` says whose it is, and
:func:`redeem` is what the button on its page does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.access import sessions
from bridge.access.people import present
from bridge.access.secrecy import hashed, new_token
from bridge.errors import InputError
from bridge.model import Person
from bridge.storage import Work
from bridge.storage.tokens import SignInLink

MINUTES = timedelta(minutes=15)


def issue(work: Work, person_id: int, now: datetime, ttl: timedelta = MINUTES) -> str:
    """A token by which the person can sign in once, until ``now + ttl``.

    The person's links that expired a day ago are forgotten.

    :raises NotFound: if there is no such person, or they left.
    :raises NotAllowed: if the LMS has suspended them.
    :raises InputError: if ``ttl`` is not positive.
    """
    if ttl <= timedelta(0):
        raise InputError("A sign-in link must last for some time.", "Give at least one minute.")
    person = present(work, person_id)
    token = new_token()
    work.access.forget_links(person.id, now - timedelta(days=1))
    work.access.add_link(SignInLink(hashed(token), person.id, now, now + ttl))
    return token


def key_of(token: str) -> str:
    """What stands for the token where it must not stand itself, such as a letter's id."""
    return hashed(f"key of {token}")[:32]


def drop(work: Work, token: str) -> None:
    """Forget a link that was never handed out."""
    work.access.drop_link(hashed(token))


def whose(work: Work, token: str) -> int | None:
    """Whose link it is, used or not, good or not; ``None`` if it is not known."""
    link = work.access.link(hashed(token))
    return link.person_id if link else None


def peek(work: Work, token: str, now: datetime) -> Person:
    """Whom the link signs in, without using it up.

    :raises InputError: if it is not known, has been used or has expired.
    :raises NotFound: if the person left.
    :raises NotAllowed: if the LMS has suspended them.
    """
    return present(work, _usable(work.access.link(hashed(token)), now).person_id)


def redeem(work: Work, token: str, now: datetime, browser: str = "") -> str:
    """Use the link up and begin a session; the session's token.

    Of two who redeem the same link at the same moment one gets a session.

    :raises InputError: if it is not known, has been used or has expired.
    :raises NotFound: if the person left.
    :raises NotAllowed: if the LMS has suspended them.
    """
    person_id = work.access.use_link(hashed(token), now)
    if person_id is None:
        link = _usable(work.access.link(hashed(token)), now)
        raise _used(link)
    return sessions.begin(work, present(work, person_id).id, now, browser)


def _usable(link: SignInLink | None, now: datetime) -> SignInLink:
    if link is None:
        raise InputError(
            "This sign-in link is not known.",
            "Check that you have all of it, or ask for a new one.",
        )
    if link.used_at is not None:
        raise _used(link)
    if link.expires_at <= now:
        raise InputError("This sign-in link has expired.", "Ask for a new one.")
    return link


def _used(link: SignInLink) -> InputError:
    return InputError("This sign-in link has been used.", "Ask for a new one.")
