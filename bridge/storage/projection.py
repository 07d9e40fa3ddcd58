"""What the feed's projection reads of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Integer, and_, func, or_, select
from sqlalchemy import text as sql_text

from bridge.model import AGGREGATES, Choice
from bridge.storage import tables as t
from bridge.storage.given import given, planned_anew
from bridge.storage.statements import chunks
from bridge.storage.types import Instant
from bridge.visibility import effective

# Worded as the partial index words it, or neither database would use that.
_PENDING = sql_text("completions.pending")
_FORBIDDEN = sql_text("people.pending")

A_DAY = timedelta(days=1)
UNITS = 2_000
"""Course days whose completions one statement reads."""

Unit = tuple[int, date]
"""A course, in our ids, and a day in UTC."""


@dataclass(frozen=True)
class CompleterRow:
    """One completion with what decides how it may be told."""

    person_id: int
    completion_id: int
    completed_at: datetime
    seen_at: datetime
    choice: Choice | None
    """What counts of it: see :func:`bridge.visibility.effective`."""
    team_ids: frozenset[int]
    hidden: bool
    present: bool
    renewed: bool


@dataclass(frozen=True)
class CourseRow:
    """What the projection needs to know of a course."""

    id: int
    name: str
    announced: bool
    """Visible, there, and not one that people must take."""
    shown: bool
    """Visible and there."""
    history: bool


class ProjectionRepository:
    """Reads the facts that the feed has to look at; marks them as looked at."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- what is to be done ---

    def pending_completions(self, connection_id: int, limit: int) -> list[tuple[int, set[Unit]]]:
        """Completions that were stored or changed since they were last looked at: id and units.

        One whose date was corrected belongs to the day that it was told under as well.
        """
        k = t.completions.c
        rows = self.sql.execute(
            select(k.id, k.course_id, k.completed_at, k.moved_from)
            .where(k.connection_id == connection_id, _PENDING)
            .order_by(k.id)
            .limit(limit)
            # What another process changes meanwhile is not to be taken for looked at.
            .with_for_update(of=t.completions)
        )
        return [
            (
                row.id,
                {
                    (row.course_id, moment.date())
                    for moment in (row.completed_at, row.moved_from)
                    if moment is not None
                },
            )
            for row in rows
        ]

    def units_of_people(self, person_ids: Sequence[int]) -> set[Unit]:
        """The course days on which these people completed something that was news, and those whose
        telling names them: after a renewal that may be an older one."""
        m, a = t.activity_members.c, t.activities.c
        return self._units(t.completions.c.person_id, person_ids) | self._told(
            select(a.course_id, a.day).join(t.activity_members, m.activity_id == a.id),
            m.person_id,
            person_ids,
        )

    def units_of_courses(self, course_ids: Sequence[int]) -> set[Unit]:
        """The course days of these courses that had news, or were told of."""
        a = t.activities.c
        return self._units(t.completions.c.course_id, course_ids) | self._told(
            select(a.course_id, a.day), a.course_id, course_ids
        )

    def _told(self, query: Any, column: Any, ids: Sequence[int]) -> set[Unit]:
        a = t.activities.c
        found: set[Unit] = set()
        for some in chunks(ids):
            rows = self.sql.execute(
                query.where(column.in_(some), a.kind.in_(AGGREGATES), a.gone.is_(False))
            )
            found |= {(row.course_id, row.day) for row in rows}
        return found

    def _units(self, column: Any, ids: Sequence[int]) -> set[Unit]:
        k = t.completions.c
        found: set[Unit] = set()
        for some in chunks(ids):
            rows = self.sql.execute(
                select(k.course_id, k.completed_at).where(column.in_(some), k.history.is_(False))
            )
            found |= {(row.course_id, row.completed_at.date()) for row in rows}
        return found

    def pending_people(self, connection_id: int) -> list[int]:
        """People whose choice was made since their items were last looked at."""
        c = t.consents.c
        rows = self.sql.execute(
            select(c.person_id)
            .join(t.people, t.people.c.id == c.person_id)
            .where(t.people.c.connection_id == connection_id, c.pending.is_(True))
        )
        return list(rows.scalars())

    def forbidden_people(self, connection_id: int) -> list[int]:
        """People whom fewer may name now than when the feed was last brought up to date."""
        p = t.people.c
        rows = self.sql.execute(
            select(p.id).where(p.connection_id == connection_id, _FORBIDDEN).order_by(p.id)
        )
        return list(rows.scalars())

    def pending_courses(self, connection_id: int) -> list[int]:
        """Courses that are new or changed."""
        c = t.courses.c
        rows = self.sql.execute(
            select(c.id).where(c.connection_id == connection_id, c.pending.is_(True))
        )
        return list(rows.scalars())

    def pending_discussions(self, connection_id: int, limit: int) -> list[Any]:
        """Discussions that are new or changed."""
        d = t.discussions.c
        return list(
            self.sql.execute(
                select(t.discussions)
                .where(d.connection_id == connection_id, d.pending.is_(True))
                .order_by(d.id)
                .limit(limit)
            )
        )

    def done(
        self,
        *,
        completions: Sequence[int] = (),
        people: Sequence[int] = (),
        courses: Sequence[int] = (),
        discussions: Sequence[int] = (),
    ) -> None:
        """These were looked at."""
        for table, column, ids in (
            (t.completions, "id", completions),
            (t.consents, "person_id", people),
            (t.people, "id", people),
            (t.courses, "id", courses),
            (t.discussions, "id", discussions),
        ):
            moved = {"moved_from": None} if table is t.completions else {}
            for some in chunks(ids):
                self.sql.execute(
                    table.update().where(table.c[column].in_(some)).values(pending=False, **moved)
                )

    # --- what is so ---

    def courses(self, course_ids: Sequence[int]) -> dict[int, CourseRow]:
        """Courses by our id."""
        c = t.courses.c
        found: dict[int, CourseRow] = {}
        for some in chunks(course_ids):
            for row in self.sql.execute(select(t.courses).where(c.id.in_(some))):
                shown = row.visible and not row.gone
                found[row.id] = CourseRow(
                    row.id, row.name, shown and not row.mandatory, shown, row.history
                )
        return found

    def completers(self, units: Iterable[Unit]) -> dict[Unit, list[CompleterRow]]:
        """Who completed each course on each day, history and revoked ones left out."""
        wanted: dict[Unit, list[CompleterRow]] = {unit: [] for unit in units}
        k, p, c = t.completions.c, t.people.c, t.consents.c
        rows: list[Any] = []
        for some in chunks(list(wanted), UNITS):
            days = given(
                self.sql,
                {"course_id": Integer(), "begin": Instant(), "end": Instant()},
                [(ident, _midnight(day), _midnight(day + A_DAY)) for ident, day in some],
            )
            query = (
                select(
                    k.id,
                    k.course_id,
                    k.person_id,
                    k.completed_at,
                    k.seen_at,
                    k.hidden,
                    k.renewals,
                    c.choice,
                    p.never_named,
                    or_(p.gone, p.suspended).label("absent"),
                )
                .select_from(
                    days.join(
                        t.completions,
                        and_(
                            k.course_id == days.c.course_id,
                            k.completed_at >= days.c.begin,
                            k.completed_at < days.c.end,
                        ),
                    )
                    .join(t.people, p.id == k.person_id)
                    .outerjoin(t.consents, c.person_id == k.person_id)
                )
                .where(k.history.is_(False), k.revoked.is_(False))
            )
            with planned_anew(self.sql):
                rows += self.sql.execute(query)
        teams = self._teams_of({row.person_id for row in rows})
        for row in rows:
            unit = (row.course_id, row.completed_at.date())
            if unit in wanted:
                wanted[unit].append(
                    CompleterRow(
                        person_id=row.person_id,
                        completion_id=row.id,
                        completed_at=row.completed_at,
                        seen_at=row.seen_at,
                        choice=effective(
                            Choice(row.choice) if row.choice else None, row.never_named
                        ),
                        team_ids=teams.get(row.person_id, frozenset()),
                        hidden=row.hidden,
                        present=not row.absent,
                        renewed=row.renewals > 0,
                    )
                )
        return wanted

    def _teams_of(self, person_ids: set[int]) -> dict[int, frozenset[int]]:
        m = t.memberships.c
        found: dict[int, set[int]] = {}
        for some in chunks(sorted(person_ids)):
            for row in self.sql.execute(
                select(t.memberships)
                .join(t.teams, t.teams.c.id == m.team_id)
                .where(m.person_id.in_(some), t.teams.c.gone.is_(False))
            ):
                found.setdefault(row.person_id, set()).add(row.team_id)
        return {person: frozenset(teams) for person, teams in found.items()}

    def team_sizes(self, connection_id: int) -> dict[int, int]:
        """Team id → how many people it has."""
        m, p = t.memberships.c, t.people.c
        rows = self.sql.execute(
            select(m.team_id, func.count().label("size"))
            .join(t.people, p.id == m.person_id)
            .where(p.connection_id == connection_id, p.gone.is_(False), p.suspended.is_(False))
            .group_by(m.team_id)
        )
        return {row.team_id: row.size for row in rows}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
