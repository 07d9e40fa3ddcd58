"""A latent class logit: people come to what they take next in one of several ways.

One set of weights for everybody puts high what is a little likely by every signal. Yet somebody who
goes on with a programme and somebody who follows the news choose differently, and nobody sees which
of them it will be next: so chances are mixed, each class's by its share. (Train, *Discrete choice
methods with simulation*, 2009, chapters 6 and 14.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from bridge.curation import weights as w

ROUNDS = 10
"""How often shares and weights are found by turns; then they hardly move."""

STEPS = 8
"""How far the weights go in a round; the last one goes on until they stay."""


@dataclass(frozen=True)
class Mixture:
    """The share of each class, and its weights."""

    shares: np.ndarray
    """Classes; their sum is one."""
    weights: np.ndarray
    """Classes × signals, none below nothing."""

    @property
    def mean(self) -> np.ndarray:
        """The weights of the whole site: of each class by its share."""
        return np.asarray(self.shares @ self.weights)


def start() -> Mixture:
    """That of a site of which nothing is known."""
    return Mixture(np.full(len(w.START), 1.0 / len(w.START)), w.START.copy())


@dataclass(frozen=True)
class Choice:
    """What somebody chose among: items × signals; and which of the items it was."""

    among: np.ndarray
    taken: int


def fit(found: Sequence[Choice]) -> Mixture:
    """The mixture under which these choices are likeliest, drawn to where it starts.

    Found by expectation and maximisation: how likely each choice is of each class; then the shares
    and the weights under which that is likeliest; and again.
    """
    if not found:
        return start()
    choices = _Choices(found)
    mixture = start()
    told = np.array([choices.chances(weights)[0] for weights in mixture.weights])
    for remaining in reversed(range(ROUNDS)):
        joint = np.log(mixture.shares)[:, np.newaxis] + told
        whose = np.exp(joint - joint.max(axis=0))
        whose /= whose.sum(axis=0)
        shares = whose.sum(axis=1) + w.IMAGINED
        steps = STEPS if remaining else 100
        weights = np.array(
            [
                choices.fitted(weights, begin, share, steps)
                for weights, begin, share in zip(mixture.weights, w.START, whose, strict=True)
            ]
        )
        mixture = Mixture(shares / shares.sum(), weights)
        told = np.array([choices.chances(weights)[0] for weights in mixture.weights])
    return mixture


class _Choices:
    """All choices, one after another in one table."""

    def __init__(self, found: Sequence[Choice]) -> None:
        size = np.array([len(choice.among) for choice in found])
        self.table = np.concatenate([choice.among for choice in found]).astype(float)
        self.start = np.cumsum(size) - size
        self.whose = np.repeat(np.arange(len(found)), size)
        self.taken = self.start + np.array([choice.taken for choice in found])

    def chances(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The logarithm of the chance of what was taken, by choice; and the chance of every row."""
        score = self.table @ weights
        score -= np.maximum.reduceat(score, self.start)[self.whose]
        chance = np.exp(score)
        total = np.add.reduceat(chance, self.start)
        return score[self.taken] - np.log(total), chance / total[self.whose]

    def fitted(
        self, weights: np.ndarray, begin: np.ndarray, share: np.ndarray, steps: int
    ) -> np.ndarray:
        """Better weights for choices that count by their share, drawn to where they begin."""
        taken = share @ self.table[self.taken]

        def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
            told, chance = self.chances(weights)
            away = weights - begin
            value = -(share @ told) + w.PULL * (away**2).sum()
            slope = (chance * share[self.whose]) @ self.table - taken
            return float(value), slope + 2.0 * w.PULL * away

        best = optimize.minimize(
            loss,
            weights,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, None)] * len(weights),
            options={"maxiter": steps},
        )
        return np.asarray(best.x)
