"""The keys by which LMSs push."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.errors import NotFound
from bridge.model import ActorBy, XapiKey
from bridge.storage import tables as t


class XapiKeys:
    """Reads and writes ``xapi_keys``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def add_key(self, key: XapiKey) -> None:
        """Keep a key that is new."""
        self.sql.execute(t.xapi_keys.insert(), vars(key))

    def key(self, key: str) -> XapiKey | None:
        """The key, in use or revoked."""
        row = self.sql.execute(select(t.xapi_keys).where(t.xapi_keys.c.key == key)).first()
        return None if row is None else _key(row)

    def keys(self, connection_id: int) -> list[XapiKey]:
        """The connection's keys, oldest first, those that were revoked included."""
        c = t.xapi_keys.c
        rows = self.sql.execute(
            select(t.xapi_keys).where(c.connection_id == connection_id).order_by(c.made_at, c.key)
        )
        return [_key(row) for row in rows]

    def revoke_key(self, key: str, now: datetime) -> XapiKey:
        """Make the key useless; one that is revoked already stays as it is.

        :raises NotFound: if there is none.
        """
        c = t.xapi_keys.c
        self.sql.execute(
            t.xapi_keys.update().where(c.key == key, c.revoked_at.is_(None)).values(revoked_at=now)
        )
        found = self.key(key)
        if found is None:
            raise NotFound("There is no such key.", "`socialbridge xapi keys` shows them.")
        return found


def _key(row: Any) -> XapiKey:
    return XapiKey(**{**row._mapping, "accounts": ActorBy(row.accounts)})
