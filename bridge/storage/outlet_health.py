"""Whether what goes to an outlet goes through."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.model import OutletHealth
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity
from bridge.storage.statements import put


class OutletHealthRows:
    """Reads and writes ``outlet_health``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def health(self, connection_id: int | None = None) -> dict[int, OutletHealth]:
        """By outlet (of the connection), those to which something ever failed to go."""
        h, o = t.outlet_health, t.outlets
        query = select(h.c.outlet_id, *columns(h, OutletHealth))
        if connection_id is not None:
            query = query.join(o, o.c.id == h.c.outlet_id)
            query = query.where(o.c.connection_id == connection_id)
        return {row.outlet_id: entity(OutletHealth, row) for row in self.sql.execute(query)}

    def health_of(self, outlet_id: int) -> OutletHealth:
        """How the outlet does; well, if nothing ever failed."""
        h = t.outlet_health
        query = select(*columns(h, OutletHealth)).where(h.c.outlet_id == outlet_id)
        row = self.sql.execute(query).first()
        return OutletHealth() if row is None else entity(OutletHealth, row)

    def put_health(self, outlet_id: int, health: OutletHealth) -> None:
        """Note how the outlet does now."""
        row = {"outlet_id": outlet_id, **asdict(health)}
        put(self.sql, t.outlet_health, [row], ["outlet_id"])
