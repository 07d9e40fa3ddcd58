"""Texts with the names of those whom they mention, as far as the one who looks may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bridge.mentions import SOMEONE, Spot, pieces, plain
from bridge.model import Activity, CommentView, FeedItem, Viewer
from bridge.storage import Work


def told(work: Work, viewer: Viewer, threads: Sequence[CommentView]) -> list[CommentView]:
    """The threads with the names of those whom they mention, as far as the viewer may see them."""
    every = [*threads, *(reply for thread in threads for reply in thread.replies)]
    spots = _spots(work, viewer, [], [c.id for c in every if SOMEONE in c.text])
    return [
        replace(
            _named(thread, spots),
            replies=tuple(_named(reply, spots) for reply in thread.replies),
        )
        for thread in threads
    ]


def with_mentions(work: Work, viewer: Viewer, items: Sequence[FeedItem]) -> list[FeedItem]:
    """The items with the names of those whom they mention; at most one statement."""
    activities = [item.activity.id for item in items if SOMEONE in item.activity.text]
    said = [comment for item in items for comment in item.latest_comments]
    spots = _spots(work, viewer, activities, [c.id for c in said if SOMEONE in c.text])
    if not spots:
        return list(items)
    return [
        replace(
            _item(item, spots),
            latest_comments=tuple(_named(c, spots) for c in item.latest_comments),
        )
        for item in items
    ]


Spots = dict[tuple[str, int], list[Spot]]


def _spots(
    work: Work, viewer: Viewer, activity_ids: Sequence[int], comment_ids: Sequence[int]
) -> Spots:
    found: Spots = defaultdict(list)
    if not activity_ids and not comment_ids:
        return found
    for mention in work.mentions.seen_by(viewer, activity_ids, comment_ids):
        key = ("activity", mention.activity_id)
        if mention.comment_id is not None:
            key = ("comment", mention.comment_id)
        found[key].append(Spot(mention.start, mention.person))
    return found


def _named(comment: CommentView, spots: Spots) -> CommentView:
    here = spots.get(("comment", comment.id))
    if not here or not comment.text:
        return comment
    runs = pieces(comment.text, here)
    return replace(comment, text=plain(runs), said=runs)


def _item(item: FeedItem, spots: Spots) -> FeedItem:
    here = spots.get(("activity", item.activity.id))
    if not here:
        return item
    runs = pieces(item.activity.text, here)
    activity: Activity = replace(item.activity, text=plain(runs))
    return replace(item, activity=activity, said=runs)


def worded(work: Work, viewer: Viewer, activity_id: int, comment_id: int | None, text: str) -> str:
    """A kept text as the viewer reads it: an activity's own, or that of a comment on it."""
    if SOMEONE not in text:
        return text
    own = [activity_id] if comment_id is None else []
    spots = _spots(work, viewer, own, [] if comment_id is None else [comment_id])
    key = ("activity", activity_id) if comment_id is None else ("comment", comment_id)
    return plain(pieces(text, spots.get(key, ())))
