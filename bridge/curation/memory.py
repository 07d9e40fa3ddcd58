"""What leaders did with earlier suggestions, as it bears on new ones; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from bridge.model import Unfit
from bridge.storage.curation import Decided

REST = timedelta(weeks=8)
"""What was shared or dismissed is not suggested again for so long; what was put off may come back
for so long."""

SHORT_REST = timedelta(weeks=3)
"""What was dismissed for now may come back after so long."""

TASTE = timedelta(weeks=26)
"""How far back shares and dismissals say what kind of course a leader likes."""

UNHEEDED_FOR = 4
"""Weeks for which a suggestion that was left lying counts against its course."""


@dataclass(frozen=True)
class Memory:
    """Leaders × courses, in the order of the leaders and courses it was made for."""

    resting: np.ndarray
    """Whether the course is not to be suggested again yet."""
    put_off: np.ndarray
    """The ordinal of the day on which the leader put it off, in an earlier week; 0 for never."""
    unheeded: np.ndarray
    """1 for suggested last week and left lying, half as much for each week before."""
    shared: np.ndarray
    """Other courses of the same category that the leader shared."""
    dismissed: np.ndarray


def by_leader(decided: Iterable[Decided]) -> dict[int, list[Decided]]:
    """What each leader decided, in the order given."""
    found: dict[int, list[Decided]] = defaultdict(list)
    for one in decided:
        found[one.leader_id].append(one)
    return found


def remember(
    decided: dict[int, list[Decided]],
    leaders: Sequence[int],
    place: dict[int, int],
    categories: np.ndarray,
    today: date,
    week: date,
) -> Memory:
    """The memory of these leaders.

    :param place: the column of each course by its id.
    :param categories: for each column the number of its category; -1 for none.
    """
    shape = (len(leaders), len(categories))
    resting = np.zeros(shape, bool)
    put_off, unheeded = np.zeros(shape, np.int64), np.zeros(shape)
    taste = {"shared": np.zeros(shape), "dismissed": np.zeros(shape)}
    for row, leader in enumerate(leaders):
        told: set[tuple[str, int]] = set()
        for one in decided.get(leader, ()):
            column = place.get(one.course_id or 0)
            if column is None:
                continue
            day = one.at.date() if one.at else one.week
            lately = today - day < REST
            if one.state in taste:
                soon = one.state == "dismissed" and one.kind is Unfit.NOT_NOW
                resting[row, column] |= today - day < (SHORT_REST if soon else REST)
                # The same course shared twice says no more about the kind than once; and that it
                # is known, or that it is not the time, says nothing about the kind.
                of_its_kind = one.state == "shared" or one.kind in (Unfit.OTHER, Unfit.NOT_OURS)
                told_before = (one.state, column) in told
                if of_its_kind and not told_before and categories[column] >= 0:
                    told.add((one.state, column))
                    same = categories == categories[column]
                    same[column] = False
                    taste[one.state][row, same] += 1
            elif one.week < week and one.state == "later" and lately:
                put_off[row, column] = max(put_off[row, column], day.toordinal())
            elif one.week < week and one.state == "open":
                ago = (week - one.week).days // 7
                if ago <= UNHEEDED_FOR:
                    unheeded[row, column] = max(unheeded[row, column], 0.5 ** (ago - 1))
    return Memory(resting, put_off, unheeded, taste["shared"], taste["dismissed"])
