"""A sync behind a bad line that is killed again and again: `python -m tests.benchmarks.faults`.

The demo LMS lives on through some weeks of its own time. Meanwhile `socialbridge sync`, a process
of its own (:mod:`tests.benchmarks.nursery`), is run against it through a proxy that spoils a fifth
of the answers (:mod:`tests.benchmarks.proxy`), and is killed with ``kill -9`` at random moments,
the first of them during the first sync. Now and then the site loses or regains the web-service
functions that decide the strategy. In the end the LMS rests and is read once without a proxy, and
the store is compared with two others, row for row (:mod:`tests.benchmarks.dump`), and more:

- with a *twin* that read the same LMS again and again meanwhile, and was never disturbed;
- with a *fresh* store that read it once in the end, so that what both had got wrong would show.

That last sync is a full one. A completion that an admin takes back or dates back leaves no trace
in the LMS that a sync could follow: nobody was seen in the course. The weekly reconciliation or a
full sync finds it. What an everyday sync leaves different is measured before: in all
(``everyday``), and without those pairs of course and person (``everyday_unexplained``).

``rows_different`` is the sum of them all, and zero if nothing was lost, doubled or believed
for good. ``nonsense`` counts rows that were marked as gone or revoked although the LMS had them,
when a sync had ended: an answer that is short by a few entries cannot be told from the truth.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

from sqlalchemy import select

from bridge.demo.lms.api import FUNCTIONS
from bridge.demo.lms.server import Lms, running_lms
from bridge.lms.moodle.batch import CARRIER
from bridge.lms.moodle.report import RETRIEVE
from bridge.storage import Store
from bridge.storage import tables as t
from tests.benchmarks.days import Days
from tests.benchmarks.dump import Difference, Dump, differences, dump
from tests.benchmarks.nursery import nursery
from tests.benchmarks.proxy import Proxy, running_proxy
from tests.benchmarks.readers import BEGIN, NAME, Clock, Reader, connected, database, reader
from tests.conftest import SECRET_KEY

TWIN_EVERY = 10
SHOWN = 20
LAST_WORDS = (8, 25, 80)
"""A sync that is to be killed is killed at a random moment after at most so many answers: a quiet
one gets about a dozen, a first one about sixty."""
SECONDS_MORE = 0.02


@dataclass
class Figures:
    """What a run came to."""

    syncs: int = 0
    kills: int = 0
    whole: int = 0
    """Syncs that read every stream to its end."""
    ended: Counter[str] = field(default_factory=Counter)
    nonsense: int = 0
    tracebacks: list[str] = field(default_factory=list)

    def note(self, status: int, said: str, nonsense: int) -> None:
        """A sync ended with this exit status, printed this, and left so much nonsense."""
        self.syncs += 1
        self.nonsense += nonsense
        self.kills += status == -SIGKILL
        self.whole += status == 0
        if "Traceback" in said:
            self.tracebacks.append(said[-2000:])
            self.ended["traceback"] += 1
        elif status == -SIGKILL:
            self.ended["killed"] += 1
        elif said.startswith("{"):
            self.ended[json.loads(said[: said.index("\n}") + 2])["outcome"]] += 1
        else:
            self.ended["failed"] += 1


def undergo(url: str, folder: Path, *, kills: int, seed: int, share: float) -> dict[str, Any]:
    """The whole run on the database at ``url``, which has every table and no row."""
    started, clock, chance = time.perf_counter(), Clock(), Random(seed)
    with ExitStack() as stack:
        lms = stack.enter_context(running_lms(clock=clock.epoch))
        proxy = stack.enter_context(running_proxy(lms.url, share=share, seed=seed))
        twin = reader(stack, folder / "twin.db", lms, clock)
        hit = Store(url, [SECRET_KEY])
        stack.callback(hit.close)
        connected(hit, lms, proxy.url, clock)
        birthplace = stack.enter_context(
            nursery(
                folder,
                {
                    "SOCIALBRIDGE_DATABASE_URL": url,
                    "SOCIALBRIDGE_SECRET_KEY": SECRET_KEY,
                    "SOCIALBRIDGE_LMS_TIMEOUT": "0.3",
                },
            )
        )
        figures, days = Figures(), Days(lms, seed)
        while figures.kills < kills:
            doomed = _doom(proxy, chance)
            status = birthplace.run(["sync", NAME, "--json"], clock.now(), doomed)
            figures.note(status, birthplace.said(), _nonsense(hit, lms, days.silent))
            if figures.syncs % TWIN_EVERY == 1:
                twin.sync()
            if chance.random() < 0.1:
                lms.service.functions = _strategy(chance)
            days.pass_by(chance.randint(0, 5))
            clock.at += timedelta(minutes=chance.choice((5, 15, 60, 180, 600, 1_200)))
        lms.service.functions = tuple(FUNCTIONS)
        return {
            "database": hit.engine.dialect.name,
            **_described(figures, proxy, days, clock),
            **_compared(stack, hit, twin, days, folder),
            "seconds": round(time.perf_counter() - started, 1),
        }


def _doom(proxy: Proxy, chance: Random) -> Callable[[], bool]:
    """When the next sync is to be killed: so many answers from now, and a little after that."""
    last = proxy.answers + chance.randint(0, chance.choice(LAST_WORDS))
    delay, since = chance.uniform(0, SECONDS_MORE), 0.0

    def doomed() -> bool:
        nonlocal since
        if proxy.answers >= last:
            since = since or time.perf_counter()
        return bool(since) and time.perf_counter() - since >= delay

    return doomed


def _nonsense(store: Store, lms: Lms, silent: set[tuple[int, int]]) -> int:
    """Rows that are marked as gone or revoked although the LMS has them, and would say so.

    What an admin took back and gave again is not among them: that is only not known yet.
    """
    c, p, u, k = t.courses.c, t.people.c, t.teams.c, t.completions.c
    with store.reading() as work, lms.store.lock:
        sql = work.sql
        wrong = len(set(sql.scalars(select(c.lms_id).where(c.gone))) & lms.store.courses.keys())
        wrong += len(set(sql.scalars(select(p.lms_id).where(p.gone))) & lms.store.people.keys())
        wrong += len(set(sql.scalars(select(u.lms_id).where(u.gone))) & lms.store.teams.keys())
        revoked = sql.execute(
            select(c.lms_id, p.lms_id)
            .select_from(
                t.completions.join(t.courses, c.id == k.course_id).join(
                    t.people, p.id == k.person_id
                )
            )
            .where(k.revoked)
        )
        wrong += sum(
            lms.store.completion(*pair) is not None for pair in revoked if tuple(pair) not in silent
        )
    return wrong


def _strategy(chance: Random) -> tuple[str, ...]:
    """What the token's service lists: with the report, without it, or without batches as well."""
    without = chance.choice(((), (RETRIEVE,), (RETRIEVE, CARRIER)))
    return tuple(name for name in FUNCTIONS if name not in without)


