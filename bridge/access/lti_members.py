"""Asking a platform who is in a course, as a hint: when, and as whom."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.access import lti
from bridge.access.secrecy import new_token
from bridge.model.lti import Platform
from bridge.storage import Work
from bridge.storage.rosters import Roster

AGAIN = timedelta(days=1)
"""A platform is asked about a course once in this time at most."""

GOOD = timedelta(minutes=1)
"""How long the token is good by which we say who we are."""


def want(work: Work, platform: Platform, course_id: int | None, url: str, now: datetime) -> None:
    """Have the platform asked about the course that somebody launched us in.

    :param url: where it says who is in there; empty if it does not.
    """
    if url and course_id is not None:
        work.rosters.want(Roster(course_id, platform.id, url), now - AGAIN)


def assertion(work: Work, platform: Platform, now: datetime) -> str:
    """A token by which we say who we are: RFC 7523, section 3."""
    claims = {
        "iss": platform.client_id,
        "sub": platform.client_id,
        "aud": platform.token_url,
        "iat": int(now.timestamp()),
        "exp": int((now + GOOD).timestamp()),
        "jti": new_token(),
    }
    return lti.sign(work, claims, now)
