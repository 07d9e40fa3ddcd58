"""Reads a page of a feed: which activities come next, what stands beside them, what may be seen.

The number of statements is the same for a page of one item as for one of fifty. Where much of what
comes next may not be seen, more is looked at, in growing steps and at most :data:`STEPS` times; a
page that is not full by then is short, and its cursor leads on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from bridge.feed import cursors
from bridge.feed.cursors import Position
from bridge.feed.sight import (
    ANYBODY,
    Focus,
    Gathered,
    audience_ids,
    course_ids,
    groups_to_name,
    seen,
)
from bridge.model import Activity, AudienceKind, CommentView, FeedItem, FeedPage, Viewer
from bridge.storage import Work
from bridge.storage.feed import Named, Said

Walk = Callable[[Position | None, int], Sequence[Activity]]
"""The next activities of a feed, newest first: from a position, at most so many."""

STEPS = 5
SPARE = 10
"""How many more than a page are looked at, for the few that may not be seen."""
LARGEST_STEP = 400
LARGEST_PAGE = 100


def page(
    work: Work,
    viewer: Viewer,
    walk: Walk,
    before: str | None,
    limit: int,
    focus: Focus = ANYBODY,
) -> FeedPage:
    """The next ``limit`` items that the viewer may see, at most :data:`LARGEST_PAGE`.

    :raises InputError: if ``before`` is no cursor.
    """
    position = cursors.read(before)
    limit = max(1, min(limit, LARGEST_PAGE))
    size = limit + 1 + SPARE
    items: list[FeedItem] = []
    more = True
    for _ in range(STEPS):
        activities = walk(position, size)
        items += look(work, viewer, activities, focus)
        more = len(activities) == size
        if len(items) > limit or not more:
            break
        position = cursors.after(activities[-1])
        size = min(size * 4, LARGEST_STEP)
    shown = items[:limit]
    if len(items) > limit:
        position = cursors.after(shown[-1].activity)
        more = True
    return FeedPage(
        items=tuple(decorated(work, viewer, shown)),
        before=cursors.write(position) if more and position is not None else None,
    )


def look(
    work: Work, viewer: Viewer, activities: Sequence[Activity], focus: Focus = ANYBODY
) -> list[FeedItem]:
    """Those of the activities that the viewer may see, in their order."""
    people = {a.actor_id for a in activities} | {a.behalf_of_id for a in activities}
    named: dict[int, list[Named]] = defaultdict(list)
    for name in work.feed.named(
        groups_to_name(activities),
        viewer.person_id,
        person_id=focus.person_id,
        team_id=focus.team_id,
    ):
        named[name.activity_id].append(name)
    gathered = Gathered(
        courses=work.feed.courses(course_ids(activities)),
        discussions=work.feed.discussions(
            {a.discussion_id for a in activities if a.discussion_id is not None}
        ),
        cards=work.feed.cards({p for p in people if p is not None}),
        teams=work.feed.teams(audience_ids(activities, AudienceKind.TEAM)),
        named=named,
    )
    found = (seen(viewer, activity, gathered, focus) for activity in activities)
    return [item for item in found if item is not None]


def decorated(work: Work, viewer: Viewer, items: Sequence[FeedItem]) -> list[FeedItem]:
    """The items with their cheers and their latest comments."""
    ids = [item.activity.id for item in items]
    cheers = work.feed.cheers(ids, viewer.person_id)
    said: dict[int, list[Said]] = defaultdict(list)
    for comment in work.feed.latest_comments(ids):
        said[comment.activity_id].append(comment)
    return [
        replace(
            item,
            reactions=cheers[item.activity.id].count if item.activity.id in cheers else 0,
            reacted=item.activity.id in cheers and cheers[item.activity.id].mine,
            comments=said[item.activity.id][0].total if item.activity.id in said else 0,
            latest_comments=tuple(comment_view(c, viewer) for c in said[item.activity.id]),
        )
        for item in items
    ]


def comment_view(said: Said, viewer: Viewer) -> CommentView:
    """A comment as the viewer sees it."""
    return CommentView(
        id=said.id,
        author=said.author,
        text=said.text,
        at=said.at,
        mine=said.author.id == viewer.person_id,
    )
