"""What a suggestion's reasons claim, counted anew from the stored facts, one course at a time.

The ranking counts whole sites in sparse matrices; these statements know nothing of those, so that
one can be held against the other. Only people who are here count; only completions that stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, func, literal, select
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import type_coerce as as_type

from bridge.model import Course, Kind
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity

DAY = 86_400
WEEK = 7


@dataclass(frozen=True)
class Counted:
    """Raw counts of one course for one leader, as they are now."""

    site: int
    """People of the site."""
    people: int
    """People of the leader's teams, without the leader; the next three are of them."""
    finished: int
    recently: int
    """In the last three weeks, today included."""
    in_it: int
    """Enrolled and not finished."""
    all_finished: int
    all_enrolled: int
    """Enrolled or finished."""
    own_finished: bool
    own_at: datetime | None
    """When the leader finished it, where the LMS says so."""
    own_enrolled: bool


@dataclass(frozen=True)
class Shared:
    """A share of the leader's, of another course of the same category."""

    uid: str
    course: str
    published: datetime


class EvidenceRepository:
    """Counts; writes nothing."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def course(self, connection_id: int, course_id: int) -> tuple[Course, bool] | None:
        """A course that may be suggested, and whether it was there at the first sync."""
        c = t.courses
        row = self.sql.execute(
            select(*columns(c, Course), c.c.history).where(_offered(connection_id, course_id))
        ).first()
        return None if row is None else (entity(Course, row), bool(row.history))

    def counted(self, connection_id: int, leader_id: int, course_id: int, today: date) -> Counted:
        """The counts; one statement."""
        f, e = t.completions, t.enrolments
        finished = and_(f.c.course_id == course_id, f.c.revoked.is_(False))
        enrolled = and_(e.c.course_id == course_id, e.c.gone.is_(False))
        done = select(f.c.id).where(finished, f.c.person_id == e.c.person_id).correlate(e).exists()
        theirs = _theirs(leader_id)
        own = and_(finished, f.c.person_id == leader_id)
        row = self.sql.execute(
            select(
                _many(t.people, _here(connection_id)).label("site"),
                _many(t.people, _here(connection_id), t.people.c.id.in_(theirs)).label("people"),
                _of(f, connection_id, finished, f.c.person_id.in_(theirs)).label("finished"),
                _of(
                    f, connection_id, finished, f.c.person_id.in_(theirs), *_within(today, 0, 21)
                ).label("recently"),
                _of(e, connection_id, enrolled, e.c.person_id.in_(theirs), ~done).label("in_it"),
                _of(f, connection_id, finished).label("all_finished"),
                _of(e, connection_id, enrolled, ~done).label("unfinished"),
                _many(f, own).label("own_finished"),
                select(func.max(f.c.completed_at))
                .where(own, f.c.dated.is_(True))
                .scalar_subquery()
                .label("own_at"),
                _many(e, enrolled, e.c.person_id == leader_id).label("own_enrolled"),
            )
        ).one()
        return Counted(
            site=row.site,
            people=row.people,
            finished=row.finished,
            recently=row.recently,
            in_it=row.in_it,
            all_finished=row.all_finished,
            all_enrolled=row.all_finished + row.unfinished,
            own_finished=bool(row.own_finished),
            own_at=row.own_at,
            own_enrolled=bool(row.own_enrolled),
        )

    def weeks(self, connection_id: int, course_id: int, today: date, count: int) -> list[int]:
        """How many people of the site finished it in each of the last weeks, this one first.

        A week is seven whole days in UTC, the last of them today.
        """
        f = t.completions
        age = _age(today)
        number = (age // WEEK).label("week")
        rows = self.sql.execute(
            select(number, func.count().label("people"))
            .select_from(f.join(t.people, t.people.c.id == f.c.person_id))
            .where(
                f.c.course_id == course_id,
                f.c.revoked.is_(False),
                _here(connection_id),
                *_within(today, 0, WEEK * count),
            )
            .group_by(number)
        )
        found = {int(row.week): int(row.people) for row in rows}
        return [found.get(week, 0) for week in range(count)]

    def beside(
        self, connection_id: int, leader_id: int, anchor_id: int, course_id: int
    ) -> tuple[Course, int, int, int] | None:
        """Another course, how many of the site and of the leader's people finished it, and how
        many of the site both; ``None`` if it may not be named any more."""
        f = t.completions
        g = f.alias("other")
        finished = and_(f.c.course_id == anchor_id, f.c.revoked.is_(False))
        too = and_(
            g.c.course_id == course_id, g.c.revoked.is_(False), g.c.person_id == f.c.person_id
        )
        both = select(g.c.id).where(too).correlate(f).exists()
        row = self.sql.execute(
            select(
                *columns(t.courses, Course),
                _of(f, connection_id, finished).label("every"),
                _of(f, connection_id, finished, f.c.person_id.in_(_theirs(leader_id))).label(
                    "theirs"
                ),
                _of(f, connection_id, finished, both).label("as_well"),
            ).where(_offered(connection_id, anchor_id))
        ).first()
        if row is None:
            return None
        return entity(Course, row), row.every, row.theirs, row.as_well

    def shared_alike(self, leader_id: int, course: Course, since: datetime) -> tuple[Shared, ...]:
        """The leader's latest share of each other course of the category that still stands."""
        if not course.category:
            return ()
        a, c = t.activities, t.courses
        rows = self.sql.execute(
            select(a.c.uid, c.c.id, c.c.name, a.c.published)
            .join(c, c.c.id == a.c.course_id)
            .where(
                func.coalesce(a.c.behalf_of_id, a.c.actor_id) == leader_id,
                a.c.kind == Kind.SHARE.value,
                a.c.gone.is_(False),
                a.c.published >= since,
                c.c.category == course.category,
                c.c.id != course.id,
                c.c.visible.is_(True),
                c.c.gone.is_(False),
                c.c.mandatory.is_(False),
            )
            .order_by(a.c.published.desc(), a.c.id.desc())
        )
        latest = {row.id: Shared(row.uid, row.name, row.published) for row in reversed(list(rows))}
        return tuple(sorted(latest.values(), key=lambda share: share.published, reverse=True))

    def put_off(self, leader_id: int, course_id: int, week: date, rest: timedelta) -> date | None:
        """The day on which the leader last put it off, in an earlier week, not longer ago."""
        s = t.suggestions
        at = self.sql.execute(
            select(func.max(s.c.decided_at)).where(
                s.c.leader_id == leader_id,
                s.c.course_id == course_id,
                s.c.state == "later",
                s.c.week < week,
                s.c.week >= week - rest,
            )
        ).scalar()
        return at.date() if at else None

    def stored(self, leader_id: int, course_id: int) -> tuple[dict[str, Any], datetime] | None:
        """The latest reasons that the leader was given for the course, and when."""
        s = t.suggestions
        row = self.sql.execute(
            select(s.c.reasons, s.c.made_at)
            .where(s.c.leader_id == leader_id, s.c.course_id == course_id)
            .order_by(s.c.week.desc())
            .limit(1)
        ).first()
        return None if row is None else (row.reasons, row.made_at)


