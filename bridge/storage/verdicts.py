"""Completions: what was stored of them, which verdicts are due, and writing many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Text, and_, func, or_, select, true, tuple_
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import text as sql_text
from sqlalchemy.types import TypeEngine

from bridge.storage import tables as t
from bridge.storage.given import given
from bridge.storage.statements import chunks, insert
from bridge.storage.types import Instant

Pair = tuple[int, int]
"""A course and a person, in our ids."""


@dataclass(frozen=True)
class Due:
    """An enrolment whose verdict should be asked for, in our ids and the LMS's."""

    course_id: int
    person_id: int
    course_lms_id: int
    person_lms_id: int

    @property
    def pair(self) -> tuple[int, int]:
        """As the LMS is asked: (course, person)."""
        return self.course_lms_id, self.person_lms_id

    @property
    def key(self) -> Pair:
        """As we keep it: (course, person)."""
        return self.course_id, self.person_id


@dataclass(frozen=True)
class StoredCompletion:
    """A completion as it is kept; ``pending``: the feed has to look at it."""

    course_id: int
    person_id: int
    completed_at: datetime
    dated: bool
    dated_as: str
    seen_at: datetime
    moved_from: datetime | None
    renewals: int
    history: bool
    revoked: bool
    pending: bool

    @property
    def key(self) -> Pair:
        """(course, person)."""
        return self.course_id, self.person_id


_COLUMNS: Mapping[str, TypeEngine[Any]] = {
    "course_id": Integer(),
    "person_id": Integer(),
    "completed_at": Instant(),
    "dated": Boolean(),
    "dated_as": Text(),
    "seen_at": Instant(),
    "moved_from": Instant(),
    "renewals": Integer(),
    "history": Boolean(),
    "revoked": Boolean(),
    "pending": Boolean(),
}
_KEY: Mapping[str, TypeEngine[Any]] = {"course_id": Integer(), "person_id": Integer()}
# Worded as the partial index words it, or neither database would use that.
_UNCHECKED = sql_text("NOT enrolments.checked")


@dataclass(frozen=True)
class Wanted:
    """Whose verdict is due.

    :param seen: ``None``: those who were never asked about, or were seen in the course since; else
        those who were asked about, and were last seen in the course within one of these spans
        (after the first moment, up to and including the second).
    :param unreadable_before: courses without criteria, and people whom the LMS does not judge, are
        left alone until this has caught up with them. :param held_since: so are courses that
        refused since then.
    """

    connection_id: int
    unreadable_before: datetime
    held_since: datetime
    seen: Sequence[tuple[datetime, datetime]] | None = None


