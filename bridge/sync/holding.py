"""One run at a time for each connection, whoever starts it: a worker or somebody by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from bridge.errors import InputError, StorageError
from bridge.model import Connection
from bridge.ports import Clock
from bridge.storage import Store

LEASE = timedelta(seconds=30)
"""How long a connection stays held after the process that held it was killed."""
RENEW_SECONDS = 8.0
WAIT_SECONDS = 45.0
"""Longer than :data:`LEASE`: what a killed process left behind is waited out."""
TURN_SECONDS = 0.5


def lease_name(connection_id: int) -> str:
    """The name of the lease that a run holds."""
    return f"sync:{connection_id}"


@contextmanager
def held(
    store: Store,
    connection: Connection,
    clock: Clock,
    holder: str,
    *,
    say: Callable[[str], None] = lambda text: None,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the connection inside the block; where another run holds it, wait until that has ended.

    :param say: is told, once, that there is something to wait for.
    :raises InputError: if the other run does not end soon.
    """
    name = lease_name(connection.id)
    waited = 0.0
    while not _taken(store, clock, name, holder):
        if not waited:
            say(f"Waiting for another run of {connection.name} to end …")
        if waited >= WAIT_SECONDS:
            raise InputError(
                f"Another run is reading {connection.name} now.",
                "Wait until it has ended: the page Admin → Syncs shows it. What a killed worker"
                " held is free after two minutes.",
            )
        pause(TURN_SECONDS)
        waited += TURN_SECONDS
    ended = threading.Event()
    keeper = threading.Thread(
        target=_keep, args=(store, clock, name, holder, ended), name="lease", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()
        with store.work() as work:
            work.leases.give_back(name, holder)


def _taken(store: Store, clock: Clock, name: str, holder: str) -> bool:
    with store.work() as work:
        return work.leases.take(name, holder, clock.now(), LEASE)


def _keep(store: Store, clock: Clock, name: str, holder: str, ended: threading.Event) -> None:
    while not ended.wait(RENEW_SECONDS):
        try:
            with store.work() as work:
                work.leases.renew([name], holder, clock.now(), LEASE)
        except StorageError:
            # A database that is busy now may not be at the next turn, and the lease lasts longer.
            continue
