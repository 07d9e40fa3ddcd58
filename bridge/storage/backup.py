"""Everything that is kept, in one file that either kind of database takes back.

The file is a ZIP archive: ``about.json`` says of which version it is, and ``tables/NAME.jsonl``
holds one row a line, as a JSON list of its columns' values in the order that the first line names.
Moments are whole seconds since 1970, dates ISO 8601. Secrets of LMSs and outlets stay sealed: the
file is worth nothing for them without the key, and the key is not in it.

It is one moment of the database, and it is taken back whole or not at all. A file of an earlier
version is taken back into the tables of that version, which are then brought to this one.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Date, MetaData, Table, func, inspect, select, text
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import type_coerce as as_type

from bridge.errors import ConfigError, InputError, StorageError
from bridge.storage import schema
from bridge.storage import tables as t
from bridge.storage.store import Store
from bridge.storage.types import Instant

FORMAT = 1
A_PAGE = 2_000
"""Rows that are in memory at once."""

OF_PROCESSES = frozenset({"leases", "touches"})
"""Tables that only say what running processes hold and have heard."""

ABOUT = "about.json"
_KEY = "whose backup this is"
_SPOILED = (OSError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError)

Progress = Callable[[str, int], None]
"""Is told the name of a table, and how many more of its rows are through."""


@dataclass(frozen=True)
class About:
    """What a backup says of itself."""

    format: int
    revision: str
    """Of the tables."""
    made_at: str
    """ISO 8601, in UTC."""
    version: str
    """Of the program that made it."""
    key: str
    """Tells whether a secret key is the one that its secrets are sealed with, and nothing else."""
    rows: dict[str, int]
    """How many of each table."""


def _ignore(table: str, rows: int) -> None:
    pass


def write(
    store: Store, path: Path, now: datetime, version: str, progress: Progress = _ignore
) -> About:
    """Write everything into a file, which is there in the end whole or not at all.

    Processes may go on meanwhile: it is one moment of the database. Only the owner of the file may
    read it.

    :raises StorageError: if the tables are not those of this version, or the file cannot be
        written.
    """
    revision = schema.current(store)
    if revision != schema.newest():
        raise StorageError(
            "The database has not the tables of this version.", "Run `socialbridge db upgrade`."
        )
    half = path.with_name(path.name + ".part")
    rows: dict[str, int] = {}
    try:
        half.unlink(missing_ok=True)
        half.touch(mode=0o600)
        with store.moment() as sql, zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in t.metadata.sorted_tables:
                if table.name not in OF_PROCESSES:
                    rows[table.name] = _write_table(sql, table, archive, progress)
            about = About(FORMAT, revision, now.isoformat(), version, _key(store), rows)
            archive.writestr(ABOUT, json.dumps(asdict(about), indent=2))
        half.replace(path)
    except OSError as error:
        raise StorageError(
            f"The file cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return about


def read_about(path: Path) -> About:
    """What the backup in a file says of itself.

    :raises InputError: if it is no backup, or not whole.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read(ABOUT))
            there = set(archive.namelist())
            spoiled = archive.testzip()
        whole = spoiled is None and there >= {_inside(name) for name in found["rows"]}
        if whole and found["format"] == FORMAT:
            return About(**found)
    except _SPOILED as error:
        raise _no_backup(path) from error
    raise _no_backup(path)


def restore(store: Store, path: Path, progress: Progress = _ignore) -> About:
    """Take a backup back into an empty database, in one transaction.

    :raises InputError: if the file is no whole backup, or the database holds something.
    :raises ConfigError: if its secrets are sealed with a key that is not set.
    :raises StorageError: if it is of a later version than this program.
    """
    about = read_about(path)
    if about.key not in store.seal.pseudonyms(_KEY):
        raise ConfigError(
            "The backup was made with another SOCIALBRIDGE_SECRET_KEY.",
            "Set the key that it was made with (several may stand there, separated by commas).",
        )
    with schema.rebuilding(store) as sql, zipfile.ZipFile(path) as archive:
        _check_empty(sql)
        schema.begin_anew(sql, about.revision)
        found = MetaData()
        found.reflect(sql, only=list(about.rows))
        for table in found.sorted_tables:
            if table.name in about.rows:
                _read_table(sql, table, archive, progress)
                _go_on_counting(sql, table)
        schema.move(sql, schema.newest())
        for name in sorted(OF_PROCESSES):
            sql.execute(text(f"DELETE FROM {name}"))
        _check_references(sql, path)
    return about


def _inside(table: str) -> str:
    return f"tables/{table}.jsonl"


def _key(store: Store) -> str:
    return store.seal.pseudonyms(_KEY)[0]


def _write_table(
    sql: SqlConnection, table: Table, archive: zipfile.ZipFile, progress: Progress
) -> int:
    columns = [as_type(c, BigInteger) if isinstance(c.type, Instant) else c for c in table.columns]
    # In the order of their keys, what refers to an earlier row of the same table comes after it.
    statement = select(*columns).order_by(*table.primary_key.columns)
    rows = sql.execute(statement, execution_options={"yield_per": A_PAGE})
    count = 0
    with archive.open(_inside(table.name), "w", force_zip64=True) as out:
        out.write(_line(list(table.columns.keys())))
        for page in rows.partitions():
            out.write(b"".join(_line(list(row)) for row in page))
            count += len(page)
            progress(table.name, len(page))
    return count


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, default=date.isoformat).encode() + b"\n"


def _read_table(
    sql: SqlConnection, table: Table, archive: zipfile.ZipFile, progress: Progress
) -> None:
    with archive.open(_inside(table.name)) as lines:
        names = json.loads(lines.readline())
        days = {c.name for c in table.columns if isinstance(c.type, Date)}
        while page := [_row(names, line, days) for line in islice(lines, A_PAGE)]:
            sql.execute(table.insert(), page)
            progress(table.name, len(page))


def _row(names: Sequence[str], line: bytes, days: set[str]) -> dict[str, Any]:
    row = dict(zip(names, json.loads(line), strict=True))
    for name in days:
        if row[name] is not None:
            row[name] = date.fromisoformat(row[name])
    return row


def _go_on_counting(sql: SqlConnection, table: Table) -> None:
    # PostgreSQL counts ids by itself, and has not heard of those that were given.
    if sql.dialect.name != "postgresql" or "id" not in table.columns:
        return
    last = sql.execute(select(func.max(table.c.id))).scalar()
    sequence = sql.execute(select(func.pg_get_serial_sequence(f'"{table.name}"', "id"))).scalar()
    if last is not None and sequence is not None:
        sql.execute(select(func.setval(sequence, last)))


def _check_references(sql: SqlConnection, path: Path) -> None:
    # PostgreSQL has looked at each row; SQLite was told not to.
    if sql.dialect.name == "sqlite" and sql.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise _no_backup(path)


def _check_empty(sql: SqlConnection) -> None:
    there = set(inspect(sql).get_table_names())
    for name in _ours(there):
        if sql.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() is not None:
            raise InputError(
                "The database holds something already.",
                "Set SOCIALBRIDGE_DATABASE_URL to a new one, and restore into that.",
            )


def _ours(there: set[str]) -> Iterator[str]:
    return (n for n in t.metadata.tables if n in there and n not in OF_PROCESSES)


def _no_backup(path: Path) -> InputError:
    return InputError(
        f"{path} is no whole backup of Socialbridge.",
        "Take one that `socialbridge backup` wrote, and that was copied to its end.",
    )
