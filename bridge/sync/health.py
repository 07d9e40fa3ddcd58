"""Notes how the runs of a connection end, and has its admins told.

It owns its commits, as a sync does: a letter goes over the network, and no transaction is open
meanwhile. What was told is noted afterwards, so that a crash in between tells it twice: of a
connection that fails, an admin would rather hear once too often.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta, tzinfo
from functools import partial

import structlog

from bridge.errors import BridgeError, InputError, OutletError, StorageError
from bridge.hours import quiet_until
from bridge.model import Connection, Health
from bridge.ports import Clock
from bridge.storage import Store, Work
from bridge.sync import alarm, breaker
from bridge.sync.standing import Overview, standing

log = structlog.get_logger("health")


@contextmanager
def noting(
    store: Store,
    connection: Connection,
    clock: Clock,
    jitter: Callable[[], float] = random.random,
) -> Iterator[None]:
    """Note how the run of the connection within ends; what is raised is raised on.

    An error of our own database, or of whoever asked, says nothing of the LMS and is not noted.
    """
    try:
        yield
    except (StorageError, InputError):
        raise
    except Exception as error:
        known = error if isinstance(error, BridgeError) else _unexpected(error)
        _note(store, connection, lambda was: breaker.failed(was, known, clock.now(), jitter()))
        raise
    _note(store, connection, breaker.worked)


def mended(work: Work, connection: Connection) -> None:
    """Somebody has connected it anew: the worker need not wait for the pause to end."""
    _change(work, connection, breaker.hurried)


def why_waiting(
    work: Work,
    connection: Connection,
    now: datetime,
    hours: Sequence[tuple[time, time]],
    zone: tzinfo,
) -> str:
    """One line on why the worker leaves the connection alone just now; empty if it does not."""
    known = work.health.of(connection.id)
    paused = breaker.resting_until(known, now)
    if paused is not None:
        return alarm.paused(connection, known, paused, zone)
    quiet = quiet_until(hours, zone, now)
    return alarm.quiet(quiet, zone) if quiet is not None else ""


def overview(
    work: Work,
    connection_id: int,
    now: datetime,
    hours: Sequence[tuple[time, time]],
    zone: tzinfo,
    every: timedelta,
) -> Overview:
    """How the connection stands; the worker comes by ``every`` so often."""
    known = work.health.of(connection_id)
    newest = work.runs.page(connection_id, 1)
    good = work.runs.page(connection_id, 1, outcomes=("complete", "partial"))
    newest_run = newest[0][1] if newest else None
    quiet = quiet_until(hours, zone, now)
    lately = quiet_until(hours, zone, now - 2 * every) is not None
    return Overview(
        standing=standing(known, newest_run, now, quiet=quiet, quiet_lately=lately, every=every),
        health=known,
        paused=breaker.resting_until(known, now),
        quiet=quiet,
        newest=newest_run,
        last_good=good[0][1] if good else None,
    )


def tell_admins(
    store: Store,
    clock: Clock,
    write: Callable[[str, str], None],
    *,
    zone: tzinfo,
    link: str,
) -> None:
    """Tell what is due: of a connection that has failed for an hour, or that works again.

    :param write: writes a letter, subject and text, to whoever wants one. Where it raises an
        :class:`~bridge.errors.OutletError` the letter is due again at the next call.
    :param link: the address of the page with the runs.
    """
    now = clock.now()
    with store.reading() as work:
        due = {
            connection_id: health
            for connection_id, health in work.health.all().items()
            if breaker.alarm_due(health, now) or breaker.all_clear_due(health)
        }
        connections = {c.id: c for c in work.connections.all()} if due else {}
    for connection_id, health in due.items():
        connection = connections[connection_id]
        if health.failures:
            log.error(
                "connection failing",
                connection=connection.name,
                since=str(health.failed_since),
                failures=health.failures,
                error=health.error,
            )
            notice = alarm.failing(connection, health, zone, link)
        else:
            log.info("connection works again", connection=connection.name)
            notice = alarm.works_again(connection, zone, now, link)
        try:
            write(notice.subject, notice.text)
        except OutletError as error:
            log.warning("no letter to the admins", connection=connection.name, error=str(error))
            continue
        _note(store, connection, partial(breaker.told, seen=health, now=now))


def _note(store: Store, connection: Connection, change: Callable[[Health], Health]) -> None:
    with store.work() as work:
        _change(work, connection, change)


def _change(work: Work, connection: Connection, change: Callable[[Health], Health]) -> None:
    before = work.health.of(connection.id)
    after = change(before)
    if after != before:
        work.health.put(connection.id, after)


def _unexpected(error: Exception) -> BridgeError:
    return BridgeError(
        f"The sync broke off on an error of the bridge itself ({type(error).__name__}).",
        "The log of the worker says where; please report it.",
    )
