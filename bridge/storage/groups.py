"""Groups that lost somebody, whose numbers have to be looked at again.

A number is told under the rule of five: it and its complement in the group are five or more. When
the group becomes smaller the complement does too, though nobody of it finished anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import String, and_, cast, literal, or_, select

from bridge.model import AGGREGATES, Audience, AudienceKind
from bridge.storage import tables as t
from bridge.storage.projection import Unit
from bridge.storage.statements import chunks, insert
from bridge.visibility import FEW


def count_again(sql: SqlConnection, team_ids: Sequence[int]) -> None:
    """These teams lost somebody."""
    g = t.teams.c
    for some in chunks(sorted(team_ids)):
        _note(sql, select(_key("team", g.id), g.connection_id).where(g.id.in_(some)))


def count_groups_again(sql: SqlConnection, person_ids: Sequence[int]) -> None:
    """Whatever group these people belong to has somebody less, or more, than before."""
    m, e, g, c = t.memberships.c, t.enrolments.c, t.teams.c, t.courses.c
    for some in chunks(sorted(person_ids)):
        theirs = select(m.team_id).where(m.person_id.in_(some))
        _note(sql, select(_key("team", g.id), g.connection_id).where(g.id.in_(theirs)))
        theirs = select(e.course_id).where(e.person_id.in_(some), e.gone.is_(False))
        _note(sql, select(_key("course", c.id), c.connection_id).where(c.id.in_(theirs)))


class Groups:
    """Reads which groups lost somebody, and what was told of them."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def shrunk(self, connection_id: int) -> list[Audience]:
        """The teams and courses that lost somebody since :meth:`counted`."""
        s = t.shrunk_groups.c
        rows = self.sql.execute(select(s.subject).where(s.connection_id == connection_id))
        return sorted((Audience.of(key) for key in rows.scalars()), key=lambda a: a.key)

    def counted(self, groups: Sequence[Audience]) -> None:
        """These were looked at."""
        s = t.shrunk_groups
        for some in chunks([group.key for group in groups]):
            self.sql.execute(s.delete().where(s.c.subject.in_(some)))

    def numbered(self, groups: Sequence[Audience]) -> set[Unit]:
        """The course days of which a number is told that is taken from one of the groups."""
        a = t.activities.c
        found: set[Unit] = set()
        for some in chunks(groups):
            teams = [group.key for group in some if group.kind is AudienceKind.TEAM]
            courses = [group.id for group in some if group.kind is AudienceKind.COURSE]
            everyone = and_(a.course_id.in_(courses), a.audience.like("everyone:%"))
            rows = self.sql.execute(
                select(a.course_id, a.day).where(
                    or_(a.audience.in_(teams), everyone),
                    a.kind.in_(AGGREGATES),
                    a.gone.is_(False),
                    a.others >= FEW,
                )
            )
            found |= {(row.course_id, row.day) for row in rows}
        return found


def _key(kind: str, ident: Any) -> Any:
    return (literal(f"{kind}:") + cast(ident, String)).label("subject")


def _note(sql: SqlConnection, groups: Any) -> None:
    rows = [
        {"subject": row.subject, "connection_id": row.connection_id} for row in sql.execute(groups)
    ]
    for some in chunks(rows):
        sql.execute(insert(sql, t.shrunk_groups).on_conflict_do_nothing(), list(some))
