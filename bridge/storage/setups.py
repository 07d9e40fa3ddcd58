"""What is being set up, how far it is, and what opens the setup."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import Connection as SqlConnection

from bridge.storage import tables as t


@dataclass(frozen=True)
class Setup:
    """A connection that is being set up."""

    connection_id: int
    begun_at: datetime
    done: frozenset[str]
    """The steps that were gone through, by name."""
    admin_lms_id: int | None = None
    """Who becomes the first admin; the LMS gives the id to nobody else."""


@dataclass(frozen=True)
class SetupKey:
    """What opens the setup, without its token."""

    session: bool
    """Whether a browser keeps it; else it is a link, by which one begins."""
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """How much is known of a connection."""

    courses: int
    teams: int
    people: int
    completions: int


def is_set_up(connection_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the connection of that column is not being set up: what is may be told of."""
    open_ones = select(t.setups.c.connection_id).where(t.setups.c.connection_id == connection_id)
    return ~open_ones.exists()


class SetupRepository:
    """Reads and writes ``setups`` and ``setup_keys``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- what opens it -------------------------------------------------------------------------

    def add_key(self, token_hash: str, expires_at: datetime, *, session: bool) -> None:
        """Keep a link, or the session that has begun by one."""
        row = {"token_hash": token_hash, "expires_at": expires_at, "session": session}
        self.sql.execute(t.setup_keys.insert(), row)

    def key(self, token_hash: str) -> SetupKey | None:
        """The key, good or not."""
        k = t.setup_keys.c
        row = self.sql.execute(
            select(k.session, k.expires_at, k.used_at).where(k.token_hash == token_hash)
        ).first()
        return None if row is None else SetupKey(*row)

    def use_link(self, token_hash: str, now: datetime) -> bool:
        """Use the link up; whether it could be. Of two who do so at once, one can."""
        keys = t.setup_keys
        used = self.sql.execute(
            keys.update()
            .where(
                keys.c.token_hash == token_hash,
                keys.c.session.is_(False),
                keys.c.used_at.is_(None),
                keys.c.expires_at > now,
            )
            .values(used_at=now)
        )
        return bool(used.rowcount)

    def forget_keys(self, before: datetime | None = None) -> None:
        """Delete all keys, or those that expired before then."""
        keys = t.setup_keys
        old = [] if before is None else [keys.c.expires_at < before]
        self.sql.execute(keys.delete().where(*old))

    # --- how far it is -------------------------------------------------------------------------

    def begin(self, connection_id: int, now: datetime) -> None:
        """Nothing of this connection is told from now on, until :meth:`end`."""
        row = {"connection_id": connection_id, "begun_at": now, "done": []}
        self.sql.execute(t.setups.insert(), row)

    def current(self) -> Setup | None:
        """What is being set up."""
        row = self.sql.execute(select(t.setups).order_by(t.setups.c.connection_id)).first()
        if row is None:
            return None
        return Setup(row.connection_id, row.begun_at, frozenset(row.done), row.admin_lms_id)

    def is_open(self, connection_id: int) -> bool:
        """Whether that connection is being set up."""
        c = t.setups.c.connection_id
        return self.sql.execute(select(c).where(c == connection_id)).first() is not None

    def anything_connected(self) -> bool:
        """Whether there is any connection, set up or not."""
        return self.sql.execute(select(t.connections.c.id).limit(1)).first() is not None

    def is_set_up(self) -> bool:
        """Whether something is connected, and no setup is open."""
        return self.current() is None and self.anything_connected()

    def mark(self, connection_id: int, done: Collection[str]) -> None:
        """These steps were gone through."""
        self._set(connection_id, done=sorted(done))

    def set_admin(self, connection_id: int, lms_id: int) -> None:
        """Who becomes the first admin."""
        self._set(connection_id, admin_lms_id=lms_id)

    def _set(self, connection_id: int, **values: Any) -> None:
        s = t.setups
        self.sql.execute(s.update().where(s.c.connection_id == connection_id).values(**values))

    def end(self, connection_id: int) -> bool:
        """The connection is set up; whether it was not before."""
        s = t.setups
        gone = self.sql.execute(s.delete().where(s.c.connection_id == connection_id))
        return bool(gone.rowcount)

    def counts(self, connection_id: int) -> Counts:
        """How much was read so far."""
        found = []
        for table in (t.courses, t.teams, t.people, t.completions):
            query = select(func.count()).where(table.c.connection_id == connection_id)
            found.append(self.sql.execute(query).scalar_one())
        return Counts(*found)
