"""Notes that a share was opened, once for each person and share.

It is a number beside the share for the leader, and nothing else: no address leads through here from
outside, and who is not signed in is not counted.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from threading import Lock

from flask import Flask, current_app

from bridge.desk import opening
from bridge.errors import StorageError
from bridge.model import Activity
from bridge.web.here import bridge, now, viewer

log = logging.getLogger(__name__)

SEEN = 20_000
"""How many openings a process remembers, so as not to write them down again."""


class Opened:
    """What this process has written down."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._lock = Lock()

    def is_news(self, activity_id: int, person_id: int) -> bool:
        """Whether it was not written down yet; from now on it is."""
        key = (activity_id, person_id)
        with self._lock:
            if key in self._seen:
                return False
            self._seen[key] = None
            if len(self._seen) > SEEN:
                self._seen.popitem(last=False)
            return True

    def forget(self, activity_id: int, person_id: int) -> None:
        """It could not be written down."""
        with self._lock:
            self._seen.pop((activity_id, person_id), None)


def note(activity: Activity) -> None:
    """The viewer opened the item; a page is worth more than its place in the statistics."""
    if not opening.counts(viewer(), activity):
        return
    seen: Opened = current_app.extensions["opened"]
    if not seen.is_news(activity.id, viewer().person_id):
        return
    try:
        with bridge().store.work() as work:
            opening.opened(work, viewer(), activity, now())
    except StorageError:
        log.warning("an opening was not noted", exc_info=True)
        seen.forget(activity.id, viewer().person_id)


def init_app(app: Flask) -> None:
    """Begin with nothing remembered."""
    app.extensions["opened"] = Opened()
