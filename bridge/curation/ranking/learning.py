"""What a site's own past says about how much each signal counts there.

At several moments of its past the signals are fitted to what was known then, and what people took
next is what they should have pointed at. A mixture of logits is fitted to these choices, no weight
below nothing, and each drawn to where it starts: a site of twenty people stays near the start, one
of thousands goes where its past leads.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from bridge.curation.ranking import mixture
from bridge.curation.ranking.blend import Ranker, at_once, fitted, weighted
from bridge.curation.ranking.history import History
from bridge.curation.ranking.mixture import Choice, Mixture
from bridge.curation.ranking.split import Split, by_time

MOMENTS = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
"""Where in its past a site is tried, as quantiles of the time of its rows: more often lately."""

TRIED = 300
"""People who are tried at each moment."""

CHOICES = 50
"""Of each signal so many first items are what a person chose among: what none of the signals puts
there has no chance of being near the top, and says nothing about the weights."""

MOST_ROWS = 300_000
"""Rows of the past from which weights are learned: beyond, those of some of the people only."""

DENSE = 2_000
"""Items of the dense models that are made for it."""


def fit(past: History, cut: float, likeness: sparse.csr_array | None = None) -> Ranker:
    """Everything fitted to what had happened at ``cut``, with the weights of this site."""
    past = past.until(cut)
    return weighted(fitted(past, cut, likeness), learn(past, likeness))


def learn(past: History, likeness: sparse.csr_array | None = None) -> Mixture:
    """How much each of :data:`bridge.curation.weights.SIGNALS` counts on this site."""
    past = past.of_some(MOST_ROWS)
    return mixture.fit([c for moment in MOMENTS for c in _choices(by_time(past, moment), likeness)])


def _choices(split: Split, likeness: sparse.csr_array | None) -> list[Choice]:
    if not len(split.people):
        return []
    size = min(TRIED, len(split.people))
    some = np.linspace(0, len(split.people) - 1, size).astype(int)
    ranker = fitted(split.train, split.cut, likeness, DENSE)
    known = split.train.counts() > 0
    step = max(1, at_once(split.train.items) // 4)
    found = []
    for start in range(0, size, step):
        rows = some[start : start + step]
        people = split.people[rows]
        out = (ranker.had[people].toarray() > 0) | ~known
        # One table for all signals, in single precision: it is the greatest thing held here.
        table = np.stack([s.astype(np.float32) for s in ranker.signals(people)], axis=2)
        for place, wanted in enumerate(split.wanted[rows]):
            found += _choice(table[place], out[place], int(wanted))
    return found


def _choice(table: np.ndarray, out: np.ndarray, wanted: int) -> list[Choice]:
    if out[wanted]:
        return []
    items = np.flatnonzero(~out)
    table = table[items]
    if len(items) > CHOICES:
        first = np.unique(np.argpartition(-table, CHOICES, axis=0)[:CHOICES])
        items, table = items[first], table[first]
    place = np.flatnonzero(items == wanted)
    return [Choice(table, int(place[0]))] if len(place) else []
