"""How much a course's people or a team have finished, and which round numbers were told of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, and_, case, exists, func, select

from bridge.model import Audience, AudienceKind, Choice
from bridge.storage import tables as t
from bridge.storage.nameable import nameable
from bridge.storage.statements import chunks, put


@dataclass(frozen=True)
class Count:
    """What a group has finished of courses that are announced."""

    name: str
    """Of the course or the team; empty for a team that is called after its manager."""
    total: int
    """Completions."""
    fresh: int
    """Those of them that are news, and were first seen since a moment."""
    unnamed: int
    """People among those who finished whom consent does not let be named there."""
    rest: int
    """What could be finished and is not: enrolments of people who are there."""


class Milestones:
    """Counts what was finished; keeps the highest number that was told of each group."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def reached(self, subjects: Sequence[str]) -> dict[str, int]:
        """Subject → the highest milestone that was told of it, or passed unseen."""
        m = t.milestones.c
        found: dict[str, int] = {}
        for some in chunks(subjects):
            rows = self.sql.execute(select(m.subject, m.number).where(m.subject.in_(some)))
            found.update((row.subject, row.number) for row in rows)
        return found

    def reach(self, connection_id: int, numbers: Mapping[str, int]) -> None:
        """Keep the highest milestone of each subject."""
        rows = [
            {"subject": subject, "connection_id": connection_id, "number": number}
            for subject, number in sorted(numbers.items())
        ]
        put(self.sql, t.milestones, rows, ("subject",), ("number",))

    def groups_of(self, completion_ids: Sequence[int]) -> tuple[set[int], set[int]]:
        """The courses that these completions are of, and the teams whose people they are of."""
        k, m = t.completions.c, t.memberships.c
        courses: set[int] = set()
        teams: set[int] = set()
        for some in chunks(completion_ids):
            courses.update(
                self.sql.execute(select(k.course_id).where(k.id.in_(some)).distinct()).scalars()
            )
            of_people = (
                select(m.team_id)
                .join_from(t.memberships, t.completions, k.person_id == m.person_id)
                .where(k.id.in_(some))
                .distinct()
            )
            teams.update(self.sql.execute(of_people).scalars())
        return courses, teams

    def at_most(self, courses: Collection[int], teams: Collection[int]) -> dict[str, int]:
        """Subject → a number that its count does not exceed: cheap to know."""
        k, m = t.completions.c, t.memberships.c
        found: dict[str, int] = {}
        for some in chunks(sorted(courses)):
            rows = self.sql.execute(
                select(k.course_id, func.count())
                .where(k.course_id.in_(some), k.revoked.is_(False))
                .group_by(k.course_id)
            )
            found.update((f"course:{ident}", count) for ident, count in rows)
        for some in chunks(sorted(teams)):
            rows = self.sql.execute(
                select(m.team_id, func.count())
                .join_from(t.memberships, t.completions, k.person_id == m.person_id)
                .where(m.team_id.in_(some), k.revoked.is_(False))
                .group_by(m.team_id)
            )
            found.update((f"team:{ident}", count) for ident, count in rows)
        return found

    def of_course(self, course_id: int, since: datetime, covering: Collection[Choice]) -> Count:
        """What the people of a course have finished of it.

        :param since: from when on a completion that was first seen is fresh.
        :param covering: the choices of people who may be named to everyone.
        """
        k, e = t.completions.c, t.enrolments.c
        query = _counted(since, covering).where(k.course_id == course_id)
        rest = _rest().where(e.course_id == course_id)
        name = select(t.courses.c.name).where(t.courses.c.id == course_id)
        return self._count(name, query, rest)

    def of_team(self, team_id: int, since: datetime, covering: Collection[Choice]) -> Count:
        """What the people of a team have finished, of whichever courses that are announced.

        The parameters are those of :meth:`of_course`; ``covering`` is for a team.
        """
        k, e, m = t.completions.c, t.enrolments.c, t.memberships.c
        people = select(m.person_id).where(m.team_id == team_id)
        query = _counted(since, covering).where(k.person_id.in_(people))
        rest = _rest().where(e.person_id.in_(people))
        # A team by job assignment bears its manager's name, which what is told would keep.
        called = case((t.teams.c.manager_lms_id.is_not(None), ""), else_=t.teams.c.name)
        name = select(called).where(t.teams.c.id == team_id, t.teams.c.gone.is_(False))
        return self._count(name, query, rest)

    def groups_of_people(self, person_ids: Sequence[int]) -> tuple[set[int], set[int]]:
        """The courses that these people have finished, and the teams they are in."""
        k, m = t.completions.c, t.memberships.c
        courses: set[int] = set()
        teams: set[int] = set()
        for some in chunks(person_ids):
            courses.update(
                self.sql.execute(
                    select(k.course_id).where(k.person_id.in_(some)).distinct()
                ).scalars()
            )
            teams.update(
                self.sql.execute(
                    select(m.team_id).where(m.person_id.in_(some)).distinct()
                ).scalars()
            )
        return courses, teams

    def named(self, group: Audience, until: datetime, covering: Collection[Choice]) -> int:
        """Completions of the group that were known by then, of people who may be named now.

        :param covering: the choices of people who may be named to those whom it was told.
        """
        k, p, g, m = t.completions.c, t.people.c, t.consents.c, t.memberships.c
        query = (
            select(func.count())
            .select_from(
                t.completions.join(t.people, p.id == k.person_id).join(
                    t.consents, g.person_id == k.person_id
                )
            )
            .where(
                k.revoked.is_(False),
                k.hidden.is_(False),
                k.seen_at <= until,
                g.choice.in_([choice.value for choice in covering]),
                *nameable(t.people),
            )
        )
        if group.kind is AudienceKind.COURSE:
            query = query.where(k.course_id == group.id)
        else:
            query = query.join(t.courses, t.courses.c.id == k.course_id).where(
                k.person_id.in_(select(m.person_id).where(m.team_id == group.id)), *_announced()
            )
        return int(self.sql.execute(query).scalar_one())

    def _count(self, name: Select[Any], counted: Select[Any], rest: Select[Any]) -> Count:
        called = self.sql.execute(name).scalar()
        row = self.sql.execute(counted).one()
        return Count(
            name=called or "",
            total=row.total if called is not None else 0,
            fresh=row.fresh or 0,
            unnamed=row.unnamed,
            rest=self.sql.execute(rest).scalar_one(),
        )