def _compared(
    stack: ExitStack, hit: Store, twin: Reader, days: Days, folder: Path
) -> dict[str, Any]:
    """The LMS rests: what an everyday sync leaves different, and what a full one does."""
    lms, clock = twin.lms, twin.clock
    clock.at += timedelta(hours=25)
    with hit.reading() as work:
        undisturbed = Reader(hit, work.connections.named(NAME), lms, clock)
    undisturbed.sync()
    fresh = reader(stack, folder / "fresh.db", lms, clock)
    fresh.sync()
    # Whom a deleted colleague's question names is looked up by the sync after.
    fresh.sync()
    everyday = differences(dump(hit), dump(fresh.store))
    last = undisturbed.sync(full=True)
    twin.sync(full=True)
    fresh.sync(full=True)
    kept = dump(hit)
    from_twin, from_fresh = (
        differences(kept, dump(twin.store)),
        differences(kept, dump(fresh.store)),
    )
    unlike = _unlike_the_lms(kept, lms)
    return {
        "rows": sum(map(len, kept.values())),
        "rows_different": len(from_twin) + len(from_fresh) + len(unlike),
        "differences": [*map(str, (*from_twin, *from_fresh)), *unlike][:SHOWN],
        "everyday": len(everyday),
        "everyday_unexplained": sum(not _silent(one, days.silent) for one in everyday),
        "everyday_differences": [str(one) for one in everyday if not _silent(one, days.silent)][
            :SHOWN
        ],
        "last_sync": last.outcome,
        "problems": [problem for stream in last.streams for problem in stream.problems],
    }


def _unlike_the_lms(kept: Dump, lms: Lms) -> list[str]:
    """Where the store does not say what stands in the LMS's own tables: who learned what, when.

    Both twins came by the same way as the store. This comes by none.
    """
    with lms.store.lock:
        there: dict[tuple[Any, ...], datetime | None] = {
            pair: _when(lms, *pair)
            for pair in lms.store.completions
            if lms.store.enrolment(*pair) and lms.store.courses[pair[0]].tracked
        }
        enrolled = {
            (course_id, one.person_id)
            for course_id in lms.store.courses
            for one in lms.store.enrolled(course_id)
        }
    here = {pair: row["completed_at"] for pair, row in kept["completions"].items()}
    wrong = {pair for pair in here.keys() | there.keys() if here.get(pair, 0) != there.get(pair, 0)}
    return [f"unlike the LMS: {one}" for one in (*wrong, *(enrolled ^ kept["enrolments"].keys()))]


def _when(lms: Lms, course_id: int, person_id: int) -> datetime | None:
    marks = (lms.store.marks.get((a.id, person_id)) for a in lms.store.criteria(course_id))
    last = max((at for at in marks if at), default=None)
    return datetime.fromtimestamp(last, UTC) if last else None


def _silent(one: Difference, silent: set[tuple[int, int]]) -> bool:
    return one.table == "completions" and one.key in silent


def _described(figures: Figures, proxy: Proxy, days: Days, clock: Clock) -> dict[str, Any]:
    return {
        "faults": proxy.faults.total(),
        "kills": figures.kills,
        "kinds": dict(sorted(proxy.faults.items())),
        "answers": proxy.answers,
        "syncs": figures.syncs,
        "whole_syncs": figures.whole,
        "ended": dict(figures.ended),
        "tracebacks": figures.tracebacks[:3],
        "nonsense": figures.nonsense,
        "happened": days.happened,
        "days": (clock.now() - BEGIN).days,
    }


def main() -> None:
    """Measure, on one database or on both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object, for a machine to read")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.2, help="of the answers that are spoilt")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options = parser.parse_args()
    kinds = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    runs: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as url:
            # The kills are divided among the databases.
            kills = options.kills * (number + 1) // len(kinds) - sum(one["kills"] for one in runs)
            seed = options.seed + number
            runs.append(undergo(url, Path(name), kills=kills, seed=seed, share=options.share))
    figures = {key: sum(one[key] for one in runs) for key in ("faults", "kills", "rows_different")}
    figures["databases"] = runs
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


if __name__ == "__main__":
    main()
