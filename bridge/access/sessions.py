"""Sessions: who is signed in. They live on the server, so that ending one ends it everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.access.secrecy import hashed, new_token
from bridge.errors import NotFound
from bridge.model import Viewer
from bridge.storage import Work

LENGTH = timedelta(days=30)


def begin(work: Work, person_id: int, now: datetime) -> str:
    """Begin a session of the person, for :data:`LENGTH`; its token.

    Those of theirs that expired are forgotten.
    """
    token = new_token()
    work.access.forget_sessions(person_id, now)
    work.access.add_session(hashed(token), person_id, now, now + LENGTH)
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
