"""What people say in the feed: cheers, comments and posts; putting them into other words, and away.

Only what the viewer may see can be answered. Nothing outside the room is told: a flow composes
these with the pulse and the delivery room.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from bridge.errors import InputError, NotAllowed, NotFound
from bridge.feed.read import visible
from bridge.feed.wording import cleaned
from bridge.mentions import beginnings, understood
from bridge.model import (
    Activity,
    Audience,
    AudienceKind,
    CommentView,
    Kind,
    PersonCard,
    Standing,
    Viewer,
)
from bridge.storage import Work
from bridge.storage.feed import NewPost
from bridge.storage.talk import Spoken
from bridge.visibility import check_may_write, may_see, may_see_course

OWN_WORDS = frozenset({Kind.POST, Kind.SHARE})
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


def comment(
    work: Work,
    viewer: Viewer,
    uid: str,
    text: str,
    now: datetime,
    *,
    reply_to: int | None = None,
    chosen: Collection[int] = (),
) -> CommentView:
    """Comment on an activity with 1 to 4,000 characters of plain text.

    :param reply_to: the comment that it answers. Threads have one level: an answer to an answer
        stands beside it.
    :param chosen: whom the writer picked from the list of those who can be mentioned.
    :raises NotFound: if the viewer may not see it, or the answered comment is not there any more.
    :raises NotAllowed: if the viewer is never named: a comment stands with a name.
    :raises InputError: if the text is empty or too long.
    """
    check_may_write(viewer)
    activity = visible(work, viewer, uid).activity
    plain = cleaned(text)
    parent_id = None if reply_to is None else _thread(work, activity, reply_to)
    kept, spots = _understood(work, viewer, activity.audience, plain, chosen)
    ident = work.talk.add(activity.id, viewer.person_id, kept, now, parent_id)
    work.mentions.keep(activity.id, ident, spots, now)
    work.notices.tell_of_comment(activity.id, ident, viewer.person_id, now)
    card = work.feed.cards([viewer.person_id]).get(viewer.person_id)
    author = card or PersonCard(viewer.person_id, viewer.name)
    return CommentView(id=ident, author=author, text=plain, at=now, mine=True, parent_id=parent_id)


def edit_comment(
    work: Work,
    viewer: Viewer,
    comment_id: int,
    text: str,
    now: datetime,
    *,
    chosen: Collection[int] = (),
) -> None:
    """Put one's own comment into other words; what it said before is kept for moderators.

    :raises NotFound: if it is not there any more, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    :raises InputError: if the text is empty or too long.
    """
    found = own_comment(work, viewer, comment_id)
    kept, spots = _understood(work, viewer, found.activity.audience, cleaned(text), chosen)
    if kept != found.text:
        work.talk.edit_comment(found, kept, now)
    work.mentions.keep(found.activity.id, found.id, spots, now)
    work.notices.tell_of_comment(found.activity.id, found.id, viewer.person_id, now)


def remove_comment(work: Work, viewer: Viewer, comment_id: int) -> None:
    """Take one's own comment away. If it was answered, its place stays, without its words.

    :raises NotFound: if it is not there any more, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    """
    work.talk.stand_comment(own_comment(work, viewer, comment_id).id, Standing.REMOVED)


def own_comment(work: Work, viewer: Viewer, comment_id: int) -> Spoken:
    """The viewer's own comment, as it is kept.

    :raises NotFound: if it is not there any more, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    """
    found = work.talk.comment(comment_id) if 0 < comment_id < 2**31 else None
    if found is None or found.standing is not Standing.SHOWN:
        raise NotFound("There is no such comment.", "It may have been removed already.")
    _must_be_theirs(viewer, {found.author_id}, found.activity, "comment")
    return found


def post(
    work: Work,
    viewer: Viewer,
    text: str,
    audience: Audience,
    question: bool,
    now: datetime,
    *,
    chosen: Collection[int] = (),
) -> Activity:
    """Say something to everyone of the connection, to one of the viewer's teams or courses.

    :param text: 1 to 4,000 characters of plain text.
    :param question: whether it asks for an answer.
    :param chosen: whom the writer picked from the list of those who can be mentioned.
    :raises InputError: if the text is empty or too long.
    :raises NotAllowed: if the viewer is never named: a post stands with a name.
    :raises NotFound: if the audience is none of the viewer's.
    """
    check_may_write(viewer)
    plain = cleaned(text)
    if not may_address(work, viewer, audience):
        raise NotFound("That audience is not one of yours.", "Choose one from the list.")
    kept, spots = _understood(work, viewer, audience, plain, chosen)
    activity = work.feed.add(
        NewPost(
            uid=str(uuid.uuid4()),
            connection_id=viewer.connection_id,
            audience=audience.key,
            actor_id=viewer.person_id,
            text=kept,
            question=question,
            at=now,
        )
    )
    work.mentions.keep(activity.id, None, spots, now)
    work.notices.tell_of_post(activity.id, viewer.person_id, now)
    return activity


def edit_post(
    work: Work,
    viewer: Viewer,
    uid: str,
    text: str,
    now: datetime,
    *,
    chosen: Collection[int] = (),
) -> int:
    """Put one's own post or share into other words, which its outlets follow.

    :returns: the activity's id.
    :raises NotFound: if it is not there any more, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    :raises InputError: if it came from the LMS, or the text is empty or too long.
    """
    before = own_post(work, viewer, uid)
    kept, spots = _understood(work, viewer, before.audience, cleaned(text), chosen)
    same = work.mentions.of_activities([before.id])
    moved = sorted((m.start, m.person.id) for m in same) != spots
    if kept != before.text or moved:
        work.talk.edit_activity(before, kept, now)
        work.mentions.keep(before.id, None, spots, now)
        work.notices.tell_of_post(before.id, viewer.person_id, now)
    return before.id


def remove_post(work: Work, viewer: Viewer, uid: str, now: datetime) -> int:
    """Take one's own post or share away.

    The activity is then gone, with a revision of its own by which its outlets follow. A leader's
    own share is better undone at the desk, which gives the suggestion back as well.

    :returns: the activity's id.
    :raises NotFound: if it is not there any more, or the viewer may not see it.
    :raises NotAllowed: if it is somebody else's.
    :raises InputError: if it came from the LMS.
    """
    activity = own_post(work, viewer, uid)
    work.talk.stand_activity(activity.id, Standing.REMOVED, now)
    return activity.id


def own_post(work: Work, viewer: Viewer, uid: str) -> Activity:
    """The viewer's own post or share, as it is kept.

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
    if activity.behalf_of_id not in (None, viewer.person_id, *viewer.helped_ids):
        raise NotAllowed(
            "You do not write on their behalf any more.", "Take it back, or ask them to change it."
        )
    if activity.kind not in OWN_WORDS:
        raise InputError("This came from the LMS.", "Change it there; the feed follows.")
    return activity


