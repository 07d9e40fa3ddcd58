"""What people say in the feed: cheers, comments and posts, and taking them back.

Only what the viewer may see can be answered. Nothing outside the room is told: a flow composes
these with the pulse and the delivery room.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from bridge.errors import InputError, NotAllowed, NotFound
from bridge.feed.read import visible
from bridge.feed.wording import cleaned
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    CommentView,
    Kind,
    PersonCard,
    Role,
    Viewer,
)
from bridge.storage import Work
from bridge.storage.feed import NewPost
from bridge.visibility import check_may_write, may_see, may_see_course

KEEPERS = frozenset({Role.MODERATOR, Role.ADMIN})
"""Who may remove what others wrote, in their own connection."""

REMOVABLE = frozenset({Kind.POST, Kind.SHARE})
"""What a person wrote here: everything else follows the LMS."""


def cheer(work: Work, viewer: Viewer, uid: str, now: datetime) -> None:
    """Cheer for an activity; once is as good as twice.

    :raises NotFound: if the viewer may not see it.
    """
    activity_id = visible(work, viewer, uid).activity.id
    work.feed.cheer(activity_id, viewer.person_id, now)
    work.notices.tell_of_cheer(activity_id, viewer.person_id, now)


def uncheer(work: Work, viewer: Viewer, uid: str) -> None:
    """Take one's cheer back, if there is one.

    :raises NotFound: if the viewer may not see the activity.
    """
    activity_id = visible(work, viewer, uid).activity.id
    work.feed.uncheer(activity_id, viewer.person_id)
    work.notices.untell_cheer(activity_id, viewer.person_id)


def comment(work: Work, viewer: Viewer, uid: str, text: str, now: datetime) -> CommentView:
    """Comment on an activity with 1 to 4,000 characters of plain text.

    :raises NotFound: if the viewer may not see it.
    :raises NotAllowed: if the viewer is never named: a comment stands with a name.
    :raises InputError: if the text is empty or too long.
    """
    check_may_write(viewer)
    activity = visible(work, viewer, uid).activity
    plain = cleaned(text)
    ident = work.feed.add_comment(activity.id, viewer.person_id, plain, now)
    work.notices.tell_of_comment(activity.id, ident, viewer.person_id, now)
    card = work.feed.cards([viewer.person_id]).get(viewer.person_id)
    author = card or PersonCard(viewer.person_id, viewer.name)
    return CommentView(id=ident, author=author, text=plain, at=now, mine=True)


def remove_comment(work: Work, viewer: Viewer, comment_id: int) -> None:
    """Take a comment away: one's own, or as a moderator or an admin anybody's.

    :raises NotFound: if it is not there any more, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    """
    found = work.feed.comment(comment_id) if 0 < comment_id < 2**31 else None
    if found is None:
        raise NotFound("There is no such comment.", "It may have been removed already.")
    author_id, activity = found
    _must_be_theirs(viewer, {author_id}, activity, "comment")
    work.feed.remove_comment(comment_id)


def post(
    work: Work, viewer: Viewer, text: str, audience: Audience, question: bool, now: datetime
) -> Activity:
    """Say something to everyone of the connection, to one of the viewer's teams or courses.

    :param text: 1 to 4,000 characters of plain text.
    :param question: whether it asks for an answer.
    :raises InputError: if the text is empty or too long.
    :raises NotAllowed: if the viewer is never named: a post stands with a name.
    :raises NotFound: if the audience is none of the viewer's.
    """
    check_may_write(viewer)
    plain = cleaned(text)
    if not _may_address(work, viewer, audience):
        raise NotFound("That audience is not one of yours.", "Choose one from the list.")
    return work.feed.add(
        NewPost(
            uid=str(uuid.uuid4()),
            connection_id=viewer.connection_id,
            audience=audience.key,
            actor_id=viewer.person_id,
            text=plain,
            question=question,
            at=now,
        )
    )


def remove_post(work: Work, viewer: Viewer, uid: str, now: datetime) -> int:
    """Take a post or a share away: one's own, or as a moderator or an admin anybody's.

    The activity is then gone, with a revision of its own by which its outlets follow. A leader's
    own share is better undone at the desk, which gives the suggestion back as well.

    :returns: the activity's id.
    :raises NotFound: if it is not there any more, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    :raises InputError: if it came from the LMS.
    """
    try:
        activity = work.feed.by_uid(str(uuid.UUID(uid)))
    except ValueError:
        activity = None
    if activity is None or activity.gone:
        raise NotFound("There is no such post.", "It may have been removed already.")
    _must_be_theirs(viewer, {activity.actor_id, activity.behalf_of_id}, activity, "post")
    if activity.kind not in REMOVABLE:
        raise InputError("This came from the LMS.", "Remove it there; the feed follows.")
    work.feed.retire(activity.id, now)
    return activity.id


def _must_be_theirs(viewer: Viewer, theirs: set[int | None], activity: Activity, what: str) -> None:
    ours = activity.connection_id == viewer.connection_id
    if viewer.person_id in theirs:
        return
    if ours and viewer.roles & KEEPERS:
        return
    if not may_see(viewer, activity.audience):
        raise NotFound(f"There is no such {what}.", "It may have been removed already.")
    raise NotAllowed(f"This {what} is not yours.", "Ask a moderator if it should not stay.")


def _may_address(work: Work, viewer: Viewer, audience: Audience) -> bool:
    if audience.kind is AudienceKind.PUBLIC or not may_see(viewer, audience):
        return False
    if audience.kind is AudienceKind.COURSE:
        course = work.feed.courses([audience.id]).get(audience.id)
        return course is not None and may_see_course(viewer, course)
    if audience.kind is AudienceKind.TEAM:
        return audience.id in work.feed.teams([audience.id])
    return True
