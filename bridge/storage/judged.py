"""Courses as far as an LMS judges their people: which can be, and when all were last compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, or_, select

from bridge.storage import tables as t
from bridge.storage.statements import chunks


class JudgedCourses:
    """Reads and marks ``courses``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def readable_courses(
        self, connection_id: int, unreadable_before: datetime, held_since: datetime
    ) -> dict[int, int]:
        """LMS id → our id of the courses that can be judged, as far as is known."""
        c = t.courses.c
        rows = self.sql.execute(
            select(c.lms_id, c.id).where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.tracked.is_(True),
                or_(c.unreadable_since.is_(None), c.unreadable_since < unreadable_before),
                or_(c.verdicts_refused_at.is_(None), c.verdicts_refused_at < held_since),
            )
        )
        return {row.lms_id: row.id for row in rows}

    def never_judged(self, connection_id: int) -> frozenset[int]:
        """Courses that were there at the first sync, and whose people were never judged whole."""
        c = t.courses.c
        rows = self.sql.execute(
            select(c.id).where(
                c.connection_id == connection_id, c.history.is_(True), c.reconciled_at.is_(None)
            )
        )
        return frozenset(rows.scalars())

    def mark_unreadable(self, course_ids: Sequence[int], now: datetime) -> None:
        """The LMS has nothing to judge these courses' people by."""
        self._mark_courses(course_ids, unreadable_since=now)

    def hold(self, course_ids: Sequence[int], now: datetime) -> None:
        """The LMS would not judge these courses' people."""
        self._mark_courses(course_ids, verdicts_refused_at=now)

    def held(self, connection_id: int, held_since: datetime) -> list[int]:
        """Courses that refused since then, the longest ago first."""
        c = t.courses.c
        rows = self.sql.execute(
            select(c.id)
            .where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.verdicts_refused_at >= held_since,
            )
            .order_by(c.verdicts_refused_at, c.id)
        )
        return list(rows.scalars())

    def let_go(self, connection_id: int) -> None:
        """No course counts as refusing any more."""
        c = t.courses.c
        self.sql.execute(
            t.courses.update()
            .where(c.connection_id == connection_id, c.verdicts_refused_at.is_not(None))
            .values(verdicts_refused_at=None)
        )

    def _mark_courses(self, course_ids: Sequence[int], **values: Any) -> None:
        for some in chunks(course_ids):
            self.sql.execute(t.courses.update().where(t.courses.c.id.in_(some)).values(**values))

    def count_tracked(self, connection_id: int) -> int:
        """How many enrolments of courses with completion there are."""
        e, c = t.enrolments.c, t.courses.c
        return int(
            self.sql.execute(
                select(func.count())
                .select_from(t.enrolments.join(t.courses, c.id == e.course_id))
                .where(
                    c.connection_id == connection_id,
                    c.gone.is_(False),
                    c.tracked.is_(True),
                    e.gone.is_(False),
                )
            ).scalar_one()
        )

    def to_reconcile(self, connection_id: int, before: datetime, held_since: datetime) -> list[int]:
        """Courses that were last compared before then, the oldest first.

        What was found in a course when it was first seen counts as compared.
        """
        c = t.courses.c
        since = func.coalesce(c.reconciled_at, c.first_seen_at)
        rows = self.sql.execute(
            select(c.id)
            .where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.tracked.is_(True),
                since < before,
                or_(c.unreadable_since.is_(None), c.unreadable_since < before),
                or_(c.verdicts_refused_at.is_(None), c.verdicts_refused_at < held_since),
            )
            .order_by(since, c.id)
        )
        return list(rows.scalars())

    def mark_reconciled(self, course_ids: Sequence[int], now: datetime) -> None:
        """Every verdict in these courses was compared with the LMS's."""
        self._mark_courses(course_ids, reconciled_at=now)
