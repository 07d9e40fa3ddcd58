"""Who had what, and when for the first time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

DAY = 86_400.0


@dataclass(frozen=True)
class History:
    """First times of pairs, oldest first: row numbers, column numbers, seconds since 1970.

    A pair stands once, at its earliest time; pairs of the same moment stand in the order of their
    numbers, so that the same rows in any order are the same history.
    """

    person: np.ndarray
    item: np.ndarray
    at: np.ndarray
    people: int
    items: int

    def until(self, cut: float) -> History:
        """What had happened at ``cut``, that moment included."""
        size = int(np.searchsorted(self.at, cut, side="right"))
        return History(
            self.person[:size], self.item[:size], self.at[:size], self.people, self.items
        )

    def of_some(self, most: int) -> History:
        """The rows of every second (third ...) person, so that about ``most`` remain at most."""
        step = -(-len(self.person) // most) if most else 1
        if step <= 1:
            return self
        kept = self.person % step == 0
        return History(self.person[kept], self.item[kept], self.at[kept], self.people, self.items)

    def matrix(self, values: np.ndarray | None = None) -> sparse.csr_array:
        """People × items, with ones, or with ``values``, one a pair."""
        data = np.ones(len(self.person)) if values is None else values
        return sparse.csr_array((data, (self.person, self.item)), (self.people, self.items))

    def counts(self) -> np.ndarray:
        """For each item how many people had it."""
        return np.bincount(self.item, minlength=self.items).astype(float)


def history(
    person: np.ndarray, item: np.ndarray, at: np.ndarray, people: int, items: int
) -> History:
    """The history of rows in any order; a pair that is there several times counts once."""
    order = np.lexsort((item, person, at))
    person, item, at = person[order], item[order], at[order]
    pair = person.astype(np.int64) * max(items, 1) + item
    first = np.sort(np.unique(pair, return_index=True)[1])
    return History(person[first], item[first], at[first].astype(float), people, items)
