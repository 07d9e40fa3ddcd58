"""Notes that a share was opened, once for each person and share.

It is a number beside the share for the leader, and nothing else: no address leads through here from
outside, and who is not signed in is not counted.
"""

from __future__ import annotations

import logging

from flask import Flask, current_app

from bridge.desk import opening
from bridge.errors import StorageError
from bridge.model import Activity
from bridge.web.here import bridge, now, viewer
from bridge.web.remembered import Remembered

log = logging.getLogger(__name__)


def note(activity: Activity) -> None:
    """The viewer opened the item; a page is worth more than its place in the statistics."""
    if not opening.counts(viewer(), activity):
        return
    noted: Remembered = current_app.extensions["opened"]
    key = (activity.id, viewer().person_id)
    if not noted.is_news(key):
        return
    try:
        with bridge().store.work() as work:
            opening.opened(work, viewer(), activity, now())
    except StorageError:
        log.warning("an opening was not noted", exc_info=True)
        noted.forget(key)


def init_app(app: Flask) -> None:
    """Begin with nothing remembered."""
    app.extensions["opened"] = Remembered()
