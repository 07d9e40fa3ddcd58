"""How much an outlet takes, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.bootstrap import PUBLISHERS
from bridge.delivery import pace
from bridge.delivery.pace import MACHINES, PER_MINUTE, grant, next_edition, rests_until
from bridge.model import Audience, AudienceKind, Outlet

PARIS = "Europe/Paris"
EVENINGS = {"quiet": "19:00-08:00", "zone": PARIS}
MINUTE = 60_000


def its(kind: str = "slack", **settings: Any) -> pace.Pace:
    """The pace of an outlet with these settings."""
    return pace.of(Outlet(1, 1, "Square", kind, Audience(AudienceKind.EVERYONE, 1), settings))


def at(text: str) -> datetime:
    """A moment of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_people_are_spared_and_machines_are_not() -> None:
    """By default five posts a day; a webhook takes everything at once."""
    assert (5, None) == (its("slack").budget, its("webhook").budget)
    assert (None, 2) == (its("slack", budget=None).budget, its("webhook", budget=2).budget)


def test_every_kind_of_outlet_has_a_rate_or_is_a_machine() -> None:
    """Whoever adds a kind looks its published rules up."""
    assert set() == set(PUBLISHERS) - set(PER_MINUTE) - MACHINES
    assert (50, 7, None) == (
        its("slack").per_minute,
        its("slack", per_minute=7).per_minute,
        its("webhook").per_minute,
    )


@pytest.mark.parametrize(
    ("settings", "now", "until"),
    [
        (EVENINGS, "2026-11-25 17:59", None),
        (EVENINGS, "2026-11-25 18:00", "2026-11-26 07:00"),
        (EVENINGS, "2026-07-01 17:00", "2026-07-02 06:00"),  # Summer time.
        (EVENINGS, "2026-10-24 22:00", "2026-10-25 07:00"),  # The night of 25 hours.
        (EVENINGS, "2026-03-28 22:00", "2026-03-29 06:00"),  # The night of 23.
        (EVENINGS | {"weekends": True}, "2026-11-27 18:00", "2026-11-30 07:00"),
        ({"weekends": True, "zone": PARIS}, "2026-11-27 23:00", "2026-11-29 23:00"),
        ({}, "2026-11-25 03:00", None),
    ],
)
def test_quiet_hours_are_those_of_the_outlets_own_clock(
    settings: dict[str, Any], now: str, until: str | None
) -> None:
    """By the zone where its readers are, summer and winter."""
    assert (at(until) if until else None) == rests_until(its(**settings), at(now))


@pytest.mark.parametrize(
    ("settings", "after", "edition"),
    [
        ({}, "2026-11-25 09:00", "2026-11-25 16:00"),
        ({}, "2026-11-25 16:00", "2026-11-26 16:00"),
        ({"at": "17:30", "zone": PARIS}, "2026-11-25 09:00", "2026-11-25 16:30"),
        ({"at": "17:30", "zone": PARIS}, "2026-10-24 16:00", "2026-10-25 16:30"),
        ({"at": "02:30", "zone": PARIS}, "2026-03-28 12:00", "2026-03-29 01:30"),  # No 02:30.
        ({"at": "02:30", "zone": PARIS}, "2026-10-24 12:00", "2026-10-25 00:30"),  # Two of them.
        ({"edition": "weekly"}, "2026-11-25 09:00", "2026-11-27 16:00"),
        ({"edition": "weekly", "weekday": 0}, "2026-11-25 09:00", "2026-11-30 16:00"),
        ({"edition": "weekly", "weekday": 2}, "2026-11-25 16:00", "2026-12-02 16:00"),
        # A quiet weekend makes no two digests for Monday morning.
        ({"weekends": True}, "2026-11-27 17:00", "2026-11-30 16:00"),
        # An hour that is always quiet: as soon as it is not.
        ({"at": "20:00", "quiet": "19:00-08:00"}, "2026-11-25 09:00", "2026-11-26 08:00"),
    ],
)
def test_the_next_edition(settings: dict[str, Any], after: str, edition: str) -> None:
    """Daily or weekly, by the outlet's own clock, and not in its quiet hours."""
    assert at(edition) == next_edition(its(**settings), at(after))


def test_a_day_is_that_of_the_outlets_clock() -> None:
    """Half past eleven in the evening in London is tomorrow in Paris."""
    assert date(2026, 11, 26) == pace.day_of(its(zone=PARIS), at("2026-11-25 23:30"))


@given(
    st.integers(1, 400),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 150)), max_size=60),
)
def test_no_minute_has_more_messages_than_it_may(
    per_minute: int, asked: list[tuple[int, int]]
) -> None:
    """Whoever asks for how many, and however often."""
    now, free = 1_000_000, 0
    sent: list[int] = []
    for wait, most in asked:
        now += wait
        count, free = grant(per_minute, free, now, most)
        assert 0 <= count <= most
        sent += [now] * count
    for moment in sent:
        assert per_minute >= sum(moment <= one < moment + MINUTE for one in sent)


@given(st.integers(1, 400))
def test_who_asks_every_two_seconds_gets_most_of_it(per_minute: int) -> None:
    """The limit is used, not feared: within an hour three of four that may go, go."""
    free = total = 0
    for now in range(0, 60 * MINUTE, 2_000):
        count, free = grant(per_minute, free, now, 100)
        total += count
    assert total >= per_minute * 60 * 0.75 - 1


def test_what_was_not_used_is_not_saved_up() -> None:
    """After an hour of silence no more go at once than after two seconds."""
    assert 4 == grant(60, 0, 1_000_000, 100)[0]
    assert 4 == grant(60, 0, 1_000_000 + 60 * MINUTE, 100)[0]


def test_editions_go_on_for_ever() -> None:
    """Each is after the one before, a day apart on the clock."""
    moments = [at("2026-03-27 10:00")]
    for _ in range(5):
        moments.append(next_edition(its(zone=PARIS), moments[-1]))
    steps = {later - earlier for earlier, later in pairwise(moments[1:])}
    assert {timedelta(hours=24), timedelta(hours=23)} == steps


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "At most 5 posts a day by itself, the rest in a daily digest at 16:00 (UTC)."),
        (
            {"budget": 1, "edition": "weekly", "weekday": 0, "at": "08:30", "zone": "Asia/Tokyo"},
            "At most 1 post a day by itself, the rest in a weekly digest on Mondays at 08:30"
            " (Asia/Tokyo).",
        ),
        (
            {"budget": None, "quiet": "19:00-08:00,12:00-13:00", "weekends": True},
            "Any number of posts a day; quiet 19:00-08:00; quiet 12:00-13:00; quiet at weekends"
            " (UTC).",
        ),
    ],
)
def test_a_pace_in_one_sentence(settings: dict[str, Any], expected: str) -> None:
    """How much, and when, and by whose clock."""
    assert expected == pace.in_words(its(**settings))
