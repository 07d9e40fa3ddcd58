"""Which courses an LTI platform is to be asked about, and which turned out to be behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import or_, select

from bridge.model import Stream
from bridge.storage import tables as t
from bridge.storage.statements import insert


@dataclass(frozen=True)
class Roster:
    """Where a platform says who is in a course."""

    course_id: int
    platform_id: int
    url: str


class RosterRepository:
    """Reads and writes ``lti_rosters``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def want(self, roster: Roster, not_since: datetime) -> None:
        """Have the platform asked, unless it was asked about the course since then."""
        r = t.lti_rosters
        values = {"platform_id": roster.platform_id, "url": roster.url, "pending": True}
        statement = insert(self.sql, r).values({**values, "course_id": roster.course_id})
        self.sql.execute(
            statement.on_conflict_do_update(
                index_elements=["course_id"],
                set_=values,
                where=or_(r.c.asked_at.is_(None), r.c.asked_at <= not_since),
            )
        )

    def any_wanted(self) -> bool:
        """Whether a platform is to be asked about any course."""
        r = t.lti_rosters.c
        wanted = select(r.course_id).where(r.pending.is_(True)).limit(1)
        return self.sql.execute(wanted).first() is not None

    def next(self, now: datetime) -> Roster | None:
        """One that is to be asked for, which from now on counts as asked; ``None`` without one."""
        r = t.lti_rosters
        first = select(r.c.course_id).where(r.c.pending.is_(True)).order_by(r.c.course_id).limit(1)
        row = self.sql.execute(
            r.update()
            .where(r.c.course_id == first.scalar_subquery(), r.c.pending.is_(True))
            .values(pending=False, asked_at=now)
            .returning(r.c.course_id, r.c.platform_id, r.c.url)
        ).first()
        return None if row is None else Roster(*row)

    def enrolled(self, course_id: int) -> set[int]:
        """The LMS's ids of the people who are known to be in the course."""
        e, p = t.enrolments.c, t.people.c
        rows = self.sql.execute(
            select(p.lms_id)
            .join_from(t.enrolments, t.people, e.person_id == p.id)
            .where(e.course_id == course_id)
        )
        return set(rows.scalars())

    def set_behind(self, course_id: int, now: datetime) -> None:
        """Keep that somebody is in the course who is not known to be."""
        r = t.lti_rosters
        self.sql.execute(r.update().where(r.c.course_id == course_id).values(behind_at=now))

    def behind(self, connection_id: int, limit: int) -> list[tuple[int, int]]:
        """Courses of the connection that are behind, in our ids and the LMS's.

        One whose people were read since, with everybody's, is not any more.
        """
        r, c, k = t.lti_rosters.c, t.courses.c, t.checkpoints.c
        read_at = (
            select(k.read_at)
            .where(k.connection_id == connection_id, k.stream == Stream.ENROLMENTS.value)
            .scalar_subquery()
        )
        rows = self.sql.execute(
            select(c.id, c.lms_id)
            .join_from(t.lti_rosters, t.courses, r.course_id == c.id)
            .where(
                c.connection_id == connection_id,
                r.behind_at.is_not(None),
                or_(read_at.is_(None), read_at <= r.behind_at),
            )
            .order_by(r.behind_at, c.id)
            .limit(limit)
        )
        return [(row.id, row.lms_id) for row in rows]

    def caught_up(self, course_id: int) -> None:
        """Keep that the course is not behind any more, as far as can be read."""
        r = t.lti_rosters
        self.sql.execute(r.update().where(r.c.course_id == course_id).values(behind_at=None))
