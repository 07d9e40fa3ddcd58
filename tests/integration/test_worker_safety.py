"""A connection that fails: it is left alone, its admin is told once, and told when it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge import config, flow
from bridge.bootstrap import Bridge
from bridge.demo.lms.faults import Kind as Fault
from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import LmsError, NotFound, StorageError, Unavailable, Unreachable
from bridge.flow.tidying import RUNS_KEPT
from bridge.lms import wire
from bridge.model import Connection, Health, Stream
from bridge.storage import Store
from bridge.sync import health
from bridge.worker import SYNC_LEASE, Worker
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock, RealClock
from tests.contract.mail_server import Post, mail_server

DANA = "dana@example.com"
AWAY = Unreachable("The LMS did not answer.", "Is it running?")


@pytest.fixture(scope="module")
def lms() -> Iterator[Lms]:
    """The demo LMS, standing still."""
    with running_lms() as lms:
        yield lms


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """The mail server of the company."""
    with mail_server(tmp_path, "", password=False) as post:
        yield post


@pytest.fixture
def clock() -> RealClock:
    """The machine's clock, which can be put forward."""
    return RealClock()


Make = Callable[..., Bridge]


@pytest.fixture
def make(
    lite_store: Store, lms: Lms, clock: RealClock, post: Post, monkeypatch: pytest.MonkeyPatch
) -> Make:
    """Makes a bridge with one connection, and an admin with an address; takes more settings."""
    monkeypatch.setattr(wire, "LONGEST_WAIT", 0.0)

    def make(**settings: str) -> Bridge:
        given = {
            "SECRET_KEY": SECRET_KEY,
            "ADMIN_EMAIL": DANA,
            "SMTP_URL": post.url,
            "BASE_URL": "https://social.example.com",
            **settings,
        }
        loaded = config.load(None, {f"SOCIALBRIDGE_{k}": value for k, value in given.items()})
        bridge = Bridge(loaded, lite_store, clock)
        trial = Connection(0, "academy", "moodle", lms.url, "", token=lms.token)
        site = bridge.connector(trial).site()
        flow.connect(lite_store, clock, "academy", "moodle", lms.url, lms.token, site)
        return bridge

    return make


@contextmanager
def logged() -> Iterator[list[tuple[str, str]]]:
    """Level and words of what is logged meanwhile."""
    said: list[tuple[str, str]] = []
    with capture_logs() as lines:
        yield said
    said += [(line["log_level"], line["event"]) for line in lines]


def outcomes(bridge: Bridge) -> list[str]:
    """How the runs ended, oldest first."""
    with bridge.store.reading() as work:
        [connection] = work.connections.all()
        return [run.outcome for run in reversed(work.runs.latest(connection.id, 100))]


def health_of(bridge: Bridge) -> Health:
    """How the connection does."""
    with bridge.store.reading() as work:
        [connection] = work.connections.all()
        return work.health.of(connection.id)


