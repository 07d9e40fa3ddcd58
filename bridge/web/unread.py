"""What waits for the person who looks, as the frame of every page counts it."""

from __future__ import annotations

from flask import Flask, g

from bridge.errors import StorageError
from bridge.feed import places
from bridge.model import Viewer
from bridge.storage import Work
from bridge.storage.reading import Unread
from bridge.web.here import bridge, viewer


def unread(work: Work | None = None) -> Unread:
    """What is new to them; one statement a request, in the view's own transaction if it asks."""
    looking: Viewer | None = g.get("viewer")
    if looking is None:
        return Unread()
    if "unread" not in g:
        try:
            g.unread = _asked(work)
        except StorageError:
            g.unread = Unread()  # The page that says so has no use for a number.
    found: Unread = g.unread
    return found


def _asked(work: Work | None) -> Unread:
    if work is not None:
        return places.unread(work, viewer())
    with bridge().store.reading() as own:
        return places.unread(own, viewer())


def init_app(app: Flask) -> None:
    """Let the frame of every page ask for it."""
    app.jinja_env.globals["unread"] = unread
