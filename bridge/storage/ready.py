"""Views of activities that were made for one page and stand ready for the next.

What a page shows of an activity hardly depends on who looks. It is made once, of all that stands
beside the activity, and kept in this process until something of that is touched
(:mod:`bridge.storage.touched`). Every page asks, in the statement that finds its activities, what
was touched since; so nothing stale is ever shown, however many processes write.

Three things are kept in order by one lock:

* **Heard**: everything that a reader's snapshot holds is heard before the reader takes anything.
  SQLite has one writer, so what is new has a greater id. On PostgreSQL it was written by a
  transaction that was not over when the last snapshot was taken: its number is not below the lowest
  that was open then.
* **Taken**: what is there was made of rows at least as new as those that were heard.
* **Kept**: what a reader made while another heard of something is not kept, nor what is made by one
  whose snapshot is older than what was heard. It may be of the time before.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

from bridge.storage.touched import EVERYTHING

MOST = 10_000
"""Views that are kept: some forty megabytes on the feed benchmark's site."""

AT_ONCE = 2_000
"""So many touches that a reader did not hear of: it is quicker to begin anew."""

NEVER = 2**62
"""What a process that has heard nothing yet asks from: nothing is so new."""


BEHIND = -1
"""What a reader gets whose snapshot is older than what was heard: it keeps nothing, because on
SQLite all that it reads from then on is as old."""


class Touch(NamedTuple):
    """One row of ``touches``."""

    id: int
    what: str
    xid: int


class Ready:
    """The views, by activity."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._views: OrderedDict[int, Any] = OrderedDict()
        self._beside: dict[int, Collection[str]] = {}
        self._showing: dict[str, set[int]] = defaultdict(set)
        self._heard: dict[int, int] = {}
        self._epoch = 0
        self.since = NEVER
        """What the next reader is to ask from."""

    def hear(self, asked: int, mark: int, news: Sequence[Touch]) -> int:
        """Let go of what was touched; the number to be given to :meth:`keep`.

        :param asked: what the reader asked from: :attr:`since`, which it read beforehand.
        :param mark: what a later reader is to ask from.
        :param news: what it found; at most :data:`AT_ONCE`.
        """
        with self._lock:
            first = self.since == NEVER
            unknown = asked == NEVER and not first
            new = [touch for touch in news if touch.id not in self._heard]
            if unknown or len(news) >= AT_ONCE or any(touch.what == EVERYTHING for touch in new):
                self._clear()
            elif new:
                self._let_go(new)
            self._heard |= {touch.id: touch.xid for touch in new}
            if first or mark > self.since:
                self.since = mark
                self._heard = {i: xid for i, xid in self._heard.items() if xid >= mark}
            return self._epoch if mark >= self.since else BEHIND

    def take(self, ids: Iterable[int]) -> dict[int, Any]:
        """Those of the views that are there."""
        with self._lock:
            found = {ident: self._views[ident] for ident in ids if ident in self._views}
            for ident in found:
                self._views.move_to_end(ident)
            return found

    def keep(self, epoch: int, made: Mapping[int, tuple[Any, Collection[str]]]) -> None:
        """Keep views, each with all that it was made of, unless something was touched meanwhile."""
        with self._lock:
            if epoch != self._epoch:
                return
            for ident, (view, beside) in made.items():
                self._forget(ident)
                self._views[ident] = view
                self._beside[ident] = beside
                for what in beside:
                    self._showing[what].add(ident)
            while len(self._views) > self._most:
                self._forget(next(iter(self._views)))

    def let_everything_go(self) -> None:
        """Keep nothing of what is there."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._epoch += 1
        self._views.clear()
        self._beside.clear()
        self._showing.clear()

    def _let_go(self, news: Sequence[Touch]) -> None:
        self._epoch += 1
        for touch in news:
            for ident in tuple(self._showing.get(touch.what, ())):
                self._forget(ident)

    def _forget(self, ident: int) -> None:
        if self._views.pop(ident, None) is None:
            return
        for what in self._beside.pop(ident):
            self._showing[what].discard(ident)
            if not self._showing[what]:
                del self._showing[what]
