"""People as an LMS says they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, or_, select

from bridge.errors import NotFound
from bridge.model import PersonFact, ProfileRules, Tally
from bridge.storage import tables as t
from bridge.storage.erased import ErasedRepository
from bridge.storage.groups import count_groups_again
from bridge.storage.statements import chunks, converge, put
from bridge.storage.telling import tell_again

_PERSON = (
    "name",
    "username",
    "email",
    "photo_url",
    "timezone",
    "language",
    "department",
    "suspended",
    "last_access_at",
    "gone",
)


class PeopleRepository:
    """Reads and writes ``people``. Who was erased is never written again."""

    def __init__(self, sql: SqlConnection, erased: ErasedRepository) -> None:
        self.sql = sql
        self.erased = erased

    def known(self, connection_id: int, lms_ids: Sequence[int]) -> dict[int, int]:
        """LMS id → our id, of those who are there."""
        found: dict[int, int] = {}
        p = t.people.c
        for some in chunks(lms_ids):
            rows = self.sql.execute(
                select(p.lms_id, p.id).where(p.connection_id == connection_id, p.lms_id.in_(some))
            )
            found.update({row.lms_id: row.id for row in rows})
        return found

    def ids(self, connection_id: int, names: Mapping[int, str]) -> dict[int, int]:
        """LMS id → our id of people; who is not there yet gets a row with no more than a name.

        Who was erased is left out.
        """
        found = self.known(connection_id, sorted(names))
        missing = [lms_id for lms_id in sorted(names) if lms_id not in found]
        erased = self.erased.people(connection_id, missing) if missing else set()
        missing = [lms_id for lms_id in missing if lms_id not in erased]
        if missing:
            # Where a profile field may forbid to name somebody, nobody is named before it is read.
            unread = self._may_be_forbidden(connection_id)
            rows = [
                {
                    "connection_id": connection_id,
                    "lms_id": lms_id,
                    "name": names[lms_id],
                    "never_named": unread,
                }
                for lms_id in missing
            ]
            # Another process may have met them meanwhile.
            put(self.sql, t.people, rows, ["connection_id", "lms_id"], [])
            found.update(self.known(connection_id, missing))
        return found

    def _may_be_forbidden(self, connection_id: int) -> bool:
        settings = self.sql.execute(
            select(t.connections.c.settings).where(t.connections.c.id == connection_id)
        ).scalar()
        return bool(ProfileRules.of(settings or {}).never_field)

    def due(self, connection_id: int, read_before: datetime, after: int, limit: int) -> list[int]:
        """LMS ids, above ``after``, of people whose record was not read since ``read_before``."""
        p = t.people.c
        rows = self.sql.execute(
            select(p.lms_id)
            .where(
                p.connection_id == connection_id,
                p.lms_id > after,
                or_(p.detailed_at.is_(None), p.detailed_at < read_before),
            )
            .order_by(p.lms_id)
            .limit(limit)
        )
        return list(rows.scalars())

    def there(self, connection_id: int, lms_ids: Sequence[int]) -> set[int]:
        """Those of the people, by LMS id, whose record the LMS gave when it was last asked."""
        p = t.people.c
        found: set[int] = set()
        for some in chunks(lms_ids):
            found |= set(
                self.sql.execute(
                    select(p.lms_id).where(
                        p.connection_id == connection_id,
                        p.lms_id.in_(some),
                        p.gone.is_(False),
                        p.detailed_at.is_not(None),
                    )
                ).scalars()
            )
        return found

    def witnesses(self, connection_id: int, limit: int) -> list[int]:
        """LMS ids of people who were read last: if they are named again, no right is missing."""
        p = t.people.c
        rows = self.sql.execute(
            select(p.lms_id)
            .where(p.connection_id == connection_id, p.gone.is_(False), p.detailed_at.is_not(None))
            .order_by(p.detailed_at.desc(), p.id)
            .limit(limit)
        )
        return list(rows.scalars())

    def in_course(self, course_id: int) -> list[int]:
        """LMS ids of the people in a course, by our id of it."""
        p, e = t.people.c, t.enrolments.c
        rows = self.sql.execute(
            select(p.lms_id)
            .join(t.enrolments, e.person_id == p.id)
            .where(e.course_id == course_id, e.gone.is_(False))
            .order_by(p.lms_id)
        )
        return list(rows.scalars())

    def connection_of(self, person_id: int) -> int:
        """The connection that the person, by our id, is of.

        :raises NotFound: if there is no such person.
        """
        found = self.sql.execute(
            select(t.people.c.connection_id).where(t.people.c.id == person_id)
        ).scalar()
        if found is None:
            raise NotFound("That person is not there.")
        return int(found)

    def count_due(self, connection_id: int, read_before: datetime) -> int:
        """How many :meth:`due` has in all."""
        p = t.people.c
        return int(
            self.sql.execute(
                select(func.count())
                .select_from(t.people)
                .where(
                    p.connection_id == connection_id,
                    or_(p.detailed_at.is_(None), p.detailed_at < read_before),
                )
            ).scalar_one()
        )

    def look_first(self, person_ids: Sequence[int]) -> None:
        """What was told of these people is corrected before anything else."""
        for some in chunks(person_ids):
            self.sql.execute(t.people.update().where(t.people.c.id.in_(some)).values(pending=True))

    def left(self, person_ids: Sequence[int]) -> set[int]:
        """Those of the people whom the LMS has suspended, or has no more."""
        p = t.people.c
        found: set[int] = set()
        for some in chunks(person_ids):
            away = or_(p.suspended.is_(True), p.gone.is_(True))
            found.update(self.sql.execute(select(p.id).where(p.id.in_(some), away)).scalars())
        return found

    def put(
        self,
        connection_id: int,
        asked: Sequence[int],
        facts: Sequence[PersonFact],
        now: datetime,
    ) -> Tally:
        """The full records of the people ``asked`` for; who is not among ``facts`` is gone."""
        erased = self.erased.people(connection_id, [f.lms_id for f in facts])
        facts = [f for f in facts if f.lms_id not in erased]
        before: dict[int, Any] = {}
        p = t.people.c
        for some in chunks(asked):
            query = select(t.people).where(p.connection_id == connection_id, p.lms_id.in_(some))
            before.update({row.lms_id: row for row in self.sql.execute(query)})
        stubs = {lms_id for lms_id, row in before.items() if row.detailed_at is None}
        rows = [
            {
                "connection_id": connection_id,
                "lms_id": f.lms_id,
                "name": f.name,
                "username": f.username,
                "email": f.email,
                "photo_url": f.photo_url,
                "timezone": f.timezone,
                "language": f.language,
                "department": f.department,
                "suspended": f.suspended,
                "last_access_at": f.last_access_at,
                "gone": False,
            }
            for f in facts
        ]
        tally = converge(self.sql, t.people, rows, before, ("connection_id", "lms_id"), _PERSON)
        known = {f.lms_id for f in facts}
        absent = [lms_id for lms_id in asked if lms_id not in known]
        for some in chunks(absent):
            self.sql.execute(
                t.people.update()
                .where(p.connection_id == connection_id, p.lms_id.in_(some))
                .values(gone=True)
            )
        for some in chunks(asked):
            self.sql.execute(
                t.people.update()
                .where(p.connection_id == connection_id, p.lms_id.in_(some))
                .values(detailed_at=now)
            )
        came, went = _came_and_went(before, facts, absent)
        tell_again(self.sql, sorted(came | went))
        count_groups_again(self.sql, sorted(came | went))
        self.look_first(sorted(went))
        left = sum(not before[lms_id].gone for lms_id in absent if lms_id in before)
        filled = len(stubs & known)
        return Tally(new=tally.new + filled, changed=max(0, tally.changed - filled) + left)


def _came_and_went(
    before: Mapping[int, Any], facts: Sequence[PersonFact], absent: Sequence[int]
) -> tuple[set[int], set[int]]:
    """Our ids of those who can be named again, and of those who can be named no more."""
    was_there = {ident: not (row.suspended or row.gone) for ident, row in before.items()}
    known = [f for f in facts if f.lms_id in before]
    came = {f.lms_id for f in known if not f.suspended and not was_there[f.lms_id]}
    went = {f.lms_id for f in known if f.suspended and was_there[f.lms_id]}
    went |= {lms_id for lms_id in absent if was_there.get(lms_id)}
    return {before[ident].id for ident in came}, {before[ident].id for ident in went}
