"""The signals, each on numbers small enough to check by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from bridge.curation import score
from bridge.curation.weights import WEIGHTS
from bridge.model import Course

TODAY = date(2026, 11, 25)


def at(days: float) -> datetime:
    """So many days from the day of the tests."""
    return datetime(2026, 11, 25, 9, tzinfo=UTC) + timedelta(days=days)


def course(**values: datetime | None) -> Course:
    """A course with nothing but these moments."""
    return Course(
        id=1,
        connection_id=1,
        lms_id=1,
        name="Giving feedback",
        summary="",
        url="",
        starts_at=values.get("starts_at"),
        ends_at=values.get("ends_at"),
        first_seen_at=values.get("first_seen_at"),
    )


def people(*rows: list[int]) -> sparse.csr_array:
    """Who (rows) finished what (columns)."""
    return sparse.csr_array(np.array(rows, float))


def test_the_weights_are_shares_of_one() -> None:
    """So that a score is comparable from one leader to the next."""
    assert pytest.approx(1.0) == sum(WEIGHTS.values())


def test_similarity_is_the_shrunken_cosine() -> None:
    """Three finished A, two of them B: 2 / (√6 + 5). C shares one person only, which says nothing.

    What one person did is not taken for a tie between courses.
    """
    alike = score.similarity(people([1, 1, 0], [1, 1, 0], [1, 0, 1])).toarray()

    tie = 2 / (np.sqrt(6) + score.SHRINK)
    assert np.allclose([[0, tie, 0], [tie, 0, 0], [0, 0, 0]], alike)


def test_similarity_keeps_the_nearest_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for one neighbour, each course keeps its most alike; the older one of two."""
    monkeypatch.setattr(score, "NEIGHBOURS", 1)
    finished = people([1, 1, 1], [1, 1, 1], [1, 0, 1])

    alike = score.similarity(finished).toarray()

    assert [[False, True, True], [False, False, False], [True, False, False]] == (
        (alike > 0).tolist()
    )


def test_what_is_special_about_some_people_counts_more_than_what_is_popular() -> None:
    """Course 2 is foreseen for everybody; course 1 for these people more than for others."""
    (found,) = score.special(np.array([[0.0, 3.0, 3.5]]), np.array([[1.0, 0.5, 4.0]]))

    assert [0.0, 1.0] == found[:2].tolist()
    assert found[1] > found[2]


def test_nothing_foreseen_is_nothing_special() -> None:
    """No scores, and no division by nothing."""
    assert 0 == score.special(np.zeros((2, 3)), np.zeros((1, 3))).sum()


@pytest.mark.parametrize("pull", [0.2, 1.0, 3.0, 8.0])
def test_a_sites_character_moves_weight_and_makes_none(pull: float) -> None:
    """Where the past says that people take what belongs together, that counts more."""
    found = score.weights(pull)
    assert pytest.approx(1.0) == sum(found.values())
    assert min(found.values()) > 0
    assert (pull > 1) == (found["together"] > WEIGHTS["together"])


def test_momentum_is_nothing_at_the_usual_pace() -> None:
    """Three a week, as always: 0. Below it: 0 as well. Above it: more, and never 1."""
    found = score.momentum(
        np.array([3.0, 1.0, 6.0, 3000.0]), np.array([3.0, 1.0, 6.0, 3000.0]), np.full(4, 3.0)
    )

    assert [0.0, 0.0] == found[:2].tolist()
    assert 0 < found[2] < found[3] < 1
    assert pytest.approx((3 / 2) / (3 / 2 + 2)) == found[2]


def test_a_burst_fades_in_its_second_week() -> None:
    """Nine this week weigh more than nine of last week."""
    this_week, last_week = score.momentum(
        np.array([9.0, 0.0]), np.array([0.0, 9.0]), np.array([1.0, 1.0])
    )

    assert this_week > last_week > 0


def test_the_same_rise_counts_more_from_a_low_pace() -> None:
    """From 1 to 5 is news; from 100 to 104 is chance."""
    low, high = score.momentum(
        np.array([5.0, 104.0]), np.array([5.0, 104.0]), np.array([1.0, 100.0])
    )

    assert low > 3 * high


