"""The signals of a course for a leader, and how they are blended; pure.

Every signal is a number from 0 to 1 (``yours`` from -1), for one row of courses a leader. The
functions take counts as arrays, and know neither people nor names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
from scipy import sparse

from bridge.curation.weights import FASHION, MOVED, USUAL_HERE, WEIGHTS
from bridge.model import Course

SHRINK = 5.0
"""Imagined people who finished one course of a pair and not the other: see :func:`similarity`."""

NEIGHBOURS = 100
"""Courses that a course is compared with: the most alike; the rest is noise."""

LEAST_TOGETHER = 2
"""A pair of courses that only one person finished says something about the person, not the pair."""

HALF_LIFE = 30.0
"""Days after which a new course is half as new."""

SOON = 28
"""Days before a start or an end in which it presses."""

PRIOR = 10.0
"""Imagined enrolments at the site's own rate: see :func:`quality`."""


def similarity(finished: sparse.csr_array) -> sparse.csr_array:
    """How far courses × courses are finished by the same people.

    The cosine of the columns (Sarwar et al., *Item-based collaborative filtering*, WWW 2001), with
    a shrinkage that keeps small numbers small (Bell and Koren, *Scalable collaborative filtering
    with jointly derived neighborhood interpolation weights*, ICDM 2007):
    ``c_ij / (sqrt(n_i * n_j) + SHRINK)``. The diagonal is empty, and each column holds its
    :data:`NEIGHBOURS` greatest values only.
    """
    both = sparse.coo_array(finished.T @ finished)
    each = np.asarray(finished.sum(axis=0)).ravel()
    row, column = both.coords
    kept = (row != column) & (both.data >= LEAST_TOGETHER)
    row, column, count = row[kept], column[kept], both.data[kept]
    value = count / (np.sqrt(each[row] * each[column]) + SHRINK)
    order = np.lexsort((row, -value, column))
    row, column, value = row[order], column[order], value[order]
    rank = np.arange(len(column)) - np.searchsorted(column, column)
    near = rank < NEIGHBOURS
    return sparse.csr_array((value[near], (row[near], column[near])), both.shape)


