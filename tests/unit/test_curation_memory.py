"""What a leader did with earlier suggestions, and the least to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from bridge.curation.memory import Memory, by_leader, remember
from bridge.curation.plan import Plan, Wanted, kept, plan
from bridge.curation.site import build, groups
from bridge.model import Course, Unfit
from bridge.storage.curation import COMPLETED, LEADS, PAIRS, Decided, StoredSuggestion

TODAY = date(2026, 11, 25)
WEEK = date(2026, 11, 23)
ALICE = 5


def decided(
    state: str, days_ago: float = 1, *, course: int = 10, leader: int = ALICE, dated: bool = True
) -> Decided:
    """The leader decided it so many days ago."""
    at = datetime(2026, 11, 25, 9, tzinfo=UTC) - timedelta(days=days_ago)
    week = at.date() - timedelta(days=at.weekday())
    return Decided(leader, course, state, week, at if dated else None)


def memory(*known: Decided, categories: tuple[int, ...] = (0, 0, 1, -1)) -> Memory:
    """Alice's memory of the courses 10 to 13."""
    place = {10 + column: column for column in range(len(categories))}
    return remember(by_leader(known), [ALICE], place, np.array(categories), TODAY, WEEK)


@pytest.mark.parametrize("state", ["shared", "dismissed"])
def test_what_was_shared_or_dismissed_rests_for_eight_weeks(state: str) -> None:
    """On the 55th day it rests still, on the 56th it may come back."""
    assert [True, False, False, False] == memory(decided(state, 55)).resting[0].tolist()
    assert not memory(decided(state, 56)).resting.any()


def test_what_is_not_for_now_comes_back_sooner() -> None:
    """After three weeks; and it says nothing about other courses of its kind."""
    found = memory(replace(decided("dismissed", 20), kind=Unfit.NOT_NOW))
    assert found.resting[0, 0]
    assert not found.dismissed.any()
    assert not memory(replace(decided("dismissed", 21), kind=Unfit.NOT_NOW)).resting.any()


@pytest.mark.parametrize(
    ("kind", "teaches"), [(Unfit.KNOWN, 0), (Unfit.NOT_OURS, 1), (Unfit.OTHER, 1)]
)
def test_why_it_was_dismissed_says_what_it_teaches(kind: Unfit, teaches: int) -> None:
    """What is known already is no word against its kind."""
    found = memory(replace(decided("dismissed", 9), kind=kind))
    assert found.resting[0, 0]
    assert [0, teaches, 0, 0] == found.dismissed[0].tolist()


def test_the_week_stands_in_for_a_day_that_is_missing() -> None:
    """A row without the time of its decision is dated by its week."""
    assert memory(decided("dismissed", 50, dated=False)).resting[0, 0]
    assert not memory(decided("dismissed", 57, dated=False)).resting[0, 0]


def test_what_was_put_off_may_come_back_next_week() -> None:
    """The day is kept, the latest of two; what was put off this week is on the desk already."""
    found = memory(decided("later", 20), decided("later", 9), decided("later", 1, course=11))

    assert [(TODAY - timedelta(days=9)).toordinal(), 0, 0, 0] == found.put_off[0].tolist()


def test_what_was_put_off_long_ago_is_forgotten() -> None:
    """After eight weeks nobody remembers."""
    assert not memory(decided("later", 57)).put_off.any()


def test_what_was_left_lying_counts_half_as_much_each_week_on() -> None:
    """Last week 1, the week before ½, five weeks ago nothing; this week's is still to be seen."""
    found = memory(
        decided("open", 8),
        decided("open", 15, course=11),
        decided("open", 15),
        decided("open", 36, course=12),
        decided("open", 0, course=13),
    )

    assert [[1.0, 0.5, 0.0, 0.0]] == found.unheeded.tolist()


def test_taste_is_about_other_courses_of_a_kind() -> None:
    """Sharing 10 twice says once that Alice likes its category, of which 11 is."""
    found = memory(decided("shared", 100), decided("shared", 3), decided("dismissed", 9, course=12))

    assert [[0.0, 1.0, 0.0, 0.0]] == found.shared.tolist()
    assert not found.dismissed.any()


def test_a_course_without_a_category_is_of_no_kind() -> None:
    """It rests, and says nothing about others without one."""
    found = memory(decided("dismissed", 3, course=10), categories=(-1, -1))

    assert [[True, False]] == found.resting.tolist()
    assert not found.dismissed.any()


def test_others_and_courses_that_left_are_not_hers() -> None:
    """Erin's decisions and a course that left the catalogue do not touch Alice."""
    found = memory(decided("shared", leader=6), decided("shared", course=99))

    assert not (found.resting.any() or found.shared.any())


# --- the least to write -------------------------------------------------------------------------

REASONS = {"this": {"text": "Because.", "link": ""}}


def stored(ident: int, course: int, state: str = "open", **values: Any) -> StoredSuggestion:
    """A suggestion of Alice's as it stands in the table."""
    known: dict[str, Any] = {
        "team_id": 1,
        "position": 0,
        "score": 0.5,
        "reasons": REASONS,
        "prompt": "What?",
        **values,
    }
    return StoredSuggestion(id=ident, leader_id=ALICE, course_id=course, state=state, **known)


