"""What the numbers of one page tell together, by every sum and difference of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.curation.telling import Cells, Tie, both_told, told
from bridge.visibility import FEW

LATE = 4
"""Weeks in this small model: three that "the last three weeks" cover, and one before."""
KINDS = (*(f"week {n}" for n in range(LATE)), "earlier", "in it", "neither")
ATOMS = [(whose, kind) for whose in ("theirs", "others") for kind in KINDS]
ROWS = {
    "people": lambda whose, _: whose == "theirs",
    "site": lambda *_: True,
    "finished": lambda whose, kind: whose == "theirs" and kind not in KINDS[-2:],
    "recently": lambda whose, kind: whose == "theirs" and kind in KINDS[:3],
    "in_it": lambda whose, kind: whose == "theirs" and kind == "in it",
    "all_finished": lambda _, kind: kind not in KINDS[-2:],
    "all_enrolled": lambda _, kind: kind != "neither",
    **{f"week {n}": lambda _, kind, n=n: kind == f"week {n}" for n in range(LATE)},
}
SIGNS = {many: np.array(list(product((-1, 0, 1), repeat=many)), np.int8) for many in range(12)}


def told_of_a_few(said: list[str], rows: dict[str, np.ndarray], counts: np.ndarray) -> list[int]:
    """The sizes under five of all groups that sums and differences of the numbers come to."""
    every = SIGNS[len(said)] @ np.array([rows[name] for name in said], np.int8)
    did = SIGNS[len(said)][:, 2:].any(axis=1)  # The first two are people and site: mere sizes.
    groups = every[((every == 0) | (every == 1)).all(axis=1) & every.any(axis=1) & did]
    sizes = groups @ counts
    return sorted({int(size) for size in sizes if size < FEW})


def of_page(counts: np.ndarray) -> tuple[list[str], dict[str, np.ndarray]]:
    """Which numbers the page says of people so counted."""
    rows = {name: np.array([row(*a) for a in ATOMS], np.int8) for name, row in ROWS.items()}
    value = {name: int(row @ counts) for name, row in rows.items()}
    weeks = [value.pop(f"week {n}") for n in range(LATE)]
    found = told(Cells(**value), weeks)
    said = ["people", "site"]
    said += [name for name in list(ROWS)[2:7] if getattr(found, name) is not None]
    said += [f"week {n}" for n, count in enumerate(found.weeks) if count is not None]
    return said, rows


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=len(ATOMS), max_size=len(ATOMS)))
def test_no_sum_or_difference_of_the_page_tells_of_a_few(counts: list[int]) -> None:
    """Whoever adds and subtracts what one page says comes to no group of fewer than five."""
    array = np.array(counts, np.int64)
    said, rows = of_page(array)
    assert [] == told_of_a_few(said, rows, array)


@pytest.mark.parametrize(
    ("counts", "unsaid"),
    [
        # Eight finished, 22 are in it: two of theirs are neither.
        ([3, 3, 0, 0, 2, 22, 2, 9, 9, 9, 9, 9, 20, 20], "in_it"),
        # Twelve finished, ten of them lately: two did it long ago.
        ([4, 3, 3, 0, 2, 9, 9, 9, 9, 9, 9, 9, 20, 20], "recently"),
        # Of the site 30 are neither finished nor in it but for two.
        ([2, 2, 2, 2, 9, 9, 1, 9, 9, 9, 9, 9, 20, 1], "all_enrolled"),
        # A new course: all that finished it did so in weeks that are said, but two.
        ([4, 4, 0, 0, 0, 9, 9, 5, 5, 2, 0, 0, 20, 20], "week 1"),
    ],
)
def test_the_number_that_would_tell_gives_way(counts: list[int], unsaid: str) -> None:
    """One story for each way in which two numbers tell a third."""
    said, _ = of_page(np.array(counts, np.int64))
    assert unsaid not in said


def test_a_large_site_says_all() -> None:
    """Where nobody stands alone, nothing is held back."""
    said, _ = of_page(np.full(len(ATOMS), 9, np.int64))
    assert list(ROWS) == sorted(said, key=list(ROWS).index)


TIED = [
    (whose, this, other) for whose in ("theirs", "others") for this in (0, 1) for other in (0, 1)
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=8, max_size=8))
def test_what_goes_together_tells_of_no_few(counts: list[int]) -> None:
    """Nor do the numbers about another course, beside those about this one."""
    array = np.array(counts, np.int64)
    rows = {
        "people": np.array([w == "theirs" for w, _, _ in TIED], np.int8),
        "site": np.ones(8, np.int8),
        "finished": np.array([w == "theirs" and f for w, f, _ in TIED], np.int8),
        "all_finished": np.array([f for _, f, _ in TIED], np.int8),
        "theirs": np.array([w == "theirs" and a for w, _, a in TIED], np.int8),
        "all": np.array([a for _, _, a in TIED], np.int8),
        "both": np.array([f and a for _, f, a in TIED], np.int8),
    }
    value = {name: int(row @ array) for name, row in rows.items()}
    page = told(
        Cells(value["people"], value["site"], value["finished"], 0, 0, value["all_finished"], 0), []
    )
    tie = both_told(page, Tie(value["all"], value["theirs"], value["both"]))
    said = ["people", "site"]
    said += [n for n in ("finished", "all_finished") if getattr(page, n) is not None]
    said += [n for n in ("all", "theirs", "both") if getattr(tie, n) is not None]
    assert [] == told_of_a_few(said, rows, array)
