"""Whom and what a pushed statement means, among what is stored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select, tuple_

from bridge.model import Actor, ActorBy
from bridge.storage import tables as t
from bridge.storage.statements import chunks, put
from bridge.storage.verdicts import Pair

A_FETCH = 2000


class Matching:
    """Finds people, courses and enrolments; makes enrolments."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def addresses(self, connection_id: int) -> list[str]:
        """The addresses of the LMS: the one it is reached at, and the one it calls itself by."""
        url = self.sql.execute(
            select(t.connections.c.url).where(t.connections.c.id == connection_id)
        ).scalar_one()
        c = t.courses.c
        course = self.sql.execute(
            select(c.url)
            .where(c.connection_id == connection_id, c.url.like("%/course/view.php?id=%"))
            .order_by(c.id.desc())
            .limit(1)
        ).scalar()
        itself = course.partition("/course/view.php?id=")[0] if course else url
        return [url] if itself == url else [url, itself]

    def people(
        self, connection_id: int, actors: Collection[Actor]
    ) -> dict[Actor, list[tuple[int, int]]]:
        """Each actor → those whom it may mean, as our id and the LMS's; none is left out.

        Who is gone from the LMS is nobody. Hashes of addresses are found by hashing every address
        of the connection, a page at a time.
        """
        found: dict[Actor, list[tuple[int, int]]] = {actor: [] for actor in actors}
        wanted: dict[ActorBy, set[str]] = defaultdict(set)
        for actor in actors:
            wanted[actor.by].add(actor.value)
        p = t.people.c
        columns: Mapping[ActorBy, Any] = {
            ActorBy.USER_ID: p.lms_id,
            ActorBy.USERNAME: func.lower(p.username),
            ActorBy.EMAIL: func.lower(p.email),
        }
        here = (p.connection_id == connection_id, p.gone.is_(False))
        for by, column in columns.items():
            values = sorted(int(v) if by is ActorBy.USER_ID else v for v in wanted[by])
            for some in chunks(values):
                query = select(p.id, p.lms_id, column.label("value")).where(*here, column.in_(some))
                for row in self.sql.execute(query):
                    found[Actor(by, str(row.value))].append((row.id, row.lms_id))
        if wanted[ActorBy.EMAIL_SHA1]:
            query = select(p.id, p.lms_id, p.email).where(*here, p.email.is_not(None))
            rows = self.sql.execute(query, execution_options={"yield_per": A_FETCH})
            for ours, lms_id, email in rows:
                for written in {email, email.lower()}:
                    if (digest := _sha1(written)) in wanted[ActorBy.EMAIL_SHA1]:
                        found[Actor(ActorBy.EMAIL_SHA1, digest)].append((ours, lms_id))
        return found

    def courses(self, connection_id: int, lms_ids: Collection[int]) -> dict[int, int]:
        """LMS id → our id of the courses among them that are there."""
        c = t.courses.c
        found: dict[int, int] = {}
        for some in chunks(sorted(lms_ids)):
            rows = self.sql.execute(
                select(c.lms_id, c.id).where(
                    c.connection_id == connection_id, c.lms_id.in_(some), c.gone.is_(False)
                )
            )
            found.update((row.lms_id, row.id) for row in rows)
        return found

    def enrolled(self, pairs: Collection[Pair]) -> dict[Pair, bool]:
        """Pair → whether the person is in the course; one that never was is left out."""
        e = t.enrolments.c
        found: dict[Pair, bool] = {}
        for some in chunks(sorted(pairs)):
            rows = self.sql.execute(
                select(e.course_id, e.person_id, e.gone).where(
                    tuple_(e.course_id, e.person_id).in_(some)
                )
            )
            found.update(((row.course_id, row.person_id), not row.gone) for row in rows)
        return found

    def enrol(self, pairs: Sequence[Pair], now: datetime) -> None:
        """Put the people into the courses; the LMS was not asked for a verdict on them yet."""
        rows = [{"course_id": c, "person_id": p, "first_seen_at": now} for c, p in sorted(pairs)]
        put(self.sql, t.enrolments, rows, ["course_id", "person_id"], [])
        self._change(pairs, gone=False, checked=False, unjudged_since=None)

    def ask_again(self, pairs: Sequence[Pair]) -> None:
        """The LMS is asked for its verdict on them at the next sync."""
        self._change(pairs, checked=False, unjudged_since=None)

    def _change(self, pairs: Sequence[Pair], **values: Any) -> None:
        e = t.enrolments.c
        for some in chunks(sorted(pairs)):
            self.sql.execute(
                t.enrolments.update()
                .where(tuple_(e.course_id, e.person_id).in_(some))
                .values(**values)
            )


def _sha1(email: str) -> str:
    # xAPI hashes addresses with SHA-1; here it recognises one, and protects nothing.
    return hashlib.sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()
