"""What people take next, from what the site took before, put to a leader's people; pure.

The signals are those of :mod:`bridge.curation.ranking`, with the weights that this site has
learned: what goes together (EASE and the cosine), what follows what, and what is said alike, which
is all that is known of a course that nobody finished. They are sums over what somebody had, so
those of a group are the sum over its people, and a leader's row costs as much as a person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from bridge.curation import weights as w
from bridge.curation.ranking import learning, mixture, signals
from bridge.curation.ranking.blend import Ranker, fitted
from bridge.curation.ranking.history import DAY, History
from bridge.curation.ranking.text import alike
from bridge.curation.score import LEAST_TOGETHER
from bridge.model import Course

LEAST_PULL, MOST_PULL = 0.1, 10.0


@dataclass(frozen=True)
class Foresight:
    """Fitted to a site as of the end of its day."""

    ranker: Ranker
    weights: np.ndarray
    """One for each of :data:`bridge.curation.weights.SIGNALS`, on this site."""
    before: sparse.csc_array
    """The order rules by the course that comes after."""
    fashion: np.ndarray
    """From 0 to 1, a number a course."""
    usual: np.ndarray
    """The row of the whole site, as :meth:`of` has it for a group."""

    @property
    def lately(self) -> sparse.csr_array:
        """People × courses: what each had, the latest with a one, each before with less."""
        return self.ranker.lately

    @property
    def pull(self) -> float:
        """How much people's own past counts here against the fashion, where it starts with 1."""
        own, all_ = self.weights[w.PERSONAL].sum(), self.weights.sum()
        begin = mixture.start().mean
        usual = begin[w.PERSONAL].sum() / begin[: w.PERSONAL.start].sum()
        found = own / max(all_ - own, 1e-9) / usual
        return float(min(max(found, LEAST_PULL), MOST_PULL))

    def of(self, had: np.ndarray, lately: np.ndarray) -> np.ndarray:
        """Groups × courses: what is foreseen for their people, 0 or greater.

        :param had: how many of the group finished each course.
        :param lately: the sum of their rows of :attr:`lately`.
        """
        return _weighed(self.ranker, self.weights, had, lately)

    def ties(self, column: int, had: np.ndarray, lately: np.ndarray) -> np.ndarray:
        """How much each course that a group finished speaks for this one, by the same signals."""
        weights = dict(zip(w.SIGNALS, self.weights, strict=True))
        order = weights["order"] + weights["order, plain"]
        found = order * lately * _column(self.before, column)
        ties = self.ranker.ties
        for weight, model in (
            (weights["ease"] + weights["ease, plain"], ties.ease),
            (weights["ease, free"] + weights["ease, free, plain"], ties.free),
            (weights["alike"], ties.alike),
            (weights["circle"] + weights["circle, plain"], ties.circle),
        ):
            place = int(np.searchsorted(model.kept, column))
            if place < len(model.kept) and model.kept[place] == column:
                row = np.maximum(model.weights[:, place], 0.0)
                found[model.kept] += weight * had[model.kept] * row / _size(row)
        return np.asarray(found)


def foresee(past: History, courses: Sequence[Course], cut: float) -> Foresight:
    """Fit the signals to all that happened by ``cut``, in seconds since 1970."""
    past = past.until(cut)
    likeness = alike([f"{c.name} {c.name} {c.category} {c.summary}" for c in courses])
    weights = learning.learn(past, likeness).mean
    ranker = _told_by_several(fitted(past, cut, likeness))
    rows = [signals.recency(past, cut, life) for life in w.HALF_LIVES] + [past.counts()]
    by = weights[: w.PERSONAL.start]
    fashion = by @ np.array([row / _size(row) for row in rows]) / (by.sum() or 1.0)
    everybody = past.counts()[np.newaxis, :], np.asarray(ranker.lately.sum(axis=0)).reshape(1, -1)
    return Foresight(
        ranker=ranker,
        weights=weights,
        before=sparse.csc_array(ranker.order),
        fashion=np.asarray(fashion),
        usual=_weighed(ranker, weights, *everybody),
    )


def end_of(day_number: int) -> float:
    """The last second of a day, by its number since 1970-01-01."""
    return (day_number + 1) * DAY - 1.0


def _told_by_several(ranker: Ranker) -> Ranker:
    # Without the pairs of courses that fewer than LEAST_TOGETHER people finished both of.
    enough = sparse.csr_array(ranker.had.T @ ranker.had) >= LEAST_TOGETHER
    kept = ranker.ties.ease.kept
    both = sparse.csr_array(enough)[kept][:, kept].toarray()
    ties = ranker.ties
    models = ties.ease, ties.free, ties.alike, ties.circle
    told = (signals.Dense(kept, np.where(both, m.weights, np.float32(0.0))) for m in models)
    order = sparse.csr_array(ranker.order.multiply(enough))
    return replace(ranker, ties=signals.Ties(*told), order=order)


def _weighed(
    ranker: Ranker, weights: np.ndarray, had: np.ndarray, lately: np.ndarray
) -> np.ndarray:
    total = np.zeros(had.shape)
    found = ranker.personal_signals(sparse.csr_array(had), sparse.csr_array(lately))
    for weight, rows in zip(weights[w.PERSONAL], found, strict=True):
        total += weight * rows
    return total


def _column(matrix: sparse.csc_array, column: int) -> np.ndarray:
    found = np.zeros(matrix.shape[0])
    start, end = matrix.indptr[column : column + 2]
    found[matrix.indices[start:end]] = matrix.data[start:end] / _size(matrix.data[start:end])
    return found


def _size(values: np.ndarray) -> float:
    # Signals of different kinds are of one scale when each is measured in its greatest.
    return float(values.max(initial=0.0)) or 1.0
