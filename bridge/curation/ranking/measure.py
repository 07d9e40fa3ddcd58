"""How well a ranking did: of each person the rank of the one item that they wanted."""

from __future__ import annotations

import numpy as np


def ranks(
    scores: np.ndarray, wanted: np.ndarray, seen: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """The rank of each person's wanted item, from 0, among all items that they have not had.

    Items of one score share the middle of their ranks. An item that is not ``known`` (nobody had it
    before) is a miss: its rank is infinite.

    :param scores: people × items.
    :param wanted: the column of each person's item.
    :param seen: people × items, true for what they had.
    :param known: for each item whether anybody had it.
    """
    rows = np.arange(len(wanted))
    own = scores[rows, wanted][:, np.newaxis]
    ahead = np.sum((scores > own) & ~seen, axis=1)
    equal = np.sum((scores == own) & ~seen, axis=1) - 1
    return np.where(known[wanted], ahead + equal / 2.0, np.inf)


def gains(rank: np.ndarray, k: int = 10) -> np.ndarray:
    """NDCG@k of each person: with one wanted item, ``1 / log2(rank + 2)`` within the first k.

    Järvelin and Kekäläinen, *Cumulated gain-based evaluation of IR techniques*, TOIS 2002.
    """
    return np.where(rank < k, 1.0 / np.log2(np.minimum(rank, k) + 2.0), 0.0)


def hits(rank: np.ndarray, k: int = 10) -> np.ndarray:
    """Of each person whether the wanted item is within the first k."""
    return (rank < k).astype(float)


def reciprocal(rank: np.ndarray) -> np.ndarray:
    """The reciprocal rank of each person, counted from 1."""
    return 1.0 / (rank + 1.0)


def top(scores: np.ndarray, seen: np.ndarray, k: int = 10) -> np.ndarray:
    """The columns of the first k of each person: people × k, fewer where there are fewer items.

    What they had is not among them; where scores are equal, the lower column comes first.
    """
    open_ = np.where(seen, -np.inf, scores)
    k = min(k, open_.shape[1])
    order = np.argsort(-open_, axis=1, kind="stable")[:, :k]
    return np.where(np.take_along_axis(open_, order, 1) == -np.inf, -1, order)


def interval(
    ours: np.ndarray, theirs: np.ndarray, *, draws: int = 2_000, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of the mean difference over people, by a paired bootstrap.

    Efron and Tibshirani, *An introduction to the bootstrap*, 1993. The draws are always the same.
    """
    difference = ours - theirs
    if not len(difference):
        return (0.0, 0.0)
    generator = np.random.default_rng(seed)
    means = [
        difference[generator.integers(0, len(difference), len(difference))].mean()
        for _ in range(draws)
    ]
    low, high = np.quantile(means, (0.025, 0.975))
    return (float(low), float(high))
