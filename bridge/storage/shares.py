"""A leader's shares with what became of them, in raw numbers; what is said, the desk decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, cast, func, or_, select
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import type_coerce as as_type

from bridge.model import About, Activity, AudienceKind, Course, DeliveryState, Kind
from bridge.storage import tables as t
from bridge.storage.abouts import Joined, about
from bridge.storage.rows import activity, activity_columns, columns, entity


@dataclass(frozen=True)
class ShareRow:
    """A share with raw numbers: whether they may be shown, the desk decides."""

    activity: Activity
    course: Course | None
    reactions: int
    comments: int
    completions: int
    """People of the audience who finished the course in the window after the share."""
    enrolments: int
    """Those who were first seen enrolled in it then."""
    usual: int
    """Those who finished it in the time before the share."""
    people: int
    """People of the audience."""
    opens: int = 0
    """Those who opened it here."""
    about: About | None = None


NOTHING, A_SECOND = timedelta(0), timedelta(seconds=1)


class Shares:
    """Reads shares of a leader's, and where they went."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def shares(
        self, person_id: int, *, since: datetime, window: timedelta, before: timedelta
    ) -> tuple[ShareRow, ...]:
        """The person's shares since then that still stand, newest first: in whose name they are,
        not who wrote them.

        :param window: for how long after a share things are counted.
        :param before: for how long before it, to know what was usual.
        """
        a, c, joined = t.activities, t.courses, Joined()
        rows = self.sql.execute(
            select(
                *activity_columns("a_"),
                *joined.columns(),
                *columns(c, Course, "c_"),
                _count(t.reactions, t.reactions.c.activity_id == a.c.id).label("reactions"),
                _count(
                    t.comments,
                    and_(t.comments.c.activity_id == a.c.id, t.comments.c.gone.is_(False)),
                ).label("comments"),
                _finished(NOTHING, window).label("completions"),
                _enrolled(NOTHING, window).label("enrolments"),
                _finished(-before, -A_SECOND).label("usual"),
                _audience_size().label("people"),
                _opened().label("opens"),
            )
            .select_from(joined.beside(a, a.c.about_id).outerjoin(c, c.c.id == a.c.course_id))
            .where(
                # Said in two, for the index on either is of no use to what is said in one.
                or_(
                    and_(a.c.actor_id == person_id, a.c.behalf_of_id.is_(None)),
                    a.c.behalf_of_id == person_id,
                ),
                a.c.kind == Kind.SHARE.value,
                a.c.published >= since,
                a.c.gone.is_(False),
            )
            .order_by(a.c.published.desc(), a.c.id.desc())
        )
        return tuple(
            ShareRow(
                activity=activity(row, "a_"),
                course=None if row.c_id is None else entity(Course, row, "c_"),
                reactions=row.reactions,
                comments=row.comments,
                completions=row.completions,
                enrolments=row.enrolments,
                usual=row.usual,
                people=row.people,
                opens=row.opens,
                about=about(row),
            )
            for row in rows
        )

    def deliveries(
        self, activity_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[str, DeliveryState], ...]]:
        """Activity id → the name of each outlet it goes to and how far it got there."""
        d, o = t.deliveries, t.outlets
        rows = self.sql.execute(
            select(d.c.activity_id, o.c.name, d.c.state)
            .join(o, o.c.id == d.c.outlet_id)
            .where(d.c.activity_id.in_(activity_ids))
            .order_by(d.c.activity_id, o.c.name)
        )
        found: dict[int, tuple[tuple[str, DeliveryState], ...]] = {}
        for row in rows:
            so_far = found.get(row.activity_id, ())
            found[row.activity_id] = (*so_far, (row.name, DeliveryState(row.state)))
        return found


def _count(table: Any, condition: ColumnElement[bool]) -> Any:
    return (
        select(func.count())
        .select_from(table)
        .where(condition)
        .correlate(t.activities)
        .scalar_subquery()
    )


def _team() -> ColumnElement[Any]:
    # The key of a team's audience is "team:12". CASE keeps PostgreSQL from reading the number of
    # an audience that has none there.
    prefix = f"{AudienceKind.TEAM}:"
    number = func.substr(t.activities.c.audience, len(prefix) + 1)
    return case((t.activities.c.audience.like(f"{prefix}%"), cast(number, Integer)), else_=None)


def _here() -> ColumnElement[bool]:
    p = t.people
    return and_(p.c.suspended.is_(False), p.c.gone.is_(False))


def _audience_size() -> Any:
    a, m, p = t.activities, t.memberships, t.people
    team = _count(m.join(p, p.c.id == m.c.person_id), and_(m.c.team_id == _team(), _here()))
    everyone = _count(p, and_(p.c.connection_id == a.c.connection_id, _here()))
    return case((_team().is_(None), everyone), else_=team)


def _opened() -> Any:
    o, p = t.opens, t.people
    return _count(
        o.join(p, p.c.id == o.c.person_id),
        and_(o.c.activity_id == t.activities.c.id, _here(), _of_it(o)),
    )


def _of_it(rows: Any) -> ColumnElement[bool]:
    """Whether the person of a row belongs to the share's audience."""
    a, m = t.activities, t.memberships
    member = (
        select(m.c.person_id)
        .where(m.c.team_id == _team(), m.c.person_id == rows.c.person_id)
        .correlate(a, rows)
        .exists()
    )
    return or_(_team().is_(None), member)


def _finished(begin: timedelta, end: timedelta) -> Any:
    f = t.completions
    return _of_audience(f, f.c.completed_at, begin, end, f.c.revoked.is_(False))


def _enrolled(begin: timedelta, end: timedelta) -> Any:
    e = t.enrolments
    return _of_audience(e, e.c.first_seen_at, begin, end, e.c.gone.is_(False))


def _of_audience(
    rows: Any, at: Any, begin: timedelta, end: timedelta, which: ColumnElement[bool]
) -> Any:
    """How many people of a share's audience have a row about its course, from one time after the
    share (or before it, if negative) to another."""
    a, p = t.activities, t.people
    shared_at, when = as_type(a.c.published, BigInteger), as_type(at, BigInteger)
    return _count(
        rows.join(p, p.c.id == rows.c.person_id),
        and_(
            rows.c.course_id == a.c.course_id,
            when >= shared_at + int(begin.total_seconds()),
            when <= shared_at + int(end.total_seconds()),
            which,
            _here(),
            _of_it(rows),
        ),
    )
