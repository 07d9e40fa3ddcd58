"""What would leave for the outlets, found out by letting it leave for nowhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

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
    now, span = clock.now(), timedelta(days=days)
    with store.reading() as work:
        known = [
            o for o in stored.of(work, connection_id) if outlet_ids is None or o.id in outlet_ids
        ]
    publishers = {outlet.id: _publisher(outlet, publisher_of) for outlet in known}
    players = {outlet.id: abilities_of(outlet) for outlet in known}

    def seen(content: Content) -> Content:
        return veil.veiled(content, viewer)

    def staged(trial: Trial) -> Sequence[Outlet]:
        with trial.work() as work:
            if what_if is not None:
                what_if(work)
            outlets = [o for o in stored.of(work, connection_id) if o.id in players]
        dry.set_up(trial, outlets, now)
        return outlets

    with trying(store, seen) as trial:
        staged(trial)
        tell(trial, clock, connection_id)
        coming = dry.coming(trial, players, now, now + span, link)
    with trying(store, seen) as trial:
        outlets = staged(trial)
        replayed = dry.replayed(trial, outlets, players, now - span, now, link)
        with trial.reading() as work:
            readers = stored.read_by(work, connection_id)
    return tuple(
        OutletPreview(
            outlet=outlet,
            read_by=readers[outlet.id],
            pace=pace.of(outlet),
            abilities=players[outlet.id],
            publisher=None if isinstance(found, BridgeError) else found,
            problem=str(found) if isinstance(found, BridgeError) else "",
            coming=coming[outlet.id],
            replayed=replayed[outlet.id],
        )
        for outlet in outlets
        for found in (publishers[outlet.id],)
    )


def _publisher(
    outlet: Outlet, publisher_of: Callable[[Outlet], Publisher]
) -> Publisher | BridgeError:
    try:
        return publisher_of(outlet)
    except BridgeError as error:
        return error
