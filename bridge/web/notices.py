"""What I am told of: answers, comments, mentions and cheers."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from bridge.feed import notice_words, notices
from bridge.web import surroundings
from bridge.web.here import back, bridge, in_place, now, viewer
from bridge.web.table import LARGEST_ID


def show() -> Any:
    """The newest of it, gathered by item; a page marks itself read once it was looked at."""
    with bridge().store.reading() as work:
        found = notices.groups(work, viewer())
        around = surroundings.surroundings(work, viewer())
    return render_template(
        "notices.html",
        groups=found,
        newest=max((group.newest for group in found), default=0),
        around=around,
        sentence=notice_words.sentence,
        excerpt=notice_words.excerpt,
    )


def mark() -> Any:
    """I have read my notices up to one."""
    newest = request.form.get("to", type=int) or 0
    with bridge().store.work() as work:
        notices.mark(work, viewer(), min(max(newest, 0), LARGEST_ID), now())
    return ("", 204) if in_place() else back(url_for("notices.show"))


def mark_item(uid: str) -> Any:
    """I have read what I was told of an item: I looked at the item itself."""
    with bridge().store.work() as work:
        notices.mark_item(work, viewer(), uid, now())
    return ("", 204) if in_place() else back(url_for("feed.activity", uid=uid))
