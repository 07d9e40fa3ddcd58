"""The signals: one number a person and item, the greater the likelier.

What is the same for everybody comes as one row of items; what differs from person to person is
fitted once and then asked for some people at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from bridge.curation.ranking.history import DAY, History

MOST_DENSE = 6_000
"""Items that a dense model is made of, the most taken ones: its time grows with the cube."""

RIDGE = 500.0
"""How strongly :func:`ease` is drawn to nothing: about the people that a pair of items needs."""

FREE = 30.0
"""The same, where few people are believed, too."""

OF_LATE = 5.0
"""The half-life, in days, of what somebody took, in :func:`circle`."""

WINDOW = 10
"""How many steps after an item another one still counts as following it."""

DOUBT = 5.0
"""Imagined people who took an item and nothing after it: a rule from one person is weak."""

MOST_ROWS = 3_000_000
"""Rows that order rules are made of: beyond, those of some of the people only."""

FADE = 0.8
"""What an item in somebody's past counts against the one they took after it."""


def recency(past: History, cut: float, half_life: float) -> np.ndarray:
    """Popularity that halves every ``half_life`` days: a row of items."""
    age = (cut - past.at) / DAY
    return np.bincount(past.item, 0.5 ** (age / half_life), past.items)


@dataclass(frozen=True)
class Dense:
    """Items × items of which only the most taken have weights."""

    kept: np.ndarray
    """Their columns, in order."""
    weights: np.ndarray

    def of(self, profile: sparse.csr_array) -> np.ndarray:
        """People × all items."""
        found = np.zeros(profile.shape)
        # Single precision times ones: the sums are of a few numbers each.
        found[:, self.kept] = profile[:, self.kept].astype(self.weights.dtype) @ self.weights
        return found


@dataclass(frozen=True)
class Ties:
    """What goes together, by four models of the same items."""

    ease: Dense
    free: Dense
    """:func:`ease` with a ridge of :data:`FREE`."""
    alike: Dense
    circle: Dense


def ties(past: History, cut: float, dense: int = MOST_DENSE) -> Ties:
    """:func:`ease`, :func:`alike` and :func:`circle` of the ``dense`` most taken items."""
    kept, gram = _gram(past, dense)
    # What counts people is exact in single precision, which is half as much to keep for later.
    cosine, again = _cosine(gram), gram.astype(np.float32)
    free = _regressed(gram, FREE)
    del gram
    plain = _regressed(again.astype(float), RIDGE)
    del again
    return Ties(
        Dense(kept, plain), Dense(kept, free), Dense(kept, cosine), circle(past, cut, dense)
    )


def ease(past: History, ridge: float = RIDGE) -> Dense:
    """Items × items: what having one says of wanting another.

    EASE (Steck, *Embarrassingly shallow autoencoders for sparse data*, WWW 2019): the weights of a
    ridge regression of each item on all the others, in closed form. Beyond :data:`MOST_DENSE`
    items the less taken ones have no weights. They are kept in single precision.
    """
    kept, gram = _gram(past, MOST_DENSE)
    return Dense(kept, _regressed(gram, ridge))


def alike(past: History) -> Dense:
    """Items × items: the cosine of who had them (Sarwar et al., WWW 2001), as :func:`ease` is."""
    kept, gram = _gram(past, MOST_DENSE)
    return Dense(kept, _cosine(gram))


def circle(past: History, cut: float, dense: int = MOST_DENSE) -> Dense:
    """Items × items: how many of those who had the one take the other these days.

    A department has news of its own. Each taking fades by :data:`OF_LATE`; a row is divided by the
    root of how many had its item, as a cosine is.
    """
    kept = _most_taken(past, dense)
    had = past.matrix()[:, kept]
    lately = past.matrix(0.5 ** ((cut - past.at) / DAY / OF_LATE))[:, kept]
    found = (had.T @ lately).toarray().astype(np.float32)
    found /= np.sqrt(np.maximum(past.counts()[kept], 1.0)).astype(np.float32)[:, np.newaxis]
    np.fill_diagonal(found, 0.0)
    return Dense(kept, found)


def _most_taken(past: History, dense: int) -> np.ndarray:
    return np.sort(np.argsort(-past.counts(), kind="stable")[:dense])


def _gram(past: History, dense: int) -> tuple[np.ndarray, np.ndarray]:
    # The most taken items, in order, and how many people had each two of them.
    kept = _most_taken(past, dense)
    had = past.matrix()[:, kept]
    return kept, (had.T @ had).toarray()


def _cosine(gram: np.ndarray) -> np.ndarray:
    length = np.sqrt(np.maximum(np.diag(gram), 1.0)).astype(np.float32)
    cosine = gram.astype(np.float32)
    cosine /= length[:, np.newaxis]
    cosine /= length[np.newaxis, :]
    np.fill_diagonal(cosine, 0.0)
    return cosine


def _regressed(gram: np.ndarray, ridge: float) -> np.ndarray:
    # Changes ``gram``, which is large.
    if not len(gram):
        return gram.astype(np.float32)
    gram[np.diag_indices(len(gram))] += ridge
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
    inverse /= -np.diag(inverse)[np.newaxis, :].copy()
    np.fill_diagonal(inverse, 0.0)
    return np.asarray(inverse.astype(np.float32))


def follows(past: History) -> sparse.csr_array:
    """Items × items: how often the second came soon after the first, of the times it could.

    Each step between counts for less (``1/steps``), up to :data:`WINDOW` steps; a row is divided by
    how many people had its item, and :data:`DOUBT` more. Of two items of one moment (a log may know
    the day only) nobody knows which came first: each gets half.
    """
    past = past.of_some(MOST_ROWS)
    order = np.lexsort((np.arange(len(past.person)), past.person))
    person, item, at = past.person[order], past.item[order], past.at[order]
    shape = (past.items, past.items)
    rules = sparse.csr_array(shape)
    for steps in range(1, min(WINDOW, len(person) - 1) + 1):
        same = np.flatnonzero(person[steps:] == person[:-steps])
        one, other = item[same], item[same + steps]
        tied = at[same] == at[same + steps]
        forth = np.where(tied, 0.5, 1.0) / steps
        # Added step by step: all steps at once would be ten times the history.
        rules = rules + sparse.csr_array((forth, (one, other)), shape)
        if tied.any():
            rules = rules + sparse.csr_array((forth[tied], (other[tied], one[tied])), shape)
    return sparse.csr_array(sparse.diags_array(1.0 / (past.counts() + DOUBT)) @ rules)


def fading(past: History) -> sparse.csr_array:
    """People × items: what each person had, the latest with a one, each before with less."""
    order = np.lexsort((np.arange(len(past.person)), past.person))
    had = np.bincount(past.person, minlength=past.people)
    start = np.cumsum(had) - had
    place = np.arange(len(order)) - start[past.person[order]]
    back = np.empty(len(order))
    back[order] = had[past.person[order]] - 1 - place
    return past.matrix(FADE**back)


def of_people(profile: sparse.csr_array, weights: sparse.csr_array | Dense) -> np.ndarray:
    """People × items: what their profiles say by the weights."""
    if isinstance(weights, Dense):
        return weights.of(profile)
    return np.asarray((profile @ weights).toarray())
