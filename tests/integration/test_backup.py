"""A backup holds everything, and either kind of database takes it back."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bridge.errors import ConfigError, InputError, StorageError
from bridge.storage import Store, backup, schema
from bridge.storage import tables as t
from bridge.storage.tables import metadata
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock, fresh_postgresql
from tests.every_table import everything, fill

OTHER_KEY = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def other(
    request: pytest.FixtureRequest, postgresql_server: str, tmp_path: Path
) -> Iterator[Store]:
    """A database without any table, once of each kind."""
    with fresh_postgresql(postgresql_server) as postgresql_url:
        sqlite_url = f"sqlite:///{tmp_path / 'other.db'}"
        url = postgresql_url if request.param == "postgresql" else sqlite_url
        with closing(Store(url, [SECRET_KEY])) as store:
            metadata.drop_all(store.engine)
            yield store


def at_this_version(store: Store) -> Store:
    """The store as migrations would have left it: the tests' tables are made without them."""
    with store.work() as work:
        work.sql.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        work.sql.execute(
            text("INSERT INTO alembic_version VALUES (:head)"), {"head": schema.newest()}
        )
    return store


@pytest.fixture
def full(store: Store) -> Store:
    """A database with two rows in every table."""
    with store.work() as work:
        fill(work.sql, "First", 777)
        fill(work.sql, "Second", 888)
    return at_this_version(store)


@pytest.fixture
def kept(cast: Cast) -> Cast:
    """The cast, in a database of this version."""
    at_this_version(cast.store)
    return cast


@pytest.fixture
def lite_kept(lite_cast: Cast) -> Cast:
    """The same, on SQLite."""
    at_this_version(lite_cast.store)
    return lite_cast


def rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All that a backup is to hold."""
    with store.reading() as work:
        found = everything(work.sql)
    return {name: found[name] for name in found if name not in backup.OF_PROCESSES}


def test_every_row_of_every_table_comes_back(
    full: Store, other: Store, tmp_path: Path, clock: FrozenClock
) -> None:
    """From either kind of database into either; what processes held is left behind."""
    file = tmp_path / "all.zip"
    told: dict[str, int] = {}

    def progress(table: str, count: int) -> None:
        told[table] = told.get(table, 0) + count

    about = backup.write(full, file, clock.now(), "1.2.3", progress)
    assert (schema.newest(), "1.2.3", clock.now().isoformat()) == (
        about.revision,
        about.version,
        about.made_at,
    )
    assert {name: len(found) for name, found in rows(full).items()} == about.rows
    assert {name: count for name, count in about.rows.items() if count} == told
    assert about == backup.restore(other, file)
    assert rows(full) == rows(other)
    with other.reading() as work:
        found = everything(work.sql)
    assert {name: [] for name in backup.OF_PROCESSES} == {
        name: found[name] for name in backup.OF_PROCESSES
    }


def test_ids_go_on_after_those_that_came_back(
    full: Store, other: Store, tmp_path: Path, clock: FrozenClock
) -> None:
    """The next row of a table is a new one."""
    file = tmp_path / "all.zip"
    backup.write(full, file, clock.now(), "1")
    backup.restore(other, file)
    with other.work() as work:
        last = max(row["id"] for row in everything(work.sql)["connections"])
        made = work.sql.execute(
            t.connections.insert().values(
                name="new",
                kind="moodle",
                url="https://x.example",
                token_sealed="",
                functions=[],
                created_at=clock.now(),
            )
        )
        assert made.inserted_primary_key[0] > last


def test_what_is_said_is_found_again(kept: Cast, other: Store, tmp_path: Path) -> None:
    """Indexes and triggers that stand beside the tables are there as well."""
    file = tmp_path / "all.zip"
    backup.write(kept.store, file, kept.now, "1")
    backup.restore(other, file)
    with kept.store.reading() as before, other.reading() as after:
        known = before.access.viewer(person_id=kept.alice)
        assert known is not None
        assert known == after.access.viewer(person_id=kept.alice)
        assert before.connections.all() == after.connections.all()
    with other.work() as work:
        work.sql.execute(t.people.update().values(name="Somebody else"))
        touched = work.sql.execute(text("SELECT count(*) FROM touches")).scalar()
    assert touched


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(
    lite_store: Store, other: Store, tmp_path: Path, clock: FrozenClock
) -> None:
    """It goes into the tables of then, and these go the way of every upgrade."""
    file = tmp_path / "old.zip"
    metadata.drop_all(lite_store.engine)
    with lite_store.work() as work:
        schema.move(work.sql, "0001")
        work.sql.execute(
            text(
                "INSERT INTO connections (id, name, kind, url, site_name, token_sealed, release,"
                " functions, created_at) VALUES (7, 'old', 'moodle', 'u', '', '', '', '[]', 1)"
            )
        )
        values = list(work.sql.execute(text("SELECT * FROM connections")).mappings().one().items())
    about = {
        "format": 1,
        "revision": "0001",
        "made_at": clock.now().isoformat(),
        "version": "0",
        "key": lite_store.seal.pseudonyms("whose backup this is")[0],
        "rows": {"connections": 1},
    }
    row = [[] if name == "functions" else value for name, value in values]
    with zipfile.ZipFile(file, "w") as archive:
        lines = [json.dumps([name for name, _ in values]), json.dumps(row)]
        archive.writestr("tables/connections.jsonl", "".join(f"{line}\n" for line in lines))
        archive.writestr("about.json", json.dumps(about))
    schema.upgrade(other)
    backup.restore(other, file)
    assert schema.newest() == schema.current(other)
    with other.reading() as work:
        assert [(7, "old", {})] == [(c.id, c.name, c.settings) for c in work.connections.all()]


def test_only_its_owner_reads_it(kept: Cast, tmp_path: Path) -> None:
    """It holds what people said and did, and not one secret in the clear."""
    file = tmp_path / "all.zip"
    backup.write(kept.store, file, kept.now, "1")
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    with zipfile.ZipFile(file) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    with kept.store.reading() as work:
        tokens = [c.token for c in work.connections.all()]
    assert all(tokens)
    assert [] == [token for token in (*tokens, SECRET_KEY) if token in whole]


def test_nothing_half_is_left(
    lite_kept: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that fails leaves the last one as it was."""
    file = tmp_path / "all.zip"
    file.write_bytes(b"the last one")

    def full_disk(table: str, count: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match=r"No space left on device.*another place"):
        backup.write(lite_kept.store, file, lite_kept.now, "1", full_disk)
    assert (b"the last one", [file]) == (file.read_bytes(), list(tmp_path.glob("all.zip*")))


