"""Bringing the tables to this version, by Alembic's migrations inside the package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import text

from bridge.errors import StorageError
from bridge.storage.store import Store
from bridge.storage.tables import metadata


def upgrade(store: Store) -> str:
    """Bring the database to this version; the revision it is at then.

    :raises StorageError: if it is of a later version than this program.
    """
    head = newest()
    here = current(store)
    known = {script.revision for script in _scripts().walk_revisions()}
    if here is not None and here not in known:
        raise StorageError(
            f"The database is at revision {here}, which this version does not know.",
            "Upgrade the program: `pip install --upgrade socialbridge`.",
        )
    if here != head:
        config = _config()
        with rebuilding(store) as sql:
            config.attributes["connection"] = sql
            command.upgrade(config, "head")
    return head


@contextmanager
def rebuilding(store: Store) -> Iterator[SqlConnection]:
    """One transaction in which tables may be made anew without a row that refers to them lost."""
    with store.engine.connect() as sql, _referring_freely(sql), sql.begin():
        yield sql


@contextmanager
def _referring_freely(sql: SqlConnection) -> Iterator[None]:
    """Let SQLite make a table anew, which Alembic does to change a column there.

    The old one is dropped, and with that SQLite would delete every row that refers to it: see
    https://www.sqlite.org/lang_altertable.html#otheralter. It has no effect within a transaction.
    """
    lite = sql.connection.dbapi_connection if sql.dialect.name == "sqlite" else None
    if lite is not None:
        lite.cursor().execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        if lite is not None:
            lite.cursor().execute("PRAGMA foreign_keys = ON")


def current(store: Store) -> str | None:
    """The revision that the database is at; ``None`` for an empty one."""
    with store.reading() as work:
        return MigrationContext.configure(work.sql).get_current_revision()


def move(sql: SqlConnection, revision: str) -> None:
    """Bring the tables to a later revision, in the transaction that is open.

    :raises StorageError: if this version does not know it.
    """
    if revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise StorageError(
            f"It is of revision {revision}, which this version does not know.",
            "Upgrade the program: `pip install --upgrade socialbridge`.",
        )
    if MigrationContext.configure(sql).get_current_revision() != revision:
        config = _config()
        config.attributes["connection"] = sql
        command.upgrade(config, revision)


def begin_anew(sql: SqlConnection, revision: str) -> None:
    """Put the tables of a revision, empty ones, in the place of those that are there.

    :raises StorageError: as :func:`move`.
    """
    if MigrationContext.configure(sql).get_current_revision() != revision:
        metadata.drop_all(sql)
        sql.execute(text("DROP TABLE IF EXISTS alembic_version"))
    move(sql, revision)


def newest() -> str:
    """The revision of this version."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
