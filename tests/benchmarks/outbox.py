"""Workers that are killed, outlets that misbehave: `python -m tests.benchmarks.outbox --json`.

On each kind of database thousands of activities are shared at four outlets: a webhook and a
Mastodon server, which know a post by its key; a Slack channel, which can be asked; a workflow of
Teams, which is neither. A tenth of the requests is refused, answered with an error before or after
it was carried out, dropped before or after, or never answered although it was carried out
(:mod:`tests.benchmarks.outbox_outlets`). Two workers at a time, processes of their own
(:mod:`tests.benchmarks.outbox_worker`), deliver until nothing is due, and are killed with
``kill -9`` at random moments. Then their common clock moves on by some minutes.

In the end what the outlets show is held against what the ledger says:

* ``lost``: what is neither shown nor said to be in doubt, and whatever is not settled;
* ``doubled``: how often something is shown once more than once, at any outlet;
* ``unknown``: what the ledger says to be in doubt, because the outlet has no key and cannot be
  asked; of these some are shown and some are not (``unknown_shown``).

Then a fresh outbox is drained by one worker into a healthy webhook: ``per_second``, for the slower
database. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bridge.delivery import outbox, outlets
from bridge.model import Audience, AudienceKind, DeliveryState
from bridge.storage import Store
from bridge.storage import tables as t
from tests.benchmarks.outbox_outlets import Place, Weather, places
from tests.benchmarks.outbox_worker import Slot, slots
from tests.benchmarks.readers import BEGIN, database
from tests.cast import Cast, make_cast
from tests.conftest import SECRET_KEY

WORKERS = 2
AT_ONCE = 500
PATIENCE = "0.5"
"""Seconds that a worker waits for an outlet's answer."""
SECONDS_MORE = 0.02
LONGEST_ROUND = 600.0
KINDS = ("sqlite", "postgresql")
SHOWN = (DeliveryState.SHOWN, DeliveryState.ACCEPTED)


class Outbox:
    """A store with outlets, and with activities that are shared at all of them."""

    def __init__(self, url: str, some: Mapping[str, Place]) -> None:
        self.store = Store(url, [SECRET_KEY])
        self.cast: Cast = make_cast(self.store, BEGIN)
        everyone = Audience(AudienceKind.EVERYONE, self.cast.connection)
        with self.store.work() as work:
            self.outlets = {
                name: outlets.add(
                    work,
                    self.cast.connection,
                    name,
                    place.kind,
                    everyone,
                    dict(place.settings),
                    place.secret,
                )
                for name, place in some.items()
            }

    def share(self, count: int) -> None:
        """Alice shares so many things at every outlet."""
        a = t.activities
        for start in range(0, count, AT_ONCE):
            with self.store.work() as work:
                rows = [
                    {
                        "uid": f"uid-{number}",
                        "connection_id": self.cast.connection,
                        "kind": "share",
                        "audience": f"everyone:{self.cast.connection}",
                        "actor_id": self.cast.alice,
                        "course_id": self.cast.feedback,
                        "text": f"Number {number}.",
                        "published": BEGIN,
                        "updated": BEGIN,
                    }
                    for number in range(start, min(count, start + AT_ONCE))
                ]
                ids = work.sql.scalars(a.insert().returning(a.c.id), rows).all()
                where = [outlet.id for outlet in self.outlets.values()]
                outbox.enqueue(work, ids, BEGIN, outlet_ids=where)

    def pending(self) -> int:
        """How many deliveries are still to be seen to."""
        with self.store.reading() as work:
            return len(
                work.sql.scalars(select(t.deliveries.c.id).where(t.deliveries.c.pending)).all()
            )

    def ledger(self, name: str) -> dict[int, DeliveryState]:
        """What is said of each delivery to an outlet, by its number."""
        d, a = t.deliveries, t.activities
        query = select(a.c.text, d.c.state).join_from(d, a, a.c.id == d.c.activity_id)
        with self.store.reading() as work:
            rows = work.sql.execute(query.where(d.c.outlet_id == self.outlets[name].id))
            return {int(text[7:-1]): DeliveryState(state) for text, state in rows}


def settings(url: str) -> dict[str, str]:
    """A worker's settings."""
    return {
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "BASE_URL": "https://bridge.example",
        "OUTLET_TIMEOUT": PATIENCE,
        "OUTLET_ALLOW_PRIVATE": "127.0.0.1",
    }


# --- chaos -------------------------------------------------------------------------------------


def undergo(url: str, *, shares: int, kills: int, seed: int) -> dict[str, Any]:
    """The whole run on the database at ``url``, which has every table and no row."""
    started, chance = time.perf_counter(), random.Random(seed)
    weather = Weather(random.Random(seed))
    with ExitStack() as stack:
        some = stack.enter_context(places(weather))
        box = Outbox(url, some)
        stack.callback(box.store.close)
        box.share(shares)
        crew = stack.enter_context(slots(WORKERS, settings(url)))
        now, killed, rounds = BEGIN, 0, 0
        # A worker that is to be killed is killed within so many requests of its round.
        last_words = shares * len(some) // max(1, kills)
        while left := box.pending():
            killed += _round(crew, now, weather, chance, kills - killed, last_words)
            weather.settle()
            now += timedelta(minutes=chance.choice((1, 4, 6)))
            rounds += 1
            if rounds % 10 == 0:
                say(f"  {killed} killed, {weather.requests} requests, {left} to be delivered")
        figures = compared(box, some)
        return {
            "database": box.store.engine.dialect.name,
            "kills": killed,
            **figures,
            "requests": weather.requests,
            "moods": dict(sorted(weather.moods.items())),
            "rounds": rounds,
            "seconds": round(time.perf_counter() - started, 1),
        }


