"""What became of a leader's shares."""

from __future__ import annotations

from datetime import datetime

from bridge.desk.rules import AFTERWARDS, BEFOREHAND, HISTORY
from bridge.model import About, SharedItem, Viewer
from bridge.storage import Work
from bridge.storage.shares import ShareRow
from bridge.visibility import covers, may_see_course, shown_count


def shared(work: Work, viewer: Viewer, now: datetime) -> tuple[SharedItem, ...]:
    """The viewer's shares of the last eight weeks that still stand, newest first; two statements.

    ``completions_after`` counts the people of the share's audience who finished its course in the
    14 days after it, as far as the rule of five allows, and ``enrolments_after`` those who entered
    it; ``opens`` those who opened it here. ``usual_before`` is how many finished it in 14 days of
    the four weeks before. They stand beside the share; nobody says that they came from it. A course
    that is hidden by now is not shown, nor are its numbers.
    """
    found = work.desk.shares(
        viewer.person_id, since=now - HISTORY, window=AFTERWARDS, before=BEFOREHAND
    )
    deliveries = work.desk.deliveries([share.activity.id for share in found])
    items = []
    for share in found:
        course = share.course if share.course and may_see_course(viewer, share.course) else None
        items.append(
            SharedItem(
                activity=share.activity,
                course=course,
                about=_about(share),
                reactions=share.reactions,
                comments=share.comments,
                deliveries=deliveries.get(share.activity.id, ()),
                opens=shown_count(share.opens, share.people),
                completions_after=shown_count(share.completions, share.people) if course else None,
                enrolments_after=shown_count(share.enrolments, share.people) if course else None,
                usual_before=_usual(share) if course else None,
            )
        )
    return tuple(items)


def _about(share: ShareRow) -> About | None:
    """What it is about, if all whom it was told to may see that."""
    found = share.about
    return found if found and covers(share.activity.audience, found.audience) else None


def _usual(share: ShareRow) -> int | None:
    before = shown_count(share.usual, share.people)
    return None if before is None else round(before * (AFTERWARDS / BEFOREHAND))
