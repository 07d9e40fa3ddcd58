"""Sessions, which live and end on the server, and who a session's person is."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.access import tokens
from bridge.model import Role, Viewer
from bridge.storage import Work

LENGTH = timedelta(days=30)


def begin(work: Work, person_id: int, now: datetime) -> str:
    """Begin a session; its secret, which only the browser keeps."""
    token = tokens.new()
    work.access.add_session(tokens.kept(token), person_id, now, now + LENGTH)
    return token


def viewer(work: Work, session_token: str, now: datetime) -> Viewer | None:
    """The person of a session that still lasts; ``None`` for none, or one who has left."""
    if not session_token:
        return None
    person_id = work.access.session_person(tokens.kept(session_token), now)
    return None if person_id is None else viewer_of(work, person_id)


def viewer_of(work: Work, person_id: int) -> Viewer | None:
    """The person with all that decides what they may see; ``None`` if they have left."""
    found = work.access.viewer(person_id)
    if found is None:
        return None
    leads = {Role.LEADER} if found.led_team_ids else set()
    return Viewer(
        person_id=found.person_id,
        connection_id=found.connection_id,
        name=found.name,
        roles=frozenset({Role.LEARNER} | leads | {Role(role) for role in found.roles}),
        team_ids=found.team_ids,
        course_ids=found.course_ids,
        led_team_ids=found.led_team_ids,
        timezone=found.timezone,
        language=found.language,
        choice=found.choice,
    )


def end(work: Work, session_token: str, now: datetime) -> None:
    """End one session; one that does not last is left as it is."""
    work.access.end_session(tokens.kept(session_token), now)


def end_all(work: Work, person_id: int, now: datetime) -> None:
    """End every session of a person."""
    work.access.end_sessions(person_id, now)
