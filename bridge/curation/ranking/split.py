"""What was known at a moment, and what people took next: the honest way to try a ranking."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bridge.curation.ranking.history import History

LEAST = 2
"""Items that somebody has to have had before the cut to be tried."""


@dataclass(frozen=True)
class Split:
    """What is fitted to, as of ``cut``, and the one item that each person wanted afterwards."""

    train: History
    cut: float
    people: np.ndarray
    wanted: np.ndarray

    def of_some(self, most: int) -> Split:
        """With every second (third ...) person to be tried, so that ``most`` remain at most."""
        step = max(1, -(-len(self.people) // max(most, 1)))
        return replace(self, people=self.people[::step], wanted=self.wanted[::step])


def by_time(past: History, quantile: float = 0.8) -> Split:
    """Everything up to the quantile of time is for fitting.

    The test is each person's first new item afterwards, for people with at least :data:`LEAST`
    earlier ones.
    """
    if not len(past.at):
        nobody = np.zeros(0, np.int64)
        return Split(past, 0.0, nobody, nobody)
    cut = float(np.quantile(past.at, quantile))
    train = past.until(cut)
    size = len(train.at)
    person, item = past.person[size:], past.item[size:]
    people, first = np.unique(person, return_index=True)
    had = np.bincount(train.person, minlength=past.people)
    enough = had[people] >= LEAST
    return Split(train, cut, people[enough], item[first[enough]])
