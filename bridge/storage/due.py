"""Which verdicts are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, or_, select, tuple_
from sqlalchemy import text as sql_text
from sqlalchemy.types import TypeEngine

from bridge.storage import tables as t
from bridge.storage.given import given, planned_anew
from bridge.storage.judged import JudgedCourses
from bridge.storage.statements import chunks

Pair = tuple[int, int]
"""A course and a person, in our ids."""

KEY: Mapping[str, TypeEngine[Any]] = {"course_id": Integer(), "person_id": Integer()}
# Worded as the partial index words it, or neither database would use that.
UNCHECKED = sql_text("NOT enrolments.checked")


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


class DueQueries(JudgedCourses):
    """Reads ``enrolments``: whose verdict is to be asked of an LMS."""

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
            return [UNCHECKED]  # type: ignore[list-item]
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
                # The sum keeps a database from beginning with the courses: the pages are in the
                # order of the enrolments, and would be sorted anew for each of them.
                c.connection_id + 0 == connection_id,
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
        # In two steps: a database that knows nothing of what is handed to it would rather go
        # through everybody than begin with these.
        people: dict[int, int] = {}
        for some in chunks(sorted({person for _, person in pairs})):
            rows = self.sql.execute(
                select(p.lms_id, p.id).where(p.connection_id == connection_id, p.lms_id.in_(some))
            )
            people.update({row.lms_id: row.id for row in rows})
        ours = {
            (courses[course], people[person]): (course, person)
            for course, person in pairs
            if course in courses and person in people
        }
        keys = given(self.sql, KEY, list(ours))
        query = select(e.course_id, e.person_id).join_from(
            keys,
            t.enrolments,
            and_(e.course_id == keys.c.course_id, e.person_id == keys.c.person_id),
        )
        if unreadable_before is not None:
            query = query.where(
                or_(e.unjudged_since.is_(None), e.unjudged_since < unreadable_before)
            )
        with planned_anew(self.sql):
            found = [
                Due(course_id, person_id, *ours[course_id, person_id])
                for course_id, person_id in self.sql.execute(query)
            ]
        return {due.pair: due for due in found}
