"""What a connection's people learned, as sparse matrices of people × courses; pure.

Everything that depends on time is counted in whole days up to and with ``today``, so that two
refreshes of one day say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from scipy import sparse

from bridge.curation.ranking.history import History, history
from bridge.model import Course

WEEK = 7
USUAL_WEEKS = 8
"""How many weeks, before the last two, say what is usual for a course."""

_DAY = 86_400


@dataclass(frozen=True)
class Site:
    """People are rows, courses are columns, both in the order of their ids.

    ``finished`` and ``enrolled`` hold ones; ``week``, ``before`` and ``usual`` split the dated
    completions into the last seven days, the seven before, and the :data:`USUAL_WEEKS` before
    those; ``recent`` are those of the last three weeks. ``asked`` counts the open questions.
    """

    today: date
    people: np.ndarray
    courses: tuple[Course, ...]
    history: np.ndarray
    """Whether the course was there at the first sync, so that nobody knows how new it is."""
    finished: sparse.csr_array
    week: sparse.csr_array
    before: sparse.csr_array
    usual: sparse.csr_array
    recent: sparse.csr_array
    enrolled: sparse.csr_array
    asked: sparse.csr_array
    finished_at: sparse.csr_array
    """Seconds since 1970 of each completion that has a date, where ``finished`` has a one."""
    past: History
    """Who finished what when; what has no date stands before all that has one."""
    told: np.ndarray
    """How often each course was told of in the last half-year."""
    cheers: np.ndarray
    """How many cheers there were for that."""

    def people_rows(self, ids: np.ndarray) -> np.ndarray:
        """The row of each id; -1 for who is not here."""
        return _places(self.people, ids)


def build(
    today: date,
    people: np.ndarray,
    courses: tuple[Course, ...],
    history: tuple[bool, ...],
    completed: np.ndarray,
    enrolled: np.ndarray,
    asked: np.ndarray,
    warmth: np.ndarray | None = None,
) -> Site:
    """The site from rows of person, course (and for completions ``at`` and ``dated``).

    ``people`` and ``courses`` are in the order of their ids; rows about anybody or anything else
    are left out.
    """
    columns = np.array([course.id for course in courses], np.int64)
    shape = (len(people), len(courses))

    def ones(rows: np.ndarray, values: np.ndarray | None = None) -> sparse.csr_array:
        row, column = _places(people, rows["person"]), _places(columns, rows["course"])
        known = (row >= 0) & (column >= 0)
        data = np.ones(len(rows)) if values is None else values
        return sparse.csr_array((data[known], (row[known], column[known])), shape)

    # An undated completion stands at the time it was first seen: on a first sync that would look
    # like a burst of everything at once.
    dated = completed[completed["dated"]]
    age = (today.toordinal() - date(1970, 1, 1).toordinal()) - dated["at"] // _DAY

    def aged(youngest: int, oldest: int) -> sparse.csr_array:
        return ones(dated[(age >= youngest) & (age < oldest)])

    return Site(
        today=today,
        people=people,
        courses=courses,
        history=np.array(history, bool),
        finished=_capped(ones(completed)),
        week=aged(0, WEEK),
        before=aged(WEEK, 2 * WEEK),
        usual=aged(2 * WEEK, (2 + USUAL_WEEKS) * WEEK),
        recent=aged(0, 3 * WEEK),
        enrolled=_capped(ones(enrolled)),
        asked=ones(asked),
        finished_at=ones(dated, dated["at"].astype(float)),
        past=_past(completed, people, columns),
        told=_by_course(warmth, "told", columns),
        cheers=_by_course(warmth, "cheers", columns),
    )


def _by_course(rows: np.ndarray | None, name: str, courses: np.ndarray) -> np.ndarray:
    found = np.zeros(len(courses))
    if rows is not None:
        place = _places(courses, rows["course"])
        found[place[place >= 0]] = rows[name][place >= 0]
    return found


def _past(completed: np.ndarray, people: np.ndarray, courses: np.ndarray) -> History:
    person, course = _places(people, completed["person"]), _places(courses, completed["course"])
    known = (person >= 0) & (course >= 0)
    at = np.where(completed["dated"], completed["at"], 0)
    return history(person[known], course[known], at[known], len(people), len(courses))


def groups(site: Site, leaders: Sequence[int], leads: np.ndarray) -> sparse.csr_array:
    """Leaders × people: a one for everybody in any team of the leader's, but the leader."""
    row = _places(np.array(leaders, np.int64), leads["leader"])
    column = site.people_rows(leads["person"])
    known = (row >= 0) & (column >= 0)
    ones = np.ones(int(known.sum()))
    shape = (len(leaders), len(site.people))
    return _capped(sparse.csr_array((ones, (row[known], column[known])), shape))


def day_of(seconds: float) -> date:
    """The day, in UTC, of a moment in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).date()


def _places(known: np.ndarray, ids: np.ndarray) -> np.ndarray:
    # Where each id stands in the sorted ``known``; -1 where it does not.
    if not len(known):
        return np.full(len(ids), -1)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[place] == ids, place, -1)


def _capped(matrix: sparse.csr_array) -> sparse.csr_array:
    # The same pair said twice (a person in two teams of one leader) is one.
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
