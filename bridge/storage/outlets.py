"""The outlets' rows; secrets are sealed on the way in and opened on the way out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Row, func, select

from bridge.model import Audience, AudienceKind, Outlet
from bridge.storage import tables as t
from bridge.storage.sealing import Seal
from bridge.storage.standing import stands
from bridge.storage.statements import put


class OutletRows:
    """Reads and writes outlets."""

    def __init__(self, sql: SqlConnection, seal: Seal) -> None:
        self.sql = sql
        self.seal = seal

    def outlets(self, connection_ids: Collection[int] | None = None) -> tuple[Outlet, ...]:
        """The outlets of the connections (``None``: of all), in the order of their names."""
        query = select(t.outlets).order_by(t.outlets.c.name, t.outlets.c.id)
        if connection_ids is not None:
            query = query.where(t.outlets.c.connection_id.in_(connection_ids))
        return tuple(self._outlet(row) for row in self.sql.execute(query))

    def add_outlet(self, outlet: Outlet) -> Outlet:
        """Keep a new outlet; it with its id."""
        query = t.outlets.insert().returning(t.outlets.c.id)
        return replace(outlet, id=self.sql.execute(query, self._row(outlet)).scalar_one())

    def change_outlet(self, outlet: Outlet) -> None:
        """Make the row what the outlet is."""
        query = t.outlets.update().where(t.outlets.c.id == outlet.id)
        self.sql.execute(query, self._row(outlet))

    def remove_outlet(self, outlet_id: int) -> None:
        """Delete the outlet with its deliveries."""
        self.sql.execute(t.outlets.delete().where(t.outlets.c.id == outlet_id))

    def standing(self, outlet_id: int) -> int:
        """How many posts the outlet shows, or may show."""
        d = t.deliveries
        query = select(func.count()).where(d.c.outlet_id == outlet_id, stands())
        return self.sql.execute(query).scalar_one()

    def unsubscribed(self, outlet_id: int) -> frozenset[str]:
        """The addresses, in lower case, that want nothing more from the outlet."""
        u = t.outlet_unsubscribed
        query = select(u.c.address).where(u.c.outlet_id == outlet_id)
        return frozenset(self.sql.execute(query).scalars())

    def unsubscribe(self, outlet_id: int, address: str, at: datetime) -> None:
        """Write down that an address wants nothing more; saying it twice changes nothing."""
        row = {"outlet_id": outlet_id, "address": address.lower(), "at": at}
        put(self.sql, t.outlet_unsubscribed, [row], ["outlet_id", "address"], update=[])

    def has_audience(self, connection_id: int, audience: Audience) -> bool:
        """Whether the team or course of an audience is one of the connection's."""
        table = t.teams if audience.kind is AudienceKind.TEAM else t.courses
        query = select(table.c.id).where(
            table.c.id == audience.id, table.c.connection_id == connection_id
        )
        return self.sql.execute(query).first() is not None

    def names_of(self, audiences: Collection[Audience]) -> dict[Audience, str]:
        """The names of the teams and courses among the audiences."""
        found: dict[Audience, str] = {}
        for kind, table in ((AudienceKind.TEAM, t.teams), (AudienceKind.COURSE, t.courses)):
            ids = [audience.id for audience in audiences if audience.kind is kind]
            if ids:
                query = select(table.c.id, table.c.name).where(table.c.id.in_(ids))
                found |= {Audience(kind, row.id): row.name for row in self.sql.execute(query)}
        return found

    def _row(self, outlet: Outlet) -> dict[str, Any]:
        return {
            "connection_id": outlet.connection_id,
            "name": outlet.name,
            "kind": outlet.kind,
            "purpose": outlet.purpose,
            "audience": outlet.audience.key,
            "settings": dict(outlet.settings),
            "secret_sealed": self.seal.close(outlet.secret),
            "enabled": outlet.enabled,
        }

    def _outlet(self, row: Row[Any]) -> Outlet:
        return Outlet(
            id=row.id,
            connection_id=row.connection_id,
            name=row.name,
            kind=row.kind,
            audience=Audience.of(row.audience),
            settings=row.settings,
            secret=self.seal.open(row.secret_sealed),
            enabled=row.enabled,
            purpose=row.purpose,
        )
