"""What would leave for the outlets, found out by letting it leave for nowhere."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.delivery import outlets as stored
from bridge.delivery import pace, veil
from bridge.delivery import preview as dry
from bridge.delivery.pace import Pace
from bridge.delivery.preview import Scenes
from bridge.errors import BridgeError, InputError
from bridge.flow.rounds import tell
from bridge.model import Outlet, Viewer
from bridge.ports import Abilities, Clock, Publisher
from bridge.storage import Store, Work
from bridge.storage.contents import Content
from bridge.storage.trial import Trial, trying

WhatIf = Callable[[Work], object]
"""Changes outlets, by the very functions that would store the change."""

DAYS = 7
LONGEST = 31


@dataclass(frozen=True)
class OutletPreview:
    """One outlet as it would be, and what it would be told."""

    outlet: Outlet
    read_by: str
    """Who reads there, in a word or by the name of their team or course."""
    pace: Pace
    abilities: Abilities
    publisher: Publisher | None
    """Words what is told, without the network; ``None`` where the outlet's settings cannot be
    used, as ``problem`` says."""
    problem: str
    coming: Scenes
    """What is on its way: exact, unless something changes."""
    replayed: Scenes
    """As the last days would have looked, had the outlet been as it is here."""


def preview(
    store: Store,
    clock: Clock,
    connection_id: int,
    publisher_of: Callable[[Outlet], Publisher],
    abilities_of: Callable[[Outlet], Abilities],
    *,
    link: Callable[[str], str],
    outlet_ids: Collection[int] | None = None,
    what_if: WhatIf | None = None,
    viewer: Viewer | None = None,
    days: int = DAYS,
) -> tuple[OutletPreview, ...]:
    """What the outlets would be told in so many days, were they changed so, and on.

    Nothing is stored and nothing is sent: the flow and the worker run in a transaction that is
    rolled back. What the viewer may not see is veiled.

    :param outlet_ids: which of the connection's outlets; ``None`` for all.
    :param what_if: a change that is tried; it may raise what storing it would raise.
    :param viewer: who looks; ``None`` for somebody signed in who is in no team.
    :raises InputError: if ``days`` is not from 1 to 31.
    :raises StorageError: if the database cannot be used at the moment.
    """
    if not 1 <= days <= LONGEST:
        raise InputError(f"A preview has 1 to {LONGEST} days.")
    with store.reading() as work:
        outlets = stored.of(work, connection_id)

    def seen(content: Content) -> Content:
        return veil.veiled(content, viewer)

    found = []
    for outlet in outlets:
        if outlet_ids is not None and outlet.id not in outlet_ids:
            continue
        publisher, can = _publisher(outlet, publisher_of), abilities_of(outlet)
        now, span = clock.now(), timedelta(days=days)
        # One after another, so that nobody who writes is kept waiting for long.
        with trying(store, seen) as trial:
            as_it_would_be = _staged(trial, outlet, what_if, now)
            tell(trial, clock, connection_id)
            coming = dry.coming(trial, as_it_would_be, can, now, now + span, link)
        with trying(store, seen) as trial:
            as_it_would_be = _staged(trial, outlet, what_if, now)
            replayed = dry.replayed(trial, as_it_would_be, can, now - span, now, link)
            with trial.reading() as work:
                readers = stored.read_by(work, connection_id)
        found.append(
            OutletPreview(
                outlet=replace(as_it_would_be, enabled=outlet.enabled),
                read_by=readers[outlet.id],
                pace=pace.of(as_it_would_be),
                abilities=can,
                publisher=None if isinstance(publisher, BridgeError) else publisher,
                problem=str(publisher) if isinstance(publisher, BridgeError) else "",
                coming=coming,
                replayed=replayed,
            )
        )
    return tuple(found)


def _staged(trial: Trial, outlet: Outlet, what_if: WhatIf | None, now: datetime) -> Outlet:
    with trial.work() as work:
        if what_if is not None:
            what_if(work)
        # What is being set up is seen as it will be once that is done.
        work.setups.end(outlet.connection_id)
        outlet = stored.get(work, outlet.connection_id, outlet.id)
    return dry.set_up(trial, outlet, now)


def _publisher(
    outlet: Outlet, publisher_of: Callable[[Outlet], Publisher]
) -> Publisher | BridgeError:
    try:
        return publisher_of(outlet)
    except BridgeError as error:
        return error
