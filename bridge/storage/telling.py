"""What was told of the facts, and telling it: the activities that follow an LMS."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import exists, or_, select

from bridge.model import AGGREGATES, Audience, AudienceKind, Kind, Standing
from bridge.storage import tables as t
from bridge.storage.projection import Unit
from bridge.storage.standing import stands
from bridge.storage.statements import change, chunks

Telling = tuple[Kind, Audience]
"""Of a unit: what is told of it, and to whom."""


LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Told:
    """An activity as it stands."""

    id: int
    kind: Kind
    audience: Audience
    revision: int
    gone: bool
    title: str
    digest: str
    others: int
    group: int
    members: frozenset[int] = frozenset()
    """Completion ids."""
    hidden: bool = False
    """A moderator hid it: whatever the LMS says, it is not shown until one restores it."""
    number: int = 0
    """What a milestone counts, since :attr:`published`."""
    published: datetime = LONG_AGO
    course_id: int | None = None


def tell_again(sql: SqlConnection, person_ids: Sequence[int]) -> None:
    """What was told of these people has to be looked at again: who may see it has changed."""
    k = t.completions.c
    for some in chunks(person_ids):
        sql.execute(
            t.completions.update()
            .where(k.person_id.in_(some), k.history.is_(False), k.pending.is_(False))
            .values(pending=True)
        )
        # Whoever is named somewhere has made a choice: what names them is found by that.
        sql.execute(
            t.consents.update().where(t.consents.c.person_id.in_(some)).values(pending=True)
        )


class TellingRepository:
    """Reads and writes ``activities`` and ``activity_members``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def any(self, connection_id: int) -> bool:
        """Whether anything was ever told of this connection."""
        a = t.activities.c
        return (
            self.sql.execute(select(a.id).where(a.connection_id == connection_id).limit(1)).first()
            is not None
        )

    def told_aggregates(self, units: Iterable[Unit]) -> dict[Unit, dict[Telling, Told]]:
        """The aggregates that stand for each unit, those that are gone included."""
        wanted: dict[Unit, dict[Telling, Told]] = {unit: {} for unit in units}
        a, m = t.activities.c, t.activity_members.c
        rows: list[Any] = []
        for some in chunks(sorted({course_id for course_id, _ in wanted})):
            days = {day for course_id, day in wanted if course_id in set(some)}
            rows += self.sql.execute(
                select(t.activities).where(
                    a.course_id.in_(some),
                    a.kind.in_(AGGREGATES),
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
            wanted[(row.course_id, row.day)][told.kind, told.audience] = told
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

    def said_by(self, person_ids: Sequence[int]) -> list[Told]:
        """The discussions that these people started in the LMS, as far as they were told."""
        a = t.activities.c
        found: list[Told] = []
        for some in chunks(person_ids):
            rows = self.sql.execute(
                select(t.activities).where(
                    a.actor_id.in_(some), a.kind == Kind.DISCUSSION.value, a.gone.is_(False)
                )
            )
            found += [_told(row) for row in rows]
        return found

    def told_by(self, person_ids: Sequence[int]) -> list[Told]:
        """Whatever stands with one of these people as who said it, or for whom it was said."""
        a = t.activities.c
        found: dict[int, Told] = {}
        for some in chunks(person_ids):
            for column in (a.actor_id, a.behalf_of_id):
                rows = self.sql.execute(
                    select(t.activities).where(column.in_(some), a.gone.is_(False))
                )
                found.update({row.id: _told(row) for row in rows})
        return list(found.values())

    def shares_of_courses(self, course_ids: Sequence[int]) -> list[tuple[int, Told]]:
        """Course id and share, of the shares of these courses that stand."""
        a = t.activities.c
        found: list[tuple[int, Told]] = []
        for some in chunks(course_ids):
            rows = self.sql.execute(
                select(t.activities).where(
                    a.course_id.in_(some), a.kind == Kind.SHARE.value, a.gone.is_(False)
                )
            )
            found += [(row.course_id, _told(row)) for row in rows]
        return found

    def milestones_of(
        self, course_ids: Collection[int], team_ids: Collection[int] = ()
    ) -> list[Told]:
        """The milestones of these courses and teams, gone ones too."""
        a = t.activities.c
        milestone = a.kind == Kind.MILESTONE.value
        of_course = a.course_id.is_not(None)
        keys = [f"team:{ident}" for ident in sorted(team_ids)]
        found: list[Told] = []
        for column, ids, is_of_course in (
            (a.course_id, sorted(course_ids), of_course),
            (a.audience, keys, ~of_course),
        ):
            for some in chunks(ids):
                query = select(t.activities).where(column.in_(some), milestone, is_of_course)
                found += [_told(row) for row in self.sql.execute(query)]
        return found

    def in_public(
        self, connection_id: int, person_ids: Sequence[int], since: datetime
    ) -> list[int]:
        """The aggregates naming one of these people that stand, or are to, where the public reads,
        or that were told to everyone since then and might; none where no outlet is public."""
        a, m, d, o = t.activities.c, t.activity_members.c, t.deliveries.c, t.outlets.c
        public = Audience(AudienceKind.PUBLIC, connection_id).key
        everyone = Audience(AudienceKind.EVERYONE, connection_id).key
        read = select(o.id).where(o.connection_id == connection_id, o.audience == public)
        outlets = list(self.sql.execute(read).scalars())
        if not outlets:
            return []
        there = or_(stands(), d.pending.is_(True), d.digest_id.is_not(None))
        sent = exists().where(d.activity_id == a.id, d.outlet_id.in_(outlets), there)
        found: set[int] = set()
        for some in chunks(person_ids):
            rows = self.sql.execute(
                select(a.id)
                .join(t.activity_members, m.activity_id == a.id)
                .where(
                    m.person_id.in_(some),
                    a.kind.in_(AGGREGATES),
                    a.audience == everyone,
                    a.gone.is_(False),
                    or_(sent, a.published >= since),
                )
            )
            found.update(rows.scalars())
        return sorted(found)

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

    def retell_all(
        self, changes: Iterable[tuple[Told, Mapping[str, Any], bool]], now: datetime
    ) -> None:
        """Change many activities: each with its values, and whether it looks different now."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for told, values, visibly in changes:
            stamp = {"updated": now, "revision": told.revision + 1} if visibly else {}
            row = {"id": told.id, **values, **stamp}
            alike.setdefault(tuple(row), []).append(row)
        for rows in alike.values():
            change(self.sql, t.activities, rows, ["id"])

    def set_members(self, named: Mapping[int, Sequence[tuple[int, int, datetime]]]) -> None:
        """Activity id → who is named in the aggregate: (person id, completion id, when)."""
        m = t.activity_members
        for some in chunks(list(named)):
            self.sql.execute(m.delete().where(m.c.activity_id.in_(some)))
        rows = [
            {
                "activity_id": activity_id,
                "person_id": person_id,
                "completion_id": completion_id,
                "at": at,
            }
            for activity_id, those in named.items()
            for person_id, completion_id, at in those
        ]
        if rows:
            self.sql.execute(m.insert(), rows)


def _told(row: Any, members: frozenset[int] = frozenset()) -> Told:
    return Told(
        id=row.id,
        kind=Kind(row.kind),
        audience=Audience.of(row.audience),
        revision=row.revision,
        gone=row.gone,
        title=row.title,
        digest=row.digest,
        others=row.others,
        group=row.group_size,
        members=members,
        hidden=row.standing == Standing.HIDDEN.value,
        number=row.number,
        published=row.published,
        course_id=row.course_id,
    )
