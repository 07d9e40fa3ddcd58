"""How fast a home feed is read, beside django-activity-stream: `python -m tests.benchmarks.feed`.

200,000 activities and 2,000 people; there everybody follows fifty, here everybody belongs to fifty
audiences, which tell the same stories (:mod:`tests.benchmarks.feed_site`). That both pages show the
same twenty is checked for every reader before anything is measured (``same_pages``). The peer is
installed with Django in an environment of its own and runs as a process of its own; what was chosen
there, and why, stands in :mod:`tests.benchmarks.peer.__main__`.

Ours is what the web does for a signed-in person: one transaction in which it is read who looks (the
choice, the teams, the courses) and then ``bridge.feed.read.home``: names as far as consent covers
them, titles, the audience, the number of cheers and whether one is the reader's own, the number of
comments and the last two. The first page is read without a cursor, the deep one with the cursor
that stands behind the newest thousand.

Figures are medians of three rounds. In each of them the sides take turns, twenty pages at a time:
the peer, ours, and our statements once more through the bare driver, on a connection of its own,
with every row fetched. So each is as warm as a server that is in use, and whatever else the machine
does meets all of them.

* ``speedup_*``: the peer's time ÷ ours, on the same kind of database;
* ``times_bare_sql_*``: our time ÷ that of our statements alone, the worse of both pages.

Beside them stand, for each database: ``idle``, the same page by page with a rest before each, as a
server that is hardly used would answer, whose every page finds the processor full of other things;
and ``anew``, what our page takes when nothing stands ready for it, as after a change of all that it
shows.

Nothing is asserted about times.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event, select
from sqlalchemy.engine import make_url

from bridge.access import sessions
from bridge.feed import cursors, read
from bridge.model import FeedPage
from bridge.storage import Store
from bridge.storage import tables as t
from tests.benchmarks.feed_peer import Peer
from tests.benchmarks.feed_site import Site
from tests.benchmarks.feed_store import fill
from tests.benchmarks.readers import database
from tests.conftest import SECRET_KEY

DEPTH = 1_000
READERS = 60
ROUNDS = 3
IN_A_TURN = 20
REST = 0.005
KINDS = ("sqlite", "postgresql")
FIRST, DEEP = PAGES = ("first", "deep")

# --- ours --------------------------------------------------------------------------------------


def page(store: Store, person: int, before: str | None) -> FeedPage:
    """A page of a person's home feed, as the web reads it."""
    with store.reading() as work:
        viewer = sessions.viewer_of(work, person)
        assert viewer is not None
        return read.home(work, viewer, before)


def cursor_behind(store: Store, newest: list[int], depth: int) -> str | None:
    """The cursor of the page behind the first ``depth`` of the stories."""
    if not depth:
        return None
    a = t.activities
    with store.reading() as work:
        row = work.sql.execute(
            select(a.c.published, a.c.id).where(a.c.id == newest[depth - 1])
        ).one()
    return cursors.write((row.published, row.id))


class Bare:
    """The statements of our pages, sent again through the driver alone."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sql = self._connected()

    def _connected(self) -> Any:
        url = make_url(self._store.url)
        if url.get_backend_name() == "sqlite":
            sql = sqlite3.connect(str(url.database), isolation_level=None)
            sql.execute("PRAGMA cache_size = -32768")
            return sql
        return psycopg.connect(self._store.url)

    def statements(self, look: Callable[[], object]) -> list[tuple[str, Any]]:
        """What ``look`` sends."""
        sent: list[tuple[str, Any]] = []

        def note(conn: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
            sent.append((statement, parameters))

        event.listen(self._store.engine, "before_cursor_execute", note)
        look()
        event.remove(self._store.engine, "before_cursor_execute", note)
        return sent

    def send(self, statements: list[tuple[str, Any]]) -> float:
        """Milliseconds for the statements with all of their rows, and the transaction's end."""
        started = time.perf_counter()
        cursor = self._sql.cursor()
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            if cursor.description:
                cursor.fetchall()
        self._sql.commit()
        return (time.perf_counter() - started) * 1000

    def close(self) -> None:
        """Give the connection back."""
        self._sql.close()


# --- the measurement ---------------------------------------------------------------------------


