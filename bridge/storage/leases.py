"""Leases: a job is held by one process at a time, with nothing else to install."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import or_, select

from bridge.storage import tables as t
from bridge.storage.statements import insert


class LeaseRepository:
    """Reads and writes ``leases``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def take(self, name: str, holder: str, now: datetime, length: timedelta) -> bool:
        """Whether ``holder`` now holds the lease, for ``length`` from ``now``.

        It is got when it is free, has run out, or is the holder's own already.
        """
        values = {"name": name, "holder": holder, "until": now + length}
        statement = insert(self.sql, t.leases).values(**values)
        taken = self.sql.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": holder, "until": values["until"]},
                where=or_(t.leases.c.until < now, t.leases.c.holder == holder),
            ).returning(t.leases.c.name)
        ).first()
        return taken is not None

    def renew(self, names: Collection[str], holder: str, now: datetime, length: timedelta) -> None:
        """Hold on, for ``length`` from ``now``, to those of the leases that are still held."""
        c = t.leases.c
        self.sql.execute(
            t.leases.update()
            .where(c.name.in_(names), c.holder == holder)
            .values(until=now + length)
        )

    def is_held(self, name: str, now: datetime) -> bool:
        """Whether anybody holds the lease."""
        c = t.leases.c
        found = self.sql.execute(select(c.name).where(c.name == name, c.until >= now))
        return found.first() is not None

    def give_back(self, name: str, holder: str) -> None:
        """Free the lease, if it is still the holder's."""
        self.sql.execute(
            t.leases.delete().where(t.leases.c.name == name, t.leases.c.holder == holder)
        )
