"""What a day's completions of one course come to, for each audience."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.feed.aggregate import Aggregate, Completer, aggregates
from bridge.model import Audience, AudienceKind, Choice

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)
EVERYONE = Audience(AudienceKind.EVERYONE, 1)
SALES = Audience(AudienceKind.TEAM, 3)


def person(
    number: int,
    choice: Choice | None = None,
    *teams: int,
    hidden: bool = False,
    present: bool = True,
) -> Completer:
    """Somebody who finished at nine and ``number`` minutes."""
    at = NINE + timedelta(minutes=number)
    return Completer(number, number, at, at, choice, frozenset(teams), hidden, present)


def told(*people: Completer, enrolled: int = 100, size: int = 20) -> dict[Audience, Aggregate]:
    """The aggregates of these people's day."""
    return aggregates(1, people, enrolled, {3: size, 4: size})


def test_who_chose_everyone_is_named_newest_first() -> None:
    """Everybody of the connection may know."""
    found = told(person(1, Choice.EVERYONE), person(2, Choice.PUBLIC))
    assert [2, 1] == [c.person_id for c in found[EVERYONE].named]
    assert [EVERYONE] == list(found)


def test_who_chose_their_teams_is_named_there_alone() -> None:
    """In each of their teams, and nowhere else."""
    found = told(person(1, Choice.TEAMS, 3, 4))
    assert {SALES, Audience(AudienceKind.TEAM, 4)} == set(found)
    assert [1] == [c.person_id for c in found[SALES].named]


def test_who_chose_nobody_is_at_most_counted() -> None:
    """Four silent ones are no number that may be shown; five are."""
    alice = person(9, Choice.EVERYONE)
    four = told(alice, *(person(n, Choice.NOBODY) for n in range(4)))
    five = told(alice, *(person(n) for n in range(5)))
    assert (4, None) == (four[EVERYONE].others, four[EVERYONE].shown_others)
    assert (5, 5) == (five[EVERYONE].others, five[EVERYONE].shown_others)


def test_a_number_alone_is_told_only_by_the_rule_of_five() -> None:
    """Six silent ones are told as a number, four not at all, nor nearly everybody."""
    assert [EVERYONE] == list(told(*(person(n) for n in range(6))))
    assert {} == told(*(person(n) for n in range(4)))
    assert {} == told(*(person(n) for n in range(6)), enrolled=8)


def test_a_hidden_item_is_neither_named_nor_counted() -> None:
    """Nor is somebody who left."""
    people = [person(n) for n in range(5)]
    found = told(*people, person(7, Choice.EVERYONE, hidden=True), person(8, present=False))
    assert ((), 5) == (found[EVERYONE].named, found[EVERYONE].others)


def test_a_team_counts_only_its_own_silent_ones() -> None:
    """Those who are named to everyone are not counted again in the team."""
    silent = [person(n, None, 3) for n in range(5)]
    found = told(
        person(7, Choice.TEAMS, 3), person(8, Choice.EVERYONE, 3), person(9, None, 4), *silent
    )
    assert (1, 5) == (len(found[SALES].named), found[SALES].others)


def test_a_team_cannot_work_out_who_is_silent() -> None:
    """Five finished and four of them are named in Sales: there the number would be of one."""
    four = [person(n, Choice.TEAMS, 3) for n in range(4)]
    told_to = told(*four, person(7, Choice.NOBODY))
    assert [SALES] == list(told_to)
    nine = told(*four, *(person(n, Choice.NOBODY) for n in range(5, 10)))
    assert 9 == nine[EVERYONE].shown_others


PEOPLE = st.lists(
    st.builds(
        person,
        st.integers(0, 10_000),
        st.sampled_from([None, *Choice]),
        st.sampled_from([3, 4]),
        hidden=st.booleans(),
        present=st.booleans(),
    ),
    max_size=40,
)


@given(PEOPLE, st.integers(0, 200))
def test_nobody_is_ever_named_beyond_their_choice(people: list[Completer], enrolled: int) -> None:
    """Whoever finished whatever: names keep to choices, numbers to the rule of five."""
    for audience, aggregate in told(*people, enrolled=enrolled).items():
        for completer in aggregate.named:
            assert completer.choice not in (None, Choice.NOBODY)
            assert completer.present
            assert not completer.hidden
            assert audience.kind is AudienceKind.TEAM or completer.choice is not Choice.TEAMS
        shown = aggregate.shown_others
        assert shown is None or (shown >= 5 and aggregate.group - shown >= 5)
        assert aggregate.named or shown is not None
