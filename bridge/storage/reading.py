"""What is new to whom: where people stopped reading, what they follow, what was taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Integer, literal, select, tuple_

from bridge.model import Activity
from bridge.storage import tables as t
from bridge.storage.feed_ranges import Position
from bridge.storage.rows import activity, activity_columns
from bridge.storage.types import Instant


class ReadingRepository:
    """Reads and writes what the feed remembers of its readers."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

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


def _bound(position: Position) -> object:
    return tuple_(literal(position[0], Instant), literal(position[1], Integer))
