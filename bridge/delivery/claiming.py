"""How many due deliveries a worker takes from each outlet: its share, within its rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bridge.delivery import pace
from bridge.model import Delivery, Outlet
from bridge.storage import Work
from bridge.storage.delivery import Claim


def claim(
    work: Work, waiting: Sequence[Outlet], claim: Claim, limit: int, now: datetime
) -> list[Delivery]:
    """Claim about ``limit`` due deliveries, from every outlet its share, urgent ones first.

    An outlet with a limit gives what it takes now and no more; the rest stays as it is, unclaimed,
    so that nobody is busy with it. What was given is written down for every other worker.
    """
    most = {outlet.id: max(1, -(-limit // len(waiting))) for outlet in waiting}
    rates = {outlet.id: rate for outlet in waiting if (rate := pace.of(outlet).per_minute)}
    if not rates:
        return work.delivery.claim(claim, now, most)
    now_ms = round(now.timestamp() * 1000)
    free = work.delivery.free_ms(rates)
    for ident, rate in rates.items():
        most[ident], _ = pace.grant(rate, free[ident], now_ms, most[ident])
    taken = work.delivery.claim(claim, now, {ident: n for ident, n in most.items() if n})
    counts = Counter(one.outlet_id for one in taken)
    work.delivery.set_free_ms(
        {i: pace.grant(rates[i], free[i], now_ms, n)[1] for i, n in counts.items() if i in rates}
    )
    return taken