def _thread(work: Work, activity: Activity, comment_id: int) -> int:
    answered = work.talk.comment(comment_id) if 0 < comment_id < 2**31 else None
    if (
        answered is None
        or answered.activity.id != activity.id
        or answered.standing is not Standing.SHOWN
    ):
        raise NotFound("The comment that you answer is not there.", "It may have been removed.")
    return answered.parent_id or answered.id


def _understood(
    work: Work, viewer: Viewer, audience: Audience, text: str, chosen: Collection[int]
) -> tuple[str, list[tuple[int, int]]]:
    """The text as it is kept, and (start, person id) of those whom it mentions."""
    begin = beginnings(text)
    people = work.mentions.findable(viewer, audience, begin) if begin else []
    kept, spots = understood(text, people, chosen)
    return kept, [(spot.start, spot.person.id) for spot in spots]


def _must_be_theirs(viewer: Viewer, theirs: set[int | None], activity: Activity, what: str) -> None:
    if viewer.person_id in theirs:
        return
    if not may_see(viewer, activity.audience):
        raise NotFound(f"There is no such {what}.", "It may have been removed already.")
    raise NotAllowed(f"This {what} is not yours.", "Report it if it should not stay.")


def may_address(work: Work, viewer: Viewer, audience: Audience) -> bool:
    """Whether the viewer may say something to the audience."""
    if audience.kind is AudienceKind.PUBLIC or not may_see(viewer, audience):
        return False
    if audience.kind is AudienceKind.COURSE:
        course = work.feed.courses([audience.id]).get(audience.id)
        return course is not None and may_see_course(viewer, course)
    if audience.kind is AudienceKind.TEAM:
        return audience.id in work.feed.teams([audience.id])
    return True