def test_what_is_there_stays(kept: Cast, tmp_path: Path) -> None:
    """A database that holds something takes nothing back over it."""
    file = tmp_path / "all.zip"
    backup.write(kept.store, file, kept.now, "1")
    before = rows(kept.store)
    with pytest.raises(InputError, match=r"holds something.*a new one"):
        backup.restore(kept.store, file)
    assert before == rows(kept.store)


def test_a_restore_that_fails_leaves_an_empty_database(
    kept: Cast, other: Store, tmp_path: Path
) -> None:
    """It is one transaction, the making of the tables included."""
    file = tmp_path / "all.zip"
    backup.write(kept.store, file, kept.now, "1")

    def killed(table: str, count: int) -> None:
        if table == "people":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.restore(other, file, killed)
    assert None is schema.current(other)
    backup.restore(other, file)
    assert rows(kept.store) == rows(other)


def test_another_key_is_named_before_anything_is_done(lite_kept: Cast, tmp_path: Path) -> None:
    """Without its key nothing that it holds of an LMS could be used; an older one still does."""
    file = tmp_path / "all.zip"
    backup.write(lite_kept.store, file, lite_kept.now, "1")
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with (
        closing(Store(url, [OTHER_KEY])) as stranger,
        pytest.raises(ConfigError, match="another SOCIALBRIDGE_SECRET_KEY"),
    ):
        backup.restore(stranger, file)
    with closing(Store(url, [OTHER_KEY, SECRET_KEY])) as known:
        backup.restore(known, file)
        assert schema.newest() == schema.current(known)


@pytest.mark.parametrize("spoil", ["missing", "text", "cut", "flipped", "stranger", "later"])
def test_what_is_no_whole_backup_is_refused(lite_kept: Cast, tmp_path: Path, spoil: str) -> None:
    """A copy that was cut off or spoiled on its way, and files of something else."""
    file = tmp_path / "all.zip"
    backup.write(lite_kept.store, file, lite_kept.now, "1")
    whole = file.read_bytes()
    match spoil:
        case "missing":
            file.unlink()
        case "text":
            file.write_text("no archive")
        case "cut":
            file.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            at = whole.index(b"tables/people.jsonl") + 60
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        case "stranger":
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("about.json", "{}")
        case "later":
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("about.json", json.dumps({"format": 2}))
    with (
        closing(Store(f"sqlite:///{tmp_path / 'new.db'}", [SECRET_KEY])) as store,
        pytest.raises(InputError, match="no whole backup"),
    ):
        backup.restore(store, file)


def test_a_backup_of_a_later_version_asks_for_that_version(lite_kept: Cast, tmp_path: Path) -> None:
    """This program does not know its tables."""
    file = tmp_path / "all.zip"
    backup.write(lite_kept.store, file, lite_kept.now, "1")
    about = {**vars(backup.read_about(file)), "revision": "9999"}
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("about.json", json.dumps(about))
    with (
        closing(Store(f"sqlite:///{tmp_path / 'new.db'}", [SECRET_KEY])) as store,
        pytest.raises(StorageError, match=r"9999.*pip install --upgrade"),
    ):
        backup.restore(store, file)


def test_an_old_database_is_upgraded_before_it_is_kept(
    lite_store: Store, tmp_path: Path, clock: FrozenClock
) -> None:
    """A backup is of tables that this version knows."""
    metadata.drop_all(lite_store.engine)
    with pytest.raises(StorageError, match="socialbridge db upgrade"):
        backup.write(lite_store, tmp_path / "all.zip", clock.now(), "1")
