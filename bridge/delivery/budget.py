"""How much room there is at each outlet just now: quiet hours, and the budgets of the days.

It counts in the database, once an outlet and day in a transaction, and holds the rows of all the
outlets with a budget from the first count on, so that two transactions never give the same room
away, and never hold one outlet each while they wait for the other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from bridge.delivery import pace, plan
from bridge.delivery.pace import PEOPLES_OWN, Pace
from bridge.model import Activity, Delivery, Outlet
from bridge.storage import Work


class Room:
    """The room at the outlets at one moment, in one transaction."""

    def __init__(self, work: Work, outlets: Sequence[Outlet], now: datetime) -> None:
        self._work, self._now = work, now
        self._paces = {outlet.id: pace.of(outlet) for outlet in outlets}
        self._rests: dict[int, datetime | None] = {}
        self._left: dict[tuple[int, date], int] = {}
        self._held = False

    def rests_until(self, outlet_id: int) -> datetime | None:
        """When the outlet's quiet hours end; ``None`` outside of them."""
        if outlet_id not in self._rests:
            self._rests[outlet_id] = pace.rests_until(self._paces[outlet_id], self._now)
        return self._rests[outlet_id]

    def fitted(self, activity: Activity, delivery: Delivery) -> Delivery:
        """The delivery of what begins anew at its outlet without being chosen for it: as a post of
        its own while there is room, else for the digest."""
        its = self._paces[delivery.outlet_id]
        if delivery.digest_id is not None:  # It is back where it stood.
            return plan.listed(delivery)
        if activity.kind in PEOPLES_OWN or its.budget is None:
            return delivery
        leaves = max(filter(None, [self._now, delivery.due_at]))
        day = pace.day_of(its, leaves)
        if self._take(delivery.outlet_id, its, day):
            return replace(delivery, counted_on=day)
        return plan.for_digest(delivery, pace.next_edition(its, self._now))

    def _take(self, outlet_id: int, its: Pace, day: date) -> bool:
        """Whether there was room for one more on that day."""
        key = outlet_id, day
        if key not in self._left:
            self._hold()
            self._left[key] = (its.budget or 0) - self._work.delivery.counted(outlet_id, day)
        self._left[key] -= 1
        return self._left[key] >= 0

    def _hold(self) -> None:
        if not self._held:
            limited = [i for i, its in self._paces.items() if its.budget is not None]
            self._work.delivery.hold_outlets(limited)
            self._held = True
