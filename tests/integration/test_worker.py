"""The worker: what it does by the clock, and that two of them do it once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bridge import config
from bridge.bootstrap import Bridge
from bridge.demo.lms.faults import Kind as Fault
from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import ConfigError, OutletUnusable
from bridge.lms import wire
from bridge.model import Audience, AudienceKind, Connection, Outlet
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.worker import SYNC_LEASE, Worker
from tests.conftest import SECRET_KEY, FrozenClock, RealClock


@pytest.fixture
def lms() -> Iterator[Lms]:
    """The demo LMS, standing still."""
    with running_lms() as lms:
        yield lms


@pytest.fixture
def clock() -> RealClock:
    """The machine's clock, which can be put forward."""
    return RealClock()


@pytest.fixture
def bridge(lite_store: Store, lms: Lms, clock: RealClock) -> Bridge:
    """A bridge with one connection, not synced yet."""
    settings = config.load(None, {"SOCIALBRIDGE_SECRET_KEY": SECRET_KEY})
    bridge = Bridge(settings, lite_store, clock)
    trial = Connection(0, "academy", "moodle", lms.url, "", token=lms.token)
    site = bridge.connector(trial).site()
    with lite_store.work() as work:
        work.connections.put("academy", "moodle", lms.url, lms.token, site, datetime.now(UTC))
    return bridge


def runs(bridge: Bridge) -> list[str]:
    """The outcomes of the sync runs, newest first."""
    with bridge.store.reading() as work:
        [connection] = work.connections.all()
        return [run.outcome for run in work.runs.latest(connection.id)]


def test_a_lease_is_held_by_one(store: Store) -> None:
    """Until it is given back, or has run out; its holder may renew it."""
    clock, hour = FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC)), timedelta(hours=1)
    with store.work() as work:
        assert work.leases.take("sync:1", "a", clock.now(), hour)
        assert not work.leases.take("sync:1", "b", clock.now(), hour)
        assert work.leases.take("sync:1", "a", clock.now(), hour)
        assert work.leases.take("sync:2", "b", clock.now(), hour)
        work.leases.give_back("sync:1", "b")
        assert not work.leases.take("sync:1", "b", clock.now(), hour)
        clock.advance(hours=1, seconds=1)
        assert work.leases.take("sync:1", "b", clock.now(), hour)
        work.leases.give_back("sync:1", "b")
        assert work.leases.take("sync:1", "a", clock.now(), hour)


def test_a_lease_can_be_held_on_to_and_is_not_made_by_that(store: Store) -> None:
    """What was given back a moment ago, or is somebody else's, stays so."""
    clock, hour = FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC)), timedelta(hours=1)
    with store.work() as work:
        work.leases.take("sync:1", "a", clock.now(), hour)
        work.leases.take("sync:2", "b", clock.now(), hour)
        clock.advance(minutes=50)
        work.leases.renew(["sync:1", "sync:2", "sync:3"], "a", clock.now(), hour)
        clock.advance(minutes=50)
        taken = [
            work.leases.take(name, "c", clock.now(), hour)
            for name in ("sync:1", "sync:2", "sync:3")
        ]
    assert [False, True, True] == taken


def test_it_syncs_every_connection(bridge: Bridge) -> None:
    """And gives the connection back, so that another worker may be next."""
    worker = Worker(bridge)
    worker.sync_all()
    worker.sync_all()
    assert ["complete", "complete"] == runs(bridge)
    with bridge.store.reading() as work:
        held = work.sql.execute(select(func.count()).select_from(t.leases)).scalar_one()
    assert 0 == held


def test_a_connection_that_another_worker_syncs_is_left_alone(bridge: Bridge) -> None:
    """It is asked again at the next turn."""
    with bridge.store.work() as work:
        [connection] = work.connections.all()
        work.leases.take(f"sync:{connection.id}", "other", bridge.clock.now(), SYNC_LEASE)
    Worker(bridge).sync_all()
    assert [] == runs(bridge)


def test_a_failing_lms_does_not_stop_the_worker(
    bridge: Bridge, clock: RealClock, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is kept as failed; the next one, five minutes later, succeeds."""
    monkeypatch.setattr(wire, "LONGEST_WAIT", 0.0)
    worker = Worker(bridge)
    with lms.faults.during(Fault.MAINTENANCE):
        worker.sync_all()
    clock.advance(minutes=5)
    worker.sync_all()
    assert ["complete", "failed"] == runs(bridge)


def test_it_delivers_until_nothing_is_due(bridge: Bridge) -> None:
    """With nothing to deliver it comes back at once."""
    Worker(bridge).deliver_all()


def test_kinds_that_are_not_spoken_are_named(bridge: Bridge) -> None:
    """A database from a later version does not end in a traceback."""
    with pytest.raises(ConfigError, match=r"'sakai'.*moodle"):
        bridge.connector(Connection(1, "x", "sakai", "https://x.example", "", token="t"))
    outlet = Outlet(1, 1, "x", "pigeon", Audience(AudienceKind.EVERYONE, 1))
    with pytest.raises(ConfigError, match=r"'pigeon'.*webhook"):
        bridge.publisher(outlet)


def test_an_outlet_without_receivers_says_what_stays(bridge: Bridge) -> None:
    """Its letters went out, usable or not; a webhook's posts wait for the address."""
    audience = Audience(AudienceKind.EVERYONE, 1)
    for kind, stays in (("email", "Mail that went out cannot be taken back."), ("webhook", "")):
        with pytest.raises(OutletUnusable) as error:
            bridge.publisher(Outlet(1, 1, "x", kind, audience, {"url": "nonsense", "to": []}))
        assert stays == error.value.stays
        assert error.value.remedy


def test_the_process_ends_when_it_is_told_to(bridge: Bridge) -> None:
    """SIGTERM lets the current job finish, and the exit status is 0."""
    environment = {
        **os.environ,
        "SOCIALBRIDGE_SECRET_KEY": SECRET_KEY,
        "SOCIALBRIDGE_DATABASE_URL": bridge.store.url,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", "worker"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = ""
        while '"synced"' not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGTERM)
        said += process.stderr.read()
    assert (0, True) == (process.returncode, "worker stopped" in said)
    assert ["complete"] == runs(bridge)
    assert SECRET_KEY not in said
