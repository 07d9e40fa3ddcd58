"""What leaders did with activities that were suggested to them before; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bridge.curation.memory import UNHEEDED_FOR
from bridge.model import Kind, Unfit
from bridge.storage.curation import Decided


@dataclass(frozen=True)
class Recalled:
    """Leaders × happenings; ``shared`` and ``dismissed`` are leaders × kinds."""

    resting: np.ndarray
    """Shared or dismissed: it does not come again."""
    put_off: np.ndarray
    """The ordinal of the day on which the leader put it off, in an earlier week; 0 for never."""
    unheeded: np.ndarray
    """As in :class:`bridge.curation.memory.Memory`."""
    shared: np.ndarray
    dismissed: np.ndarray


def recall(
    decided: Mapping[int, Sequence[Decided]],
    leaders: Sequence[int],
    place: Mapping[int, int],
    kinds: Mapping[Kind, int],
    week: date,
) -> Recalled:
    """The memory of these leaders.

    :param place: the column of each happening by its id.
    :param kinds: the number of each kind, from 1.
    """
    shape = (len(leaders), len(place))
    resting, put_off = np.zeros(shape, bool), np.zeros(shape, np.int64)
    unheeded = np.zeros(shape)
    taste = {
        state: np.zeros((len(leaders), max(kinds.values()) + 1))
        for state in ("shared", "dismissed")
    }
    for row, leader in enumerate(leaders):
        for one in decided.get(leader, ()):
            if one.about_id is None:
                continue
            of_its_kind = one.state == "shared" or one.kind in (Unfit.OTHER, Unfit.NOT_OURS)
            number = kinds.get(one.about_kind) if one.about_kind else None
            if one.state in taste and of_its_kind and number is not None:
                taste[one.state][row, number] += 1
            column = place.get(one.about_id)
            if column is None:
                continue
            day = one.at.date() if one.at else one.week
            resting[row, column] |= one.state in taste
            if one.week < week and one.state == "later":
                put_off[row, column] = max(put_off[row, column], day.toordinal())
            elif one.week < week and one.state == "open":
                ago = (week - one.week).days // 7
                if ago <= UNHEEDED_FOR:
                    unheeded[row, column] = max(unheeded[row, column], 0.5 ** (ago - 1))
    return Recalled(resting, put_off, unheeded, taste["shared"], taste["dismissed"])
