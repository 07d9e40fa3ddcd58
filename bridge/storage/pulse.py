from __future__ import annotations

from sqlalchemy import Connection as SqlConnection


class PulseRepository:
    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql
