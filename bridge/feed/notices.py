"""What a person is told of: answers, comments, mentions and cheers, gathered by their item.

What was told once is asked for again whenever it is read: an item that the person may not see any
more, a comment that was taken away and somebody who left are told of no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.feed.look import look
from bridge.feed.read import visible
from bridge.model import AGGREGATES, FeedItem, PersonCard, Viewer
from bridge.storage import Work
from bridge.storage.notices import Notice

NEWEST = 300
"""Notices that a page is gathered from."""


@dataclass(frozen=True)
class Group:
    """All of one kind that happened to one item."""

    kind: str
    """``comment``, ``answer``, ``mention`` or ``cheer``."""
    item: FeedItem
    actors: tuple[PersonCard, ...]
    """Who did it, the newest first, each once. Cheers are counted, and nobody named, as in the
    feed."""
    at: datetime
    unread: bool
    newest: int
    """The id of the newest notice in it."""
    comment_id: int | None = None
    text: str = ""
    """What the newest comment says."""


def groups(
    work: Work,
    viewer: Viewer,
    *,
    unread: bool = False,
    between: tuple[datetime, datetime] | None = None,
) -> list[Group]:
    """What the viewer is told of, newest first; a constant number of statements.

    :param unread: only what they have not read.
    :param between: only what came from the one moment on and before the other.
    """
    found = work.notices.of(viewer.person_id, NEWEST, unread=unread, between=between)
    if not found:
        return []
    ids = {notice.activity_id for notice in found}
    entries = work.feed.entries(ids, viewer.person_id)
    items = {item.activity.id: item for item in look(work, viewer, entries)}
    return gathered(found, items, viewer)


def mark(work: Work, viewer: Viewer, up_to: int, now: datetime) -> None:
    """The viewer has read their notices up to that one."""
    work.notices.mark(viewer.person_id, now, up_to=up_to)


def mark_item(work: Work, viewer: Viewer, uid: str, now: datetime) -> None:
    """The viewer has read what they were told of an item.

    :raises NotFound: if they may not see it.
    """
    activity_id = visible(work, viewer, uid).activity.id
    work.notices.mark(viewer.person_id, now, activity_id=activity_id)


def gathered(found: Sequence[Notice], items: dict[int, FeedItem], viewer: Viewer) -> list[Group]:
    """Notices, newest first, as groups in the order of the newest in each. Pure."""
    together: dict[tuple[str, int], list[Notice]] = {}
    for notice in found:
        item = items.get(notice.activity_id)
        if item is not None and _concerns(notice, item, viewer):
            together.setdefault((notice.kind, notice.activity_id), []).append(notice)
    return [_group(notices, items[ident]) for (_, ident), notices in together.items()]


def _group(notices: Sequence[Notice], item: FeedItem) -> Group:
    newest = notices[0]
    return Group(
        kind=newest.kind,
        item=item,
        actors=tuple({n.actor.id: n.actor for n in notices}.values()),
        at=newest.at,
        unread=not all(n.read for n in notices),
        newest=newest.id,
        comment_id=newest.comment_id,
        text=newest.text,
    )


def _concerns(notice: Notice, item: FeedItem, viewer: Viewer) -> bool:
    """Whether it still has to do with the viewer: whoever is not named any more is told no more."""
    if notice.kind in ("mention", "answer") or item.activity.kind not in AGGREGATES:
        return True
    return item.about_me
