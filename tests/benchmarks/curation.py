"""How long large suggestions take: `python -m tests.benchmarks.curation`.

100,000 people, 5,000 courses and 1,000,000 completions of two years, in 4,000 teams of 25 people
with 500 leaders: people take courses of their field, and now and then what is popular. In the feed
of the last three weeks stand 6,000 completions, posts and shares with 60,000 cheers and comments,
of which the last two weeks' are candidates. Then:

* ``refresh_seconds``: a first refresh of all leaders, as the worker does it, from the tables to the
  tables; ``peak_mb``: the greatest memory of the process that does it, which is its own;
* ``next_day_seconds``, ``rewritten``: another refresh after a day with 1,500 completions more, and
  how many of the suggestions (``suggestions``) it wrote, because a figure in their reasons or their
  place has changed; ``other_courses``: how many of those are of something else than the day before;
  ``again``: how many a third refresh wrote, with nothing new: none;
* ``activities``: how many of the suggestions are about an activity of the feed;
* ``page_ms_p95``: what a leader's desk reads (``flow.desk_page``), of 200 leaders, at the 95th
  percentile; ``why_ms_p95``: what the page reads that proves a suggestion (``flow.why``), of each
  one of theirs.

Nothing is asserted about times.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from bridge import flow
from bridge.access import sessions
from bridge.storage import Store
from bridge.storage import tables as t
from tests.benchmarks.feed_store import connection, keep
from tests.benchmarks.readers import Clock, database
from tests.conftest import SECRET_KEY

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
YEARS = 2
FIELDS = 50
TEAM = 25
PAGES = 200
WORDS = ("leading", "selling", "writing", "safety", "data", "feedback", "budgets", "law", "tools")


def fill(store: Store, people: int, courses: int, completions: int, leaders: int) -> None:
    """Store the site; the same one every time."""
    chance = np.random.default_rng(7)
    with store.work() as work:
        for table, rows in _company(people, courses, leaders):
            keep(work.sql, table, rows)
        person, course, at = _finished(chance, people, courses, completions)
        keep(work.sql, t.enrolments, _enrolments(person, course))
        keep(work.sql, t.completions, _completions(person, course, at))
        for table, rows in _talk(chance, people, courses, max(100, people // 50)):
            keep(work.sql, table, rows)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.exec_driver_sql("ANALYZE")


def another_day(store: Store, people: int, courses: int, many: int) -> None:
    """So many more finish something on the next day."""
    chance = np.random.default_rng(8)
    start = int((NOW + timedelta(hours=1)).timestamp())
    with store.work() as work:
        k = t.completions.c
        known = {tuple(row) for row in work.sql.execute(select(k.person_id, k.course_id))}
        rows: dict[tuple[int, int], int] = {}
        while len(rows) < many:
            pair = int(chance.integers(people)) + 1, int(chance.zipf(1.3) % courses) + 1
            if pair not in known:
                rows[pair] = start + int(chance.integers(20 * 3600))
        person, course = np.array(list(rows)).T
        keep(work.sql, t.completions, _completions(person, course, np.array(list(rows.values()))))


def _company(people: int, courses: int, leaders: int) -> Iterator[tuple[Any, Any]]:
    here, teams = {"connection_id": 1}, max(1, people // TEAM)
    yield t.connections, iter([connection(NOW)])
    yield (
        t.people,
        ({"id": n, "lms_id": n, "name": f"Person {n}", **here} for n in range(1, people + 1)),
    )
    yield (
        t.teams,
        ({"id": n, "lms_id": n, "name": f"Team {n}", **here} for n in range(1, teams + 1)),
    )
    yield (
        t.courses,
        (
            {
                "id": n,
                "lms_id": n,
                "name": f"{WORDS[n % len(WORDS)].title()} {n % FIELDS}, part {n // FIELDS}",
                "category": f"Field {n % FIELDS}",
                "url": f"https://lms.example/course/view.php?id={n}",
                "self_enrol": True,
                "first_seen_at": NOW - timedelta(days=30 + n % 600),
                "history": True,
                "pending": False,
                **here,
            }
            for n in range(1, courses + 1)
        ),
    )
    yield (
        t.memberships,
        ({"team_id": (n - 1) // TEAM % teams + 1, "person_id": n} for n in range(1, people + 1)),
    )
    # A leader leads one to three teams.
    yield (
        t.leaders,
        (
            {"team_id": (n * 7 + k * 131) % teams + 1, "person_id": n * (people // leaders)}
            for n in range(1, leaders + 1)
            for k in range(1 + n % 3)
        ),
    )


def _talk(
    chance: np.random.Generator, people: int, courses: int, each: int
) -> Iterator[tuple[Any, Any]]:
    """Completions, posts and shares of three weeks, so many of each, and what people said to them:
    ten answers each on average, most of them to few."""
    teams = max(1, people // TEAM)
    told: list[dict[str, Any]] = []
    for kind in ("completion", "post", "share"):
        for n in range(each):
            at = NOW - timedelta(minutes=int(chance.integers(21 * 24 * 60)))
            course = int(chance.integers(courses)) + 1
            everyone = n % 3 > 0
            row: dict[str, Any] = {
                "id": len(told) + 1,
                "uid": f"00000000-0000-4000-8000-{len(told) + 1:012d}",
                "connection_id": 1,
                "kind": kind,
                "audience": "everyone:1" if everyone else f"team:{n % teams + 1}",
                "actor_id": None if kind == "completion" else int(chance.integers(people)) + 1,
                "course_id": None if kind == "post" else course,
                "day": at.date() if kind == "completion" else None,
                "text": "" if kind == "completion" else f"On {WORDS[n % len(WORDS)]}, {n}",
                "others": 20 if kind == "completion" else 0,
                "group_size": 100 if kind == "completion" else 0,
                "published": at,
                "updated": at,
            }
            told.append(row)
    # A course's day is told once to an audience.
    days = {(r["course_id"], r["day"], r["audience"], r["kind"]): r for r in told if r["day"]}
    told = [r for r in told if not r["day"]] + list(days.values())
    yield t.activities, iter(told)
    some = (chance.zipf(1.3, 10 * len(told)) - 1) % len(told)
    who = chance.integers(people, size=len(some)) + 1
    pairs = sorted({(int(a), int(p)) for a, p in zip(some, who, strict=True)})
    answers = [
        {
            "activity_id": told[a]["id"],
            "person_id": p,
            "at": told[a]["published"] + timedelta(hours=3),
        }
        for a, p in pairs
    ]
    yield t.reactions, iter(answers[::2])
    yield t.comments, ({**row, "text": "Yes."} for row in answers[1::2])


def _finished(
    chance: np.random.Generator, people: int, courses: int, completions: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who finished what, and when: each pair once."""
    many = int(completions * 1.5)
    person = chance.integers(0, people, many)
    field = (person // TEAM) % FIELDS  # A team works in one field.
    step = np.minimum(chance.zipf(1.4, many) - 1, courses // FIELDS - 1)
    of_field = (step * FIELDS + field) % courses
    popular = (chance.zipf(1.3, many) - 1) % courses
    course = np.where(chance.random(many) < 0.8, of_field, popular)
    pairs, first = np.unique(person * courses + course, return_index=True)
    chosen = chance.permutation(len(pairs))[:completions]
    place = first[chosen]
    begin = NOW - timedelta(days=365 * YEARS)
    # The later parts of a field are finished later.
    at = np.sqrt(chance.random(len(place))) * (0.5 + 0.5 * np.minimum(step[place] / 10, 1))
    seconds = begin.timestamp() + at * (NOW - begin).total_seconds()
    return person[place] + 1, course[place] + 1, seconds.astype(int)


def _enrolments(person: np.ndarray, course: np.ndarray) -> Iterator[dict[str, Any]]:
    for p, c in zip(person.tolist(), course.tolist(), strict=True):
        yield {"person_id": p, "course_id": c, "first_seen_at": NOW, "checked": True}


def _completions(
    person: np.ndarray, course: np.ndarray, at: np.ndarray
) -> Iterator[dict[str, Any]]:
    for p, c, seconds in zip(person.tolist(), course.tolist(), at.tolist(), strict=True):
        moment = datetime.fromtimestamp(seconds, UTC)
        yield {
            "connection_id": 1,
            "person_id": p,
            "course_id": c,
            "completed_at": moment,
            "seen_at": moment,
            "history": True,
            "pending": False,
        }


# --- what is measured --------------------------------------------------------------------------


def refresh(url: str, now: datetime) -> dict[str, Any]:
    """One refresh, in this process: seconds, what was written, and the greatest memory so far."""
    with closing(Store(url, [SECRET_KEY])) as store:
        started = time.perf_counter()
        written = flow.suggest(store, Clock(now), 1)
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": round(seconds, 1), "written": written, "peak_mb": round(peak)}


def refreshed(url: str, now: datetime) -> dict[str, Any]:
    """:func:`refresh` in a process of its own, as the worker is one."""
    command = [sys.executable, "-m", "tests.benchmarks.curation", "--refresh", url]
    command += ["--now", now.isoformat()]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def pages(store: Store, now: datetime, leaders: list[int]) -> tuple[float, float]:
    """Milliseconds at the 95th percentile for what a desk reads, and for what proves a reason."""
    times, proofs = [], []
    for leader in leaders:
        with store.reading() as work:
            viewer = sessions.viewer_of(work, leader)
        started = time.perf_counter()
        page = flow.desk_page(store, Clock(now), viewer)
        times.append((time.perf_counter() - started) * 1000)
        assert page.suggestions
        for course in (s.course for s in page.suggestions if s.course is not None):
            started = time.perf_counter()
            flow.why(store, Clock(now), viewer, course.id)
            proofs.append((time.perf_counter() - started) * 1000)
    return float(np.percentile(times, 95)), float(np.percentile(proofs, 95))


def standing(store: Store, now: datetime) -> set[tuple[int, int | None, int | None]]:
    """Which course, or which activity, is suggested to whom this week."""
    with store.reading() as work:
        week = work.curation.week(1, now.date() - timedelta(days=now.weekday()))
    return {(one.leader_id, one.course_id, one.about_id) for one in week}


def measure(
    url: str, people: int, courses: int, completions: int, leaders: int, news: int
) -> dict[str, Any]:
    """All the figures, on a database that has every table and no row."""
    with closing(Store(url, [SECRET_KEY])) as store:
        say(f"storing {completions:,} completions of {people:,} people ...")
        fill(store, people, courses, completions, leaders)
        say("the first refresh ...")
        first = refreshed(url, NOW)
        before = standing(store, NOW)
        another_day(store, people, courses, news)
        say("and one after another day ...")
        later = NOW + timedelta(days=1)
        second, third = refreshed(url, later), refreshed(url, later)
        with store.reading() as work:
            every = work.curation.leaders(1)
        after = standing(store, later)
        some = every[:: max(1, len(every) // PAGES)]
        page_ms, why_ms = pages(store, later, some)
    return {
        "refresh_seconds": first["seconds"],
        "peak_mb": max(first["peak_mb"], second["peak_mb"]),
        "page_ms_p95": round(page_ms, 1),
        "why_ms_p95": round(why_ms, 1),
        "suggestions": len(after),
        "activities": sum(about is not None for _, _, about in after),
        "next_day_seconds": second["seconds"],
        "rewritten": second["written"],
        "other_courses": len(after - before),
        "again": third["written"],
    }


def say(text: str) -> None:
    """Progress, for people."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure on one kind of database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one object, for a machine to read")
    parser.add_argument("--small", action="store_true", help="a hundredth of it, in seconds")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--refresh", help=argparse.SUPPRESS)
    parser.add_argument("--now", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.refresh:
        print(json.dumps(refresh(options.refresh, datetime.fromisoformat(options.now))))
        return
    size = (
        (1_000, 200, 10_000, 20, 60) if options.small else (100_000, 5_000, 1_000_000, 500, 1_500)
    )
    with tempfile.TemporaryDirectory() as folder, database(options.database, Path(folder)) as url:
        figures = measure(url, *size)
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


if __name__ == "__main__":
    main()
