"""Stores the feed benchmark's site in the bridge's tables."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Table

from bridge.model import Choice
from bridge.storage import Store
from bridge.storage import tables as t
from tests.benchmarks.feed_site import (
    EVERYONE,
    NOW,
    Site,
    Story,
    agreed,
    is_course,
    is_team,
    name_of,
    name_of_place,
)

A_BULK = 5_000
CHEERED, COMMENTED = 2, 4
"""Every second story has cheers, every fourth has comments."""

Rows = Iterable[dict[str, Any]]


def fill(store: Store, site: Site) -> None:
    """Store the site, and what people said of its stories."""
    with store.work() as work:
        for table, rows in (*_company(site), *_told(site), *_said(site)):
            keep(work.sql, table, rows)
    # What PostgreSQL does by itself in the minutes after so much was written.
    postgresql = store.engine.dialect.name == "postgresql"
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.exec_driver_sql("VACUUM ANALYZE" if postgresql else "ANALYZE")


def keep(sql: Any, table: Table, rows: Rows) -> None:
    """Store rows, so many at once."""
    every = iter(rows)
    while some := list(islice(every, A_BULK)):
        sql.execute(table.insert(), some)


def connection(now: datetime) -> dict[str, Any]:
    """The row of the only one."""
    return {
        "id": 1,
        "name": "bench",
        "kind": "moodle",
        "url": "https://lms.example",
        "token_sealed": "",
        "functions": [],
        "created_at": now,
    }


def _company(site: Site) -> Iterator[tuple[Table, Rows]]:
    everybody = range(1, site.people + 1)
    here = {"connection_id": 1}
    yield t.connections, [connection(NOW)]
    yield (
        t.people,
        ({"id": n, "lms_id": n, "name": " ".join(name_of(n)), **here} for n in everybody),
    )
    choices = {True: Choice.EVERYONE.value, False: Choice.NOBODY.value}
    yield (
        t.consents,
        (
            {"person_id": n, "choice": choices[agreed(n)], "decided_at": NOW, "pending": False}
            for n in everybody
        ),
    )
    yield (
        t.teams,
        ({"id": n, "lms_id": n, "name": name_of_place(n), **here} for n in everybody if is_team(n)),
    )
    yield (
        t.courses,
        (
            {
                "id": n,
                "lms_id": n,
                "name": name_of_place(n),
                "first_seen_at": NOW,
                "pending": False,
                **here,
            }
            for n in everybody
            if is_course(n)
        ),
    )
    belongs = [(person, place) for person in everybody for place in site.places(person)]
    yield (
        t.memberships,
        ({"team_id": place, "person_id": person} for person, place in belongs if is_team(place)),
    )
    yield (
        t.enrolments,
        (
            {"course_id": place, "person_id": person, "first_seen_at": NOW, "checked": True}
            for person, place in belongs
            if is_course(place)
        ),
    )


def _told(site: Site) -> Iterator[tuple[Table, Rows]]:
    completions: dict[tuple[int, int], int] = {}
    yield t.activities, (_activity(story) for story in site.told())
    members, finished = [], []
    for story in site.told():
        for person in (story.person, *story.others) if story.course else ():
            # One finishes a course once; the site has more to tell than that.
            pair = (story.course, person)
            if pair not in completions:
                completions[pair] = len(completions) + 1
                finished.append(
                    {
                        "id": completions[pair],
                        "connection_id": 1,
                        "course_id": story.course,
                        "person_id": person,
                        "completed_at": story.at,
                        "seen_at": story.at,
                        "pending": False,
                    }
                )
            members.append(
                {
                    "activity_id": story.id,
                    "person_id": person,
                    "completion_id": completions[pair],
                    "at": story.at,
                }
            )
    yield t.completions, finished
    yield t.activity_members, members


def _activity(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "uid": str(uuid.UUID(int=story.id)),
        "connection_id": 1,
        "kind": "completion" if story.course else "post",
        "audience": audience(story.person),
        "course_id": story.course or None,
        # An aggregate is one course's in one day; the site has more to tell, so it has more days.
        "day": NOW.date() + timedelta(days=story.id) if story.course else None,
        "actor_id": None if story.course else story.person,
        "text": story.said,
        "question": not story.course,
        "named": 1 + len(story.others) if story.course else 0,
        "published": story.at,
        "updated": story.at,
    }


def _said(site: Site) -> Iterator[tuple[Table, Rows]]:
    ids = range(1, site.stories + 1)
    yield (
        t.reactions,
        (
            {"activity_id": n, "person_id": 1 + (n * step) % site.people, "at": NOW}
            for n in ids[::CHEERED]
            for step in (1, 7)
        ),
    )
    yield (
        t.comments,
        (
            {
                "activity_id": n,
                "person_id": 1 + (n * step) % site.people,
                "text": f"Number {step}.",
                "at": NOW,
            }
            for n in ids[::COMMENTED]
            for step in (3, 5, 11)
        ),
    )


def audience(place: int) -> str:
    """The key of a place's audience."""
    if place == EVERYONE:
        return "everyone:1"
    return f"team:{place}" if is_team(place) else f"course:{place}"
