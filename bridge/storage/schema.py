"""Bringing the tables to this version, by Alembic's migrations inside the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.errors import StorageError
from bridge.storage.store import Store


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
        with store.engine.begin() as sql:
            config.attributes["connection"] = sql
            command.upgrade(config, "head")
    return head


def current(store: Store) -> str | None:
    """The revision that the database is at; ``None`` for an empty one."""
    with store.reading() as work:
        return MigrationContext.configure(work.sql).get_current_revision()


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
