"""The ranking finds what people take next, on sites of different kinds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis.strategies import integers, lists

from bridge.curation import weights
from bridge.curation.ranking import (
    blend,
    evaluation,
    learning,
    measure,
    mixture,
    signals,
    text,
)
from bridge.curation.ranking.history import DAY, History, history
from bridge.curation.ranking.split import by_time
from tests.benchmarks.worlds import CHARACTERS, made

YEAR = 365


def programmes(people: int = 400, seed: int = 3) -> History:
    """A catalogue: each person walks through one of ten programmes, course after course."""
    chance = np.random.default_rng(seed)
    rows: list[tuple[int, int, float]] = []
    for person in range(people):
        programme, place = int(chance.integers(10)), int(chance.integers(4))
        day = chance.uniform(0, YEAR)
        while day < YEAR and place < 12:
            rows.append((person, programme * 12 + place, day * DAY))
            place += 1 + int(chance.random() < 0.2)
            day += chance.exponential(20)
    return _history(rows, people, 120)


def articles(people: int = 150, seed: int = 4) -> History:
    """A site of news: everybody reads what came out in the last days."""
    chance = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        for day in chance.uniform(0, YEAR, 60):
            rows.append((person, int(max(day - chance.exponential(2), 0) / YEAR * 200), day * DAY))
    return _history(rows, people, 200)


def favourites(people: int = 300, seed: int = 5) -> History:
    """A plain site: everybody takes what is popular, whenever they come."""
    chance = np.random.default_rng(seed)
    liked = 1.0 / (1.0 + np.arange(60))
    rows = [
        (person, int(item), day * DAY)
        for person in range(people)
        for item, day in zip(
            chance.choice(60, 6, replace=False, p=liked / liked.sum()),
            np.sort(chance.uniform(0, YEAR, 6)),
            strict=True,
        )
    ]
    return _history(rows, people, 60)


def subjects(people: int = 400, seed: int = 6) -> History:
    """A library: each person likes two of forty subjects of ten books, in no order."""
    chance = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        theirs = chance.choice(40, 2, replace=False)
        for day in np.sort(chance.uniform(0, YEAR, 10)):
            rows.append((person, int(chance.choice(theirs)) * 10 + int(chance.integers(10)), day))
    return _history([(p, i, day * DAY) for p, i, day in rows], people, 400)


def _history(rows: list[tuple[int, int, float]], people: int, items: int) -> History:
    person, item, at = (np.array(column) for column in zip(*rows, strict=True))
    return history(person, item, at, people, items)


def test_a_pair_counts_once_at_its_first_time() -> None:
    """Whatever the order of the rows."""
    rows = [(0, 1, 30.0), (0, 0, 10.0), (0, 1, 20.0), (1, 1, 5.0)]
    one, other = _history(rows, 2, 2), _history(rows[::-1], 2, 2)
    assert [5.0, 10.0, 20.0] == one.at.tolist() == other.at.tolist()
    assert [1, 0, 0] == one.person.tolist() == other.person.tolist()


def test_the_split_tries_each_person_on_their_first_new_item() -> None:
    """Those with two earlier items; what was had before is not new."""
    rows = [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 3.0), (0, 2, 9.0), (1, 3, 9.5), (0, 3, 10.0)]
    split = by_time(_history(rows, 2, 4), 0.5)
    assert ([0], [2]) == (split.people.tolist(), split.wanted.tolist())
    assert 3 == len(split.train.at)


@pytest.mark.parametrize(
    ("scores", "rank"),
    [([9, 1, 1, 1], 1.5), ([0, 5, 1, 1], 0.0), ([1, 1, 1, 1], 1.0), ([1, 0, 1, 9], 2.0)],
)
def test_ties_share_the_middle_of_their_ranks(scores: list[float], rank: float) -> None:
    """Among the items that the person has not had: here all but the last."""
    seen = np.array([[False, False, False, True]])
    found = measure.ranks(np.array([scores], float), np.array([1]), seen, np.ones(4, bool))
    assert [rank] == found.tolist()


@given(
    scores=lists(integers(0, 4), min_size=2, max_size=12),
    wanted=integers(0, 11),
    seen=integers(0, 11),
)
def test_a_rank_is_what_chance_would_give_among_ties(
    scores: list[int], wanted: int, seen: int
) -> None:
    """The mean of the ranks with ties broken for it and against it; what was had has no place."""
    size = len(scores)
    wanted, seen = wanted % size, seen % size
    assume(wanted != seen)
    had = np.arange(size) == seen
    found = measure.ranks(
        np.array([scores], float), np.array([wanted]), had[np.newaxis, :], np.ones(size, bool)
    )
    others = [score for place, score in enumerate(scores) if place not in (wanted, seen)]
    best = sum(score > scores[wanted] for score in others)
    worst = sum(score >= scores[wanted] for score in others)
    assert [(best + worst) / 2] == found.tolist()


def test_an_item_that_nobody_had_is_a_miss() -> None:
    """However high it is scored."""
    seen = np.zeros((1, 2), bool)
    rank = measure.ranks(np.array([[9.0, 0.0]]), np.array([0]), seen, np.array([False, True]))
    assert (0.0, 0.0, 0.0) == (
        measure.gains(rank)[0],
        measure.hits(rank)[0],
        measure.reciprocal(rank)[0],
    )


def test_gain_falls_with_the_rank_and_ends_at_k() -> None:
    """1 for the first, 1/log2(3) for the second, nothing after the tenth."""
    gains = measure.gains(np.array([0.0, 1.0, 9.0, 10.0]))
    assert [1.0, 0.6309, 0.2891, 0.0] == np.round(gains, 4).tolist()


def test_what_people_had_is_not_recommended() -> None:
    """Nor is anything twice; a short catalogue fills no ten places."""
    first = measure.top(np.array([[3.0, 2.0, 1.0]]), np.array([[True, False, False]]), 10)
    assert [[1, 2, -1]] == first.tolist()


def test_popularity_fades() -> None:
    """After a half-life an event counts half."""
    past = _history([(0, 0, 0.0), (1, 1, 7 * DAY)], 2, 2)
    assert [0.5, 1.0] == signals.recency(past, 7 * DAY, 7.0).tolist()


def test_ease_solves_the_regression_it_stands_for() -> None:
    """Each column is the ridge regression of one item on the others, computed the plain way."""
    past = programmes(60)
    had = past.matrix().toarray()
    weights = signals.ease(past, ridge=10.0).weights
    others = np.arange(past.items) != 5
    gram = had[:, others].T @ had[:, others] + 10.0 * np.eye(past.items - 1)
    plain = np.linalg.solve(gram, had[:, others].T @ had[:, 5])
    np.testing.assert_allclose(plain, weights[others, 5], atol=1e-9)
    assert 0.0 == weights[5, 5]


def test_beyond_what_can_be_dense_the_most_taken_items_are_kept() -> None:
    """The others say nothing, and everything else goes on."""
    past = programmes(60)
    found = signals.of_people(past.matrix()[[0, 1]], signals.ties(past, past.at[-1], dense=20).ease)
    least = np.argsort(past.counts(), kind="stable")[:80]
    assert (2, past.items) == found.shape
    assert 0.0 == np.abs(found[:, least]).max()
    assert np.isfinite(blend.fitted(past, past.at[-1], dense=20).scores([0])).all()


def test_order_rules_tell_before_from_after() -> None:
    """What comes after says nothing about what came before."""
    past = _history([(p, i, float(10 * p + i)) for p in range(9) for i in range(3)], 9, 3)
    rules = signals.follows(past).toarray()
    assert rules[0, 1] > rules[0, 2] > 0.0 == rules[1, 0] == rules[2, 0]


def test_a_circle_is_told_by_what_its_people_take_these_days() -> None:
    """Two departments, each with its news: what theirs take now is for them, what was is not."""
    rows = [(p, p % 2, float(p)) for p in range(8)]
    rows += [(p, 2 + p % 2, 100 * DAY) for p in range(4)]
    rows += [(p, 4 + p % 2, 1 * DAY) for p in range(4)]
    past = _history(rows, 8, 6)
    found = signals.circle(past, 100 * DAY).of(past.matrix())[[6, 7]]
    assert found[0, 2] > 1e3 * found[0, 4] > 0.0 == found[0, 3]
    assert found[1, 3] > 1e3 * found[1, 5] > 0.0 == found[1, 2]


def _choices(signal: int, many: int, seed: int) -> list[mixture.Choice]:
    """People who choose the item that the signal puts first, of ten items of random signals."""
    chance = np.random.default_rng(seed)
    tables = chance.uniform(0, 1, (many, 10, len(weights.SIGNALS)))
    return [mixture.Choice(table, int(table[:, signal].argmax())) for table in tables]


def test_two_ways_of_choosing_are_told_apart() -> None:
    """Two of three follow the day, one of three what follows; one set of weights is neither."""
    day, order = weights.SIGNALS.index("day"), weights.SIGNALS.index("order, plain")
    choices = _choices(day, 200, 1) + _choices(order, 100, 2)
    found = mixture.fit(choices)
    by_day = found.weights[:, day] > found.weights[:, order]
    assert 2 / 3 == pytest.approx(found.shares[by_day].sum(), abs=0.1)
    other = np.delete(found.weights, [day, order], axis=1)
    assert (found.weights[:, [day, order]].max(axis=1) > 3 * other.max(axis=1)).all()


def test_no_share_is_ever_nothing() -> None:
    """However sure a past is, something is left to what did not rule so far."""
    found = mixture.fit(_choices(weights.SIGNALS.index("order, plain"), 300, 3))
    assert found.shares.min() >= weights.IMAGINED / (300 + 3 * weights.IMAGINED)
    assert 1.0 == pytest.approx(found.shares.sum())
    assert (found.weights >= 0.0).all()


def test_a_site_that_turned_lately_is_followed() -> None:
    """A site of news became one of programmes: that is learned from its last weeks."""
    world = next(world for world in CHARACTERS if "news to courses" == world.name)
    tried = [evaluation.evaluate(by_time(made(world, seed)), compare=True) for seed in range(4)]
    ours, *others = np.array([[result.ndcg for result in results] for results in tried]).mean(0)
    assert ours > 0.9 * max(others)


def test_words_tie_items_together() -> None:
    """A word that only one item has ties nothing; common words tie little."""
    alike = text.alike(["giving feedback well", "feedback at work", "fire safety at work", ""])
    found = alike.toarray()
    assert found[0, 1] > 0.0 == found[0, 2] == found[3].max()
    assert 0.0 == found.diagonal().max()
    assert (2, 2) == text.alike(["one", "two"]).shape


def test_in_a_catalogue_it_follows_the_programmes() -> None:
    """It beats all that it is compared with, and finds out that people's own past rules there."""
    tried = [
        evaluation.evaluate(by_time(programmes(seed=seed)), compare=True) for seed in range(3, 8)
    ]
    ours, *others = np.array([[result.ndcg for result in results] for results in tried]).mean(0)
    assert ours > max(others)
    found = learning.learn(by_time(programmes()).train).mean
    assert found[weights.PERSONAL].sum() > 10 * found[:5].sum()


