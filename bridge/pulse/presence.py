"""Notes who was there."""

from __future__ import annotations

from datetime import datetime

from bridge.storage import Work


def record(
    work: Work, person_id: int, now: datetime, *, active: bool = False, engaged: bool = False
) -> None:
    """The person was there today (in UTC), and did as much; who engages is active.

    What a day says is only ever added to. It writes only if the day has not said as much already.
    """
    work.pulse.record(person_id, now.date(), active=active or engaged, engaged=engaged)
