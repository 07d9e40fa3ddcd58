"""What the listening room reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import case, func, select

from bridge.model import Course, Discussion, Person
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity


@dataclass(frozen=True)
class Waiting:
    """A discussion without a reply, with what a page shows beside it."""

    discussion: Discussion
    course: Course
    author: Person | None
    """``None`` where they are never named."""
    team_name: str


class ListeningRepository:
    """Finds discussions; writes nothing."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def waiting(
        self,
        connection_id: int,
        *,
        team_ids: Sequence[int],
        course_ids: Sequence[int],
        not_by: int,
        since: datetime,
        limit: int,
    ) -> tuple[Waiting, ...]:
        """Discussions without a reply by people of the teams, in visible courses, oldest first.

        A person of several of the teams is listed once, under the team that was there first.
        """
        d, c, p = t.discussions, t.courses, t.people
        member = (
            select(t.memberships.c.person_id, func.min(t.memberships.c.team_id).label("team_id"))
            .join(t.teams, t.teams.c.id == t.memberships.c.team_id)
            .where(t.memberships.c.team_id.in_(team_ids), t.teams.c.gone.is_(False))
            .group_by(t.memberships.c.person_id)
            .subquery()
        )
        rows = self.sql.execute(
            select(
                *columns(d, Discussion, "d_"),
                _name(p).label("d_author_name"),
                *columns(c, Course, "c_"),
                *columns(p, Person, "p_"),
                p.c.never_named,
                t.teams.c.name.label("team_name"),
            )
            .select_from(d)
            .join(c, c.c.id == d.c.course_id)
            .join(p, p.c.id == d.c.author_id)
            .join(member, member.c.person_id == p.c.id)
            .join(t.teams, t.teams.c.id == member.c.team_id)
            .where(
                d.c.connection_id == connection_id,
                d.c.course_id.in_(course_ids),
                d.c.created_at >= since,
                d.c.replies == 0,
                d.c.answered_at.is_(None),
                d.c.author_id != not_by,
                d.c.ours.is_(False),
                d.c.gone.is_(False),
                c.c.visible.is_(True),
                c.c.gone.is_(False),
                p.c.suspended.is_(False),
                p.c.gone.is_(False),
            )
            .order_by(d.c.created_at, d.c.id)
            .limit(limit)
        )
        return tuple(
            Waiting(
                discussion=entity(Discussion, row, "d_"),
                course=entity(Course, row, "c_"),
                author=None if row.never_named else entity(Person, row, "p_"),
                team_name=row.team_name,
            )
            for row in rows
        )


def _name(people: Any) -> Any:
    return case((people.c.never_named.is_(True), ""), else_=people.c.name)
