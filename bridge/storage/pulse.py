"""Who was there on which day, and how many of whom in which week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Subquery, and_, case, func, literal, or_, select, union_all

from bridge.model import Team
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity
from bridge.storage.statements import insert

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Count:
    """How many people of a group did at least that much in one week."""

    reached: int
    active: int
    engaged: int


class PulseRepository:
    """Keeps ``presence``; counts it, and the discussions that people started in the LMS."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def record(self, person_id: int, day: date, *, active: bool, engaged: bool) -> None:
        """The person was there that day; what they did is only ever added."""
        p = t.presence.c
        statement = insert(self.sql, t.presence).values(
            person_id=person_id, day=day, active=active, engaged=engaged
        )
        new = statement.excluded
        self.sql.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id", "day"],
                set_={"active": or_(p.active, new.active), "engaged": or_(p.engaged, new.engaged)},
                where=or_(
                    and_(p.active.is_(False), new.active.is_(True)),
                    and_(p.engaged.is_(False), new.engaged.is_(True)),
                ),
            )
        )

    def eligible(self, connection_id: int) -> int:
        """How many people of the connection could be there."""
        query = select(func.count()).where(*_eligible(connection_id))
        return self.sql.execute(query).scalar_one()

    def teams(self, connection_id: int, team_id: int | None = None) -> list[Team]:
        """The connection's teams that are there, by name; their sizes count eligible people."""
        g, m, p = t.teams, t.memberships, t.people
        query = (
            select(*columns(g, Team), func.count(p.c.id).label("size"))
            .outerjoin(m, m.c.team_id == g.c.id)
            .outerjoin(p, and_(p.c.id == m.c.person_id, *_eligible(connection_id)))
            .where(g.c.connection_id == connection_id, g.c.gone.is_(False))
            .group_by(g.c.id)
            .order_by(g.c.name, g.c.id)
        )
        if team_id is not None:
            query = query.where(g.c.id == team_id)
        return [entity(Team, row) for row in self.sql.execute(query)]

    def everybody(self, connection_id: int, mondays: Sequence[date]) -> dict[date, Count]:
        """By week, the counts of all eligible people of the connection."""
        did = _did(connection_id, mondays)
        rows = self.sql.execute(select(did.c.week, *_counts(did)).group_by(did.c.week))
        return {mondays[row.week]: Count(row.reached, row.active, row.engaged) for row in rows}

    def by_team(
        self, connection_id: int, mondays: Sequence[date], team_id: int | None = None
    ) -> dict[int, dict[date, Count]]:
        """By team and week, the counts of the team's eligible people."""
        did, m = _did(connection_id, mondays), t.memberships
        query = (
            select(m.c.team_id, did.c.week, *_counts(did))
            .join(did, did.c.person_id == m.c.person_id)
            .group_by(m.c.team_id, did.c.week)
        )
        if team_id is not None:
            query = query.where(m.c.team_id == team_id)
        counts: dict[int, dict[date, Count]] = defaultdict(dict)
        for row in self.sql.execute(query):
            counts[row.team_id][mondays[row.week]] = Count(row.reached, row.active, row.engaged)
        return counts


def _eligible(connection_id: int) -> tuple[Any, ...]:
    p = t.people
    return p.c.connection_id == connection_id, p.c.suspended.is_(False), p.c.gone.is_(False)


def _did(connection_id: int, mondays: Sequence[date]) -> Subquery:
    """One row for each eligible person and week: the place of the week, and the most they did."""
    p, there, d = t.people, t.presence, t.discussions
    end = mondays[-1] + WEEK
    days = select(
        there.c.person_id,
        _place(there.c.day, mondays).label("week"),
        case((or_(there.c.active, there.c.engaged), 1), else_=0).label("active"),
        case((there.c.engaged, 1), else_=0).label("engaged"),
    ).where(there.c.day >= mondays[0], there.c.day < end)
    started = select(
        d.c.author_id,
        _place(d.c.created_at, [_begin(monday) for monday in mondays]),
        literal(1),
        literal(1),
    ).where(
        d.c.connection_id == connection_id,
        d.c.created_at >= _begin(mondays[0]),
        d.c.created_at < _begin(end),
        d.c.ours.is_(False),
        d.c.gone.is_(False),
    )
    acts = union_all(days, started).subquery()
    return (
        select(
            acts.c.person_id,
            acts.c.week,
            func.max(acts.c.active).label("active"),
            func.max(acts.c.engaged).label("engaged"),
        )
        .join(p, p.c.id == acts.c.person_id)
        .where(*_eligible(connection_id))
        .group_by(acts.c.person_id, acts.c.week)
        .subquery()
    )


def _counts(did: Subquery) -> list[Any]:
    return [
        func.count().label("reached"),
        func.sum(did.c.active).label("active"),
        func.sum(did.c.engaged).label("engaged"),
    ]


def _place(column: Any, begins: Sequence[Any]) -> Any:
    """The place of the week that begins last before ``column``, counted from nought."""
    newest_first = [(column >= begin, place) for place, begin in reversed([*enumerate(begins)])]
    return case(*newest_first)


def _begin(monday: date) -> datetime:
    return datetime.combine(monday, time(), UTC)
