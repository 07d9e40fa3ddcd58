"""What the feed's projection reads of the facts and writes as activities."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, or_, select

from bridge.model import Audience, Choice, Kind
from bridge.storage import tables as t
from bridge.storage.statements import chunks

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
    team_ids: frozenset[int]
    hidden: bool
    present: bool


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


@dataclass(frozen=True)
class Told:
    """An activity as it stands."""

    id: int
    audience: Audience
    revision: int
    gone: bool
    title: str
    others: int
    group: int
    members: frozenset[int] = frozenset()
    """Completion ids."""


class ProjectionRepository:
    """Reads pending facts; writes ``activities`` and ``activity_members``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- what is to be done ---

    def any(self, connection_id: int) -> bool:
        """Whether anything was ever told of this connection."""
        a = t.activities.c
        return (
            self.sql.execute(select(a.id).where(a.connection_id == connection_id).limit(1)).first()
            is not None
        )

    def pending_completions(self, connection_id: int, limit: int) -> list[tuple[int, Unit]]:
        """Completions that were stored or changed since they were last looked at: id and unit."""
        k = t.completions.c
        rows = self.sql.execute(
            select(k.id, k.course_id, k.completed_at)
            .where(k.connection_id == connection_id, k.pending.is_(True))
            .order_by(k.id)
            .limit(limit)
        )
        return [(row.id, (row.course_id, row.completed_at.date())) for row in rows]

    def units_of_people(self, person_ids: Sequence[int]) -> set[Unit]:
        """The course days on which these people completed something that was news."""
        k = t.completions.c
        found: set[Unit] = set()
        for some in chunks(person_ids):
            rows = self.sql.execute(
                select(k.course_id, k.completed_at).where(
                    k.person_id.in_(some), k.history.is_(False)
                )
            )
            found |= {(row.course_id, row.completed_at.date()) for row in rows}
        return found

    def units_of_courses(self, course_ids: Sequence[int]) -> set[Unit]:
        """The course days of these courses that were told or had news."""
        k = t.completions.c
        found: set[Unit] = set()
        for some in chunks(course_ids):
            rows = self.sql.execute(
                select(k.course_id, k.completed_at).where(
                    k.course_id.in_(some), k.history.is_(False)
                )
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
            (t.courses, "id", courses),
            (t.discussions, "id", discussions),
        ):
            for some in chunks(ids):
                self.sql.execute(
                    table.update().where(table.c[column].in_(some)).values(pending=False)
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
        by_course: dict[int, list[date]] = {}
        for course_id, day in wanted:
            by_course.setdefault(course_id, []).append(day)
        k, p, c = t.completions.c, t.people.c, t.consents.c
        rows: list[Any] = []
        for course_id, days in by_course.items():
            rows += self.sql.execute(
                select(
                    k.id,
                    k.course_id,
                    k.person_id,
                    k.completed_at,
                    k.seen_at,
                    k.hidden,
                    c.choice,
                    or_(p.gone, p.suspended).label("absent"),
                )
                .select_from(
                    t.completions.join(t.people, p.id == k.person_id).outerjoin(
                        t.consents, c.person_id == k.person_id
                    )
                )
                .where(
                    k.course_id == course_id,
                    k.completed_at >= _midnight(min(days)),
                    k.completed_at < _midnight(max(days) + timedelta(days=1)),
                    k.history.is_(False),
                    k.revoked.is_(False),
                )
            )
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
                        choice=Choice(row.choice) if row.choice else None,
                        team_ids=teams.get(row.person_id, frozenset()),
                        hidden=row.hidden,
                        present=not row.absent,
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

    def enrolled(self, course_ids: Sequence[int]) -> dict[int, int]:
        """Course id → how many people it has."""
        e = t.enrolments.c
        found: dict[int, int] = {}
        for some in chunks(course_ids):
            rows = self.sql.execute(
                select(e.course_id, func.count())
                .where(e.course_id.in_(some), e.gone.is_(False))
                .group_by(e.course_id)
            )
            found.update((course_id, count) for course_id, count in rows)
        return found

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

    def told_aggregates(self, units: Iterable[Unit]) -> dict[Unit, dict[Audience, Told]]:
        """The aggregates that stand for each unit, those that are gone included."""
        wanted: dict[Unit, dict[Audience, Told]] = {unit: {} for unit in units}
        a, m = t.activities.c, t.activity_members.c
        rows: list[Any] = []
        for some in chunks(sorted({course_id for course_id, _ in wanted})):
            days = {day for course_id, day in wanted if course_id in set(some)}
            rows += self.sql.execute(
                select(t.activities).where(
                    a.course_id.in_(some),
                    a.kind == Kind.COMPLETION.value,
                    a.day >= min(days),
                    a.day <= max(days),
                )
            )
        rows = [row for row in rows if (row.course_id, row.day) in wanted]
        members: dict[int, set[int]] = {}
        for some in chunks([row.id for row in rows]):
            for row in self.sql.execute(
                select(m.activity_id, m.completion_id).where(m.activity_id.in_(some))
            ):
                members.setdefault(row.activity_id, set()).add(row.completion_id)
        for row in rows:
            told = _told(row, frozenset(members.get(row.id, ())))
            wanted[(row.course_id, row.day)][told.audience] = told
        return wanted

    def told_of_courses(self, course_ids: Sequence[int]) -> dict[int, Told]:
        """Course id → the activity that told that it is new."""
        a = t.activities.c
        found: dict[int, Told] = {}
        for some in chunks(course_ids):
            for row in self.sql.execute(
                select(t.activities).where(a.course_id.in_(some), a.kind == Kind.COURSE.value)
            ):
                found[row.course_id] = _told(row)
        return found

    def told_of_discussions(self, discussion_ids: Sequence[int]) -> dict[int, Told]:
        """Discussion id → the activity that told of it."""
        a = t.activities.c
        found: dict[int, Told] = {}
        for some in chunks(discussion_ids):
            for row in self.sql.execute(
                select(t.activities).where(
                    a.discussion_id.in_(some), a.kind == Kind.DISCUSSION.value
                )
            ):
                found[row.discussion_id] = _told(row)
        return found

    def discussions_of_courses(self, course_ids: Sequence[int]) -> list[int]:
        """The discussions of these courses that were told."""
        a = t.activities.c
        found: list[int] = []
        for some in chunks(course_ids):
            rows = self.sql.execute(
                select(a.discussion_id).where(
                    a.course_id.in_(some), a.kind == Kind.DISCUSSION.value
                )
            )
            found += rows.scalars()
        return found

    # --- what is to be told ---

    def tell(
        self,
        connection_id: int,
        kind: Kind,
        audience: Audience,
        *,
        published: datetime,
        now: datetime,
        values: Mapping[str, Any],
    ) -> int:
        """A new activity at its first revision; its id."""
        return int(
            self.sql.execute(
                t.activities.insert()
                .values(
                    uid=str(uuid.uuid4()),
                    connection_id=connection_id,
                    kind=kind.value,
                    audience=audience.key,
                    published=published,
                    updated=now,
                    **values,
                )
                .returning(t.activities.c.id)
            ).scalar_one()
        )

    def retell(
        self, told: Told, now: datetime, values: Mapping[str, Any], *, visibly: bool
    ) -> None:
        """Change an activity; ``visibly``: it looks different now, so it gets a new revision."""
        stamp = {"updated": now, "revision": told.revision + 1} if visibly else {}
        self.sql.execute(
            t.activities.update().where(t.activities.c.id == told.id).values(**values, **stamp)
        )

    def set_members(self, activity_id: int, rows: Sequence[tuple[int, int, datetime]]) -> None:
        """Who is named in an aggregate: (person id, completion id, when)."""
        m = t.activity_members
        self.sql.execute(m.delete().where(m.c.activity_id == activity_id))
        if rows:
            self.sql.execute(
                m.insert(),
                [
                    {
                        "activity_id": activity_id,
                        "person_id": person_id,
                        "completion_id": completion_id,
                        "at": at,
                    }
                    for person_id, completion_id, at in rows
                ],
            )


def _told(row: Any, members: frozenset[int] = frozenset()) -> Told:
    return Told(
        id=row.id,
        audience=Audience.of(row.audience),
        revision=row.revision,
        gone=row.gone,
        title=row.title,
        others=row.others,
        group=row.group_size,
        members=members,
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
