"""Taking a connection out: what stands at its outlets first, then everything that is kept of it."""

from __future__ import annotations

from collections.abc import Callable

from bridge.access import audit
from bridge.delivery import outbox
from bridge.delivery import worker as deliverer
from bridge.model import Connection, Outlet
from bridge.ports import Clock, Publisher
from bridge.storage import Store
from bridge.storage.purge import in_order

SOME = 500
"""Activities that one transaction takes back."""

Say = Callable[[str, int], None]
"""Told what is being done, and how many are left or were done."""


def take_all_back(
    store: Store,
    clock: Clock,
    connection: Connection,
    publisher_of: Callable[[Outlet], Publisher],
    *,
    link: Callable[[str], str],
    worker_id: str,
    say: Say,
) -> int:
    """Have every outlet of the connection take down what it shows, as far as it can now.

    :returns: how many an outlet may take down yet, if it is asked again later.
    """
    while True:
        with store.work() as work:
            some = work.purge.wanted(connection.id, SOME)
            for activity_id in some:
                outbox.cancel(work, activity_id, clock.now())
        if not some:
            break
    while True:
        report = deliverer.deliver(store, publisher_of, clock, link=link, worker_id=worker_id)
        with store.reading() as work:
            waiting = work.purge.waiting(connection.id)
        say("still to be taken back", waiting)
        if not report.claimed:
            return waiting


def disconnect(store: Store, clock: Clock, connection: Connection, *, say: Say) -> int:
    """Delete everything that is kept of the connection, some rows a transaction.

    The caller holds the connection, so that nothing is read into it meanwhile.

    Stopped in the middle it leaves a connection of which something is missing, and can be run
    again. The log keeps that it was done.

    :returns: how many rows were deleted.
    """
    total = 0
    with store.work() as work:
        work.purge.leave_log(connection.id, connection.name)
    for table in in_order():
        gone = 0
        while True:
            with store.work() as work:
                some = work.purge.some(table, connection.id)
            if not some:
                break
            gone += some
            say(table.name, gone)
        total += gone
    with store.work() as work:
        audit.note(work, None, "disconnected", connection.name, clock.now())
    return total
