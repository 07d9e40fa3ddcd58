"""The database is brought to this version by migrations, on both kinds."""

from __future__ import annotations

import traceback
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from bridge.errors import ConfigError, StorageError
from bridge.storage import Store, schema, search_index
from bridge.storage.tables import metadata
from tests.conftest import SECRET_KEY

ALEMBIC = {"compare_type": False, "include_object": search_index.in_tables}
"""The index of words stands beside the tables; the test of the search looks at that."""


def test_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    """From nothing to this version, and nothing is left over."""
    metadata.drop_all(store.engine)
    assert None is schema.current(store)
    assert schema.newest() == schema.upgrade(store)
    assert schema.newest() == schema.current(store)
    with store.reading() as work:
        context = MigrationContext.configure(work.sql, opts=ALEMBIC)
        assert [] == compare_metadata(context, metadata)


TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger AS t"
    " JOIN pg_proc AS p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal",
}
"""Name and words of every trigger there is."""


def test_migrations_make_the_triggers_that_the_code_knows(store: Store) -> None:
    """Alembic knows none: whoever adds a column that a feed shows writes it into both."""

    def triggers() -> dict[str, str]:
        with store.reading() as work:
            rows = work.sql.execute(text(TRIGGERS[store.engine.dialect.name]))
            return {row[0]: " ".join(row[1].split()) for row in rows}

    known = triggers()
    assert known
    metadata.drop_all(store.engine)
    assert {} == triggers()
    schema.upgrade(store)
    assert known == triggers()


def test_upgrading_twice_does_nothing(store: Store) -> None:
    """It is safe to repeat."""
    metadata.drop_all(store.engine)
    assert schema.upgrade(store) == schema.upgrade(store)


def test_a_database_of_a_later_version_is_left_alone(lite_store: Store) -> None:
    """The program says that it is the one to be upgraded."""
    with lite_store.work() as work:
        work.sql.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        work.sql.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    with pytest.raises(StorageError, match=r"9999.*pip install --upgrade"):
        schema.upgrade(lite_store)


def test_a_database_without_tables_says_what_to_do(lite_store: Store) -> None:
    """The remedy is a command."""
    metadata.drop_all(lite_store.engine)
    with pytest.raises(StorageError, match="socialbridge db upgrade"), lite_store.reading() as work:
        work.connections.all()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", ""])
def test_an_address_of_no_database_is_refused(url: str) -> None:
    """It names the two that are spoken."""
    with pytest.raises(ConfigError, match="sqlite:///FILE or postgresql"):
        Store(url, [SECRET_KEY])


def test_a_database_that_cannot_be_reached_is_named() -> None:
    """Neither a traceback nor a secret."""
    store = Store("postgresql://u:secret@127.0.0.1:9/x", [SECRET_KEY])
    with pytest.raises(StorageError) as error, store.reading() as work:
        work.connections.all()
    assert "secret" not in str(error.value)


def test_an_error_does_not_repeat_what_was_written(store: Store) -> None:
    """It stands in the log with its cause; whom the statement was about does not."""
    values = {"name": "".join(["Bob", "Brown"])}
    with pytest.raises(StorageError) as error, store.reading() as work:
        work.sql.execute(text("INSERT INTO nowhere VALUES (:name)"), values)
    said = "".join(traceback.format_exception(error.value))
    assert (True, False) == ("nowhere" in said, "BobBrown" in said)


def test_a_secret_is_opened_with_an_earlier_key(lite_store: Store) -> None:
    """Keys can be changed: the first seals, all of them open."""
    sealed = lite_store.seal.close("token")
    assert "token" not in sealed
    other = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
    with closing(Store(lite_store.url, [other, SECRET_KEY])) as later:
        assert ("token", "") == (later.seal.open(sealed), later.seal.open(""))
    with (
        closing(Store(lite_store.url, [other])) as stranger,
        pytest.raises(ConfigError, match="SOCIALBRIDGE_SECRET_KEY"),
    ):
        stranger.seal.open(sealed)
