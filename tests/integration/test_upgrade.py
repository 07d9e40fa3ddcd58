"""A database of any earlier revision, with something in it, is brought to this version.

Nothing is released yet, so every revision there ever was is tried. Once there are releases, the
revisions that no release had may be left out.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Date, Float, Integer, MetaData, Table, inspect, select
from sqlalchemy import Connection as SqlConnection
from sqlalchemy.types import JSON

from bridge.storage import Store, schema
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


def test_there_are_earlier_ones() -> None:
    """In one line, without a fork: each follows the one before."""
    assert "0001" == EARLIER[0]
    assert [SCRIPTS.get_current_head()] == SCRIPTS.get_heads()