def _counted(since: datetime, covering: Collection[Choice]) -> Select[*tuple[Any, ...]]:
    k, p, c, g = t.completions.c, t.people.c, t.courses.c, t.consents.c
    fresh = and_(k.history.is_(False), k.seen_at >= since)
    nameable = and_(g.choice.in_([choice.value for choice in covering]), p.never_named.is_(False))
    return (
        select(
            func.count().label("total"),
            func.sum(case((fresh, 1), else_=0)).label("fresh"),
            func.count(case((nameable, None), else_=k.person_id).distinct()).label("unnamed"),
        )
        .select_from(
            t.completions.join(t.people, p.id == k.person_id)
            .join(t.courses, c.id == k.course_id)
            .outerjoin(t.consents, g.person_id == k.person_id)
        )
        .where(k.revoked.is_(False), k.hidden.is_(False), *_present(), *_announced())
    )


def _rest() -> Select[Any]:
    e, k, p, c = t.enrolments.c, t.completions.c, t.people.c, t.courses.c
    finished = exists().where(
        k.course_id == e.course_id,
        k.person_id == e.person_id,
        k.revoked.is_(False),
        k.hidden.is_(False),
    )
    return (
        # People, not enrolments: one person in five courses is one.
        select(func.count(e.person_id.distinct()))
        .select_from(
            t.enrolments.join(t.people, p.id == e.person_id).join(t.courses, c.id == e.course_id)
        )
        .where(e.gone.is_(False), ~finished, *_present(), *_announced())
    )


def _present() -> tuple[Any, ...]:
    p = t.people.c
    return p.gone.is_(False), p.suspended.is_(False)


def _announced() -> tuple[Any, ...]:
    c = t.courses.c
    return c.visible.is_(True), c.gone.is_(False), c.mandatory.is_(False)
