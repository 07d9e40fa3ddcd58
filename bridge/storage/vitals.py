"""Numbers that say whether the bridge does its work: how old, how many, how often in vain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select

from bridge.storage import tables as t


@dataclass(frozen=True)
class ConnectionVitals:
    """How reading an LMS goes."""

    name: str
    failures: int
    """Runs in a row that failed."""
    read_at: datetime | None
    """When the last run began that went through; ``None`` before the first."""


@dataclass(frozen=True)
class OutletVitals:
    """How an outlet does."""

    name: str
    kind: str
    failures: int
    """Attempts in a row that failed."""
    waiting: int
    """Deliveries that are still to be brought to what they should show."""
    oldest_due: datetime | None
    """Since when the longest of those that are due has been."""


class Vitals:
    """Reads what is measured of the whole bridge; three statements."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def connections(self) -> list[ConnectionVitals]:
        """Every connection, by name."""
        c, h, r = t.connections, t.connection_health, t.sync_runs
        read = (
            select(func.max(r.c.started_at))
            .where(r.c.connection_id == c.c.id, r.c.outcome.in_(("complete", "partial")))
            .scalar_subquery()
        )
        rows = self.sql.execute(
            select(c.c.name, func.coalesce(h.c.failures, 0), read)
            .select_from(c.outerjoin(h, h.c.connection_id == c.c.id))
            .order_by(c.c.name)
        )
        return [ConnectionVitals(*row) for row in rows]

    def outlets(self, now: datetime) -> list[OutletVitals]:
        """Every outlet that is on, by connection and name."""
        o, h, d = t.outlets, t.outlet_health, t.deliveries
        waiting = {
            row.outlet_id: (row.waiting, row.oldest)
            for row in self.sql.execute(
                select(
                    d.c.outlet_id,
                    func.count().label("waiting"),
                    func.min(d.c.due_at).label("oldest"),
                )
                .where(d.c.pending.is_(True))
                .group_by(d.c.outlet_id)
            )
        }
        rows = self.sql.execute(
            select(o.c.id, o.c.name, o.c.kind, func.coalesce(h.c.failures, 0).label("failures"))
            .select_from(o.outerjoin(h, h.c.outlet_id == o.c.id))
            .where(o.c.enabled.is_(True))
            .order_by(o.c.connection_id, o.c.name)
        )
        found = []
        for row in rows:
            count, oldest = waiting.get(row.id, (0, None))
            due = oldest if oldest is not None and oldest <= now else None
            found.append(OutletVitals(row.name, row.kind, row.failures, count, due))
        return found
