"""Tries a ranking on a split: fit, score, measure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from bridge.curation.ranking import blend, learning
from bridge.curation.ranking.baselines import BASELINES
from bridge.curation.ranking.measure import gains, hits, interval, ranks, reciprocal, top
from bridge.curation.ranking.split import Split

MOST_CELLS = 250_000_000
"""People × items that are scored for a model: of more people, some are tried, evenly spread. That
is everybody where 50,000 people choose among 5,000 items."""


@dataclass(frozen=True)
class Result:
    """What one model did on one split; the figures but for time are from 0 to 1."""

    model: str
    hr: float
    """Of the people, those whose wanted item was among the first k."""
    ndcg: float
    mrr: float
    coverage: float
    """Of all items, those that stood among somebody's first k."""
    people: int
    fit_seconds: float
    ms_per_person: float
    better_than: tuple[float, float] | None = None
    """The 95 % interval of what *ours* has in NDCG more than this model, paired by person."""


def evaluate(
    split: Split,
    *,
    k: int = 10,
    likeness: sparse.csr_array | None = None,
    compare: bool = False,
    clock: Callable[[], float] = time.perf_counter,
    say: Callable[[str], None] = lambda text: None,
) -> list[Result]:
    """Our ranking, first, and with ``compare`` what it has to beat.

    :param likeness: items × items, how alike their words are.
    :param say: is told what is done next, for people who wait.
    """
    everybody = len(split.people)
    split = split.of_some(max(1, MOST_CELLS // max(split.train.items, 1)))
    if len(split.people) < everybody:
        say(f"Trying {len(split.people):,} of {everybody:,} people, evenly spread.")
    say("Ours ...")
    ours, mine = _tried("ours", split, _ours(likeness), k, clock)
    results = [ours]
    for name, fit in BASELINES.items() if compare else ():
        say(f"{name} ...")
        result, theirs = _tried(name, split, fit, k, clock)
        results.append(replace(result, better_than=interval(mine, theirs)))
    return results


def _ours(
    likeness: sparse.csr_array | None,
) -> Callable[[Split], Callable[[np.ndarray], np.ndarray]]:
    return lambda split: learning.fit(split.train, split.cut, likeness).scores


def _tried(
    name: str,
    split: Split,
    fit: Callable[[Split], Callable[[np.ndarray], np.ndarray]],
    k: int,
    clock: Callable[[], float],
) -> tuple[Result, np.ndarray]:
    begun = clock()
    score = fit(split)
    fitted = clock()
    had, known = split.train.matrix(), split.train.counts() > 0
    found: list[np.ndarray] = []
    shown = np.zeros(split.train.items, bool)
    scoring = 0.0
    size = blend.at_once(split.train.items)
    for start in range(0, len(split.people), size):
        people = split.people[start : start + size]
        wanted = split.wanted[start : start + size]
        asked = clock()
        scores = score(people)
        scoring += clock() - asked
        seen = had[people].toarray() > 0
        found.append(ranks(scores, wanted, seen, known))
        first = top(scores, seen, k)
        shown[first[first >= 0]] = True
    rank = np.concatenate(found) if found else np.zeros(0)
    gained = gains(rank, k)
    result = Result(
        model=name,
        hr=_mean(hits(rank, k)),
        ndcg=_mean(gained),
        mrr=_mean(reciprocal(rank)),
        coverage=_mean(shown),
        people=len(rank),
        fit_seconds=fitted - begun,
        ms_per_person=1000.0 * scoring / max(len(rank), 1),
    )
    return result, gained


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0
