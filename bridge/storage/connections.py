from __future__ import annotations

from sqlalchemy import Connection as SqlConnection

from bridge.storage.sealing import Seal


class ConnectionRepository:
    def __init__(self, sql: SqlConnection, seal: Seal) -> None:
        self.sql = sql
        self.seal = seal