def _round(
    crew: list[Slot],
    now: datetime,
    weather: Weather,
    chance: random.Random,
    kills: int,
    last_words: int,
) -> int:
    """Let every worker deliver what is due; how many of them were killed meanwhile."""
    doom: dict[Slot, tuple[int, float]] = {}
    for slot in crew:
        slot.start(now)
        if len(doom) < kills:
            last = weather.requests + chance.randint(0, last_words)
            doom[slot] = last, chance.uniform(0, SECONDS_MORE)
    killed, end = 0, time.monotonic() + LONGEST_ROUND
    while running := [slot for slot in crew if not slot.ended(0.001)]:
        for slot in running:
            last, delay = doom.get(slot, (sys.maxsize, 0.0))
            if weather.requests >= last:
                time.sleep(delay)
                slot.kill()
                slot.ended(LONGEST_ROUND)
                killed += slot.killed
        if time.monotonic() > end:
            raise RuntimeError("A worker does not come to an end.")
    return killed


def compared(box: Outbox, some: Mapping[str, Place]) -> dict[str, Any]:
    """What the outlets show, beside what the ledger says."""
    lost, doubled, unknown, unknown_shown, deliveries = 0, 0, 0, 0, 0
    states: dict[str, dict[str, int]] = {}
    for name, place in some.items():
        seen, said = place.seen(), box.ledger(name)
        deliveries += len(said)
        states[name] = dict(Counter(state.value for state in said.values()))
        doubled += sum(count - 1 for count in seen.values())
        in_doubt = [n for n, state in said.items() if state is DeliveryState.UNKNOWN]
        unknown += len(in_doubt)
        unknown_shown += sum(n in seen for n in in_doubt)
        lost += sum(
            not (state in SHOWN and n in seen)
            for n, state in said.items()
            if state is not DeliveryState.UNKNOWN
        )
        lost += len(seen.keys() - said.keys())
        if place.kind != "teams":  # Everywhere else a doubt can be resolved, and has to be.
            lost += len(in_doubt)
    return {
        "deliveries": deliveries,
        "lost": lost,
        "doubled": doubled,
        "unknown": unknown,
        "unknown_shown": unknown_shown,
        "states": states,
    }


# --- a healthy receiver ------------------------------------------------------------------------


def drain(url: str, deliveries: int) -> float:
    """How many deliveries a second one worker makes to a webhook that answers."""
    weather = Weather(random.Random(0))
    weather.calm = True
    with ExitStack() as stack:
        some = stack.enter_context(places(weather))
        box = Outbox(url, {"hook": some["hook"]})
        stack.callback(box.store.close)
        box.share(deliveries)
        (worker,) = stack.enter_context(slots(1, settings(url) | {"OUTLET_TIMEOUT": "15"}))
        started = time.perf_counter()
        worker.start(BEGIN)
        worker.ended(600)
        seconds = time.perf_counter() - started
        assert len(some["hook"].seen()) == deliveries, "not everything was delivered"
        return round(deliveries / seconds, 1)


# --- the run -----------------------------------------------------------------------------------


def say(text: str) -> None:
    """Progress, for people."""
    print(text, file=sys.stderr, flush=True)


def run(
    kinds: tuple[str, ...], *, shares: int, kills: int, healthy: int, seed: int
) -> dict[str, Any]:
    """The figures of each kind of database, and of all."""
    databases: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        # The deliveries and the kills are divided among the databases.
        mine = kills * (number + 1) // len(kinds) - sum(one["kills"] for one in databases)
        with tempfile.TemporaryDirectory() as folder:
            say(f"{kind}: {4 * shares} deliveries, {mine} kills ...")
            with database(kind, Path(folder)) as url:
                found = undergo(url, shares=shares, kills=mine, seed=seed + number)
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            say(f"{kind}: a healthy webhook ...")
            found["per_second"] = drain(url, healthy)
        databases.append(found)
    summed = ("deliveries", "kills", "lost", "doubled", "unknown")
    figures: dict[str, Any] = {key: sum(one[key] for one in databases) for key in summed}
    figures["per_second"] = min(one["per_second"] for one in databases)
    for one in databases:
        figures |= {f"{key}_{one['database']}": one[key] for key in (*summed, "per_second")}
    return {**figures, "databases": databases}


def main() -> None:
    """Measure on both kinds of database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one object, for a machine to read")
    parser.add_argument("--small", action="store_true", help="a fiftieth of it")
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--healthy", type=int, default=3_000, help="deliveries to time, a database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    options = parser.parse_args()
    kinds = KINDS if options.database == "both" else (options.database,)
    part = 50 if options.small else 1
    figures = run(
        kinds,
        shares=-(-options.deliveries // part // len(kinds) // 4),
        kills=options.kills // part,
        healthy=options.healthy // part,
        seed=options.seed,
    )
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


if __name__ == "__main__":
    main()
