"""What is sealed in the database, sealed anew with the newest key, some rows at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, and_, func, select, tuple_
from sqlalchemy import Connection as SqlConnection

from bridge.storage import tables as t
from bridge.storage.sealing import Seal

A_BATCH = 200
"""Rows of one transaction."""


def sealed_columns() -> dict[str, tuple[Table, Column[Any]]]:
    """Every column with sealed texts, by ``table.column``."""
    return {
        f"{table.name}.{column.name}": (table, column)
        for table in t.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }


class ResealingRepository:
    """Seals anew. What the newest key opens already is passed by, so it may be done any time."""

    def __init__(self, sql: SqlConnection, seal: Seal) -> None:
        self.sql = sql
        self.seal = seal

    def count(self, name: str) -> int:
        """How many texts the column of that name holds."""
        table, column = sealed_columns()[name]
        query = select(func.count()).select_from(table).where(column != "")
        return int(self.sql.execute(query).scalar_one())

    def renew(self, name: str, after: tuple[Any, ...] | None) -> tuple[Any, int, int]:
        """Seal the next texts of a column anew.

        A text that somebody else changes meanwhile is theirs: it is sealed with their newest key.

        :param after: the key of the last row that was looked at, as the last call gave it.
        :returns: the key of the last row now, or ``None`` at the end; how many texts were looked
            at, and how many of them were sealed anew.
        :raises ConfigError: if none of the keys opens one.
        """
        table, column = sealed_columns()[name]
        keys = list(table.primary_key)
        query = select(*keys, column).where(column != "").order_by(*keys).limit(A_BATCH)
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        rows = self.sql.execute(query).all()
        anew = 0
        for *key, sealed in rows:
            renewed = self.seal.renewed(sealed)
            if renewed != sealed:
                same = [one == value for one, value in zip(keys, key, strict=True)]
                here = and_(*same, column == sealed)
                values = {column.name: renewed}
                anew += self.sql.execute(table.update().where(here).values(values)).rowcount
        last = tuple(rows[-1][:-1]) if len(rows) == A_BATCH else None
        return last, len(rows), anew
