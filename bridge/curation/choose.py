"""Which courses may be suggested to a leader at all, and which of them are; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

import numpy as np
from scipy import sparse

from bridge.model import Course

A_WEEK = 3
"""Suggestions a leader gets each week."""

MOST = 0.8
"""A course that more of the leader's people have finished than this is no news to them."""

INCUMBENT = 0.05
"""What a suggestion of this week is ahead by: it gives way only to one that is clearly better."""

RELEVANCE = 0.75
"""How much of the choice is the score; the rest is being unlike what is chosen already."""

SHORTLIST = 50
"""Candidates of a leader that are compared with one another."""

SAME_CATEGORY = 0.5
"""How alike two courses of one category are, whoever finished them."""


def monday(now: datetime) -> date:
    """The Monday of the week of ``now``, in UTC: the name of a week of suggestions."""
    return date.fromordinal(now.toordinal() - now.weekday())


def open_now(courses: Sequence[Course], today: date) -> np.ndarray:
    """Which courses are not over."""
    return np.array([c.ends_at is None or c.ends_at.date() >= today for c in courses], bool)


def could_enrol(courses: Sequence[Course]) -> np.ndarray:
    """Which courses people may be able to enter by themselves: not those that the LMS denies."""
    return np.array([course.self_enrol is not False for course in courses], bool)


def could_take(
    finished: np.ndarray, in_it: np.ndarray, people: np.ndarray, enterable: np.ndarray
) -> np.ndarray:
    """Leaders × courses: how many of the leader's people could take it and have not finished it.

    :param in_it: how many are enrolled and have not finished.
    """
    return np.where(enterable[np.newaxis, :], people[:, np.newaxis] - finished, in_it)


def eligible(finished: np.ndarray, could: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Leaders × courses: somebody could take it, and no more than :data:`MOST` have done it."""
    return (could > 0) & (finished <= MOST * people[:, np.newaxis])


def pick(
    leader_id: int,
    week: date,
    score: np.ndarray,
    allowed: np.ndarray,
    taken: Sequence[int],
    standing: Collection[int],
    course_ids: np.ndarray,
    categories: np.ndarray,
    alike: sparse.csr_array,
    count: int,
    kinds: np.ndarray | None = None,
) -> list[int]:
    """The columns of at most ``count`` courses and activities, best first.

    Of a kind of activities there is at most one in a week, and one of the three is a course where
    any course may be suggested: a leader who learns of nothing but talk has no use for a bridge to
    learning.

    Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each is the one with the best
    score that is least like those before it, and unlike ``taken``. Scores that are equal to three
    places are put in an order that differs from leader to leader and week to week, and is always
    the same for one.

    :param taken: columns of what this week has decided already.
    :param standing: columns of this week's open suggestions, which keep their place against
        what is hardly better.
    :param categories: for each column the number of its category; -1 for none.
    :param kinds: for each column the number of its kind; 0 for a course, as all are by default.
    """
    columns = np.flatnonzero(allowed)
    if not len(columns) or count <= 0:
        return []
    kinds = np.zeros(len(allowed), int) if kinds is None else kinds
    had = [int(kinds[column]) for column in taken]
    value = np.round(score[columns], 3)
    value = value + INCUMBENT * np.isin(columns, list(standing))
    turn = _turns(leader_id, week, course_ids[columns])
    order = np.lexsort((turn, -value))
    # Each has its own short list: the better of the one must not crowd out all of the other.
    course = kinds[columns[order]] == 0
    order = order[
        np.sort(np.concatenate([np.flatnonzero(x)[:SHORTLIST] for x in (course, ~course)]))
    ]
    columns, value = columns[order], value[order]
    kind = kinds[columns]
    likeness = np.zeros(len(columns))
    for column in taken:
        likeness = np.maximum(likeness, _likeness(column, columns, categories, alike))
    chosen: list[int] = []
    left = np.ones(len(columns), bool)
    while left.any() and len(chosen) < count:
        may = left & _fits(kind, had, left)
        if not may.any():
            break
        worth = np.where(may, RELEVANCE * value - (1 - RELEVANCE) * likeness, -np.inf)
        best = int(np.argmax(worth))
        left[best] = False
        chosen.append(int(columns[best]))
        had.append(int(kind[best]))
        likeness = np.maximum(likeness, _likeness(chosen[-1], columns, categories, alike))
    return chosen


def _fits(kind: np.ndarray, had: Sequence[int], left: np.ndarray) -> np.ndarray:
    """Which may still stand beside those that the week has."""
    activities = [one for one in had if one > 0]
    fits = (kind == 0) | ~np.isin(kind, activities)
    room_for_course_only = len(activities) >= A_WEEK - 1 and 0 not in had
    return fits & (kind == 0) if room_for_course_only and (left & (kind == 0)).any() else fits


def best_first(
    leader_id: int, week: date, chosen: Sequence[int], score: np.ndarray, course_ids: np.ndarray
) -> list[int]:
    """What was chosen, in the order of its score; equal ones in the order of :func:`pick`."""
    columns = np.array(chosen, np.int64)
    turn = _turns(leader_id, week, course_ids[columns])
    return [int(c) for c in columns[np.lexsort((turn, -np.round(score[columns], 3)))]]


def _likeness(
    column: int, others: np.ndarray, categories: np.ndarray, alike: sparse.csr_array
) -> np.ndarray:
    # Of 0 to 1: half for the same category, half for being finished by the same people.
    category = categories[column]
    same = (categories[others] == category) & (category >= 0)
    together = alike[[column], :].toarray()[0, others]
    return SAME_CATEGORY * same + (1 - SAME_CATEGORY) * together


def _turns(leader_id: int, week: date, course_ids: np.ndarray) -> np.ndarray:
    # A mixing of the bits of three numbers (the finaliser of splitmix64): the same everywhere and
    # always, unlike Python's hash or a random generator's stream.
    with np.errstate(over="ignore"):
        x = course_ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = x + np.uint64((leader_id << 20) + week.toordinal() // 7)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
        return x ^ (x >> np.uint64(31))
