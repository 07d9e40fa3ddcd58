"""Statements that both databases understand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Table, bindparam
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bridge.model import Tally

Row = Mapping[str, Any]
T = TypeVar("T")

CHUNK = 400
"""Rows or ids a statement: well under SQLite's limit on bound values."""


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterable[Sequence[T]]:
    """``items`` in runs of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def for_driver(dialect: str, text: str) -> str:
    """A statement with ``:name`` parameters in the words of the driver, which takes it as it is.

    SQLAlchemy would make it anew for every page, which takes as long as to run it.
    """
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", text) if dialect == "postgresql" else text


def insert(sql: SqlConnection, table: Table) -> Any:
    """An ``INSERT`` of the connection's dialect, which knows ``ON CONFLICT``."""
    if sql.dialect.name == "postgresql":
        return postgresql_insert(table)
    return sqlite_insert(table)


def put(
    sql: SqlConnection,
    table: Table,
    rows: Sequence[Row],
    key: Sequence[str],
    update: Sequence[str] | None = None,
) -> None:
    """Insert ``rows``; where ``key`` is there already, set the columns ``update``.

    ``update`` is by default every other column of the rows; an empty one leaves the row as it is.
    """
    if not rows:
        return
    statement = insert(sql, table)
    columns = [c for c in rows[0] if c not in key] if update is None else list(update)
    if columns:
        statement = statement.on_conflict_do_update(
            index_elements=list(key), set_={c: statement.excluded[c] for c in columns}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
    sql.execute(statement, list(rows))


def change(sql: SqlConnection, table: Table, rows: Sequence[Row], key: Sequence[str]) -> None:
    """Update each row of ``rows``, found by its ``key`` columns, with its other columns."""
    if not rows:
        return
    statement = table.update()
    for column in key:
        statement = statement.where(table.c[column] == bindparam(f"key_{column}"))
    statement = statement.values({c: bindparam(c) for c in rows[0] if c not in key})
    sql.execute(
        statement,
        [{(f"key_{c}" if c in key else c): value for c, value in row.items()} for row in rows],
    )


def differing(row: Row, before: Any, columns: Iterable[str]) -> bool:
    """Whether any of ``columns`` of the new row is not what stands in the row ``before``."""
    return any(row[c] != getattr(before, c) for c in columns)


def converge(
    sql: SqlConnection,
    table: Table,
    rows: Sequence[Row],
    before: Mapping[Any, Any],
    key: Sequence[str],
    compare: Sequence[str],
    *,
    on_insert: Row | None = None,
    on_change: Row | None = None,
) -> Tally:
    """Make the table's rows say what ``rows`` say, writing only what is new or different.

    :param before: the rows that are there, by the value of the last column of ``key``.
    :param compare: the columns whose difference is a change; only they are updated.
    :param on_insert: further columns of a new row. :param on_change: of a changed one.
    """
    ident = key[-1]
    # A list that was paged while it grew may hold a row twice: the later one counts.
    rows = list({row[ident]: row for row in rows}.values())
    new = [{**row, **(on_insert or {})} for row in rows if row[ident] not in before]
    changed = [
        {**{c: row[c] for c in (*key, *compare)}, **(on_change or {})}
        for row in rows
        if row[ident] in before and differing(row, before[row[ident]], compare)
    ]
    # Another process may have stored one of them since ``before`` was read.
    put(sql, table, new, key, compare)
    change(sql, table, changed, key)
    return Tally(len(new), len(changed))
