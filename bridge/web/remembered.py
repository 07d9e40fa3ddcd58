"""What this process has already written down, so that it is not written with every request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

MOST = 20_000
"""How much is remembered; of what was forgotten again, writing it down twice does no harm."""


class Remembered:
    """Keys with the level that was written down of each, the newest of them."""

    def __init__(self, most: int = MOST) -> None:
        self._levels: OrderedDict[Hashable, int] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def is_news(self, key: Hashable, level: int = 1) -> bool:
        """Whether so high a level was not written down yet; from now on it is."""
        with self._lock:
            if self._levels.get(key, 0) >= level:
                return False
            self._levels[key] = level
            self._levels.move_to_end(key)
            if len(self._levels) > self._most:
                self._levels.popitem(last=False)
            return True

    def forget(self, key: Hashable) -> None:
        """It could not be written down."""
        with self._lock:
            self._levels.pop(key, None)
