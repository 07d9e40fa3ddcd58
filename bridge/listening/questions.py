"""Reads the questions that wait for an answer."""

from __future__ import annotations

from datetime import datetime

from bridge.listening.rules import LIMIT, courses_heard, waiting_days, waiting_since
from bridge.model import OpenQuestion, PersonCard, Viewer
from bridge.storage import Work


def unanswered(work: Work, viewer: Viewer, now: datetime) -> tuple[OpenQuestion, ...]:
    """What people of the teams that the viewer leads asked and nobody answered, oldest first.

    At most :data:`~bridge.listening.rules.LIMIT` of the last 60 days; never the viewer's own, never
    what the bridge itself posted. Empty for a viewer who leads no team. One statement.
    """
    courses = courses_heard(viewer)
    if not viewer.led_team_ids or not courses:
        return ()
    waiting = work.listening.waiting(
        viewer.connection_id,
        team_ids=sorted(viewer.led_team_ids),
        course_ids=sorted(courses),
        not_by=viewer.person_id,
        since=waiting_since(now),
        limit=LIMIT,
    )
    return tuple(
        OpenQuestion(
            discussion=found.discussion,
            author=None
            if found.author is None
            else PersonCard(found.author.id, found.author.name, found.author.photo_url),
            course=found.course,
            team_name=found.team_name,
            waiting_days=waiting_days(found.discussion.created_at, now),
        )
        for found in waiting
    )
