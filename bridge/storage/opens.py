"""Who opened what a leader shared: kept to be counted, and never told by name."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection as SqlConnection

from bridge.storage import tables as t
from bridge.storage.statements import put


class OpenRepository:
    """Writes ``opens``; what is counted of it, the desk's history reads."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def note(self, activity_id: int, person_id: int, day: date) -> None:
        """The person opened it, that day for the first time; an earlier day stays."""
        row = {"activity_id": activity_id, "person_id": person_id, "day": day}
        put(self.sql, t.opens, [row], key=("activity_id", "person_id"), update=())