def test_on_a_site_of_news_it_follows_the_days() -> None:
    """It comes near the popularity of the last day, where people's own past says nothing."""
    split = by_time(articles())
    ours, *others = evaluation.evaluate(split, compare=True)
    by_name = {other.model: other.ndcg for other in others}
    assert ours.ndcg > 0.98 * by_name["recent popularity"]
    assert ours.ndcg > 5 * max(by_name["EASE"], by_name["item-kNN"], by_name["popularity"])
    found = learning.learn(split.train).mean
    assert "day" == weights.SIGNALS[int(found.argmax())]
    assert found[:3].sum() > 2 * found[weights.PERSONAL].sum()


def test_on_a_plain_site_it_comes_near_popularity() -> None:
    """Where nothing but popularity says anything, looking further costs little."""
    ours, *others = evaluation.evaluate(by_time(favourites()), compare=True)
    assert "popularity" == max(others, key=lambda other: other.ndcg).model
    assert ours.ndcg > 0.95 * others[0].ndcg


def test_in_a_library_it_comes_near_what_is_had_by_the_same_people() -> None:
    """Where order and fashion say nothing, and each subject has few readers."""
    ours, *others = evaluation.evaluate(by_time(subjects()), compare=True)
    by_name = {other.model: other.ndcg for other in others}
    assert ours.ndcg > 0.9 * max(by_name.values())
    assert ours.ndcg > 1.2 * by_name["order rules"] > 5 * by_name["popularity"]


