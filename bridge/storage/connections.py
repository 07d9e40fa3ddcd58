"""Connections: configured LMSs, with their tokens sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.errors import NotFound
from bridge.model import Connection, Site
from bridge.storage import tables as t
from bridge.storage.sealing import Seal


class ConnectionRepository:
    """Reads and writes ``connections``."""

    def __init__(self, sql: SqlConnection, seal: Seal) -> None:
        self.sql = sql
        self.seal = seal

    def all(self) -> list[Connection]:
        """Every connection, by name."""
        rows = self.sql.execute(select(t.connections).order_by(t.connections.c.name))
        return [self._entity(row) for row in rows]

    def named(self, name: str) -> Connection:
        """The connection of that name.

        :raises NotFound: naming those that there are.
        """
        row = self.sql.execute(select(t.connections).where(t.connections.c.name == name)).first()
        if row is None:
            names = ", ".join(c.name for c in self.all()) or "none yet"
            raise NotFound(
                f"There is no connection {name!r}.",
                f"Those that there are: {names}. `socialbridge connect` makes one.",
            )
        return self._entity(row)

    def by_id(self, connection_id: int) -> Connection:
        """The connection with our id.

        :raises NotFound: if there is none.
        """
        row = self.sql.execute(
            select(t.connections).where(t.connections.c.id == connection_id)
        ).first()
        if row is None:
            raise NotFound(f"There is no connection {connection_id}.")
        return self._entity(row)

    def put(
        self,
        name: str,
        kind: str,
        url: str,
        token: str,
        site: Site,
        now: datetime,
        *,
        settings: Mapping[str, Any] | None = None,
        oauth_client: Mapping[str, str] | None = None,
    ) -> Connection:
        """Store a connection under its name; one that is there gets the new address and token.

        Each of the ``settings``, and the ``oauth_client``, that is not given stays as it was.
        """
        values: dict[str, Any] = {
            "kind": kind,
            "url": url,
            "token_sealed": self.seal.close(token),
            "site_name": site.name,
            "user_lms_id": site.user_id,
            "release": site.release,
            "functions": sorted(site.functions),
        }
        if settings is not None:
            stands = self.sql.execute(
                select(t.connections.c.settings).where(t.connections.c.name == name)
            ).scalar()
            values["settings"] = {**(stands or {}), **settings}
        if oauth_client is not None:
            values["secret_sealed"] = self.seal.close(json.dumps(dict(oauth_client)))
        found = self.sql.execute(
            t.connections.update().where(t.connections.c.name == name).values(**values)
        )
        if not found.rowcount:
            values = {"settings": {}, **values}
            self.sql.execute(t.connections.insert().values(name=name, created_at=now, **values))
        return self.named(name)

    def set(self, connection_id: int, settings: Mapping[str, Any]) -> Connection:
        """Change some of the settings; the others stay. The connection as it is then."""
        connection = self.by_id(connection_id)
        self.sql.execute(
            t.connections.update()
            .where(t.connections.c.id == connection_id)
            .values(settings={**connection.settings, **settings})
        )
        return self.by_id(connection_id)

    def remember(self, connection_id: int, site: Site) -> None:
        """Keep what the site says of itself today; writes only if that has changed."""
        before = self.by_id(connection_id)
        if (before.functions, before.release, before.site_name, before.user_lms_id) == (
            site.functions,
            site.release,
            site.name,
            site.user_id,
        ):
            return
        self.sql.execute(
            t.connections.update()
            .where(t.connections.c.id == connection_id)
            .values(
                functions=sorted(site.functions),
                release=site.release,
                site_name=site.name,
                user_lms_id=site.user_id,
            )
        )

    def _entity(self, row: Any) -> Connection:
        return Connection(
            id=row.id,
            name=row.name,
            kind=row.kind,
            url=row.url,
            site_name=row.site_name,
            token=self.seal.open(row.token_sealed),
            user_lms_id=row.user_lms_id,
            release=row.release,
            functions=frozenset(row.functions),
            created_at=row.created_at,
            settings=row.settings,
            oauth_client=(
                json.loads(self.seal.open(row.secret_sealed)) if row.secret_sealed else {}
            ),
        )
