"""What people said about an activity, as threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bridge.errors import NotFound
from bridge.feed.named import told
from bridge.feed.read import visible
from bridge.model import CommentPage, CommentView, Standing, Viewer
from bridge.storage import Work
from bridge.storage.talk import REPLIES, Line

THREADS = 20
"""Threads of a page."""
ALL_REPLIES = 50
"""Replies of a page that shows one thread."""


def comments(
    work: Work, viewer: Viewer, uid: str, before: int | None = None, thread: int | None = None
) -> CommentPage:
    """The newest threads about an activity, in the order in which they began.

    A comment that is gone, or whose author left, stands there without its text as long as it has
    replies. A thread has one level: a reply to a reply stands beside it.

    :param before: only threads that began before that one; of one thread, replies before that one.
    :param thread: only the thread of that comment, with more of its replies.
    :raises NotFound: if there is no activity with that uid that the viewer may see, or no such
        thread about it.
    """
    activity = visible(work, viewer, uid).activity
    if thread is not None:
        lines = work.talk.lines(activity.id, [thread], replies=ALL_REPLIES, before=before)
        found = told(work, viewer, _threads(viewer, lines))
        if not found:
            raise NotFound("There is no such comment.", "It may have been removed already.")
        first = found[0].replies[0].id if found[0].earlier else None
        return CommentPage(tuple(found), first)
    begun = work.talk.threads(activity.id, before, THREADS + 1)
    shown = begun[:THREADS]
    lines = work.talk.lines(activity.id, shown, replies=REPLIES) if shown else []
    found = told(work, viewer, _threads(viewer, lines, shown))
    return CommentPage(tuple(found), shown[-1] if len(begun) > THREADS else None)


def _threads(
    viewer: Viewer, lines: Sequence[Line], begun: Iterable[int] | None = None
) -> list[CommentView]:
    firsts = {line.id: line for line in lines if line.parent_id is None}
    replies: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.parent_id is not None:
            replies[line.parent_id].append(line)
    # The comment that was answered may have been erased: its place stays.
    ids = sorted({*firsts, *replies} if begun is None else begun)
    found = []
    for ident in ids:
        own = replies[ident]
        view = _view(viewer, firsts[ident]) if ident in firsts else _place(ident)
        earlier = own[0].total - len(own) if own else 0
        answers = tuple(_view(viewer, line) for line in own)
        found.append(replace(view, replies=answers, earlier=earlier))
    return found


def _view(viewer: Viewer, line: Line) -> CommentView:
    shown = line.standing is Standing.SHOWN and line.author is not None
    return CommentView(
        id=line.id,
        author=line.author if shown else None,
        text=line.text if shown else "",
        at=line.at,
        mine=line.author is not None and line.author.id == viewer.person_id,
        parent_id=line.parent_id,
        edited_at=line.edited_at if shown else None,
        standing=line.standing,
    )


def _place(ident: int) -> CommentView:
    return CommentView(id=ident, author=None, text="", at=None)