def want(course: int, **values: Any) -> Wanted:
    """A suggestion for Alice as it should stand."""
    known: dict[str, Any] = {
        "team_id": 1,
        "position": 0,
        "score": 0.5,
        "reasons": REASONS,
        "prompt": "What?",
        **values,
    }
    return Wanted(leader_id=ALICE, course_id=course, **known)


def test_what_stands_as_it_should_is_not_written() -> None:
    """Nothing to add, to rewrite or to withdraw."""
    assert Plan((), (), ()) == plan([stored(1, 10)], [want(10)], {10})


@pytest.mark.parametrize(
    "change",
    [
        {"team_id": 2},
        {"position": 1},
        {"reasons": {"this": {"text": "Since.", "link": ""}}},
        {"prompt": "Why?"},
    ],
    ids=str,
)
def test_whatever_differs_is_rewritten_in_place(change: dict[str, Any]) -> None:
    """The same row, so that a page that stands open can still share it."""
    new = want(10, **change)

    assert Plan((), ((1, new),), ()) == plan([stored(1, 10)], [new], {10})


def test_a_score_that_moves_is_no_news_by_itself() -> None:
    """It does every day, and nobody can see it."""
    assert Plan((), (), ()) == plan([stored(1, 10)], [want(10, score=0.4)], {10})


def test_what_is_no_more_wanted_is_withdrawn() -> None:
    """And what is new is added."""
    assert Plan((want(11),), (), (1,)) == plan([stored(1, 10)], [want(11)], {10, 11})


@pytest.mark.parametrize(
    ("state", "in_catalogue", "stays"),
    [
        ("open", True, False),
        ("later", True, True),
        ("later", False, False),
        ("shared", False, True),
        ("dismissed", False, True),
    ],
)
def test_what_was_decided_stays(state: str, in_catalogue: bool, stays: bool) -> None:
    """What was put off stays only as long as its course can be seen."""
    catalogue = {10} if in_catalogue else set()
    row = stored(1, 10, state)

    assert stays == kept(row, catalogue)
    assert Plan((), (), () if stays else (1,)) == plan([row], [], catalogue)


# --- the site -----------------------------------------------------------------------------------

COURSES = tuple(
    Course(id=ident, connection_id=1, lms_id=ident, name="", summary="", url="")
    for ident in (10, 11)
)


def seconds(days_ago: float) -> int:
    """A moment of the day so many days before the day of the tests."""
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    return int((noon - timedelta(days=days_ago)).timestamp())


def test_completions_are_sorted_into_weeks_by_whole_days() -> None:
    """Day 6 is this week, 7 the one before, 14 to 69 the usual, 20 the last of three weeks.

    One of the future is a completion and in no week; so is one without a date.
    """
    ages = [-1, 0, 6, 7, 13, 14, 20, 21, 69, 70]
    people = np.arange(1, len(ages) + 2)
    rows = [(person, 10, seconds(age), True) for person, age in zip(people, ages, strict=False)]
    rows.append((int(people[-1]), 10, seconds(3), False))

    site = build(
        TODAY,
        people,
        COURSES,
        (True, True),
        np.array(rows, COMPLETED),
        np.array([], PAIRS),
        np.array([], PAIRS),
    )

    def counted(matrix: Any) -> int:
        return int(matrix.sum())

    assert 11 == counted(site.finished)
    assert (2, 2, 4, 6) == tuple(map(counted, (site.week, site.before, site.usual, site.recent)))
    assert 10 == site.finished_at.nnz


def test_rows_about_nobody_we_know_are_left_out() -> None:
    """A suspended person, a hidden course, and ids as odd as they come."""
    rows = np.array([(1, 10), (2, 10), (-4, 10), (1, 99), (1, -10)], PAIRS)

    site = build(TODAY, np.array([1]), COURSES, (True, True), np.array([], COMPLETED), rows, rows)

    assert (1, 1) == (int(site.enrolled.sum()), int(site.asked.sum()))


def test_a_site_without_people_or_courses_is_empty() -> None:
    """Matrices of nothing, and no error."""
    rows = np.array([(1, 10, 0, True)], COMPLETED)
    pairs = np.array([(1, 10)], PAIRS)

    empty = build(TODAY, np.array([], np.int64), COURSES, (True, True), rows, pairs, pairs)
    bare = build(TODAY, np.array([1]), (), (), rows, pairs, pairs)

    assert ((0, 2), (1, 0)) == (empty.finished.shape, bare.finished.shape)
    assert 0 == empty.finished.nnz == bare.finished.nnz


def test_a_person_of_two_teams_is_one_of_the_leaders_people() -> None:
    """Three rows, two people; somebody who left is none."""
    site = build(
        TODAY,
        np.array([1, 2, 3]),
        COURSES,
        (True, True),
        np.array([], COMPLETED),
        np.array([], PAIRS),
        np.array([], PAIRS),
    )
    leads = np.array([(5, 1, 1), (5, 2, 1), (5, 2, 3), (6, 1, 9), (7, 1, 2)], LEADS)

    assert [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]] == groups(site, [5, 6], leads).toarray().tolist()
