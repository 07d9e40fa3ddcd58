"""Sessions: who is signed in. They live on the server, so that ending one ends it everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.access.secrecy import hashed, new_token
from bridge.errors import NotFound
from bridge.model import Viewer
from bridge.storage import Work
from bridge.storage.tokens import OpenSession

LENGTH = timedelta(days=30)

BROWSERS = (
    ("MoodleMobile", "Moodle app"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
"""What a header says, and what that is; who says Chrome may be another: the others come first."""

SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def begin(
    work: Work, person_id: int, now: datetime, browser: str = "", platform_id: int | None = None
) -> str:
    """Begin a session of the person, for :data:`LENGTH`; its token.

    Those of theirs that expired are forgotten.

    :param browser: which kind of browser it is in, in words; see :func:`browser_of`.
    :param platform_id: the LTI platform that vouched for them, if one did.
    """
    token = new_token()
    work.access.forget_sessions(person_id, now)
    work.access.add_session(hashed(token), person_id, now, now + LENGTH, browser, platform_id)
    return token


def viewer(work: Work, session_token: str, now: datetime) -> Viewer | None:
    """Who is signed in by the session's token, with all that decides what they may see.

    ``None`` if the session is not known, ended or expired, or if the person was suspended or left.
    One statement.
    """
    if not session_token:
        return None
    return work.access.viewer_by(hashed(session_token), now)


def viewer_of(work: Work, person_id: int) -> Viewer:
    """The person as a viewer, without a session.

    :raises NotFound: if there is no such person, or they were suspended or left.
    """
    found = work.access.viewer(person_id=person_id)
    if found is None:
        raise NotFound("There is no such person.", "They may have left, or be suspended.")
    return found


def end(work: Work, session_token: str, now: datetime) -> None:
    """End the session; one that is not known or has ended stays as it is."""
    work.access.end_session(hashed(session_token), now)


def end_all(work: Work, person_id: int, now: datetime) -> None:
    """End every session of the person, on every device."""
    work.access.end_sessions(person_id, now)


def end_one(work: Work, person_id: int, handle: str, now: datetime) -> None:
    """End the session of the person that a handle on their own page stands for.

    :raises NotFound: if they have no such session open.
    """
    if not any(handle == one.handle for one in work.access.open_sessions(person_id, now)):
        raise NotFound("That session is over already.")
    work.access.end_sessions(person_id, now, handle)


def is_of(session_token: str, one: OpenSession) -> bool:
    """Whether the browser that keeps this token is signed in by that session."""
    return hashed(session_token) == one.token_hash


def browser_of(agent: str) -> str:
    """The kind of browser that a ``User-Agent`` header names, in words; empty if none is known."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser}, {system}" if browser and system else browser or system