class VerdictRepository:
    """Reads and writes ``completions``, and what was asked of ``enrolments`` and ``courses``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- what is due ---

    def due(self, wanted: Wanted, after: Pair, limit: int) -> list[Due]:
        """Enrolments to ask the verdict of, beyond ``after`` in the order of (course, person)."""
        e, c, k = t.enrolments.c, t.courses.c, t.completions.c
        rows = self.sql.execute(
            self._enrolled(wanted.connection_id, wanted.unreadable_before)
            .outerjoin_from(
                t.enrolments,
                t.completions,
                and_(
                    k.course_id == e.course_id,
                    k.person_id == e.person_id,
                    k.revoked.is_(False),
                ),
            )
            .where(
                *self._which(wanted),
                k.id.is_(None),
                or_(c.verdicts_refused_at.is_(None), c.verdicts_refused_at < wanted.held_since),
                tuple_(e.course_id, e.person_id) > tuple_(*after),
            )
            .order_by(e.course_id, e.person_id)
            .limit(limit)
        )
        return [Due(**row._mapping) for row in rows]

    def _which(self, wanted: Wanted) -> list[ColumnElement[bool]]:
        e = t.enrolments.c
        if wanted.seen is None:
            return [_UNCHECKED]  # type: ignore[list-item]
        return [
            e.checked.is_(True),
            or_(
                *(
                    and_(e.last_access_at > after, e.last_access_at <= until)
                    for after, until in wanted.seen
                )
            ),
        ]

    def _enrolled(self, connection_id: int, unreadable_before: datetime) -> Any:
        """Who is in a course that can be judged, and can be judged there."""
        e, c, p = t.enrolments.c, t.courses.c, t.people.c
        return (
            select(
                e.course_id,
                e.person_id,
                c.lms_id.label("course_lms_id"),
                p.lms_id.label("person_lms_id"),
            )
            .join_from(t.enrolments, t.courses, c.id == e.course_id)
            .join_from(t.enrolments, t.people, p.id == e.person_id)
            .where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.tracked.is_(True),
                or_(c.unreadable_since.is_(None), c.unreadable_since < unreadable_before),
                e.gone.is_(False),
                or_(e.unjudged_since.is_(None), e.unjudged_since < unreadable_before),
                p.gone.is_(False),
            )
        )

    def enrolled(
        self,
        connection_id: int,
        unreadable_before: datetime,
        *,
        course_ids: Sequence[int] | None = None,
        person_ids: Sequence[int] | None = None,
        after: Pair = (0, 0),
        limit: int,
    ) -> list[Due]:
        """Everybody in these courses, or these people in every course, complete or not."""
        e = t.enrolments.c
        query = self._enrolled(connection_id, unreadable_before)
        if course_ids is not None:
            query = query.where(e.course_id.in_(course_ids))
        if person_ids is not None:
            query = query.where(e.person_id.in_(person_ids))
        rows = self.sql.execute(
            query.where(tuple_(e.course_id, e.person_id) > tuple_(*after))
            .order_by(e.course_id, e.person_id)
            .limit(limit)
        )
        return [Due(**row._mapping) for row in rows]

    def judged(self, connection_id: int) -> bool:
        """Whether the LMS ever gave a verdict on anybody."""
        k, e, c = t.completions.c, t.enrolments.c, t.courses.c
        asked = select(e.course_id).join(t.courses, c.id == e.course_id)
        return (
            self.sql.execute(select(k.id).where(k.connection_id == connection_id).limit(1)).first()
            or self.sql.execute(
                asked.where(c.connection_id == connection_id, e.checked.is_(True)).limit(1)
            ).first()
        ) is not None

    # --- courses that cannot be judged ---

    def mark_unreadable(self, course_ids: Sequence[int], now: datetime) -> None:
        """The LMS has nothing to judge these courses' people by."""
        self._mark_courses(course_ids, unreadable_since=now)

    def hold(self, course_ids: Sequence[int], now: datetime) -> None:
        """The LMS would not judge these courses' people."""
        self._mark_courses(course_ids, verdicts_refused_at=now)

    def held(self, connection_id: int, held_since: datetime) -> list[int]:
        """Courses that refused since then, the longest ago first."""
        c = t.courses.c
        rows = self.sql.execute(
            select(c.id)
            .where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.verdicts_refused_at >= held_since,
            )
            .order_by(c.verdicts_refused_at, c.id)
        )
        return list(rows.scalars())

    def let_go(self, connection_id: int) -> None:
        """No course counts as refusing any more."""
        c = t.courses.c
        self.sql.execute(
            t.courses.update()
            .where(c.connection_id == connection_id, c.verdicts_refused_at.is_not(None))
            .values(verdicts_refused_at=None)
        )

    def _mark_courses(self, course_ids: Sequence[int], **values: Any) -> None:
        for some in chunks(course_ids):
            self.sql.execute(t.courses.update().where(t.courses.c.id.in_(some)).values(**values))

    # --- reconciliation ---

    def count_tracked(self, connection_id: int) -> int:
        """How many enrolments of courses with completion there are."""
        e, c = t.enrolments.c, t.courses.c
        return int(
            self.sql.execute(
                select(func.count())
                .select_from(t.enrolments.join(t.courses, c.id == e.course_id))
                .where(
                    c.connection_id == connection_id,
                    c.gone.is_(False),
                    c.tracked.is_(True),
                    e.gone.is_(False),
                )
            ).scalar_one()
        )

    def any_tracked(self, connection_id: int) -> bool:
        """Whether anybody is in a course with completion."""
        e, c = t.enrolments.c, t.courses.c
        return (
            self.sql.execute(
                select(e.course_id)
                .join(t.courses, c.id == e.course_id)
                .where(
                    c.connection_id == connection_id,
                    c.gone.is_(False),
                    c.tracked.is_(True),
                    e.gone.is_(False),
                )
                .limit(1)
            ).first()
            is not None
        )

    def to_reconcile(
        self, connection_id: int, before: datetime, held_since: datetime
    ) -> list[tuple[int, int]]:
        """Courses that were last compared before then, and how many people each has; oldest first.

        What was found in a course when it was first seen counts as compared.
        """
        c, e = t.courses.c, t.enrolments.c
        rows = self.sql.execute(
            select(c.id, func.count(e.person_id))
            .join_from(t.courses, t.enrolments, e.course_id == c.id)
            .where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.tracked.is_(True),
                func.coalesce(c.reconciled_at, c.first_seen_at) < before,
                or_(c.unreadable_since.is_(None), c.unreadable_since < before),
                or_(c.verdicts_refused_at.is_(None), c.verdicts_refused_at < held_since),
                e.gone.is_(False),
            )
            .group_by(c.id, c.reconciled_at, c.first_seen_at)
            .order_by(func.coalesce(c.reconciled_at, c.first_seen_at), c.id)
        )
        return [(row[0], row[1]) for row in rows]

    def mark_reconciled(self, course_ids: Sequence[int], now: datetime) -> None:
        """Every verdict in these courses was compared with the LMS's."""
        self._mark_courses(course_ids, reconciled_at=now)

    # --- completions ---

    @contextmanager
    def _planned_anew(self) -> Iterator[None]:
        """Let PostgreSQL plan the statement inside for what the tables hold now.

        A plan that it kept from when they were empty would read them whole, page after page. Not
        so for what it plans by itself, the check of a reference for instance: that would be
        planned for every row.
        """
        if self.sql.dialect.name != "postgresql":
            yield
            return
        self.sql.execute(sql_text("SET LOCAL plan_cache_mode = force_custom_plan"))
        yield
        self.sql.execute(sql_text("SET LOCAL plan_cache_mode = auto"))

    def stored(self, pairs: Sequence[Pair]) -> dict[Pair, StoredCompletion]:
        """What is kept of these, revoked ones included."""
        k = t.completions.c
        asked = given(self.sql, _KEY, pairs)
        query = select(*(k[name] for name in _COLUMNS)).join_from(
            asked,
            t.completions,
            and_(k.course_id == asked.c.course_id, k.person_id == asked.c.person_id),
        )
        with self._planned_anew():
            rows = self.sql.execute(query).all()
        found = (StoredCompletion(**row._mapping) for row in rows)
        return {one.key: one for one in found}

    def put(self, connection_id: int, rows: Sequence[StoredCompletion]) -> None:
        """Write completions, new or changed. A person's own word on one (``hidden``) stays."""
        if not rows:
            return
        values = given(
            self.sql, _COLUMNS, [[getattr(row, name) for name in _COLUMNS] for row in rows]
        )
        names = ["connection_id", *_COLUMNS]
        source = select(
            sql_text(str(int(connection_id))), *(values.c[name] for name in _COLUMNS)
        ).where(true())
        statement = insert(self.sql, t.completions).from_select(names, source)
        self.sql.execute(
            statement.on_conflict_do_update(
                index_elements=["course_id", "person_id"],
                set_={
                    name: statement.excluded[name]
                    for name in _COLUMNS
                    if name not in ("course_id", "person_id")
                },
            )
        )

    def mark_asked(self, pairs: Sequence[Pair]) -> None:
        """The LMS has judged these."""
        e = t.enrolments.c
        self._mark(pairs, or_(e.checked.is_(False), e.unjudged_since.is_not(None)), None)

    def mark_unjudged(self, pairs: Sequence[Pair], now: datetime) -> None:
        """The LMS does not judge these people there."""
        e = t.enrolments.c
        news = or_(e.checked.is_(False), e.unjudged_since.is_(None), e.unjudged_since < now)
        self._mark(pairs, news, now)

    def _mark(
        self, pairs: Sequence[Pair], news: ColumnElement[bool], since: datetime | None
    ) -> None:
        if not pairs:
            return
        e = t.enrolments.c
        asked = given(self.sql, _KEY, pairs)
        with self._planned_anew():
            self.sql.execute(
                t.enrolments.update()
                .where(e.course_id == asked.c.course_id, e.person_id == asked.c.person_id, news)
                .values(checked=True, unjudged_since=since)
            )

    def mark_unasked(self, pairs: Sequence[Pair]) -> None:
        """The LMS would not judge these: they stay due until it does."""
        e = t.enrolments.c
        for some in chunks(pairs):
            self.sql.execute(
                t.enrolments.update()
                .where(tuple_(e.course_id, e.person_id).in_(some), e.checked.is_(True))
                .values(checked=False)
            )

    def count_since(self, connection_id: int, since: datetime) -> int:
        """How many live completions are dated since then."""
        k = t.completions.c
        return int(
            self.sql.execute(
                select(func.count()).where(
                    k.connection_id == connection_id,
                    k.completed_at >= since,
                    k.revoked.is_(False),
                )
            ).scalar_one()
        )

    def of_lms(
        self,
        connection_id: int,
        pairs: Sequence[tuple[int, int]],
        courses: Mapping[int, int],
        unreadable_before: datetime | None = None,
    ) -> dict[tuple[int, int], Due]:
        """The enrolments that pairs of LMS ids stand for, as far as they are known.

        :param courses: LMS id → our id.
        :param unreadable_before: leave out whom the LMS would not judge there since then.
        """
        e, p = t.enrolments.c, t.people.c
        known = [(courses[course], person) for course, person in pairs if course in courses]
        lms_of = {ours: lms for lms, ours in courses.items()}
        asked = given(self.sql, {"course_id": Integer(), "lms_id": Integer()}, known)
        rows = self.sql.execute(
            select(e.course_id, e.person_id, p.lms_id)
            .join_from(
                asked,
                t.people,
                and_(p.connection_id == connection_id, p.lms_id == asked.c.lms_id),
            )
            .join(
                t.enrolments,
                and_(e.course_id == asked.c.course_id, e.person_id == p.id),
            )
            .where(
                true()
                if unreadable_before is None
                else or_(e.unjudged_since.is_(None), e.unjudged_since < unreadable_before)
            )
        )
        found = (Due(row[0], row[1], lms_of[row[0]], row[2]) for row in rows)
        return {due.pair: due for due in found}
