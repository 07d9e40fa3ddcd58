"""The signals, weighed into one score: this is the only place that says how much each counts.

Sites differ. Where people share what is new, nothing beats what was taken in the last days; in a
catalogue of courses, what people take after what rules. The weights are one configuration for all
sites; :func:`character` finds out from a site's own past how they are to be taken there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bridge.curation.ranking import signals
from bridge.curation.ranking.history import History
from bridge.curation.ranking.measure import gains, ranks
from bridge.curation.ranking.split import Split, by_time

HALF_LIVES = (1.0, 3.0, 14.0)
"""Days by which popularity fades: what is in fashion is a mean over these."""

FLOOR = 0.2
"""What an item that nobody took has of the fashion of the greatest."""

STEEP = 4.0
"""How soon a personal signal outgrows its usual size on the logarithmic scale."""

TOGETHER = 0.2
"""The weight of what goes together (EASE), beside the fashion's one."""

ORDER = 0.2
"""The weight of what follows what."""

WORDS = 0.2
"""The weight of what is said alike, where there are texts."""

MOMENTS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Where in its past a site is tried, as quantiles of the time of its rows."""

TRIED = 300
"""People who are tried at each moment."""

USUAL = 1.2
"""How much better the order rules do than the fashion on a site where the weights are right."""

LEAST_PULL, MOST_PULL = 0.2, 8.0

UNKNOWN = 100.0
"""What nobody took so far comes last, in the order of its words."""

CELLS = 4_000_000
"""People × items that are held at a time."""


@dataclass(frozen=True)
class Character:
    """How the weights are to be taken on a site."""

    fading: np.ndarray
    """How much popularity by each of the half-lives counts; the sum is one."""
    pull: float
    """How much the personal signals count, against what is usual."""


USUAL_CHARACTER = Character(np.full(len(HALF_LIVES), 1.0 / len(HALF_LIVES)), 1.0)
"""That of a site of which nothing is known."""


@dataclass(frozen=True)
class Ranker:
    """A history, fitted: the score of every item for any of its people, as of ``cut``."""

    past: History
    fashion: np.ndarray
    together: signals.Dense
    order: sparse.csr_array
    had: sparse.csr_array
    lately: sparse.csr_array
    pull: float
    likeness: sparse.csr_array | None = None
    """Items × items: how alike their words are."""

    def scores(self, people: Sequence[int] | np.ndarray) -> np.ndarray:
        """People × items. What nobody took so far comes last."""
        total = np.tile(self.fashion, (len(people), 1))
        by_together = signals.of_people(self.had[people], self.together)
        total += self.pull * TOGETHER * personal(by_together)
        by_order = signals.of_people(self.lately[people], self.order)
        total += self.pull * ORDER * personal(by_order)
        if self.likeness is not None:
            by_words = signals.of_people(self.lately[people], self.likeness)
            total += WORDS * personal(by_words)
        total[:, self.past.counts() == 0] -= UNKNOWN
        return total


def fit(past: History, cut: float, likeness: sparse.csr_array | None = None) -> Ranker:
    """Fit everything to what had happened at ``cut``."""
    past = past.until(cut)
    here = character(past)
    return Ranker(
        past=past,
        fashion=here.fading @ fashions(past, cut),
        together=signals.ease(past),
        order=signals.follows(past),
        had=past.matrix(),
        lately=signals.fading(past),
        pull=here.pull,
        likeness=likeness,
    )


def fashions(past: History, cut: float) -> np.ndarray:
    """What is in fashion at ``cut`` by each half-life: rows of items, on a logarithmic scale."""
    known = past.counts() > 0
    return np.array([_scaled(signals.recency(past, cut, life), known) for life in HALF_LIVES])


def personal(found: np.ndarray) -> np.ndarray:
    """A personal signal on a logarithmic scale of which the usual size is the same for everybody.

    Somebody with a long past has greater sums than somebody with a short one; divided by their root
    mean square, both say as much about the order of items.
    """
    found = np.maximum(found, 0.0)
    usual = np.sqrt(np.mean(found**2, axis=1, keepdims=True)) if found.size else found[:, :1]
    return np.log1p(STEEP * found / np.where(usual > 0, usual, 1.0))


def character(past: History) -> Character:
    """How the weights are to be taken on this site.

    At each of :data:`MOMENTS`, what people took next is ranked by each of the fashions and by the
    order rules alone. A fashion counts by the square of its NDCG@10; the personal signals by how
    much better the order rules did than the fashions, against :data:`USUAL`. All moments count
    together, since one of them says little about the next.
    """
    found = sum(
        (_tried(by_time(past, moment)) for moment in MOMENTS), np.zeros(len(HALF_LIVES) + 1)
    )
    if found.sum() < 1.0:  # Hardly anything was found by any of them: too little to go on.
        return USUAL_CHARACTER
    by_fashion, by_order = found[:-1], found[-1]
    fading = (by_fashion + 1.0) ** 2
    fading /= fading.sum()
    ratio = by_order / max(float(fading @ by_fashion), 1e-9) / USUAL
    return Character(fading, float(min(max(ratio, LEAST_PULL), MOST_PULL)))


def _tried(split: Split) -> np.ndarray:
    # The sum over people of the NDCG@10 of each of the fashions, and of the order rules.
    size = min(at_once(split.train.items), len(split.people))
    if not size:
        return np.zeros(len(HALF_LIVES) + 1)
    some = np.linspace(0, len(split.people) - 1, size).astype(int)
    people, wanted = split.people[some], split.wanted[some]
    seen = split.train.matrix()[people].toarray() > 0
    known = split.train.counts() > 0
    rows = [np.broadcast_to(row, seen.shape) for row in fashions(split.train, split.cut)]
    lately = signals.fading(split.train)[people]
    rows.append(signals.of_people(lately, signals.follows(split.train)))
    return np.array([gains(ranks(row, wanted, seen, known)).sum() for row in rows])


def at_once(items: int) -> int:
    """How many people are scored at a time, so that a table of them stays within bounds."""
    return max(1, min(TRIED, CELLS // max(items, 1)))


def _scaled(row: np.ndarray, known: np.ndarray) -> np.ndarray:
    top = row.max(initial=0.0)
    if top <= 0:
        return np.zeros(len(row))
    log = np.log(row / top + FLOOR)
    return np.asarray(log - log[known].mean())
