"""Reads a page of a feed: which activities come next, what stands beside them, what may be seen.

The number of statements is the same for a page of one item as for one of fifty. Where much of what
comes next may not be seen, more is looked at, in growing steps and at most :data:`STEPS` times; a
page that is not full by then is short, and its cursor leads on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from bridge.feed import cursors
from bridge.feed.cursors import Position
from bridge.feed.named import with_mentions
from bridge.feed.sight import ANYBODY, Focus, seen, to_name
from bridge.model import CommentView, FeedItem, FeedPage, Viewer
from bridge.storage import Work
from bridge.storage.feed import NAMES, Entry, Named, Said


class Stretch(NamedTuple):
    """Activities that were looked at, newest first."""

    items: Sequence[FeedItem | None]
    """What the viewer may see of each; ``None`` where that is nothing."""
    end: Position | None
    """The position of the last of them."""


Walk = Callable[[Position | None, int], Stretch]
"""The next activities of a feed, newest first: from a position, at most so many."""

STEPS = 5
SPARE = 4
"""How many more than a page are looked at, for the few that may not be seen."""
LARGEST_STEP = 400
LARGEST_PAGE = 100


def page(walk: Walk, before: str | None, limit: int) -> FeedPage:
    """The next ``limit`` items that the viewer may see, at most :data:`LARGEST_PAGE`.

    :raises InputError: if ``before`` is no cursor.
    """
    position = cursors.read(before)
    limit = max(1, min(limit, LARGEST_PAGE))
    size = limit + 1 + SPARE
    items: list[FeedItem] = []
    more = True
    for _ in range(STEPS):
        found, end = walk(position, size)
        items += [item for item in found if item is not None]
        more = len(found) == size
        if len(items) > limit or not more:
            break
        position = end
        size = min(size * 4, LARGEST_STEP)
    shown = items[:limit]
    if len(items) > limit:
        position = cursors.after(shown[-1].activity)
        more = True
    return FeedPage(tuple(shown), cursors.write(position) if more and position else None)


def looked_up(
    work: Work,
    viewer: Viewer,
    entries: Callable[[Position | None, int], Sequence[Entry]],
    before: str | None,
    limit: int,
    focus: Focus = ANYBODY,
) -> FeedPage:
    """A page of which everything is read for this viewer.

    :raises InputError: if ``before`` is no cursor.
    """

    def walk(position: Position | None, size: int) -> Stretch:
        some = entries(position, size)
        end = cursors.after(some[-1].activity) if some else None
        return Stretch(_looked(work, viewer, some, focus), end)

    found = page(walk, before, limit)
    return replace(found, items=tuple(decorated(work, viewer, found.items)))


def look(
    work: Work, viewer: Viewer, entries: Sequence[Entry], focus: Focus = ANYBODY
) -> list[FeedItem]:
    """Those of the activities that the viewer may see, in their order, without comments."""
    return [item for item in _looked(work, viewer, entries, focus) if item is not None]


def _looked(
    work: Work, viewer: Viewer, entries: Sequence[Entry], focus: Focus
) -> list[FeedItem | None]:
    named = named_by_activity(work, entries, viewer.person_id, focus)
    return [seen(viewer, entry, named[entry.activity.id], focus) for entry in entries]


def named_by_activity(
    work: Work,
    entries: Sequence[Entry],
    viewer_id: int,
    focus: Focus = ANYBODY,
    most: int = NAMES,
) -> dict[int, list[Named]]:
    """Those of the aggregates' people who may be named: the first few, and the viewer."""
    found: dict[int, list[Named]] = defaultdict(list)
    told = to_name(entries)
    for name in work.feed.named(
        told, viewer_id, person_id=focus.person_id, team_id=focus.team_id, most=most
    ):
        found[name.activity_id].append(name)
    return found


def said_by_activity(work: Work, ids: Collection[int]) -> dict[int, list[Said]]:
    """The last few comments on each of the activities."""
    found: dict[int, list[Said]] = defaultdict(list)
    for comment in work.feed.latest_comments(ids):
        found[comment.activity_id].append(comment)
    return found


def decorated(work: Work, viewer: Viewer, items: Sequence[FeedItem]) -> list[FeedItem]:
    """The items with their latest comments."""
    said = said_by_activity(work, [item.activity.id for item in items])
    found = [with_comments(item, said[item.activity.id], viewer) for item in items]
    return with_mentions(work, viewer, found)


def with_comments(item: FeedItem, said: Sequence[Said], viewer: Viewer) -> FeedItem:
    """The item with the last comments on it."""
    if not said:
        return item
    latest = tuple(comment_view(comment, viewer) for comment in said)
    return replace(item, comments=said[0].total, latest_comments=latest)


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
