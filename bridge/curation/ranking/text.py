"""How alike items are by their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import sparse

_WORD = re.compile(r"\w{3,}")

NEAREST = 50
"""Items that each is compared with: the most alike; further ones share only common words."""

LONGEST = 20_000
"""Characters of an item's text that are read."""

_CELLS = 4_000_000
"""Likenesses that are held at a time."""


def alike(texts: Sequence[str]) -> sparse.csr_array:
    """Items × items: the cosine of their words, weighted by TF-IDF, each with its nearest.

    Sublinear term frequency and smoothed inverse document frequency (Manning, Raghavan and Schütze,
    *Introduction to information retrieval*, 2008, chapter 6). A word that stands in one text only
    ties nothing together and is left out.
    """
    shape = (len(texts), len(texts))
    words = _weighted(texts)
    if words is None:
        return sparse.csr_array(shape)
    rows, columns, values = [], [], []
    size = max(1, _CELLS // len(texts))
    for start in range(0, len(texts), size):
        some = (words[start : start + size] @ words.T).toarray()
        place = np.arange(len(some))
        some[place, place + start] = 0.0
        near = np.argsort(-some, axis=1, kind="stable")[:, :NEAREST]
        found = np.take_along_axis(some, near, 1)
        kept = found > 0
        rows.append((np.repeat(place + start, near.shape[1]).reshape(near.shape))[kept])
        columns.append(near[kept])
        values.append(found[kept])
    pairs = (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array(sparse.coo_array((np.concatenate(values), pairs), shape))


def between(texts: Sequence[str], others: Sequence[str]) -> sparse.csr_array:
    """Texts × others: the same cosine, of each of the one with each of the other."""
    words = _weighted([*texts, *others])
    if words is None:
        return sparse.csr_array((len(texts), len(others)))
    return sparse.csr_array(words[: len(texts)] @ words[len(texts) :].T)


def _weighted(texts: Sequence[str]) -> sparse.csr_array | None:
    # Texts × words, each row of length one; ``None`` where no word is shared.
    number: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    counts: list[float] = []
    for row, text in enumerate(texts):
        for word, count in sorted(Counter(_WORD.findall(text[:LONGEST].casefold())).items()):
            rows.append(row)
            columns.append(number.setdefault(word, len(number)))
            counts.append(1.0 + np.log(count))
    if not number:
        return None
    words = sparse.csr_array((counts, (rows, columns)), (len(texts), len(number)))
    standing = np.bincount(words.indices, minlength=len(number))
    rarity = np.where(standing > 1, np.log((1 + len(texts)) / (1 + standing)) + 1.0, 0.0)
    words = sparse.csr_array(words @ sparse.diags_array(rarity))
    length = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
    return sparse.csr_array(sparse.diags_array(1.0 / np.where(length > 0, length, 1.0)) @ words)
