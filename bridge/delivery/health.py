"""Notes whether what goes to an outlet goes through, and has the admins told.

It owns its commits, as the worker does: a letter goes over the network, and no transaction is open
meanwhile. What was told is noted afterwards, so that a crash in between tells it twice: of an
outlet that fails, an admin would rather hear once too often.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial

import structlog

from bridge.delivery import alarm, ledger
from bridge.errors import BridgeError, OutletError
from bridge.model import DeliveryState, Outlet, OutletHealth
from bridge.ports import Clock
from bridge.storage import Store, Work

log = structlog.get_logger("health")

WAITING = (DeliveryState.WAITING, DeliveryState.RETRY, DeliveryState.UNKNOWN)


def note_failure(
    store: Store, outlet_id: int, error: BridgeError, now: datetime, *, lasting: bool
) -> None:
    """Nothing of an outlet's share went through, and this is why."""
    _change(store, outlet_id, lambda was: alarm.failed(was, error, now, lasting=lasting))


def note_success(store: Store, outlet_id: int) -> None:
    """Something went through to an outlet that was failing."""
    _change(store, outlet_id, alarm.worked)


def failing(work: Work, connection_id: int, now: datetime) -> list[tuple[Outlet, OutletHealth]]:
    """The connection's outlets that have failed for long enough to tell an admin."""
    known = work.delivery.health(connection_id)
    due = {ident: health for ident, health in known.items() if alarm.alarming(health, now)}
    if not due:
        return []
    return [(o, due[o.id]) for o in work.delivery.outlets([connection_id]) if o.id in due]


def tell_admins(
    store: Store,
    clock: Clock,
    write: Callable[[str, str], None],
    *,
    zone: tzinfo,
    link: Callable[[str], str],
) -> None:
    """Tell what is due: of an outlet that has failed for an hour, or that works again.

    :param write: writes a letter, subject and text, to whoever wants one. Where it raises an
        :class:`~bridge.errors.OutletError` the letter is due again at the next call.
    :param link: the absolute address of a path of the bridge.
    """
    now = clock.now()
    with store.reading() as work:
        known = work.delivery.health()
        due = {
            ident: health
            for ident, health in known.items()
            if alarm.alarm_due(health, now) or alarm.all_clear_due(health)
        }
        outlets = [o for o in work.delivery.outlets() if o.id in due] if due else []
        counts = {o.id: ledger.counts(work, o.connection_id, o.id) for o in outlets}
    for outlet in outlets:
        health, counted = due[outlet.id], counts[outlet.id]
        page = link(f"/admin/ledger?outlet={outlet.id}")
        dead = counted.get(DeliveryState.DEAD, 0)
        if health.failures:
            log.error(
                "outlet failing",
                outlet=outlet.name,
                since=str(health.failed_since),
                error=health.error,
            )
            waiting = sum(counted.get(state, 0) for state in WAITING)
            notice = alarm.failing(outlet, health, waiting, dead, zone, page)
        else:
            log.info("outlet works again", outlet=outlet.name)
            notice = alarm.works_again(outlet, dead, zone, now, page)
        try:
            write(notice.subject, notice.text)
        except OutletError as error:
            log.warning("no letter to the admins", outlet=outlet.name, error=str(error))
            continue
        _change(store, outlet.id, partial(alarm.told, seen=health, now=now))


def _change(store: Store, outlet_id: int, change: Callable[[OutletHealth], OutletHealth]) -> None:
    with store.work() as work:
        work.delivery.hold_outlets([outlet_id])
        before = work.delivery.health_of(outlet_id)
        after = change(before)
        if after != before:
            work.delivery.put_health(outlet_id, after)
