"""Rows that are handed to the database in one go, to be joined with what it has.

A thousand rows are one parameter, a JSON text, of one statement: many times faster than a statement
a row, on either database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, Text, bindparam, cast, func, literal, select
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from bridge.storage.types import Instant


def given(
    sql: SqlConnection,
    columns: Mapping[str, TypeEngine[Any]],
    rows: Sequence[Sequence[Any]],
) -> Subquery:
    """``rows``, whose values stand in the order of ``columns``, as something to select from."""
    return _table(sql.dialect.name, columns, literal(as_text(columns, rows), Text()))


def to_be_given(dialect: str, columns: Mapping[str, TypeEngine[Any]], name: str) -> Subquery:
    """As :func:`given`, in a statement that is made once: :func:`as_text` is its parameter."""
    return _table(dialect, columns, bindparam(name, type_=Text()))


def as_text(columns: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]) -> str:
    """``rows`` as one parameter."""
    if not any(isinstance(kind, Instant) for kind in columns.values()):
        return json.dumps(rows)
    by_column = [
        _seconds(values) if isinstance(kind, Instant) else values
        for kind, values in zip(columns.values(), zip(*rows, strict=True), strict=False)
    ]
    return json.dumps(list(zip(*by_column, strict=True)))


def _table(dialect: str, columns: Mapping[str, TypeEngine[Any]], text: Any) -> Subquery:
    cells: list[ColumnElement[Any]]
    if dialect == "postgresql":
        value = func.jsonb_array_elements(cast(text, JSONB)).column_valued("value")
        cells = [cast(value.op("->>")(n), kind) for n, kind in enumerate(columns.values())]
    else:
        table = func.json_each(text).table_valued("value")
        cells = [func.json_extract(table.c.value, f"$[{n}]") for n in range(len(columns))]
    return select(*(c.label(name) for c, name in zip(cells, columns, strict=True))).subquery()


@contextmanager
def planned_anew(sql: SqlConnection) -> Iterator[None]:
    """Let PostgreSQL plan the statement inside for what the tables hold now.

    A plan that it kept from when they were empty would read them whole, page after page. Not so for
    what it plans by itself, the check of a reference for instance: that would be planned for every
    row.
    """
    if sql.dialect.name != "postgresql":
        yield
        return
    sql.execute(sql_text("SET LOCAL plan_cache_mode = force_custom_plan"))
    yield
    sql.execute(sql_text("SET LOCAL plan_cache_mode = auto"))


def _seconds(moments: Sequence[datetime | None]) -> list[int | None]:
    """As :class:`~bridge.storage.types.Instant` keeps them."""
    return [None if moment is None else int(moment.timestamp()) for moment in moments]