def test_what_goes_together_is_told_twice() -> None:
    """By a ridge that many people overcome, and by one that few do."""
    past = programmes(60)
    found = signals.ties(past, past.at[-1])
    for model, ridge in ((found.ease, signals.RIDGE), (found.free, signals.FREE)):
        assert signals.ease(past, ridge).weights.tobytes() == model.weights.tobytes()
    assert found.free.weights.max() > 2 * found.ease.weights.max()


@pytest.mark.parametrize("site", [programmes, articles])
def test_days_without_hours_are_enough(site: Callable[[], History]) -> None:
    """A log that knows the day only leads to nearly the same."""
    past = site()
    day = history(past.person, past.item, past.at // DAY * DAY, past.people, past.items)
    ours, *others = evaluation.evaluate(by_time(day), compare=True)
    assert ours.ndcg > 0.9 * max(other.ndcg for other in others)


def test_a_small_site_stays_near_the_start() -> None:
    """What two dozen people did says less than what four hundred did."""
    few, many = learning.learn(programmes(24)).weights, learning.learn(programmes()).weights
    assert np.abs(few - weights.START).sum() < np.abs(many - weights.START).sum()


def test_of_a_long_past_some_people_are_enough() -> None:
    """Every second of them, with all that they had."""
    past = programmes(60)
    some = past.of_some(len(past.at) // 2 + 1)
    even = [at for person, at in zip(past.person, past.at, strict=True) if person % 2 == 0]
    assert even == some.at.tolist()
    assert past is past.of_some(len(past.at))


def test_the_tenth_place_is_for_what_is_somebodys_own() -> None:
    """Of what is not among the first nine, the one that their own past speaks for most."""
    score = np.arange(20.0, 0.0, -1.0)[np.newaxis, :]
    own = np.zeros((1, 20))
    own[0, [0, 15, 17]] = 3.0, 1.0, 2.0
    blend._make_room(score, own, np.zeros((1, 20), bool))
    order = np.argsort(-score[0], kind="stable")
    assert [*range(9), 17, 9, 10] == order[:12].tolist()


def test_items_of_one_moment_come_in_no_order() -> None:
    """Each of them gets half of what the one that came first would get."""
    tied = _history([(p, i, 5.0) for p in range(9) for i in range(2)], 9, 2)
    told = _history([(p, i, float(i)) for p in range(9) for i in range(2)], 9, 2)
    tied_rules, told_rules = signals.follows(tied).toarray(), signals.follows(told).toarray()
    assert tied_rules[0, 1] == tied_rules[1, 0] == told_rules[0, 1] / 2 > 0


def test_the_same_rows_give_the_same_scores() -> None:
    """To the last bit, on one machine."""
    one, other = learning.fit(programmes(), YEAR * DAY), learning.fit(programmes(), YEAR * DAY)
    assert one.scores([0, 1, 2]).tobytes() == other.scores([0, 1, 2]).tobytes()


def test_a_tiny_site_gets_an_answer() -> None:
    """One person, one item; nothing at all; and a site where everybody did everything."""
    rows = [(p, i, float(3 * p + i)) for p in range(4) for i in range(3)]
    assert np.isfinite(learning.fit(_history(rows, 4, 3), 99.0).scores([0, 3])).all()
    one = _history([(0, 0, 1.0)], 1, 1)
    assert (1, 1) == learning.fit(one, 1.0).scores([0]).shape
    empty = history(np.zeros(0, int), np.zeros(0, int), np.zeros(0), 0, 0)
    assert weights.START.tolist() == learning.learn(empty).weights.tolist()
    assert (0, 0) == learning.fit(empty, 0.0).scores(np.zeros(0, int)).shape


def test_nobody_looks_into_the_future() -> None:
    """Fitted as of a moment, what came later changes nothing."""
    past = programmes()
    cut = float(np.quantile(past.at, 0.7))
    before = learning.fit(past.until(cut), cut).scores([0, 1])
    assert before.tobytes() == learning.fit(past, cut).scores([0, 1]).tobytes()
