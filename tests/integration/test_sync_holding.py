"""One run at a time for each connection."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bridge.errors import InputError
from bridge.model import Connection
from bridge.storage import Store
from bridge.sync.holding import LEASE, held, lease_name
from tests.conftest import FrozenClock

ACADEMY = Connection(id=1, name="academy", kind="moodle", url="http://lms", site_name="", token="")


def test_a_second_run_waits_until_the_first_has_ended(store: Store, clock: FrozenClock) -> None:
    """And says once what it waits for."""
    said: list[str] = []
    with store.work() as work:
        assert work.leases.take(lease_name(1), "worker", clock.now(), timedelta(minutes=2))

    def pause(seconds: float) -> None:
        if said:
            with store.work() as work:
                work.leases.give_back(lease_name(1), "worker")

    with held(store, ACADEMY, clock, "hand", say=said.append, pause=pause), store.work() as work:
        assert not work.leases.take(lease_name(1), "worker", clock.now(), LEASE)
    with store.work() as work:
        assert work.leases.take(lease_name(1), "worker", clock.now(), LEASE)
    assert ["Waiting for another run of academy to end …"] == said


def test_what_a_killed_run_held_is_waited_out(lite_store: Store, clock: FrozenClock) -> None:
    """Its lease ends by itself."""
    with lite_store.work() as work:
        assert work.leases.take(lease_name(1), "killed", clock.now(), LEASE)
    waited = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        clock.advance(seconds=seconds)

    with held(lite_store, ACADEMY, clock, "hand", pause=pause):
        pass
    assert LEASE.total_seconds() < sum(waited) <= LEASE.total_seconds() + 1


def test_a_run_that_goes_on_is_named(lite_store: Store, clock: FrozenClock) -> None:
    """Nobody waits for ever."""
    with lite_store.work() as work:
        assert work.leases.take(lease_name(1), "worker", clock.now(), timedelta(hours=1))
    with (
        pytest.raises(InputError, match="Another run is reading academy now"),
        held(lite_store, ACADEMY, clock, "hand", pause=lambda seconds: None),
    ):
        pass
