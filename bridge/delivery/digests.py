"""Makes the editions of digests: what waited for one becomes its lines, in one transaction.

A digest is an activity made for one outlet. Its lines are the deliveries that it lists, so that it
follows what they tell by revision and delivery like everything else (``outbox``), and consent is
asked for each of them just before it is sent (``compose``).
"""

from __future__ import annotations

from datetime import datetime

from bridge.delivery import outbox, pace
from bridge.delivery.routing import readers
from bridge.model import Outlet
from bridge.storage import Store, Work


def publish_due(store: Store, now: datetime) -> int:
    """Make the digests whose time has come; how many. Nothing is made where nothing waits."""
    with store.reading() as work:
        due = work.delivery.editions_due(now)
        outlets = [o for o in work.delivery.outlets() if o.id in due] if due else []
    made = 0
    for outlet in outlets:
        with store.work() as work:
            made += make(work, outlet, now) is not None
    return made


def make(work: Work, outlet: Outlet, now: datetime) -> int | None:
    """Make the digest of what waits for it at the outlet by now; its id, or ``None`` if nothing
    does (any more: another worker may have been first), if one of it is being changed just now, or
    if the outlet was switched off meanwhile."""
    work.delivery.hold_outlets([outlet.id])
    waiting = work.delivery.for_edition(outlet.id, now)
    if not waiting:
        return None
    day = pace.day_of(pace.of(outlet), now)
    digest_id = work.delivery.add_digest(outlet.connection_id, readers(outlet), day, now)
    work.delivery.list_in(digest_id, waiting)
    outbox.enqueue(work, [digest_id], now, outlet_ids=[outlet.id])
    return digest_id
