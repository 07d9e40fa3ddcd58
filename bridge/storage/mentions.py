"""Whom texts mention, who can be mentioned, and to whom a mentioned person may be shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy import Connection as SqlConnection

from bridge.model import Audience, AudienceKind, Choice, PersonCard, Viewer
from bridge.storage import tables as t
from bridge.storage.nameable import nameable
from bridge.storage.statements import chunks

FOUND = 8
"""How many people are offered to whoever types a name."""
FITTING = 500


@dataclass(frozen=True)
class Mention:
    """A mentioned person whom the one who looks may see."""

    activity_id: int
    comment_id: int | None
    start: int
    person: PersonCard
    choice: Choice | None


class Mentions:
    """Reads and writes ``mentions``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def findable(
        self, viewer: Viewer, audience: Audience, beginnings: Sequence[str]
    ) -> list[PersonCard]:
        """Fellows of the viewer who belong to the audience, and whose name begins so."""
        p = t.people
        fits = or_(*(p.c.name.istartswith(begin, autoescape=True) for begin in beginnings))
        return self._people(viewer, audience, fits, FITTING) if beginnings else []

    def offered(self, viewer: Viewer, audience: Audience, typed: str) -> list[PersonCard]:
        """A few of them of whose name one of the words begins with what was typed."""
        p = t.people
        fits = or_(
            p.c.name.istartswith(typed, autoescape=True),
            p.c.name.icontains(f" {typed}", autoescape=True),
        )
        return self._people(viewer, audience, fits, FOUND)

    def _people(
        self, viewer: Viewer, audience: Audience, fits: ColumnElement[bool], limit: int
    ) -> list[PersonCard]:
        p = t.people
        rows = self.sql.execute(
            select(p.c.id, p.c.name, p.c.photo_url)
            .where(
                p.c.connection_id == viewer.connection_id,
                p.c.id != viewer.person_id,
                fits,
                _met(viewer),
                _belongs(audience),
                *nameable(p),
            )
            .order_by(p.c.name, p.c.id)
            .limit(limit)
        )
        return [PersonCard(*row) for row in rows]

    def seen_by(
        self, viewer: Viewer, activity_ids: Collection[int], comment_ids: Collection[int]
    ) -> list[Mention]:
        """Whom the activities' own texts and these comments mention, as far as the viewer meets
        them: a fellow in a team or a course, or one who agreed to be seen by everyone."""
        m, c = t.mentions.c, t.consents.c
        agreed = c.choice.in_([Choice.EVERYONE.value, Choice.PUBLIC.value])
        itself = and_(m.activity_id.in_(activity_ids), m.comment_id.is_(None))
        return self._mentions(
            or_(itself, m.comment_id.in_(comment_ids)),
            or_(t.people.c.id == viewer.person_id, agreed, _met(viewer)),
        )

    def of_activities(self, activity_ids: Collection[int]) -> list[Mention]:
        """Whom the activities' own texts mention, of whoever can be named at all."""
        m = t.mentions.c
        return self._mentions(m.activity_id.in_(activity_ids), m.comment_id.is_(None))

    def _mentions(self, *where: ColumnElement[bool]) -> list[Mention]:
        m, p, c = t.mentions.c, t.people, t.consents.c
        rows = self.sql.execute(
            select(
                m.activity_id,
                m.comment_id,
                m.start,
                p.c.id,
                p.c.name,
                p.c.photo_url,
                c.choice,
            )
            .select_from(
                t.mentions.join(p, p.c.id == m.person_id).outerjoin(
                    t.consents, c.person_id == m.person_id
                )
            )
            .where(*where, *nameable(p))
            .order_by(m.activity_id, m.start)
        )
        return [
            Mention(
                row.activity_id,
                row.comment_id,
                row.start,
                PersonCard(row.id, row.name, row.photo_url),
                None if row.choice is None else Choice(row.choice),
            )
            for row in rows
        ]

    def keep(
        self,
        activity_id: int,
        comment_id: int | None,
        spots: Sequence[tuple[int, int]],
        now: datetime,
    ) -> None:
        """The text mentions these, and nobody else: (start, person id).

        Who was mentioned there before keeps the time of that.
        """
        m = t.mentions
        here = [m.c.activity_id == activity_id, m.c.comment_id == comment_id]
        if comment_id is None:
            here[1] = m.c.comment_id.is_(None)
        before = {
            row.person_id: row.at
            for row in self.sql.execute(select(m.c.person_id, m.c.at).where(*here))
        }
        if before:
            self.sql.execute(m.delete().where(*here))
        rows = [
            {
                "activity_id": activity_id,
                "comment_id": comment_id,
                "person_id": person_id,
                "start": start,
                "at": before.get(person_id, now),
            }
            for start, person_id in spots
        ]
        if rows:
            self.sql.execute(m.insert(), rows)

    def told_of(self, person_ids: Sequence[int]) -> list[int]:
        """The activities that stand whose own text mentions one of these people."""
        m, a = t.mentions.c, t.activities.c
        found: set[int] = set()
        for some in chunks(person_ids):
            rows = self.sql.execute(
                select(m.activity_id)
                .join(t.activities, a.id == m.activity_id)
                .where(m.person_id.in_(some), m.comment_id.is_(None), a.gone.is_(False))
                .distinct()
            )
            found.update(rows.scalars())
        return sorted(found)


def _met(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer and the person share a team or a course, or one leads the other's."""
    p, s, led, e = t.people.c, t.memberships.c, t.leaders.c, t.enrolments.c
    teams = sorted(viewer.team_ids | viewer.led_team_ids)
    courses = sorted(viewer.course_ids)
    return or_(
        exists().where(s.person_id == p.id, s.team_id.in_(teams)),
        exists().where(led.person_id == p.id, led.team_id.in_(sorted(viewer.team_ids))),
        exists().where(e.person_id == p.id, e.course_id.in_(courses), e.gone.is_(False)),
    )


def _belongs(audience: Audience) -> Any:
    p, s, led, e = t.people.c, t.memberships.c, t.leaders.c, t.enrolments.c
    match audience.kind:
        case AudienceKind.TEAM:
            return or_(
                exists().where(s.person_id == p.id, s.team_id == audience.id),
                exists().where(led.person_id == p.id, led.team_id == audience.id),
            )
        case AudienceKind.COURSE:
            mine = e.course_id == audience.id
            return exists().where(e.person_id == p.id, mine, e.gone.is_(False))
        case _:
            return p.connection_id == audience.id