def special(mine: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """What is foreseen for a leader's people beyond what is foreseen for everybody.

    Part of what the whole site would take next is taken off, so that what is special about these
    people counts more than what is popular everywhere; two leaders with different people get
    different lists. The best course of a leader has 1.

    :param mine: leaders × courses, 0 or greater.
    :param usual: one row, of the whole site.
    """
    return _to_one(np.maximum(_to_one(mine) - USUAL_HERE * _to_one(usual), 0.0))


def momentum(week: np.ndarray, before: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """How far the pace of the last two weeks, the older one at half, is above what is usual.

    A count of rare events varies by its square root, so the difference is measured in those
    (Poisson, as for bursts in event counts), and ``z / (z + 2)`` brings it under 1. At the usual
    pace, or below, it is 0. A burst of one week fades in the second and is over in the third.

    :param usual: how many a week.
    """
    pace = (week + 0.5 * before) / 1.5
    z = np.maximum(pace - usual, 0.0) / np.sqrt(usual + 1.0)
    return z / (z + 2.0)


def reach(could: np.ndarray, people: np.ndarray) -> np.ndarray:
    """The share of the leader's people who could take the course and have not finished it."""
    return could / np.maximum(people, 1.0)[:, np.newaxis]


def quality(finished: np.ndarray, enrolled: np.ndarray) -> np.ndarray:
    """Completions per enrolment, drawn towards the site's own rate where there are few of them.

    The mean of the posterior of a beta-binomial model with a prior worth :data:`PRIOR` enrolments.
    Who finished and is not enrolled any more counts as having been enrolled.
    """
    tried = np.maximum(enrolled, finished)
    rate = finished.sum() / max(tried.sum(), 1.0)
    return (finished + PRIOR * rate) / (tried + PRIOR)


def liked(cheers: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Cheers per activity that tells of a course, against what is usual on the site."""
    return against_usual(cheers, told)


def against_usual(count: np.ndarray, of: np.ndarray) -> np.ndarray:
    """A rate, drawn towards the whole's own where there is little to go on, as :func:`quality` is;
    ``r / (r + usual)`` makes it one half at the usual rate. Where nothing was counted it is 0."""
    usual = float(count.sum() / max(of.sum(), 1.0))
    if usual <= 0:
        return np.zeros(len(count))
    rate = (count + PRIOR * usual) / (of + PRIOR)
    return np.asarray(rate / (rate + usual))


def opened(course: Course, history: bool, today: date) -> date | None:
    """The day on which the course became one that can be taken; ``None`` if unknown or to come.

    That is its start, but not before the bridge saw it, unless it was there at the first sync.
    """
    moments = (course.starts_at, None if history else course.first_seen_at)
    days = [moment.date() for moment in moments if moment]
    return max(days) if days and max(days) <= today else None


def days_to(moment: datetime | None, today: date) -> int | None:
    """Whole days until a moment that is near: ``None`` if it is past or further than SOON."""
    days = (moment.date() - today).days if moment else -1
    return days if 0 <= days <= SOON else None


def timely(courses: tuple[Course, ...], history: np.ndarray, today: date) -> np.ndarray:
    """Whether there is a reason for now: a course is new, or starts or ends soon.

    What is new fades with a half-life of :data:`HALF_LIFE` days; what comes grows from 0 at
    :data:`SOON` days before to 1 on the day. The strongest of them counts.
    """
    found = np.zeros(len(courses))
    for place, course in enumerate(courses):
        since = opened(course, bool(history[place]), today)
        new = 0.5 ** ((today - since).days / HALF_LIFE) if since else 0.0
        coming = [days_to(course.starts_at, today), days_to(course.ends_at, today)]
        found[place] = max(new, *(1 - d / SOON for d in coming if d is not None), 0.0)
    return found


def yours(
    finished: np.ndarray, enrolled: np.ndarray, questions: np.ndarray, liking: np.ndarray
) -> np.ndarray:
    """What ties the leader to the course.

    Half of it is their own story (finished it: 1; in it: 0.4), then questions of their people that
    wait for an answer there (three are enough), then what they shared and dismissed of its kind.
    """
    own = np.maximum(finished, 0.4 * enrolled)
    return 0.5 * own + 0.3 * np.minimum(questions, 3.0) / 3.0 + 0.2 * liking


def liking(shared: np.ndarray, dismissed: np.ndarray) -> np.ndarray:
    """From -1 to 1: shares less dismissals of a kind of course, few of either counting little."""
    return (shared - dismissed) / (shared + dismissed + 2.0)


def pace(theirs: np.ndarray, sites: np.ndarray, fashion: np.ndarray) -> np.ndarray:
    """Momentum among a leader's people and on the whole site, and what is in fashion there."""
    return (1.0 - FASHION) * 0.5 * (theirs + sites) + FASHION * fashion


def weights(pull: float) -> dict[str, float]:
    """The weights on a site where the personal signals are worth ``pull`` times the usual.

    Where people take what belongs to what they had, *together* gains up to :data:`MOVED` from
    *momentum*; where they take what is new, it loses as much.
    """
    moved = MOVED * (pull - 1.0) / (pull + 1.0)
    found = dict(WEIGHTS)
    found["together"] += moved
    found["momentum"] -= moved
    return found


def blend(signals: Mapping[str, np.ndarray], pull: float) -> dict[str, np.ndarray]:
    """What each signal adds to the score; the score is the sum."""
    return {name: weight * signals[name] for name, weight in weights(pull).items()}


def _to_one(rows: np.ndarray) -> np.ndarray:
    # Each row divided by its greatest number, where that is above 0.
    top = rows.max(axis=1, keepdims=True)
    return rows / np.where(top > 0, top, 1.0)
