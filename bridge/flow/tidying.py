"""Forgetting what is older than it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bridge.access import api_tokens
from bridge.ports import Clock
from bridge.storage import Store
from bridge.storage.keeping import KINDS

RUNS_KEPT = 10
"""Sync runs of each connection that stay however old they are."""
LONGEST = timedelta(days=36_500)
BATCHES = 200
"""Transactions for one kind of data in one go; the rest is for the next day."""


def too_old(store: Store, clock: Clock, days: Mapping[str, float]) -> dict[str, int]:
    """Kind of data → how many rows are older than they are kept; nothing is changed."""
    now = clock.now()
    with store.reading() as work:
        found = {kind: work.keeping.count(kind, now - _length(days[kind])) for kind in KINDS}
        return {**found, "runs": work.runs.count_prunable(now - _length(days["runs"]), RUNS_KEPT)}


def tidy(store: Store, clock: Clock, days: Mapping[str, float]) -> Iterator[tuple[str, int]]:
    """Forget it, some rows a transaction: each kind with how many rows were forgotten.

    :param days: kind of data → days for which it is kept.
    """
    for kind in KINDS:
        before, total = clock.now() - _length(days[kind]), 0
        for _ in range(BATCHES):
            with store.work() as work:
                gone = work.keeping.forget(kind, before)
            total += gone
            if not gone:
                break
        yield kind, total
    with store.work() as work:
        work.feed.forget_touches()
        work.api.forget(clock.now() - api_tokens.A_DAY)
    with store.work() as work:
        yield "runs", work.runs.prune(clock.now() - _length(days["runs"]), RUNS_KEPT)


def _length(days: float) -> timedelta:
    return min(timedelta(days=days), LONGEST)
