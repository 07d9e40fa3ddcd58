"""One-time sign-in links: a link opens a page, a button there acts (mail scanners open links)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.access import sessions, tokens
from bridge.errors import InputError
from bridge.model import Person
from bridge.storage import Work

TTL = timedelta(minutes=15)

_ASK = "Ask for a new one."


def issue(work: Work, person_id: int, now: datetime, ttl: timedelta = TTL) -> str:
    """A secret that signs the person in once, within ``ttl``."""
    token = tokens.new()
    work.access.add_link(tokens.kept(token), person_id, now, now + ttl)
    return token


def peek(work: Work, token: str, now: datetime) -> Person:
    """Whom the link is for; it stays good.

    :raises InputError: if it was used, has expired, or never was.
    """
    link = work.access.link(tokens.kept(token))
    if link is None:
        raise InputError("This sign-in link is not known.", _ASK)
    if link.used_at is not None:
        raise InputError("This sign-in link has been used.", _ASK)
    if link.expires_at <= now:
        raise InputError("This sign-in link has expired.", _ASK)
    person = work.access.person(link.person_id)
    if person.gone or person.suspended:
        raise InputError("This sign-in link is for somebody who has left.", "")
    return person


def redeem(work: Work, token: str, now: datetime) -> str:
    """Use the link up; the secret of a new session. Of two who try at once, one succeeds.

    :raises InputError: if it was used, has expired, or never was.
    """
    person = peek(work, token, now)
    if not work.access.use_link(tokens.kept(token), now):
        raise InputError("This sign-in link has been used.", _ASK)
    return sessions.begin(work, person.id, now)