def _here(connection_id: int) -> ColumnElement[bool]:
    p = t.people.c
    return and_(p.connection_id == connection_id, p.suspended.is_(False), p.gone.is_(False))


def _offered(connection_id: int, course_id: int) -> ColumnElement[bool]:
    c = t.courses.c
    return and_(
        c.id == course_id,
        c.connection_id == connection_id,
        c.visible.is_(True),
        c.gone.is_(False),
        c.mandatory.is_(False),
    )


def _theirs(leader_id: int) -> Any:
    """The ids of everybody in a team that the leader leads, but the leader."""
    m, e = t.memberships, t.leaders
    return (
        select(m.c.person_id)
        .join(e, e.c.team_id == m.c.team_id)
        .join(t.teams, t.teams.c.id == m.c.team_id)
        .where(e.c.person_id == leader_id, t.teams.c.gone.is_(False), m.c.person_id != leader_id)
    )


def _age(today: date) -> Any:
    """Whole days from a completion to today; below 0 for one that is dated in the future."""
    day = today.toordinal() - date(1970, 1, 1).toordinal()
    return literal(day) - as_type(t.completions.c.completed_at, BigInteger) // DAY


def _within(today: date, youngest: int, oldest: int) -> list[ColumnElement[bool]]:
    age = _age(today)
    return [t.completions.c.dated.is_(True), age >= youngest, age < oldest]


def _many(table: Any, *conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


def _of(rows: Any, connection_id: int, *conditions: ColumnElement[bool]) -> Any:
    """How many rows of people who are here."""
    joined = rows.join(t.people, t.people.c.id == rows.c.person_id)
    return _many(joined, _here(connection_id), *conditions)
