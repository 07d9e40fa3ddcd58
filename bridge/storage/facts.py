"""Courses, teams and people as an LMS says they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, or_, select

from bridge.model import (
    CategoryFact,
    CourseFact,
    CoursePlace,
    PersonFact,
    Tally,
    TeamFact,
)
from bridge.storage import tables as t
from bridge.storage.statements import chunks, converge

_COURSE = (
    "name",
    "short_name",
    "summary",
    "category_lms_id",
    "category",
    "url",
    "visible",
    "mandatory",
    "tracked",
    "self_enrol",
    "starts_at",
    "ends_at",
    "gone",
)
_PERSON = (
    "name",
    "username",
    "email",
    "photo_url",
    "timezone",
    "language",
    "department",
    "suspended",
    "last_access_at",
    "gone",
)


class FactRepository:
    """Reads and writes ``categories``, ``courses``, ``teams``, ``memberships`` and ``people``.

    Every ``put_…`` takes what the LMS says now, writes only what is new or different, and marks as
    gone what was there and is not said any more.
    """

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def put_categories(self, connection_id: int, facts: Sequence[CategoryFact]) -> Tally:
        """All categories of the site."""
        rows = [
            {
                "connection_id": connection_id,
                "lms_id": f.lms_id,
                "name": f.name,
                "parent_lms_id": f.parent_lms_id,
                "path": f.path,
                "sort_order": f.sort_order,
                "gone": False,
            }
            for f in facts
        ]
        compare = ("name", "parent_lms_id", "path", "sort_order", "gone")
        return self._put_all(t.categories, connection_id, rows, compare)

    def announced_by_category(self, connection_id: int) -> dict[int, bool]:
        """LMS id of a category → whether the admin wants its courses announced, where they said."""
        c = t.categories.c
        rows = self.sql.execute(
            select(c.lms_id, c.announce).where(
                c.connection_id == connection_id, c.announce.is_not(None)
            )
        )
        return {row.lms_id: row.announce for row in rows}

    def put_courses(
        self,
        connection_id: int,
        facts: Sequence[tuple[CourseFact, CoursePlace]],
        now: datetime,
        *,
        history: bool,
    ) -> Tally:
        """All courses of the site; ``history``: those that are new here are no news."""
        rows = [
            {
                "connection_id": connection_id,
                "lms_id": f.lms_id,
                "name": f.name,
                "short_name": f.short_name,
                "summary": f.summary,
                "category_lms_id": f.category_lms_id,
                "category": place.category,
                "url": f.url,
                "visible": f.visible,
                "mandatory": place.mandatory,
                "tracked": f.tracked,
                "self_enrol": f.self_enrol,
                "starts_at": f.starts_at,
                "ends_at": f.ends_at,
                "gone": False,
            }
            for f, place in facts
        ]
        return self._put_all(
            t.courses,
            connection_id,
            rows,
            _COURSE,
            on_insert={"first_seen_at": now, "history": history, "pending": True},
            on_change={"pending": True},
        )

    def count_courses(self, connection_id: int) -> int:
        """How many courses the LMS had when it was last asked."""
        return self._count(t.courses, connection_id)

    def course_ids(self, connection_id: int, *, visible_only: bool = False) -> dict[int, int]:
        """LMS id → our id of every course that is there."""
        c = t.courses.c
        query = select(c.lms_id, c.id).where(c.connection_id == connection_id, c.gone.is_(False))
        if visible_only:
            query = query.where(c.visible.is_(True))
        return {row.lms_id: row.id for row in self.sql.execute(query.order_by(c.lms_id))}

    def put_teams(self, connection_id: int, facts: Sequence[TeamFact]) -> Tally:
        """All cohorts or audiences of the site; teams made by hand are left alone."""
        rows = [
            {
                "connection_id": connection_id,
                "lms_id": f.lms_id,
                "name": f.name,
                "id_number": f.id_number,
                "visible": f.visible,
                "gone": False,
            }
            for f in facts
        ]
        return self._put_all(t.teams, connection_id, rows, ("name", "id_number", "visible", "gone"))

    def count_teams(self, connection_id: int) -> int:
        """How many teams the LMS had when it was last asked."""
        return self._count(t.teams, connection_id)

    def put_members(
        self, connection_id: int, members: Mapping[int, Sequence[int]], people: Mapping[int, int]
    ) -> Tally:
        """The people of the teams; both by LMS id. ``people`` maps LMS ids to ours."""
        teams = self._ids(t.teams, connection_id)
        ours = {teams[team]: {people[p] for p in those} for team, those in members.items()}
        before: dict[int, set[int]] = {team_id: set() for team_id in ours}
        m = t.memberships.c
        for some in chunks(sorted(ours)):
            for row in self.sql.execute(select(t.memberships).where(m.team_id.in_(some))):
                before[row.team_id].add(row.person_id)
        new = [
            {"team_id": team, "person_id": person}
            for team, those in ours.items()
            for person in sorted(those - before[team])
        ]
        if new:
            self.sql.execute(t.memberships.insert(), new)
        left = 0
        for team, those in before.items():
            for some in chunks(sorted(those - ours[team])):
                left += len(some)
                self.sql.execute(
                    t.memberships.delete().where(m.team_id == team, m.person_id.in_(some))
                )
        return Tally(new=len(new), changed=left)

    def people_ids(self, connection_id: int, names: Mapping[int, str]) -> dict[int, int]:
        """LMS id → our id of people; who is not there yet gets a row with no more than a name."""
        found: dict[int, int] = {}
        p = t.people.c
        for some in chunks(sorted(names)):
            rows = self.sql.execute(
                select(p.lms_id, p.id).where(p.connection_id == connection_id, p.lms_id.in_(some))
            )
            found.update({row.lms_id: row.id for row in rows})
        missing = [lms_id for lms_id in sorted(names) if lms_id not in found]
        if missing:
            rows = self.sql.execute(
                t.people.insert().returning(p.lms_id, p.id),
                [
                    {"connection_id": connection_id, "lms_id": lms_id, "name": names[lms_id]}
                    for lms_id in missing
                ],
            )
            found.update({row.lms_id: row.id for row in rows})
        return found

    def people_due(
        self, connection_id: int, read_before: datetime, after: int, limit: int
    ) -> list[int]:
        """LMS ids, above ``after``, of people whose record was not read since ``read_before``."""
        p = t.people.c
        rows = self.sql.execute(
            select(p.lms_id)
            .where(
                p.connection_id == connection_id,
                p.lms_id > after,
                or_(p.detailed_at.is_(None), p.detailed_at < read_before),
            )
            .order_by(p.lms_id)
            .limit(limit)
        )
        return list(rows.scalars())

    def count_people_due(self, connection_id: int, read_before: datetime) -> int:
        """How many :meth:`people_due` has in all."""
        p = t.people.c
        return int(
            self.sql.execute(
                select(func.count())
                .select_from(t.people)
                .where(
                    p.connection_id == connection_id,
                    or_(p.detailed_at.is_(None), p.detailed_at < read_before),
                )
            ).scalar_one()
        )

    def put_people(
        self,
        connection_id: int,
        asked: Sequence[int],
        facts: Sequence[PersonFact],
        now: datetime,
    ) -> Tally:
        """The full records of the people ``asked`` for; who is not among ``facts`` is gone."""
        before: dict[int, Any] = {}
        p = t.people.c
        for some in chunks(asked):
            query = select(t.people).where(p.connection_id == connection_id, p.lms_id.in_(some))
            before.update({row.lms_id: row for row in self.sql.execute(query)})
        stubs = {lms_id for lms_id, row in before.items() if row.detailed_at is None}
        rows = [
            {
                "connection_id": connection_id,
                "lms_id": f.lms_id,
                "name": f.name,
                "username": f.username,
                "email": f.email,
                "photo_url": f.photo_url,
                "timezone": f.timezone,
                "language": f.language,
                "department": f.department,
                "suspended": f.suspended,
                "last_access_at": f.last_access_at,
                "gone": False,
            }
            for f in facts
        ]
        tally = converge(self.sql, t.people, rows, before, ("connection_id", "lms_id"), _PERSON)
        known = {f.lms_id for f in facts}
        absent = [lms_id for lms_id in asked if lms_id not in known]
        for some in chunks(absent):
            self.sql.execute(
                t.people.update()
                .where(p.connection_id == connection_id, p.lms_id.in_(some))
                .values(gone=True)
            )
        for some in chunks(asked):
            self.sql.execute(
                t.people.update()
                .where(p.connection_id == connection_id, p.lms_id.in_(some))
                .values(detailed_at=now)
            )
        left = sum(not before[lms_id].gone for lms_id in absent if lms_id in before)
        filled = len(stubs & known)
        return Tally(new=tally.new + filled, changed=max(0, tally.changed - filled) + left)

    def _put_all(
        self,
        table: Any,
        connection_id: int,
        rows: Sequence[Mapping[str, Any]],
        compare: Sequence[str],
        *,
        on_insert: Mapping[str, Any] | None = None,
        on_change: Mapping[str, Any] | None = None,
    ) -> Tally:
        query = select(table).where(
            table.c.connection_id == connection_id, table.c.lms_id.is_not(None)
        )
        before = {row.lms_id: row for row in self.sql.execute(query)}
        tally = converge(
            self.sql,
            table,
            rows,
            before,
            ("connection_id", "lms_id"),
            compare,
            on_insert=on_insert,
            on_change=on_change,
        )
        said = {row["lms_id"] for row in rows}
        lost = [lms_id for lms_id, row in before.items() if lms_id not in said and not row.gone]
        for some in chunks(lost):
            self.sql.execute(
                table.update()
                .where(table.c.connection_id == connection_id, table.c.lms_id.in_(some))
                .values(gone=True, **(on_change or {}))
            )
        return tally + Tally(changed=len(lost))

    def _ids(self, table: Any, connection_id: int) -> dict[int, int]:
        rows: Iterable[Any] = self.sql.execute(
            select(table.c.lms_id, table.c.id).where(
                table.c.connection_id == connection_id, table.c.lms_id.is_not(None)
            )
        )
        return {row.lms_id: row.id for row in rows}

    def _count(self, table: Any, connection_id: int) -> int:
        return int(
            self.sql.execute(
                select(func.count())
                .select_from(table)
                .where(
                    table.c.connection_id == connection_id,
                    table.c.lms_id.is_not(None),
                    table.c.gone.is_(False),
                )
            ).scalar_one()
        )
