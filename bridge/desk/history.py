"""What became of a leader's shares."""

from __future__ import annotations

from datetime import datetime

from bridge.desk.rules import AFTERWARDS, HISTORY
from bridge.model import SharedItem, Viewer
from bridge.storage import Work
from bridge.visibility import may_see_course, shown_count


def shared(work: Work, viewer: Viewer, now: datetime) -> tuple[SharedItem, ...]:
    """The viewer's shares of the last eight weeks that still stand, newest first; two statements.

    ``completions_after`` counts the people of the share's audience who finished its course in the
    14 days after it, as far as the rule of five allows. It stands beside the share; nobody says
    that it came from it. A course that is hidden by now is not shown, nor is its number.
    """
    found = work.desk.shares(viewer.person_id, since=now - HISTORY, window=AFTERWARDS)
    deliveries = work.desk.deliveries([share.activity.id for share in found])
    items = []
    for share in found:
        course = share.course if share.course and may_see_course(viewer, share.course) else None
        items.append(
            SharedItem(
                activity=share.activity,
                course=course,
                reactions=share.reactions,
                comments=share.comments,
                deliveries=deliveries.get(share.activity.id, ()),
                completions_after=shown_count(share.completions, share.people) if course else None,
            )
        )
    return tuple(items)
