"""Categories, courses and teams as an LMS says they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import and_, func, select

from bridge.errors import NotFound
from bridge.model import (
    CategoryFact,
    CategoryPolicy,
    CourseFact,
    Tally,
    TeamFact,
)
from bridge.storage import tables as t
from bridge.storage.memberships import converge_members
from bridge.storage.statements import chunks, converge
from bridge.storage.telling import tell_again

_COURSE = (
    "name",
    "short_name",
    "summary",
    "category_lms_id",
    "category",
    "url",
    "visible",
    "tracked",
    "self_enrol",
    "starts_at",
    "ends_at",
    "gone",
)


class FactRepository:
    """Reads and writes ``categories``, ``courses``, ``teams`` and ``memberships``.

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
        facts: Sequence[tuple[CourseFact, str]],
        now: datetime,
        *,
        history: bool,
    ) -> Tally:
        """All courses of the site, each with the name of its category.

        What is announced of them is judged afterwards. :param history: new ones are no news.
        """
        rows = [
            {
                "connection_id": connection_id,
                "lms_id": f.lms_id,
                "name": f.name,
                "short_name": f.short_name,
                "summary": f.summary,
                "category_lms_id": f.category_lms_id,
                "category": category,
                "url": f.url,
                "visible": f.visible,
                "tracked": f.tracked,
                "self_enrol": f.self_enrol,
                "starts_at": f.starts_at,
                "ends_at": f.ends_at,
                "gone": False,
            }
            for f, category in facts
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
        m, c = t.memberships.c, t.teams.c
        said = {row["lms_id"] for row in rows}
        members = (
            select(m.person_id, c.lms_id)
            .join(t.teams, c.id == m.team_id)
            .where(c.connection_id == connection_id, c.lms_id.is_not(None), c.gone.is_(False))
        )
        left = {row.person_id for row in self.sql.execute(members) if row.lms_id not in said}
        tell_again(self.sql, sorted(left))
        return self._put_all(t.teams, connection_id, rows, ("name", "id_number", "visible", "gone"))

    def count_teams(self, connection_id: int) -> int:
        """How many teams the LMS had when it was last asked."""
        return self._count(t.teams, connection_id)

    def put_members(
        self, connection_id: int, members: Mapping[int, Sequence[int]], people: Mapping[int, int]
    ) -> Tally:
        """The people of the teams; both by LMS id. ``people`` maps LMS ids to ours.

        Who is not among ``people`` was erased, and is in no team.
        """
        teams = self._ids(t.teams, connection_id)
        wanted = {
            teams[team]: {people[p] for p in those if p in people}
            for team, those in members.items()
        }
        return converge_members(self.sql, wanted)

    def count_members(self, connection_id: int) -> int:
        """How many memberships the LMS's teams had when it was last asked."""
        m, c = t.memberships.c, t.teams.c
        return int(
            self.sql.execute(
                select(func.count())
                .select_from(t.memberships.join(t.teams, c.id == m.team_id))
                .where(c.connection_id == connection_id, c.lms_id.is_not(None), c.gone.is_(False))
            ).scalar_one()
        )

    def stored_categories(self, connection_id: int) -> list[CategoryFact]:
        """The categories that are there, as they were last read."""
        c = t.categories.c
        rows = self.sql.execute(
            select(t.categories).where(c.connection_id == connection_id, c.gone.is_(False))
        )
        return [
            CategoryFact(row.lms_id, row.name, row.parent_lms_id, row.path, row.sort_order)
            for row in rows
        ]

    def set_announce(self, category_id: int, announce: bool | None) -> int:
        """The admin's word on a category, by our id; the connection's id.

        :raises NotFound: if there is no such category.
        """
        found = self.sql.execute(
            t.categories.update()
            .where(t.categories.c.id == category_id)
            .values(announce=announce)
            .returning(t.categories.c.connection_id)
        ).scalar()
        if found is None:
            raise NotFound("That category is not there.", "Reload the page to see those that are.")
        return int(found)

    def policies(self, connection_id: int) -> list[CategoryPolicy]:
        """Each category with what is announced of it, in the LMS's order."""
        k, c = t.categories.c, t.courses.c
        rows = self.sql.execute(
            select(
                k.id,
                k.name,
                k.announce,
                func.count(c.id).label("courses"),
                func.count(c.id).filter(c.mandatory.is_(True)).label("mandatory"),
            )
            .select_from(
                t.categories.outerjoin(
                    t.courses,
                    and_(
                        c.connection_id == k.connection_id,
                        c.category_lms_id == k.lms_id,
                        c.gone.is_(False),
                    ),
                )
            )
            .where(k.connection_id == connection_id, k.gone.is_(False))
            .group_by(k.id, k.name, k.announce, k.sort_order)
            .order_by(k.sort_order, k.id)
        )
        return [CategoryPolicy(**row._mapping) for row in rows]

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
