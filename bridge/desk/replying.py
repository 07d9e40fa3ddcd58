"""Answer a question; delivery brings the answer to the forum where it was asked."""

from __future__ import annotations

from datetime import datetime

from bridge.desk.rules import SAME_CLICK, may_answer, said
from bridge.errors import NotFound
from bridge.model import Activity, Audience, AudienceKind, Kind, Viewer
from bridge.storage import Work
from bridge.visibility import check_may_write


def reply(work: Work, viewer: Viewer, discussion_id: int, text: str, now: datetime) -> Activity:
    """Answer the discussion in the viewer's own words, for the people of its course; the activity.

    The question leaves the list of open ones at once. Sent twice, it is answered once, and the
    first activity is returned.

    :raises InputError: if the text is empty or too long.
    :raises NotAllowed: if the viewer is never named: an answer names who gives it.
    :raises NotFound: if there is no such discussion in a course of the viewer's, or if it was the
        bridge that started it.
    """
    check_may_write(viewer)
    words = said(text)
    asked = work.desk.hold_discussion(discussion_id)
    if asked is None or not may_answer(viewer, asked.course):
        raise NotFound("There is no such question in your courses.", "It may have been deleted.")
    audience = Audience(AudienceKind.COURSE, asked.course.id)
    first = work.desk.same(
        Kind.REPLY,
        viewer.person_id,
        audience=audience,
        text=words,
        discussion_id=discussion_id,
        since=now - SAME_CLICK,
    )
    if first:
        return first
    work.desk.answered(discussion_id, now)
    return work.desk.write(
        Kind.REPLY,
        viewer,
        audience=audience,
        text=words,
        course_id=asked.course.id,
        discussion_id=discussion_id,
        now=now,
    )
