"""Changing the secret key: everything that an earlier one sealed is sealed with the newest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.access import audit
from bridge.ports import Clock
from bridge.storage import Store
from bridge.storage.resealing import sealed_columns

Progress = Callable[[str, int], None]
"""Is told the name of a column, and how many more of its texts were looked at."""


@dataclass(frozen=True)
class Rekeyed:
    """What came of it: texts that were looked at, and those of them that are sealed anew."""

    looked_at: int
    anew: int


def reseal(store: Store, clock: Clock, progress: Progress) -> Rekeyed:
    """Seal everything with the newest key, some rows a transaction.

    Stopped anywhere it may be done again: what is done is passed by. Afterwards no text in the
    database needs an earlier key, and erased people are known by what is kept of it.

    :raises ConfigError: if none of the keys opens a text; what was sealed anew before stays so.
    """
    with store.work() as work:
        work.erased.keep_keys()
    looked_at = anew = 0
    for name in sealed_columns():
        after = None
        while True:
            with store.work() as work:
                after, seen, changed = work.resealing.renew(name, after)
            looked_at, anew = looked_at + seen, anew + changed
            progress(name, seen)
            if after is None:
                break
    with store.work() as work:
        audit.note(work, None, "secrets sealed anew", f"{anew} of {looked_at}", clock.now())
    return Rekeyed(looked_at, anew)
