"""Where a person stopped reading, and what is new since.

A visit goes on as long as its readings follow one another within :data:`VISIT`. The line in the
feed stands where the visit before ended, on every device, and stays there while this one goes on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.feed import cursors
from bridge.feed.cursors import Position
from bridge.model import FeedPage, Viewer
from bridge.storage import Work
from bridge.storage.reading import Place, Unread
from bridge.visibility import visible_keys

VISIT = timedelta(minutes=30)
"""Whoever reads nothing for so long comes anew."""
A_WHILE = timedelta(minutes=5)
"""A reading without anything new is written down no more often than this."""


def unread(work: Work, viewer: Viewer) -> Unread:
    """What is new to the viewer, and how far they have read; one statement."""
    return work.reading.unread(viewer.person_id, visible_keys(viewer))


def above(work: Work, viewer: Viewer, after: str) -> int:
    """How many items stand above the place that the cursor stands for; one statement.

    :raises InputError: if it is no cursor.
    """
    return work.reading.above(viewer.person_id, visible_keys(viewer), cursors.read(after or None))


def mark(work: Work, viewer: Viewer, to: str, now: datetime) -> None:
    """Keep that the viewer has read everything from the cursor's item on.

    :raises InputError: if it is no cursor.
    """
    top = cursors.read(to or None)
    if top is None:
        return
    before = work.reading.place(viewer.person_id)
    after = moved(before, top, now)
    if after != before:
        work.reading.put_place(viewer.person_id, after)


def top_of(page: FeedPage) -> str:
    """The cursor that stands for the newest item of the page; empty if there is none."""
    return cursors.write(cursors.after(page.items[0].activity)) if page.items else ""


def moved(place: Place | None, top: Position, now: datetime) -> Place:
    """The place after everything up to ``top`` was read."""
    if place is None:
        return Place(line=top, seen=top, seen_at=now)
    if top <= place.seen and now - place.seen_at < A_WHILE:
        return place
    return Place(line=line(place, now), seen=max(place.seen, top), seen_at=now)


def line(place: Place, now: datetime) -> Position:
    """Where the visit before this one ended."""
    return place.seen if now - place.seen_at >= VISIT else place.line


def first_read(page: FeedPage, before: str | None, place: Place | None, now: datetime) -> str:
    """The uid of the item above which the line stands; empty where it is not on this page.

    It stands between something new and something read: never above all, nor below all.

    :raises InputError: if ``before`` is no cursor.
    """
    if place is None:
        return ""
    end = line(place, now)
    last = cursors.read(before)
    for item in page.items:
        here = cursors.after(item.activity)
        if here <= end:
            return item.activity.uid if last is not None and last > end else ""
        last = here
    return ""
