"""What a ranking has to beat: each gives people × items for the people of a split."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bridge.curation.ranking import signals
from bridge.curation.ranking.split import Split

RECENT = 1.0
"""The half-life, in days, of what *recent popularity* means here."""

Baseline = Callable[[Split], Callable[[np.ndarray], np.ndarray]]
"""Fits a split; what it gives back scores some of its people."""


def _same_for_all(row: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda people: np.tile(row, (len(people), 1))


def popularity(split: Split) -> Callable[[np.ndarray], np.ndarray]:
    """How many people had it."""
    return _same_for_all(split.train.counts())


def recent_popularity(split: Split) -> Callable[[np.ndarray], np.ndarray]:
    """How many had it, each day back counting half."""
    return _same_for_all(signals.recency(split.train, split.cut, RECENT))


def item_knn(split: Split) -> Callable[[np.ndarray], np.ndarray]:
    """The sum of the cosines with what the person had (Sarwar et al., WWW 2001)."""
    had, cosine = split.train.matrix(), signals.alike(split.train)
    return lambda people: signals.of_people(had[people], cosine)


def ease(split: Split) -> Callable[[np.ndarray], np.ndarray]:
    """Plain EASE (Steck, WWW 2019)."""
    had, weights = split.train.matrix(), signals.ease(split.train)
    return lambda people: signals.of_people(had[people], weights)


def order_rules(split: Split) -> Callable[[np.ndarray], np.ndarray]:
    """What follows what: the rules of what the person had, the latest counting most."""
    lately, rules = signals.fading(split.train), signals.follows(split.train)
    return lambda people: signals.of_people(lately[people], rules)


def ease_and_order(split: Split) -> Callable[[np.ndarray], np.ndarray]:
    """EASE and the order rules, each with a spread of one over its people, summed."""
    models = ease(split), order_rules(split)

    def score(people: np.ndarray) -> np.ndarray:
        total = np.zeros((len(people), split.train.items))
        for found in (model(people) for model in models):
            spread = found.std()
            total += found / spread if spread > 0 else 0.0
        return total

    return score


BASELINES: Mapping[str, Baseline] = {
    "popularity": popularity,
    "recent popularity": recent_popularity,
    "item-kNN": item_knn,
    "EASE": ease,
    "order rules": order_rules,
    "EASE + order rules": ease_and_order,
}
