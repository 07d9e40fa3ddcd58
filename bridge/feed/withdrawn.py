"""What stood in a feed and was taken back, for programs that keep a copy of it."""

from __future__ import annotations

from collections.abc import Collection

from bridge.feed import cursors
from bridge.model import Activity, Audience, FeedPage, Viewer
from bridge.storage import Work
from bridge.visibility import visible_audiences

MOST = 100
"""Tombstones that a page carries."""


def beside(
    work: Work,
    viewer: Viewer,
    page: FeedPage,
    before: str | None,
    *,
    only: Audience | None = None,
    course_ids: Collection[int] | None = None,
) -> list[Activity]:
    """The activities of the page's stretch of time that are gone, newest first.

    They were told to audiences of the viewer's; nothing but their address and times is to be shown.

    :param only: the one audience that the feed is of, if it is of one.
    :param course_ids: the courses that the feed is about, if it is about some.
    :raises InputError: if ``before`` is no cursor.
    """
    audiences = visible_audiences(viewer)
    keys = [a.key for a in audiences if only is None or a == only]
    newest, oldest = cursors.read(before), cursors.read(page.before)
    return work.reading.gone(keys, newest, oldest, MOST, course_ids=course_ids)
