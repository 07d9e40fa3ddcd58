"""What stands ready is let go when it is touched, and is never of the time before."""

from __future__ import annotations

from bridge.storage.ready import AT_ONCE, NEVER, Ready, Touch
from bridge.storage.touched import EVERYTHING


def begun() -> Ready:
    """One that has heard of everything up to 10 and keeps the views of two activities."""
    ready = Ready()
    epoch = ready.hear(NEVER, 10, [])
    ready.keep(epoch, {1: ("one", ["activity:1", "person:7"]), 2: ("two", ["activity:2"])})
    return ready


def there(ready: Ready) -> set[int]:
    """The activities whose views are there."""
    return set(ready.take([1, 2, 3]))


def test_what_was_kept_is_taken() -> None:
    """By its activity."""
    assert {1: "one", 2: "two"} == begun().take([1, 2, 3])


def test_what_is_touched_is_let_go() -> None:
    """And with it whatever else shows it, but nothing more."""
    ready = begun()
    ready.hear(10, 11, [Touch(11, "person:7", 11)])
    assert {2} == there(ready)
    assert 11 == ready.since


def test_what_nobody_shows_is_nothing() -> None:
    """A person whom no view names changes their name."""
    ready = begun()
    ready.hear(10, 11, [Touch(11, "person:8", 11)])
    assert {1, 2} == there(ready)


def test_a_reader_who_was_overtaken_keeps_nothing() -> None:
    """What it made may be of the time before what the other has heard of."""
    ready = begun()
    slow = ready.hear(10, 10, [])
    ready.hear(10, 11, [Touch(11, "activity:3", 11)])
    ready.keep(slow, {3: ("of the time before", ["activity:3"])})
    assert {1, 2} == there(ready)


def test_a_reader_whose_snapshot_is_older_keeps_nothing() -> None:
    """It began before, and comes after another one has heard of what it cannot see."""
    ready = begun()
    ready.hear(10, 11, [Touch(11, "activity:3", 11)])
    slow = ready.hear(10, 10, [])
    ready.keep(slow, {3: ("of the time before", ["activity:3"])})
    assert {1, 2} == there(ready)


def test_what_is_heard_again_overtakes_nobody() -> None:
    """PostgreSQL repeats what was touched for as long as an older transaction is open."""
    ready = begun()
    news = [Touch(11, "person:7", 30)]
    ready.hear(10, 10, news)
    epoch = ready.hear(10, 10, news)
    ready.keep(epoch, {1: ("made since", ["activity:1", "person:7"])})
    ready.hear(10, 10, news)
    assert {1: "made since", 2: "two"} == ready.take([1, 2])


def test_two_who_are_the_first_at_once() -> None:
    """Of what was touched between them, neither has asked: nothing may stay."""
    ready = Ready()
    epoch = ready.hear(NEVER, 10, [])
    ready.keep(epoch, {1: ("one", ["activity:1"])})
    ready.hear(NEVER, 12, [])
    assert set() == there(ready)
    assert 12 == ready.since


def test_a_reader_who_comes_late_turns_nothing_back() -> None:
    """The next one asks from where the furthest was."""
    ready = begun()
    ready.hear(10, 20, [])
    ready.hear(10, 15, [])
    assert 20 == ready.since


def test_too_much_to_hear_of_is_a_new_beginning() -> None:
    """As is what says that older rows were forgotten."""
    for news in (
        [Touch(n, "person:8", n) for n in range(11, 11 + AT_ONCE)],
        [Touch(11, EVERYTHING, 11)],
    ):
        ready = begun()
        ready.hear(10, 11 + len(news), news)
        assert set() == there(ready)


def test_the_least_asked_for_makes_room() -> None:
    """So many are kept and no more, and what they showed is forgotten with them."""
    ready = Ready(most=2)
    epoch = ready.hear(NEVER, 10, [])
    ready.keep(epoch, {1: ("one", ["person:7"]), 2: ("two", ["person:7"])})
    ready.take([1])
    ready.keep(epoch, {3: ("three", ["person:9"])})
    assert {1, 3} == there(ready)
    ready.hear(10, 11, [Touch(11, "person:7", 11)])
    assert {3} == there(ready)
