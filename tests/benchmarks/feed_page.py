"""How long a home feed page takes: `python -m tests.benchmarks.feed_page --json`.

100,000 activities, 2,000 people, 50 audiences each. Prints milliseconds for the first page and for
one behind the newest tenth of all activities, and beside them the page's own statements sent
through the bare driver, so that what the bridge adds is a ratio in one run. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bridge.feed import cursors, read
from bridge.model import Choice, Viewer
from bridge.storage import Store
from bridge.storage import tables as t
from tests.conftest import SECRET_KEY

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
PEOPLE, TEAMS, COURSES = 2_000, 120, 400
OF_TEAMS, OF_COURSES = 4, 45
NAMES_EACH = 3
A_BULK = 20_000


def fill(store: Store, activities: int, chance: random.Random) -> list[Viewer]:
    """Store the site; a sample of its people as viewers."""
    with store.work() as work:
        sql = work.sql
        sql.execute(
            t.connections.insert(),
            {
                "id": 1,
                "name": "bench",
                "kind": "moodle",
                "url": "https://lms.example",
                "token_sealed": "",
                "functions": [],
                "created_at": NOW,
            },
        )
        sql.execute(
            t.people.insert(),
            [
                {"id": n, "connection_id": 1, "lms_id": n, "name": f"Person {n}"}
                for n in range(1, PEOPLE + 1)
            ],
        )
        sql.execute(
            t.consents.insert(),
            [
                {
                    "person_id": n,
                    "choice": Choice.EVERYONE.value,
                    "decided_at": NOW,
                    "pending": False,
                }
                for n in range(1, PEOPLE + 1)
            ],
        )
        sql.execute(
            t.teams.insert(),
            [
                {"id": n, "connection_id": 1, "lms_id": n, "name": f"Team {n}"}
                for n in range(1, TEAMS + 1)
            ],
        )
        sql.execute(
            t.courses.insert(),
            [
                {
                    "id": n,
                    "connection_id": 1,
                    "lms_id": n,
                    "name": f"Course {n}",
                    "first_seen_at": NOW,
                    "pending": False,
                }
                for n in range(1, COURSES + 1)
            ],
        )
        _tell(sql, activities, chance)
        # What a database does by itself in the minutes after so much was written.
        sql.exec_driver_sql("ANALYZE")
    return [_viewer(n, chance) for n in chance.sample(range(1, PEOPLE + 1), 200)]


def _tell(sql: Any, activities: int, chance: random.Random) -> None:
    completions, members, told = [], [], []
    for ident in range(1, activities + 1):
        at = NOW - timedelta(minutes=activities - ident)
        course = chance.randrange(1, COURSES + 1)
        shape = ident % 10
        audience = (
            "everyone:1"
            if shape == 0
            else f"team:{chance.randrange(1, TEAMS + 1)}"
            if shape < 5
            else f"course:{course}"
        )
        completion = shape < 5
        told.append(
            {
                "id": ident,
                "uid": str(uuid.UUID(int=ident)),
                "connection_id": 1,
                "kind": "completion" if completion else "post",
                "audience": audience,
                "course_id": course,
                "day": (NOW - timedelta(days=ident)).date() if completion else None,
                "actor_id": None if completion else chance.randrange(1, PEOPLE + 1),
                "text": "" if completion else "Any tips?",
                "named": NAMES_EACH,
                "published": at,
                "updated": at,
            }
        )
        if completion:
            for person in chance.sample(range(1, PEOPLE + 1), NAMES_EACH):
                number = len(completions) + 1
                completions.append(
                    {
                        "id": number,
                        "connection_id": 1,
                        "course_id": course,
                        "person_id": person,
                        "completed_at": at,
                        "seen_at": at,
                        "pending": False,
                    }
                )
                members.append(
                    {"activity_id": ident, "person_id": person, "completion_id": number, "at": at}
                )
    # One person finishes a course once; the benchmark has more to tell than that.
    unique: dict[tuple[int, int], int] = {}
    for row in completions:
        unique.setdefault((row["course_id"], row["person_id"]), row["id"])
    kept = {
        row["id"] for row in completions if unique[row["course_id"], row["person_id"]] == row["id"]
    }
    by_id = {row["id"]: row for row in completions}
    for member in members:
        row = by_id[member["completion_id"]]
        member["completion_id"] = unique[row["course_id"], row["person_id"]]
    cheers = [
        {"activity_id": n, "person_id": chance.randrange(1, PEOPLE + 1), "at": NOW}
        for n in range(1, activities + 1, 2)
    ]
    for table, rows in (
        (t.activities, told),
        (t.completions, [row for row in completions if row["id"] in kept]),
        (t.activity_members, members),
        (t.reactions, cheers),
    ):
        for start in range(0, len(rows), A_BULK):
            sql.execute(table.insert(), rows[start : start + A_BULK])


def _viewer(person: int, chance: random.Random) -> Viewer:
    return Viewer(
        person_id=person,
        connection_id=1,
        name=f"Person {person}",
        team_ids=frozenset(chance.sample(range(1, TEAMS + 1), OF_TEAMS)),
        course_ids=frozenset(chance.sample(range(1, COURSES + 1), OF_COURSES)),
    )


def measured(viewers: list[Viewer], look: Callable[[Viewer], object]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds."""
    times = []
    for viewer in viewers:
        started = time.perf_counter()
        look(viewer)
        times.append((time.perf_counter() - started) * 1000)
    return {
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
    }


def bare(store: Store, viewers: list[Viewer], before: str | None) -> dict[str, float]:
    """The same pages' statements, sent again through the bare driver."""
    sent: dict[int, list[tuple[str, Any]]] = {}
    now: list[int] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.setdefault(now[0], []).append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    for viewer in viewers:
        now[:] = [viewer.person_id]
        _page(store, viewer, before)
    event.remove(store.engine, "before_cursor_execute", note)
    driver = store.engine.raw_connection()
    try:

        def look(viewer: Viewer) -> None:
            cursor = driver.cursor()
            for statement, parameters in sent[viewer.person_id]:
                cursor.execute(statement, parameters)
                cursor.fetchall()
            cursor.close()

        return measured(viewers, look)
    finally:
        driver.close()


def _page(store: Store, viewer: Viewer, before: str | None) -> object:
    with store.reading() as work:
        return read.home(work, viewer, before)


def run(store: Store, activities: int) -> dict[str, object]:
    """All the figures of one database."""
    viewers = fill(store, activities, random.Random(7))
    deep = cursors.write((NOW - timedelta(minutes=activities // 10), activities * 9 // 10))
    return {
        "database": store.engine.dialect.name,
        "activities": activities,
        "first": measured(viewers, lambda v: _page(store, v, None)),
        "deep": measured(viewers, lambda v: _page(store, v, deep)),
        "first_bare_sql": bare(store, viewers, None),
        "deep_bare_sql": bare(store, viewers, deep),
    }


def main() -> None:
    """Measure on SQLite, or on an empty database of this version that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object, for a machine to read")
    parser.add_argument("--database", help="the URL of an empty database with every table")
    parser.add_argument("--activities", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        store = Store(url, [SECRET_KEY])
        t.metadata.create_all(store.engine)
        figures = run(store, options.activities)
        store.close()
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


if __name__ == "__main__":
    main()
