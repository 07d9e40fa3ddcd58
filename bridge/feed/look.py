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
from bridge.feed.named import with_mentions
from bridge.feed.sight import ANYBODY, Focus, seen, to_name
from bridge.model import CommentView, FeedItem, FeedPage, Viewer
from bridge.storage import Work
from bridge.storage.feed import Entry, Named, Said

Walk = Callable[[Position | None, int], Sequence[Entry]]
"""The next activities of a feed, newest first: from a position, at most so many."""

STEPS = 5
SPARE = 4
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
        entries = walk(position, size)
        items += look(work, viewer, entries, focus)
        more = len(entries) == size
        if len(items) > limit or not more:
            break
        position = cursors.after(entries[-1].activity)
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
    work: Work, viewer: Viewer, entries: Sequence[Entry], focus: Focus = ANYBODY
) -> list[FeedItem]:
    """Those of the activities that the viewer may see, in their order, without comments."""
    named: dict[int, list[Named]] = defaultdict(list)
    for name in work.feed.named(
        to_name(entries), viewer.person_id, person_id=focus.person_id, team_id=focus.team_id
    ):
        named[name.activity_id].append(name)
    found = (seen(viewer, entry, named[entry.activity.id], focus) for entry in entries)
    return [item for item in found if item is not None]


def decorated(work: Work, viewer: Viewer, items: Sequence[FeedItem]) -> list[FeedItem]:
    """The items with their latest comments."""
    said: dict[int, list[Said]] = defaultdict(list)
    for comment in work.feed.latest_comments([item.activity.id for item in items]):
        said[comment.activity_id].append(comment)
    found = [
        replace(
            item,
            comments=said[item.activity.id][0].total,
            latest_comments=tuple(comment_view(c, viewer) for c in said[item.activity.id]),
        )
        if item.activity.id in said
        else item
        for item in items
    ]
    return with_mentions(work, viewer, found)


def comment_view(said: Said, viewer: Viewer) -> CommentView:
    """A comment as the viewer sees it."""
    return CommentView(
        id=said.id,
        author=said.author,
        text=said.text,
        at=said.at,
        mine=said.author.id == viewer.person_id,
        parent_id=said.parent_id,
        edited_at=said.edited_at,
    )
