"""One row in every table, all of one connection and one person, made from the metadata alone.

A table that somebody adds tomorrow is filled as well, so that the tests of erasing, exporting,
forgetting and disconnecting ask about it without being told.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, Integer, String, Table, Text, select
from sqlalchemy import Connection as SqlConnection

from bridge.storage.tables import Json, metadata
from bridge.storage.types import Instant

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)

WORDS: dict[str, str] = {
    "activities.kind": "completion",
    "outlets.kind": "webhook",
    "connections.kind": "moodle",
    "consents.choice": "everyone",
    "consent_log.choice": "everyone",
    "checkpoints.stream": "courses",
    "leader_notes.channel": "mail",
    "reactions.kind": "cheer",
    "roles.role": "moderator",
    "withdrawals.cause": "choice",
    "xapi_statements.state": "waiting",
    "sync_runs.outcome": "complete",
}
"""Columns that hold one of a few words."""


def fill(sql: SqlConnection, mark: str, lms_id: int) -> dict[str, dict[str, Any]]:
    """Insert the rows; by table, what was inserted, keys included.

    Each text says ``mark``, its table and its column, so that it is known wherever it turns up.
    """
    rows: dict[str, dict[str, Any]] = {}
    for table in _in_order():
        values = {
            column.name: value
            for column in table.columns
            if (value := _value(table, column, mark, lms_id, rows)) is not None
        }
        result = sql.execute(table.insert().values(**values))
        keys = _keys(table, result.inserted_primary_key)
        rows[table.name] = {**values, **keys}
    return rows


def _in_order() -> list[Table]:
    """What others refer to first, and last what names others without a reference."""
    referred = {
        key.column.table for table in metadata.tables.values() for key in table.foreign_keys
    }
    alone = [t for t in metadata.sorted_tables if not t.foreign_keys and t not in referred]
    return [t for t in metadata.sorted_tables if t not in alone] + alone


def _keys(table: Table, key: Any) -> dict[str, Any]:
    return dict(zip((column.name for column in table.primary_key), key, strict=True))


def _value(
    table: Table, column: Column[Any], mark: str, lms_id: int, rows: dict[str, dict[str, Any]]
) -> Any:
    name = f"{table.name}.{column.name}"
    for key in column.foreign_keys:
        return rows[key.column.table.name][key.column.name]
    if name in WORDS:
        return WORDS[name]
    match column.name:
        case "token_sealed" | "secret_sealed":
            return ""
        case "id" if isinstance(column.type, Integer):
            return None
        case "connection_id":
            return rows["connections"]["id"]
        case "person_id" | "moderator_id":
            return rows["people"]["id"]
        case "subject" if column.primary_key:
            return f"team:{lms_id}"
        case "audience":
            return f"everyone:{rows['connections']['id']}"
        case "lms_id" | "manager_lms_id":
            return lms_id
        case "parent_id":
            return None
    if table.name == "touches" and column.name == "what":
        return "*"
    if table.name == "leases" and column.name == "name":
        return f"sync:{rows['connections']['id']}"
    return _of_type(column, f"{mark} {name}")


def _of_type(column: Column[Any], words: str) -> Any:
    kind = column.type
    if isinstance(kind, Instant):
        return NOW
    if isinstance(kind, Date):
        return date(2026, 11, 25)
    if isinstance(kind, Text):
        return words
    if column.server_default is not None or isinstance(kind, Boolean):
        return None
    if isinstance(kind, type(Json)) or kind.__class__.__name__ == "JSON":
        return {}
    if isinstance(kind, String):
        return words if kind.length is None else words[-kind.length :]
    if isinstance(kind, Float):
        return 0.5
    return 1 if isinstance(kind, Integer) and not column.nullable else None


def everything(sql: SqlConnection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as what its columns hold."""
    return {
        table.name: [dict(row._mapping) for row in sql.execute(select(table))]
        for table in metadata.sorted_tables
    }


def saying(sql: SqlConnection, mark: str) -> set[str]:
    """The columns (``table.column``) in which a text holds the mark."""
    return {
        f"{table}.{column}"
        for table, rows in everything(sql).items()
        for row in rows
        for column, value in row.items()
        if mark.lower() in str(value).lower()
    }