def let_pass(worker: Worker, clock: RealClock, minutes: int) -> None:
    """So many minutes pass; every five of them it is the worker's turn."""
    for _ in range(minutes // 5):
        clock.advance(minutes=5)
        worker.sync_all()


# --- the breaker ---------------------------------------------------------------------------------


def test_a_failing_lms_is_asked_seldom_and_its_admin_told_once(
    make: Make, lms: Lms, clock: RealClock, post: Post
) -> None:
    """Three hours of maintenance: a handful of tries, one letter; and one when it is over."""
    bridge = make()
    worker = Worker(bridge)
    with bridge.store.reading() as work:
        site = work.connections.named("academy").site_name
    with lms.faults.during(Fault.MAINTENANCE):
        with logged() as said:
            let_pass(worker, clock, 180)
        tries = len(outcomes(bridge))
        assert 5 <= tries <= 8
        assert [("error", "connection failing")] == [
            line for line in said if line[1].startswith("connection")
        ]
        [letter] = post.letters
        assert (f"Socialbridge cannot read {site}", DANA) == (letter["Subject"], letter["To"])
        text = letter.get_content().replace("\r\n", "\n")
        assert "What went wrong: The LMS answered HTTP 503" in text
        assert "What to do: " in text
        assert "https://social.example.com/admin/runs" in text
        assert lms.token not in text
    with logged() as said:
        let_pass(worker, clock, 60)
    assert "complete" == outcomes(bridge)[tries]
    assert ("info", "connection works again") in said
    assert [f"Socialbridge reads {site} again"] == [m["Subject"] for m in post.letters[1:]]
    assert Health() == health_of(bridge)


def test_a_short_failure_is_nobody_s_business(
    make: Make, lms: Lms, clock: RealClock, post: Post
) -> None:
    """Half an hour of maintenance is in the list of runs, and in no letter."""
    bridge = make()
    worker = Worker(bridge)
    with lms.faults.during(Fault.MAINTENANCE):
        let_pass(worker, clock, 30)
    let_pass(worker, clock, 60)
    assert ("failed", "complete") == (outcomes(bridge)[0], outcomes(bridge)[-1])
    assert [] == post.letters


def test_a_mail_server_that_is_away_is_tried_again(
    make: Make, lms: Lms, clock: RealClock, post: Post
) -> None:
    """The letter is due until it was taken; an admin would rather hear once too often."""
    bridge = make()
    worker = Worker(bridge)
    post.refuses = {"data": "451 later"}
    with lms.faults.during(Fault.MAINTENANCE), logged() as said:
        let_pass(worker, clock, 90)
        assert [] == post.letters
        assert None is health_of(bridge).told_at
        post.refuses = {}
        let_pass(worker, clock, 60)
    assert ("warning", "no letter to the admins") in said
    assert 1 == len(post.letters)


def test_without_an_address_the_log_and_the_pages_tell(
    make: Make, lms: Lms, clock: RealClock, post: Post
) -> None:
    """Once, too."""
    bridge = make(ADMIN_EMAIL="")
    worker = Worker(bridge)
    with lms.faults.during(Fault.MAINTENANCE), logged() as said:
        let_pass(worker, clock, 180)
    assert 1 == said.count(("error", "connection failing"))
    assert [] == post.letters


def test_connecting_it_anew_ends_the_pause(make: Make, lms: Lms, clock: RealClock) -> None:
    """Somebody has made a new token: the worker need not wait for an hour."""
    bridge = make()
    worker = Worker(bridge)
    with lms.faults.during(Fault.HTML):
        worker.sync_all()
    worker.sync_all()
    assert ["failed"] == outcomes(bridge)
    make()
    worker.sync_all()
    assert ["failed", "complete"] == outcomes(bridge)


def test_an_error_of_the_bridge_itself_does_not_stop_the_other_connections(
    make: Make, clock: RealClock, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged with its traceback, counted as a failure, and the next one is synced."""
    bridge = make()
    with bridge.store.work() as work:
        [known] = work.connections.all()
        site = bridge.connector(known).site()
        work.connections.put("zebra", "moodle", lms.url, lms.token, site, clock.now())
    whole = Bridge.connector

    def broken(self: Bridge, connection: Connection) -> object:
        if connection.name == "academy":
            raise KeyError("oops")
        return whole(self, connection)

    monkeypatch.setattr(Bridge, "connector", broken)
    with logged() as said:
        Worker(bridge).sync_all()
    assert ("error", "sync broke off") in said
    with bridge.store.reading() as work:
        academy, zebra = work.connections.all()
        assert "error of the bridge itself (KeyError)" in work.health.of(academy.id).error
        assert ["complete"] == [run.outcome for run in work.runs.latest(zebra.id)]


# --- noting --------------------------------------------------------------------------------------


def connection_of(cast: Cast) -> Connection:
    """The connection of the cast."""
    with cast.store.reading() as work:
        return work.connections.by_id(cast.connection)


def fail(cast: Cast, clock: FrozenClock, error: Exception) -> None:
    """A run of the connection ends with that error."""
    with (
        pytest.raises(type(error)),
        health.noting(cast.store, connection_of(cast), clock, jitter=lambda: 0.0),
    ):
        raise error


def test_how_a_run_ends_is_noted(cast: Cast) -> None:
    """On both databases: failures add up, one that goes through ends them."""
    clock = FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    fail(cast, clock, AWAY)
    clock.advance(minutes=5)
    fail(cast, clock, Unavailable("Maintenance.", after=1200.0))
    with cast.store.reading() as work:
        known = work.health.of(cast.connection)
        assert {cast.connection: known} == work.health.all()
    assert (2, "Maintenance.", clock.now() + timedelta(minutes=20)) == (
        known.failures,
        known.error,
        known.retry_at,
    )
    with health.noting(cast.store, connection_of(cast), clock):
        pass
    with cast.store.reading() as work:
        assert Health() == work.health.of(cast.connection)


def test_what_is_not_the_lms_s_fault_is_not_noted(lite_cast: Cast) -> None:
    """An error of our own database, or a course that somebody mistyped, is only raised on."""
    clock = FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    fail(lite_cast, clock, StorageError("The disk is full."))
    fail(lite_cast, clock, NotFound("There is no course 9."))
    with lite_cast.store.reading() as work:
        assert {} == work.health.all()


def test_why_the_worker_waits_is_one_line(lite_cast: Cast) -> None:
    """With the time by the bridge's own clock; nothing where nothing is waited for."""
    clock = FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    nights = config.load(
        None, {"SOCIALBRIDGE_SECRET_KEY": SECRET_KEY, "SOCIALBRIDGE_SYNC_QUIET_HOURS": "8:00-9:30"}
    ).sync_quiet_hours

    def why(quiet: bool) -> str:
        with lite_cast.store.reading() as work:
            return health.why_waiting(
                work, connection_of(lite_cast), clock.now(), nights if quiet else (), UTC
            )

    assert "" == why(quiet=False)
    assert "It is quiet hours until Wed 25 Nov 2026, 09:30 UTC: the worker begins no sync." == why(
        quiet=True
    )
    fail(lite_cast, clock, AWAY)
    assert (
        "acme is paused until Wed 25 Nov 2026, 09:05 UTC: since Wed 25 Nov 2026, 09:00 UTC it has"
        " failed once. The LMS did not answer." == why(quiet=True)
    )


# --- cadence -------------------------------------------------------------------------------------


def test_each_stream_is_read_at_its_own_pace(make: Make, clock: RealClock) -> None:
    """The first run reads everything, the next ones what changes often, and once an hour all."""
    bridge = make()
    worker = Worker(bridge)
    worker.sync_all()
    let_pass(worker, clock, 60)
    with bridge.store.reading() as work:
        [connection] = work.connections.all()
        runs = reversed(work.runs.latest(connection.id, 100))
    read = [{stream.stream for stream in run.streams} for run in runs]
    seldom = {Stream.COURSES, Stream.TEAMS}
    assert 13 == len(read)
    assert {Stream.COURSES, Stream.TEAMS, Stream.COMPLETIONS} <= read[0] & read[12]
    assert [set()] * 11 == [seldom & streams for streams in read[1:12]]
    assert all({Stream.PEOPLE, Stream.COMPLETIONS, Stream.DISCUSSIONS} <= s for s in read)


# --- quiet hours, leases, old runs ---------------------------------------------------------------


def test_in_quiet_hours_no_sync_begins(make: Make, clock: RealClock) -> None:
    """Deliveries go on; when they are over, so do syncs."""
    now = clock.now()
    begin, end = now - timedelta(minutes=2), now + timedelta(minutes=20)
    bridge = make(SYNC_QUIET_HOURS=f"{begin:%H:%M}-{end:%H:%M}")
    worker = Worker(bridge)
    worker.sync_all()
    worker.deliver_all()
    assert [] == outcomes(bridge)
    clock.advance(minutes=20)
    worker.sync_all()
    assert ["complete"] == outcomes(bridge)


def test_a_sync_that_takes_longer_than_a_lease_keeps_its_connection(
    make: Make, clock: RealClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held on to once a minute, so that nobody else begins beside it."""
    bridge = make()
    worker, name = Worker(bridge), "sync:1"
    taken = []

    def hours(*_: object, **__: object) -> None:
        for _ in range(30):
            clock.advance(minutes=1)
            worker.renew()
            with bridge.store.work() as work:
                taken.append(work.leases.take(name, "other", clock.now(), SYNC_LEASE))
        raise LmsError("It was a long day.")

    monkeypatch.setattr("bridge.worker.sync", hours)
    worker.sync_all()
    assert [False] * 30 == taken
    worker.renew()
    with bridge.store.work() as work:
        assert work.leases.take(name, "other", clock.now(), SYNC_LEASE)


def test_old_runs_are_forgotten(make: Make, clock: RealClock) -> None:
    """After as many days as the setting says; the last ten stay."""
    bridge = make(KEEP_RUNS_DAYS="30")
    with bridge.store.work() as work:
        [connection] = work.connections.all()
        for _ in range(RUNS_KEPT + 5):
            work.runs.begin(connection.id, clock.now())
    worker = Worker(bridge)
    worker.tidy()
    assert RUNS_KEPT + 5 == len(outcomes(bridge))
    clock.advance(days=31)
    worker.tidy()
    assert RUNS_KEPT == len(outcomes(bridge))


def test_nothing_personal_is_logged(make: Make, lms: Lms, clock: RealClock) -> None:
    """Neither a token nor the password of the mail server."""
    bridge = make(SMTP_URL="smtp://bridge:sesame@127.0.0.1:9")
    worker = Worker(bridge)
    with lms.faults.during(Fault.MAINTENANCE), capture_logs() as lines:
        let_pass(worker, clock, 90)
    assert "no letter to the admins" in str(lines)
    assert {False} == {word in str(lines) for word in (lms.token, "sesame", SECRET_KEY)}