def test_reach_is_a_share_and_of_nobody_nothing() -> None:
    """Six of eight; and a leader without people divides by one."""
    assert [[0.75], [0.0]] == score.reach(np.array([[6.0], [0.0]]), np.array([8.0, 0])).tolist()


def test_quality_trusts_many_more_than_few() -> None:
    """One of one is no proof; 90 of 100 is; who finished and left was enrolled."""
    finished = np.array([1.0, 90.0, 0.0, 5.0])
    enrolled = np.array([1.0, 100.0, 50.0, 0.0])

    one, many, none, left = score.quality(finished, enrolled)

    assert many > left > one > none
    assert pytest.approx((1 + 10 * 96 / 156) / 11) == one


def test_quality_of_an_empty_site_is_nothing() -> None:
    """No enrolment, no completion, no rate."""
    assert [0.0] == score.quality(np.zeros(1), np.zeros(1)).tolist()


@pytest.mark.parametrize(
    ("moments", "history", "expected"),
    [
        ({}, False, None),
        ({"starts_at": at(-40)}, True, TODAY - timedelta(days=40)),
        ({"starts_at": at(-40), "first_seen_at": at(-1)}, True, TODAY - timedelta(days=40)),
        ({"starts_at": at(-40), "first_seen_at": at(-1)}, False, TODAY - timedelta(days=1)),
        ({"first_seen_at": at(0)}, False, TODAY),
        ({"first_seen_at": at(-100)}, True, None),
        ({"starts_at": at(3), "first_seen_at": at(-1)}, False, None),
    ],
)
def test_when_a_course_opened(
    moments: dict[str, datetime], history: bool, expected: date | None
) -> None:
    """Its start; not before the bridge saw it, unless it was there before the bridge."""
    assert expected == score.opened(course(**moments), history, TODAY)


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ({}, 0.0),
        ({"starts_at": at(0)}, 1.0),
        ({"starts_at": at(-30)}, 0.5),
        ({"starts_at": at(7)}, 0.75),
        ({"starts_at": at(29)}, 0.0),
        ({"ends_at": at(14), "starts_at": at(-300)}, 0.5),
        ({"ends_at": at(0)}, 1.0),
        ({"ends_at": at(-1)}, 0.0),
    ],
)
def test_what_is_new_or_near_is_timely(moments: dict[str, datetime], expected: float) -> None:
    """New: half after thirty days. Near: from 28 days before. Old or far: not at all."""
    (found,) = score.timely((course(**moments),), np.array([True]), TODAY)

    assert pytest.approx(expected, abs=0.001) == found


def test_yours_adds_story_questions_and_liking() -> None:
    """Finishing counts more than being in it, three questions are enough, dislike takes off."""
    one = np.ones((1, 1))

    def yours(**values: float) -> float:
        known = {"finished": 0.0, "enrolled": 0.0, "questions": 0.0, "liking": 0.0, **values}
        return float(score.yours(*(one * value for value in known.values()))[0, 0])

    assert 0.5 == yours(finished=1, enrolled=1)
    assert 0.2 == yours(enrolled=1)
    assert pytest.approx(0.3) == yours(questions=9)
    assert -0.2 == yours(liking=-1)


def test_liking_needs_more_than_one_click() -> None:
    """One dismissal is a third of a no; shares and dismissals in balance are nothing."""
    shared, dismissed = np.array([0.0, 2.0, 8.0]), np.array([1.0, 2.0, 0.0])

    assert [-1 / 3, 0.0, 0.8] == score.liking(shared, dismissed).tolist()


counts = hnp.arrays(float, 6, elements=st.integers(0, 10_000))


@given(counts, counts, counts)
def test_every_signal_keeps_to_its_range(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    """From 0 to 1, whatever is counted; ``yours`` and liking from -1."""
    for found in (
        score.momentum(a, b, c / 8),
        score.quality(a, b),
        score.special(a[np.newaxis], b[np.newaxis]),
        score.pace(score.momentum(a, b, c / 8), score.momentum(b, a, c / 8), a / (1 + a)),
        score.reach(np.minimum(a, b)[np.newaxis], np.array([b.max()])),
    ):
        assert ((found >= 0) & (found <= 1)).all()
    for found in (
        score.liking(a, b),
        score.yours(np.minimum(a, 1), np.minimum(b, 1), c, score.liking(a, b)),
    ):
        assert ((found >= -1) & (found <= 1)).all()
