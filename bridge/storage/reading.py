"""What is new to whom: where people stopped reading, and what was taken back from a feed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, func, literal, or_, select, tuple_
from sqlalchemy import Connection as SqlConnection

from bridge.model import AGGREGATES, Activity
from bridge.storage import tables as t
from bridge.storage.feed_ranges import Position
from bridge.storage.notices import standing
from bridge.storage.rows import activity, activity_columns
from bridge.storage.statements import put
from bridge.storage.types import Instant
from bridge.visibility import FEW

MANY = 100
"""As far as anything unread is counted."""
_AGGREGATES = sorted(kind.value for kind in AGGREGATES)


@dataclass(frozen=True)
class Place:
    """How far a person has read their home feed."""

    line: Position
    """Where the visit before the last reading ended."""
    seen: Position
    """The newest that they have seen."""
    seen_at: datetime


@dataclass(frozen=True)
class Unread:
    """What waits for a person, each number up to :data:`MANY`."""

    items: int = 0
    notices: int = 0
    place: Place | None = None
    """``None`` for whoever has never read; nothing is new to them, or everything."""


class ReadingRepository:
    """Reads and writes what the feed remembers of its readers."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- places --------------------------------------------------------------------------------

    def unread(self, person_id: int, audiences: Sequence[str]) -> Unread:
        """What is new to the person, and since when; one statement over the ends of indexes."""
        p, place = t.people, t.reading_places
        newer = _newer(audiences, person_id, place.c.seen_published, place.c.seen_id)
        row = self.sql.execute(
            select(
                place,
                _counted(newer, place).label("items"),
                _notices(person_id).label("notices"),
            )
            .select_from(p.outerjoin(place, place.c.person_id == p.c.id))
            .where(p.c.id == person_id)
        ).first()
        if row is None:
            return Unread()
        return Unread(items=row.items, notices=row.notices, place=_place(row))

    def above(self, person_id: int, audiences: Sequence[str], place: Position | None) -> int:
        """How many items of others stand above the place, up to :data:`MANY`; one statement."""
        published, ident = place or (datetime.fromtimestamp(0, UTC), 0)
        newer = _newer(audiences, person_id, literal(published, Instant), literal(ident))
        return int(self.sql.execute(select(_counted(newer))).scalar_one())

    def place(self, person_id: int) -> Place | None:
        """How far the person has read."""
        place = t.reading_places
        row = self.sql.execute(select(place).where(place.c.person_id == person_id)).first()
        return None if row is None else _place(row)

    def put_place(self, person_id: int, place: Place) -> None:
        """Keep how far the person has read."""
        row = {
            "person_id": person_id,
            "line_published": place.line[0],
            "line_id": place.line[1],
            "seen_published": place.seen[0],
            "seen_id": place.seen[1],
            "seen_at": place.seen_at,
        }
        put(self.sql, t.reading_places, [row], ["person_id"])

    # --- what was taken back -------------------------------------------------------------------

    def gone(
        self,
        audiences: Sequence[str],
        newest: Position | None,
        oldest: Position | None,
        limit: int,
        *,
        course_ids: Collection[int] | None = None,
    ) -> list[Activity]:
        """What was told to the audiences between two places and is gone, newest first."""
        a = t.activities
        place = tuple_(a.c.published, a.c.id)
        query = select(*activity_columns()).where(a.c.audience.in_(audiences), a.c.gone.is_(True))
        if newest is not None:
            query = query.where(place < _bound(newest))
        if oldest is not None:
            query = query.where(place > _bound(oldest))
        if course_ids is not None:
            query = query.where(a.c.course_id.in_(course_ids))
        query = query.order_by(a.c.published.desc(), a.c.id.desc()).limit(limit)
        return [activity(row) for row in self.sql.execute(query)]


def _newer(
    audiences: Sequence[str],
    person_id: int,
    published: ColumnElement[Any],
    ident: ColumnElement[Any],
) -> list[ColumnElement[bool]]:
    """Told by others to the audiences after the place, as far as there is something to tell.

    The rules are those of :mod:`bridge.feed.sight` as far as the row itself can say them: a number
    that a page shows in passing is not worth a page's statements.
    """
    a = t.activities
    countable = and_(a.c.others >= FEW, a.c.group_size - a.c.others >= FEW)
    return [
        a.c.audience.in_(audiences),
        a.c.gone.is_(False),
        a.c.published >= published,
        or_(a.c.published > published, a.c.id > ident),
        or_(a.c.actor_id.is_(None), a.c.actor_id != person_id),
        or_(a.c.kind.not_in(_AGGREGATES), a.c.named > 0, countable),
    ]


def _counted(where: Sequence[ColumnElement[bool]], *outer: Any) -> Any:
    few = select(t.activities.c.id).where(*where).limit(MANY)
    few = few.correlate(*outer) if outer else few
    return select(func.count()).select_from(few.subquery()).scalar_subquery()


def _notices(person_id: int) -> Any:
    n, a, c = t.notices, t.activities, t.comments
    few = (
        select(n.c.id)
        .join(a, a.c.id == n.c.activity_id)
        .outerjoin(c, c.c.id == n.c.comment_id)
        .where(n.c.person_id == person_id, n.c.read_at.is_(None), standing())
        .limit(MANY)
    )
    return select(func.count()).select_from(few.subquery()).scalar_subquery()


def _place(row: Any) -> Place | None:
    if row.person_id is None:
        return None
    return Place(
        line=(row.line_published, row.line_id),
        seen=(row.seen_published, row.seen_id),
        seen_at=row.seen_at,
    )


def _bound(position: Position) -> Any:
    return tuple_(literal(position[0], Instant), literal(position[1], Integer))
