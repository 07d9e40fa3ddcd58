"""Share a course or what somebody said, take the share back, and decide about a suggestion."""

from __future__ import annotations

import uuid
from datetime import datetime

from bridge.desk.rules import (
    SAME_CLICK,
    check_leads,
    said,
    why_not,
)
from bridge.desk.subject import checked
from bridge.errors import InputError, NotFound
from bridge.model import Activity, Audience, Kind, Unfit, Viewer
from bridge.storage import Work
from bridge.storage.desk import SuggestionRow
from bridge.visibility import check_may_write


def share(
    work: Work,
    viewer: Viewer,
    *,
    course_id: int | None = None,
    about_id: int | None = None,
    text: str,
    audience: Audience,
    now: datetime,
    suggestion_id: int | None = None,
    by: Viewer | None = None,
) -> Activity:
    """Tell ``audience`` about the course, or the activity, in the leader's own words; the share.

    Of an activity it holds nothing but where its page is, so nothing has to be taken out of the
    share when somebody in it thinks better of it.

    Sent twice (a double click, a page loaded again), it is shared once, and the first activity is
    returned. The suggestion that it came from counts as shared from now on.

    :param by: the delegate who posts it on the leader's behalf; both names stand with it.
    :raises NotAllowed: if the viewer leads no team, or is never named.
    :raises InputError: if the text is empty or too long, the audience is none of the viewer's, the
        course is not visible to it, or the suggestion was shared with other words.
    :raises NotFound: if the suggestion is not the viewer's, or not about this course.
    """
    check_leads(viewer)
    check_may_write(viewer)
    words = said(text)
    subject = checked(work, viewer, audience, course_id, about_id)
    course_id, about_id = subject.ids
    work.desk.hold_person(viewer.person_id)
    suggestion = None
    if suggestion_id is not None:
        suggestion = _own(work, viewer, suggestion_id)
        if (suggestion.course_id, suggestion.about_id) != subject.ids:
            raise _no_suggestion()
    first = work.desk.same(
        Kind.SHARE,
        (by or viewer).person_id,
        audience=audience,
        text=words,
        course_id=course_id,
        about_id=about_id,
        behalf_of_id=viewer.person_id if by else None,
        since=now - SAME_CLICK,
    )
    if suggestion and suggestion.activity_id is not None:
        if first and first.id == suggestion.activity_id:
            return first
        raise InputError(
            "You have shared this suggestion already.",
            "Take that share back first.",
        )
    activity = first or work.desk.write(
        Kind.SHARE,
        by or viewer,
        audience=audience,
        text=words,
        course_id=course_id,
        about_id=about_id,
        behalf_of_id=viewer.person_id if by else None,
        title=subject.title,
        now=now,
    )
    if suggestion:
        work.desk.decide(suggestion.id, "shared", now, activity_id=activity.id)
    return activity


def undo(work: Work, viewer: Viewer, uid: str, now: datetime) -> Activity:
    """Take the viewer's share back; the activity, gone. Its suggestion is open again.

    Taken back twice, it is taken back once.

    :raises NotFound: if there is no such share of the viewer's.
    """
    activity = work.desk.activity(_whole(uid))
    if (
        activity is None
        or activity.kind is not Kind.SHARE
        or viewer.person_id not in {activity.actor_id, activity.behalf_of_id}
    ):
        raise NotFound("There is no such share of yours.")
    work.desk.reopen(activity.id)
    return work.desk.take_back(activity.id, now) or activity


def later(work: Work, viewer: Viewer, suggestion_id: int, now: datetime) -> None:
    """Put the suggestion off: it stays on the desk this week, and may come back after it.

    :raises NotFound: if the suggestion is not the viewer's.
    :raises InputError: if it was shared.
    """
    _undecided(work, viewer, suggestion_id)
    work.desk.decide(suggestion_id, "later", now)


def dismiss(
    work: Work,
    viewer: Viewer,
    suggestion_id: int,
    why: str,
    now: datetime,
    *,
    kind: Unfit = Unfit.OTHER,
) -> None:
    """The suggestion is not for this leader: a course is not suggested to them for a while, and
    what somebody said not again.

    :param why: in the leader's words; may be empty.
    :param kind: what it teaches; see :mod:`bridge.curation.memory`.
    :raises NotFound: if the suggestion is not the viewer's.
    :raises InputError: if it was shared, or the reason is too long.
    """
    reason = why_not(why)
    _undecided(work, viewer, suggestion_id)
    work.desk.decide(suggestion_id, "dismissed", now, why=reason, kind=kind.value)


def _own(work: Work, viewer: Viewer, suggestion_id: int) -> SuggestionRow:
    suggestion = work.desk.suggestion(suggestion_id)
    if suggestion is None or suggestion.leader_id != viewer.person_id:
        raise _no_suggestion()
    return suggestion


def _undecided(work: Work, viewer: Viewer, suggestion_id: int) -> None:
    work.desk.hold_person(viewer.person_id)
    if _own(work, viewer, suggestion_id).activity_id is not None:
        raise InputError("You have shared this suggestion already.", "Take that share back first.")


def _no_suggestion() -> NotFound:
    return NotFound("There is no such suggestion for you.", "Reload the desk: it may have changed.")


def _whole(uid: str) -> str:
    """``uid`` as it is stored; what is no uid at all is nobody's, and never asked for."""
    try:
        return str(uuid.UUID(uid))
    except ValueError:
        return str(uuid.UUID(int=0))
