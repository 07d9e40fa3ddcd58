"""What a leader's people take next, from what the whole site took before."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.curation.foresight import Foresight, foresee
from bridge.curation.ranking.history import DAY, History, history
from bridge.model import Course


def courses(count: int, words: dict[int, str] | None = None) -> list[Course]:
    """So many courses, told apart by a word of their own or those given."""
    words = words or {}
    return [
        Course(n + 1, 1, n + 1, words.get(n, f"Course{n}"), "", f"https://lms.example/{n}")
        for n in range(count)
    ]


def past(*people: list[int], items: int) -> History:
    """What each person finished, one course after another, a day apart."""
    rows = [
        (person, item, day * DAY)
        for person, theirs in enumerate(people)
        for day, item in enumerate(theirs)
    ]
    person, item, at = np.array(rows).reshape(-1, 3).T
    return history(person.astype(int), item.astype(int), at, len(people), items)


def of_people(foresight: Foresight, site: History, people: list[int]) -> np.ndarray:
    """The row of these people."""
    had = np.asarray(site.matrix()[people].sum(axis=0)).reshape(1, -1)
    lately = np.asarray(foresight.lately[people].sum(axis=0)).reshape(1, -1)
    return foresight.of(had, lately)[0]


def test_people_are_shown_on_by_those_who_went_before() -> None:
    """Two programmes; whoever is at the second step of one gets its third."""
    site = past(*[[0, 1, 2]] * 30, *[[3, 4, 5]] * 30, [0, 1], [3, 4], items=6)
    foresight = foresee(site, courses(6), 99 * DAY)
    for person, expected in ((60, 2), (61, 5)):
        row = of_people(foresight, site, [person])
        had = site.matrix()[[person]].toarray()[0] > 0
        assert expected == int(np.where(had, -1, row).argmax())
        assert expected not in np.flatnonzero(had)


def test_what_nobody_finished_is_found_by_its_words() -> None:
    """A new course speaks of what this person did last, and of nothing another one did."""
    words = {0: "Negotiating prices", 1: "Forklift safety", 2: "Negotiating prices abroad"}
    site = past(*[[0]] * 3, *[[1]] * 3, items=3)
    foresight = foresee(site, courses(3, words), 99 * DAY)
    assert of_people(foresight, site, [0])[2] > 0 == of_people(foresight, site, [5])[2]


def test_a_tie_is_named_by_what_made_it() -> None:
    """The course that speaks most for another is one that people took before it."""
    site = past(*[[0, 1]] * 30, *[[2, 3]] * 30, items=4)
    foresight = foresee(site, courses(4), 99 * DAY)
    had = np.array([5.0, 0.0, 1.0, 0.0])
    assert [0] == np.flatnonzero(foresight.ties(1, had, had)).tolist()
    assert [2] == np.flatnonzero(foresight.ties(3, had, had)).tolist()


def test_what_one_person_did_is_no_tie() -> None:
    """It says something about the person, and would tell it."""
    site = past([0, 1], [0], [0], [1], [1], items=2)
    foresight = foresee(site, courses(2), 99 * DAY)
    assert 0 == of_people(foresight, site, [1])[1]
    assert not foresight.ties(1, np.array([3.0, 0.0]), np.array([3.0, 0.0])).any()


@pytest.mark.parametrize(("people", "items"), [(0, 0), (0, 3), (1, 1), (3, 1)])
def test_little_is_little_and_no_error(people: int, items: int) -> None:
    """An empty site, one person, one course: everything is 0."""
    site = past(*[[0]] * people, items=items)
    foresight = foresee(site, courses(items), 99 * DAY)
    assert (1, items) == foresight.usual.shape
    assert 0 == foresight.of(np.zeros((1, items)), np.zeros((1, items))).sum()
    assert np.isfinite(foresight.fashion).all()


def test_what_comes_later_is_not_known_yet() -> None:
    """A completion dated in the future changes nothing today."""
    known = past(*[[0, 1]] * 9, items=3)
    more = history(
        np.append(known.person, [0] * 3),
        np.append(known.item, [2] * 3),
        np.append(known.at, [500 * DAY] * 3),
        9,
        3,
    )
    one, other = foresee(known, courses(3), 9 * DAY), foresee(more, courses(3), 9 * DAY)
    assert one.usual.tobytes() == other.usual.tobytes()
    assert one.fashion.tobytes() == other.fashion.tobytes()
