"""The signals, blended into one score a person and item.

Sites differ. Where people share what is new, nothing beats what was taken in the last days; in a
catalogue of courses, what people take after what rules. On each there are people of either kind, so
several sets of weights are mixed (:mod:`~bridge.curation.ranking.mixture`), by what the site's own
past says (:mod:`~bridge.curation.ranking.learning`). All numbers that were chosen stand in
:mod:`bridge.curation.weights`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from bridge.curation import weights as w
from bridge.curation.ranking import signals
from bridge.curation.ranking.history import History
from bridge.curation.ranking.mixture import Mixture, start

FLOOR = 0.1
"""What an item that nobody took has of the fashion of the greatest."""

STEEP = 4.0
"""How soon a personal signal outgrows its usual size on the logarithmic scale."""

UNKNOWN = 1e6
"""What nobody took so far comes last, in the order of its words."""

PLACE = 9
"""The place, from 0, that is given to what is somebody's own."""

CELLS = 1_500_000
"""People × items that are held at a time."""

MOST_AT_ONCE = 300


@dataclass(frozen=True)
class Ranker:
    """A history, fitted: the score of every item for any of its people, as of ``cut``."""

    past: History
    fashions: np.ndarray
    """Popularity by each half-life, then popularity: rows of items, on a logarithmic scale."""
    ties: signals.Ties
    order: sparse.csr_array
    had: sparse.csr_array
    lately: sparse.csr_array
    likeness: sparse.csr_array | None = None
    """Items × items: how alike their words are."""
    mixture: Mixture = field(default_factory=start)
    """Weights of :data:`bridge.curation.weights.SIGNALS`."""

    def signals(self, people: Sequence[int] | np.ndarray) -> Iterator[np.ndarray]:
        """People × items for each of :data:`bridge.curation.weights.SIGNALS`, in their order."""
        for row in self.fashions:
            yield np.broadcast_to(row, (len(people), self.past.items))
        yield from self.personal_signals(self.had[people], self.lately[people])

    def personal_signals(
        self, had: sparse.csr_array, lately: sparse.csr_array
    ) -> Iterator[np.ndarray]:
        """The signals that differ from person to person, for what people or groups had."""
        for model, profile in (
            (self.ties.ease, had),
            (self.ties.free, had),
            (self.order, lately),
        ):
            found = signals.of_people(profile, model)
            yield personal(found)
            yield _to_one(np.maximum(found, 0.0))
        yield personal(self.ties.alike.of(had))
        found = self.ties.circle.of(had)
        yield personal(found)
        yield _to_one(found)
        if self.likeness is None:
            yield np.zeros(had.shape)
        else:
            yield personal(signals.of_people(lately, self.likeness))

    def scores(self, people: Sequence[int] | np.ndarray) -> np.ndarray:
        """People × items, the greater the likelier. What nobody took so far comes last.

        The weighted sums are exponents of chances, as in a multinomial logit; the chances by the
        weights of each class are mixed.
        """
        shape = (len(people), self.past.items)
        own, words = np.zeros(shape), np.zeros(shape)
        exponents = np.zeros((len(self.mixture.shares), *shape))
        for place, found in enumerate(self.signals(people)):
            for total, weights in zip(exponents, self.mixture.weights, strict=True):
                if weights[place]:
                    total += weights[place] * found
            if w.OWN[place]:
                own += w.OWN[place] * found
            words = found
        counts = self.past.counts()
        known = counts > 0
        if not known.any():
            return np.array(words)
        out = (self.had[people].toarray() > 0) | ~known
        chance = np.zeros(shape)
        for share, total in zip(self.mixture.shares, exponents, strict=True):
            chance += share * _chances(total, out)
        common = np.log(np.maximum(counts, 1.0) / counts.max())
        # Chances below the smallest number of the machine are all the same to anybody.
        score = np.log(np.maximum(chance, 1e-300)) - w.RARE * common
        _make_room(score, np.where(out, -np.inf, own), out)
        return np.where(known, score, words - UNKNOWN)


def fitted(
    past: History,
    cut: float,
    likeness: sparse.csr_array | None = None,
    dense: int = signals.MOST_DENSE,
) -> Ranker:
    """Every signal as of ``cut``, with the weights of a site of which nothing is known.

    :param dense: how many items a dense model is made of at most.
    """
    past = past.until(cut)
    return Ranker(
        past=past,
        fashions=fashions(past, cut),
        ties=signals.ties(past, cut, dense),
        order=signals.follows(past),
        had=past.matrix(),
        lately=signals.fading(past),
        likeness=likeness,
    )


def weighted(ranker: Ranker, mixture: Mixture) -> Ranker:
    """The same ranker with other weights."""
    return replace(ranker, mixture=mixture)


def fashions(past: History, cut: float) -> np.ndarray:
    """What is in fashion at ``cut`` by each half-life, and ever: on a logarithmic scale."""
    rows = [signals.recency(past, cut, life) for life in w.HALF_LIVES]
    known = past.counts() > 0
    return np.array([_scaled(row, known) for row in (*rows, past.counts())])


def personal(found: np.ndarray) -> np.ndarray:
    """A personal signal on a logarithmic scale of which the usual size is the same for everybody.

    Somebody with a long past has greater sums than somebody with a short one; divided by their root
    mean square, both say as much about the order of items.
    """
    found = np.maximum(found, 0.0)
    usual = np.sqrt(np.mean(found**2, axis=1, keepdims=True)) if found.size else found[:, :1]
    return np.log1p(STEEP * found / np.where(usual > 0, usual, 1.0))


def at_once(items: int) -> int:
    """How many people are scored at a time, so that a table of them stays within bounds."""
    return max(1, min(MOST_AT_ONCE, CELLS // max(items, 1)))


def _scaled(row: np.ndarray, known: np.ndarray) -> np.ndarray:
    top = row.max(initial=0.0)
    if top <= 0:
        return np.zeros(len(row))
    log = np.log(row / top + FLOOR)
    return np.asarray(log - log[known].mean())


def _to_one(rows: np.ndarray) -> np.ndarray:
    top = rows.max(axis=1, keepdims=True, initial=0.0)
    return rows / np.where(top > 0, top, 1.0)


def _chances(exponents: np.ndarray, out: np.ndarray) -> np.ndarray:
    # Nothing for what is out; a row where everything is has nothing anywhere.
    top = np.where(out, -np.inf, exponents).max(axis=1, keepdims=True)
    chances = np.where(
        out, 0.0, np.exp(np.minimum(exponents - np.where(np.isfinite(top), top, 0.0), 0.0))
    )
    total = chances.sum(axis=1, keepdims=True)
    return np.asarray(chances / np.where(total > 0, total, 1.0))


def _make_room(score: np.ndarray, own: np.ndarray, out: np.ndarray) -> None:
    # Changes ``score``: among what a person may have, the tenth is the best of what is their own
    # and is not among the first nine.
    if score.shape[1] <= PLACE:
        return
    open_ = np.where(out, -np.inf, score)
    first = np.argsort(-open_, axis=1, kind="stable")[:, : PLACE + 1]
    own = own.copy()
    np.put_along_axis(own, first[:, :PLACE], -np.inf, axis=1)
    rows = np.arange(len(score))
    best = own.argmax(axis=1)
    above, below = open_[rows, first[:, PLACE - 1]], open_[rows, first[:, PLACE]]
    able = (own[rows, best] > 0) & np.isfinite(below)
    rows, best = rows[able], best[able]
    score[rows, best] = (above[able] + below[able]) / 2.0
