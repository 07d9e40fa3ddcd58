"""Who was there on which day, and who of whom in which week."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import and_, or_, select

from bridge.model import Team
from bridge.storage import tables as t
from bridge.storage.statements import insert


@dataclass
class Seen:
    """The people, by id, who did at least that much in one week."""

    reached: set[int] = field(default_factory=set)
    active: set[int] = field(default_factory=set)
    engaged: set[int] = field(default_factory=set)


class PulseRepository:
    """Reads and writes ``presence``; reads who asked in the LMS."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def record(self, person_id: int, day: date, active: bool, engaged: bool) -> None:
        """The person was there that day; what they did more is only ever added."""
        p = t.presence.c
        statement = insert(self.sql, t.presence).values(
            person_id=person_id, day=day, active=active, engaged=engaged
        )
        self.sql.execute(
            statement.on_conflict_do_update(
                index_elements=["person_id", "day"],
                set_={
                    "active": or_(p.active, statement.excluded.active),
                    "engaged": or_(p.engaged, statement.excluded.engaged),
                },
                where=or_(
                    and_(p.active.is_(False), statement.excluded.active.is_(True)),
                    and_(p.engaged.is_(False), statement.excluded.engaged.is_(True)),
                ),
            )
        )

    def eligible(self, connection_id: int) -> set[int]:
        """Who could have been there: everybody who has not left."""
        p = t.people.c
        rows = self.sql.execute(
            select(p.id).where(
                p.connection_id == connection_id, p.gone.is_(False), p.suspended.is_(False)
            )
        )
        return set(rows.scalars())

    def teams(self, connection_id: int) -> list[tuple[Team, set[int]]]:
        """Each team that is there, by name, with the ids of its people."""
        c, m = t.teams.c, t.memberships.c
        members: dict[int, set[int]] = defaultdict(set)
        names: dict[int, tuple[str, int | None]] = {}
        for row in self.sql.execute(
            select(c.id, c.name, c.lms_id, m.person_id)
            .select_from(t.teams.outerjoin(t.memberships, m.team_id == c.id))
            .where(c.connection_id == connection_id, c.gone.is_(False))
            .order_by(c.name, c.id)
        ):
            names[row.id] = (row.name, row.lms_id)
            if row.person_id is not None:
                members[row.id].add(row.person_id)
        return [
            (Team(ident, connection_id, name, lms_id, len(members[ident])), members[ident])
            for ident, (name, lms_id) in names.items()
        ]

    def seen(self, connection_id: int, since: date) -> dict[date, Seen]:
        """Monday → who was there that week, from ``since`` (a Monday) on.

        Who started a discussion in the LMS that the bridge tells of was engaged.
        """
        weeks: dict[date, Seen] = defaultdict(Seen)
        p, d = t.presence.c, t.discussions.c
        for row in self.sql.execute(
            select(p.person_id, p.day, p.active, p.engaged)
            .join(t.people, t.people.c.id == p.person_id)
            .where(t.people.c.connection_id == connection_id, p.day >= since)
        ):
            week = weeks[_monday(row.day)]
            week.reached.add(row.person_id)
            if row.active or row.engaged:
                week.active.add(row.person_id)
            if row.engaged:
                week.engaged.add(row.person_id)
        begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
        for author_id, at in self.sql.execute(
            select(d.author_id, d.created_at).where(
                d.connection_id == connection_id,
                d.created_at >= begin,
                d.author_id.is_not(None),
                d.ours.is_(False),
                d.gone.is_(False),
            )
        ):
            week = weeks[_monday(at.date())]
            for people in (week.reached, week.active, week.engaged):
                people.add(author_id)
        return dict(weeks)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
