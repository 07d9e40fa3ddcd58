"""Which courses may be suggested, and which of them are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from bridge.curation import choose
from bridge.model import Course

MONDAY = date(2026, 11, 23)


def course(**values: Any) -> Course:
    """A course of which only these fields matter."""
    return Course(id=1, connection_id=1, lms_id=1, name="", summary="", url="", **values)


def pick(
    scores: list[float],
    *,
    leader: int = 1,
    allowed: list[bool] | None = None,
    taken: tuple[int, ...] = (),
    standing: tuple[int, ...] = (),
    categories: list[int] | None = None,
    alike: dict[tuple[int, int], float] | None = None,
    count: int = 3,
    week: date = MONDAY,
    kinds: list[int] | None = None,
) -> list[int]:
    """Choose from courses with these scores, unlike one another unless it is said."""
    size = len(scores)
    ties = np.zeros((size, size))
    for (one, other), value in (alike or {}).items():
        ties[one, other] = ties[other, one] = value
    return choose.pick(
        leader,
        week,
        np.array(scores),
        np.array([True] * size if allowed is None else allowed, bool),
        taken,
        standing,
        np.arange(100, 100 + size),
        np.array([-1] * size if categories is None else categories),
        sparse.csr_array(ties),
        count,
        None if kinds is None else np.array(kinds),
    )


def test_a_week_is_named_by_its_monday() -> None:
    """Sunday's last minute and Monday's first are of two weeks."""
    assert MONDAY == choose.monday(datetime(2026, 11, 29, 23, 59, tzinfo=UTC))
    assert date(2026, 11, 30) == choose.monday(datetime(2026, 11, 30, tzinfo=UTC))


def test_a_course_is_open_on_its_last_day() -> None:
    """What ended yesterday is over; what has no end is open."""
    courses = [
        course(ends_at=datetime(2026, 11, 24, 12, tzinfo=UTC)),
        course(ends_at=datetime(2026, 11, 25, 1, tzinfo=UTC)),
        course(),
    ]

    assert [False, True, True] == choose.open_now(courses, date(2026, 11, 25)).tolist()


def test_where_the_lms_says_nothing_people_may_be_able_to_enrol() -> None:
    """Only a plain no is a no."""
    courses = [course(self_enrol=False), course(self_enrol=None), course(self_enrol=True)]

    assert [False, True, True] == choose.could_enrol(courses).tolist()


def test_who_could_take_it() -> None:
    """Open to all: who has not finished it. Closed: who is in it and has not finished it."""
    could = choose.could_take(
        np.array([[3.0, 3.0]]), np.array([[2.0, 2.0]]), np.array([10.0]), np.array([True, False])
    )

    assert [[7.0, 2.0]] == could.tolist()


def test_what_most_have_done_or_nobody_can_take_is_not_suggested() -> None:
    """Eight of ten is the end; nine is too many; nobody who could take it is a no."""
    finished, could = np.array([[8.0, 9.0, 0.0]]), np.array([[2.0, 1.0, 0.0]])

    assert [[True, False, False]] == choose.eligible(finished, could, np.array([10.0])).tolist()


def test_the_best_come_first() -> None:
    """Three of five, by score, and only what is allowed."""
    assert [3, 1, 4] == pick([0.1, 0.7, 0.8, 0.9, 0.5], allowed=[True, True, False, True, True])


def test_nothing_allowed_nothing_chosen() -> None:
    """An empty list, and no list at all when three are decided already."""
    assert [] == pick([0.9, 0.8], allowed=[False, False])
    assert [] == pick([0.9, 0.8], count=0)


def test_the_second_is_unlike_the_first() -> None:
    """The second best is of the first one's category; the third, nearly as good, comes before."""
    assert [0, 2, 1] == pick([0.9, 0.8, 0.75], categories=[1, 1, 2])


def test_finished_by_the_same_people_is_alike_too() -> None:
    """Without categories, what people finish together is spread out."""
    assert [0, 2, 1] == pick([0.9, 0.8, 0.75], alike={(0, 1): 0.9})


def test_what_the_week_has_taken_is_counted_as_chosen() -> None:
    """One of category 1 was shared already this week: the other category comes first."""
    allowed = [True, True, False]
    assert [1, 0] == pick([0.8, 0.75, 0.9], allowed=allowed, taken=(2,), categories=[1, 2, 1])


def test_courses_without_a_category_are_not_of_one_category() -> None:
    """Two courses in no category have nothing in common for that."""
    assert [0, 1] == pick([0.9, 0.8], categories=[-1, -1])


def test_a_standing_suggestion_gives_way_to_a_clearly_better_one_only() -> None:
    """A score .04 higher does not turn the desk around in mid-week; one .1 higher does."""
    assert [1] == pick([0.84, 0.8], standing=(1,), count=1)
    assert [0] == pick([0.9, 0.8], standing=(1,), count=1)


def test_equal_scores_differ_from_leader_to_leader_and_stay_for_one() -> None:
    """With nothing to tell courses apart, twenty leaders do not all get the same three."""
    lists = [tuple(pick([0.5] * 12, leader=leader)) for leader in range(1, 21)]
    again = [tuple(pick([0.5] * 12, leader=leader)) for leader in range(1, 21)]

    assert lists == again
    assert len(set(lists)) > 10


def test_equal_scores_differ_from_week_to_week() -> None:
    """The same leader is not shown the same three of twelve equals for ever."""
    weeks = [date.fromordinal(MONDAY.toordinal() + 7 * n) for n in range(8)]

    assert len({tuple(pick([0.5] * 12, week=week)) for week in weeks}) > 4


@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=12),
    st.integers(0, 4),
    st.integers(1, 2**31 - 1),
)
def test_a_choice_is_allowed_once_each_and_repeatable(
    scores: list[float], count: int, leader: int
) -> None:
    """Never more than asked for, never one twice, never a forbidden one, always the same."""
    allowed = [place % 3 > 0 for place in range(len(scores))]

    found = pick(scores, leader=leader, allowed=allowed, count=count)

    assert len(found) == min(count, sum(allowed)) == len(set(found))
    assert all(allowed[column] for column in found)
    assert found == pick(scores, leader=leader, allowed=allowed, count=count)
