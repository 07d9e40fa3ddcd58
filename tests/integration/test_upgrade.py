"""A database of any earlier revision, with something in it, is brought to this version.

Nothing is released yet, so every revision there ever was is tried. Once there are releases, the
revisions that no release had may be left out.
"""

from __future__ import annotations

import json
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Date, Float, Integer, MetaData, Table, inspect, select
from sqlalchemy import Connection as SqlConnection
from sqlalchemy.types import JSON

from bridge.storage import Store, backup, schema
from bridge.storage.tables import metadata
from tests.conftest import SECRET_KEY
from tests.integration.test_schema import ALEMBIC

SCRIPTS = ScriptDirectory(str(schema.Path(schema.__file__).parent / "migrations"))
EARLIER = [
    script.revision
    for script in reversed(list(SCRIPTS.walk_revisions()))
    if script.revision != SCRIPTS.get_current_head()
]
LIVE = ("connections", "people", "teams", "courses", "memberships", "enrolments", "completions")
"""Tables that every bridge has had rows in since the first revision."""


def _fill(sql: SqlConnection) -> None:
    """One row in each of them, whatever its columns were called and needed then."""
    then = MetaData()
    then.reflect(sql, only=lambda name, _: name in LIVE)
    for table in then.sorted_tables:
        sql.execute(table.insert().values(_row(table)))


def _row(table: Table) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        own_key = column.primary_key and not column.foreign_keys
        if column.foreign_keys and not column.nullable:
            row[column.name] = 1
        elif not own_key and not column.nullable and column.server_default is None:
            row[column.name] = _value(column.type, column.name)
    return row


def _value(kind: Any, name: str) -> Any:
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, JSON) or name == "functions":
        return [] if isinstance(kind, JSON) else "[]"
    if isinstance(kind, Date):
        return datetime(2026, 11, 1, tzinfo=UTC).date()
    if isinstance(kind, Integer | Float):
        return 7
    return {"kind": "moodle"}.get(name, "before")


@pytest.mark.parametrize("revision", EARLIER)
def test_what_was_there_is_there_after_the_upgrade(store: Store, revision: str) -> None:
    """The tables are this version's, and no row was lost on the way."""
    with store.work() as work:
        schema.begin_anew(work.sql, revision)
        _fill(work.sql)
    assert schema.newest() == schema.upgrade(store)
    with closing(Store(store.url, [SECRET_KEY])) as later, later.reading() as work:
        there = set(inspect(work.sql).get_table_names())
        counts = {
            name: len(work.sql.execute(select(*metadata.tables[name].primary_key)).all())
            for name in LIVE
            if name in there
        }
        assert dict.fromkeys(LIVE, 1) == counts
        context = MigrationContext.configure(work.sql, opts=ALEMBIC)
        assert [] == compare_metadata(context, metadata)


def _back_up(sql: SqlConnection, store: Store, revision: str, file: Path) -> None:
    """As the program of then would have written it."""
    then = MetaData()
    then.reflect(sql, only=lambda name, _: name in LIVE)
    about = {
        "format": 1,
        "revision": revision,
        "made_at": "2026-11-25T09:00:00+00:00",
        "version": "0",
        "key": store.seal.pseudonyms("whose backup this is")[0],
        "rows": dict.fromkeys(then.tables, 1),
    }
    with zipfile.ZipFile(file, "w") as archive:
        for name, table in then.tables.items():
            row = list(sql.execute(select(table)).one())
            lines = (json.dumps(one, default=str) for one in (table.columns.keys(), row))
            archive.writestr(f"tables/{name}.jsonl", "".join(f"{line}\n" for line in lines))
        archive.writestr("about.json", json.dumps(about))


@pytest.mark.parametrize("revision", EARLIER[::4])
def test_a_backup_of_an_earlier_revision_loses_nothing_either(
    lite_store: Store, tmp_path: Path, revision: str
) -> None:
    """It is taken back as what it was, and then brought to this version."""
    with lite_store.work() as work:
        schema.begin_anew(work.sql, revision)
        _fill(work.sql)
        _back_up(work.sql, lite_store, revision, tmp_path / "then.zip")
    with closing(Store(f"sqlite:///{tmp_path}/now.db", [SECRET_KEY])) as now:
        backup.restore(now, tmp_path / "then.zip")
        with now.reading() as work:
            there = set(inspect(work.sql).get_table_names())
            assert dict.fromkeys(LIVE, 1) == {
                name: len(work.sql.execute(select(*metadata.tables[name].primary_key)).all())
                for name in LIVE
                if name in there
            }
            assert [] == work.sql.exec_driver_sql("PRAGMA foreign_key_check").all()


def test_there_are_earlier_ones() -> None:
    """In one line, without a fork: each follows the one before."""
    assert "0001" == EARLIER[0]
    assert [SCRIPTS.get_current_head()] == SCRIPTS.get_heads()
