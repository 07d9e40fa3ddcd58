"""Health: whether the syncs of a connection go through."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.model import Health
from bridge.storage import tables as t
from bridge.storage.statements import put

COLUMNS = ("failures", "failed_since", "retry_at", "error", "remedy", "told_at")


class HealthRepository:
    """Reads and writes ``connection_health``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def of(self, connection_id: int) -> Health:
        """How the connection does; well, if no sync of it ever failed."""
        row = self.sql.execute(
            select(t.connection_health).where(t.connection_health.c.connection_id == connection_id)
        ).first()
        return Health() if row is None else _entity(row)

    def all(self) -> dict[int, Health]:
        """By connection, those of which a sync has ever failed."""
        return {
            row.connection_id: _entity(row) for row in self.sql.execute(select(t.connection_health))
        }

    def put(self, connection_id: int, health: Health) -> None:
        """Note how the connection does now."""
        values = {column: getattr(health, column) for column in COLUMNS}
        put(
            self.sql,
            t.connection_health,
            [{"connection_id": connection_id, **values}],
            ["connection_id"],
        )


def _entity(row: Any) -> Health:
    return Health(**{column: getattr(row, column) for column in COLUMNS})
