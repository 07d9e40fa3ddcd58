"""What holds for every leader of a site alike: made once, then read; pure."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
from scipy import sparse

from bridge.curation import choose, score
from bridge.curation.foresight import end_of, foresee
from bridge.curation.site import USUAL_WEEKS, Site

LIKED = 0.25
"""How much of a course's quality is how people cheered what was told of it; the rest is how many of
those who begin it finish it. What people rate in an LMS no stock web service tells."""


class Shelf:
    """The courses of a site with all that does not depend on who looks at them.

    Every array is one number a course, in the order of ``site.courses``.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ids = np.array([course.id for course in site.courses], np.int64)
        self.place = {int(ident): column for column, ident in enumerate(self.ids)}
        names = sorted({course.category for course in site.courses if course.category})
        number = {name: place for place, name in enumerate(names)}
        self.categories = np.array([number.get(c.category, -1) for c in site.courses], np.int64)
        self.open = choose.open_now(site.courses, site.today)
        self.enterable = choose.could_enrol(site.courses)
        self.finished = _totals(site.finished)
        self.enrolled = _totals(site.enrolled.maximum(site.finished))
        self.rate = float(self.finished.sum() / max(self.enrolled.sum(), 1.0))
        self.week, self.usual = _totals(site.week), _totals(site.usual)
        self.momentum = score.momentum(self.week, _totals(site.before), self.usual / USUAL_WEEKS)
        self.quality = score.quality(self.finished, self.enrolled)
        if site.cheers.sum() > 0:
            liked = score.liked(site.cheers, site.told)
            self.quality = (1 - LIKED) * self.quality + LIKED * liked
        self.timely = score.timely(site.courses, site.history, site.today)
        self.alike = score.similarity(site.finished)
        self.in_it = sparse.csr_array(site.enrolled - site.enrolled.multiply(site.finished))
        """A one where a person is enrolled and has not finished."""
        today = site.today.toordinal() - date(1970, 1, 1).toordinal()
        self.foresight = foresee(site.past, site.courses, end_of(today))
        self._finished = sparse.csc_array(site.finished)
        self._in_it = sparse.csc_array(self.in_it)
        self.both = cache(self._both)

    def anchor(self, column: int, theirs: np.ndarray, lately: np.ndarray) -> int | None:
        """The course that speaks most for this one by what people finished.

        :param theirs: how many of them finished each course; ``lately``: see :class:`Foresight`.
        """
        ties = self.foresight.ties(column, theirs, lately)
        others = np.flatnonzero(ties > 0)
        if not len(others):
            return None
        # The strongest tie, and the older course of two equal ones.
        return int(others[np.lexsort((others, -ties[others]))[0]])

    def could(self, column: int, people: np.ndarray) -> int:
        """How many of these people (rows) could take the course and have not finished it."""
        if self.enterable[column]:
            return int((~np.isin(people, _rows(self._finished, column))).sum())
        return int(np.isin(people, _rows(self._in_it, column)).sum())

    def _both(self, one: int, other: int) -> int:
        """How many people finished both."""
        rows = _rows(self._finished, one), _rows(self._finished, other)
        return len(np.intersect1d(*rows, assume_unique=True))


def _totals(matrix: sparse.csr_array) -> np.ndarray:
    return np.asarray(matrix.sum(axis=0), float).ravel()


def _rows(matrix: sparse.csc_array, column: int) -> np.ndarray:
    return matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]