def say(text: str) -> None:
    """Progress, for people."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Look:
    """A page that somebody reads."""

    name: str
    person: int
    depth: int
    before: str | None
    statements: list[tuple[str, Any]]
    """What our side sends for it."""


def measure(
    url: str, site: Site, readers: int, depth: int = DEPTH, *, compared: bool = True
) -> dict[str, Any]:
    """All the figures of one database, which has every table and no row.

    :param compared: whether the peer takes part; it has to be installed, from a package index.
    """
    with ExitStack() as stack:
        store = Store(url, [SECRET_KEY])
        stack.callback(store.close)
        kind = store.engine.dialect.name
        say(f"{kind}: storing {site.stories} activities of {site.people} people ...")
        fill(store, site)
        peer = None
        if compared:
            say(f"{kind}: and once more for the peer ...")
            peer = Peer(url)
            stack.callback(peer.close)
            assert peer.ask("fill", site.people, site.stories) == site.stories
        bare = Bare(store)
        stack.callback(bare.close)
        looks, same = [], True
        for person in range(1, site.people + 1, max(1, site.people // readers)):
            newest = site.newest(person)
            for name, deep in ((FIRST, 0), (DEEP, depth)):
                before = cursor_behind(store, newest, deep)
                page(store, person, before)
                sent = bare.statements(lambda p=person, b=before: page(store, p, b))
                looks.append(Look(name, person, deep, before, sent))
                expected = newest[deep : deep + 20]
                shown = [item.activity.id for item in page(store, person, before).items]
                same &= len(expected) == 20 and expected == shown
                same &= peer is None or expected == peer.ask("look", person, deep)[0]
        say(f"{kind}: reading {len(looks)} pages {ROUNDS} times, by turns ...")
        busy = _medians(store, peer, bare, looks)
        idle = _medians(store, peer, bare, looks, at_once=1, rest=REST)
        figures = {
            "database": kind,
            "same_pages": same,
            "statements": sorted({len(look.statements) for look in looks}),
            "milliseconds": {name: round(ms, 3) for name, ms in busy.items()},
            "idle": {name: round(ms, 3) for name, ms in idle.items()},
            "anew": {name: round(ms, 3) for name, ms in _anew(store, looks).items()},
            "times_bare_sql": round(max(busy[f"ours {p}"] / busy[f"bare {p}"] for p in PAGES), 2),
        }
        if peer is not None:
            for name, median in (("speedup", busy), ("idle_speedup", idle)):
                figures[name] = {
                    p: round(median[f"peer {p}"] / median[f"ours {p}"], 1) for p in PAGES
                }
        return figures


def _medians(
    store: Store,
    peer: Peer | None,
    bare: Bare,
    looks: list[Look],
    at_once: int = IN_A_TURN,
    rest: float = 0.0,
) -> dict[str, float]:
    """Milliseconds, by side and page; the sides take turns, ``at_once`` pages each."""
    sides: dict[str, Callable[[Look], float]] = {
        "ours": lambda look: _timed(lambda: page(store, look.person, look.before)),
        "bare": lambda look: bare.send(look.statements),
    }
    if peer is not None:
        sides = {"peer": lambda look: float(peer.ask("page", look.person, look.depth)), **sides}
    times: dict[str, list[float]] = defaultdict(list)
    for start in [*range(0, len(looks), at_once)] * ROUNDS:
        for side, ask in sides.items():
            for look in looks[start : start + at_once]:
                time.sleep(rest)
                times[f"{side} {look.name}"].append(ask(look))
    return {name: statistics.median(some) for name, some in times.items()}


def _anew(store: Store, looks: list[Look]) -> dict[str, float]:
    """Milliseconds of our pages when nothing stands ready."""
    times: dict[str, list[float]] = defaultdict(list)
    for look in looks:
        store.ready.let_everything_go()
        times[look.name].append(_timed(lambda look=look: page(store, look.person, look.before)))
    return {name: statistics.median(some) for name, some in times.items()}


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def run(site: Site, readers: int, depth: int, kinds: Sequence[str]) -> dict[str, Any]:
    """The figures of each kind of database, as the benchmark prints them."""
    figures: dict[str, Any] = {}
    databases = []
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            found = measure(url, site, readers, depth)
        databases.append(found)
        for name in PAGES:
            figures[f"speedup_{kind}_{name}"] = found["speedup"][name]
        figures[f"times_bare_sql_{kind}"] = found["times_bare_sql"]
    return {**figures, "people": site.people, "activities": site.stories, "databases": databases}


def main() -> None:
    """Measure on both kinds of database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one object, for a machine to read")
    parser.add_argument("--small", action="store_true", help="a hundredth of it, in seconds")
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    options = parser.parse_args()
    kinds = KINDS if options.database == "both" else (options.database,)
    site = Site(200, 2_000) if options.small else Site(2_000, 200_000)
    figures = run(site, READERS, DEPTH // 10 if options.small else DEPTH, kinds)
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


if __name__ == "__main__":
    main()
