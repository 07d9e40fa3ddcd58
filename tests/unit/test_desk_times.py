"""When a planned share may leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.desk import times
from bridge.errors import InputError

PARIS = ZoneInfo("Europe/Paris")
WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)  # 10:00 in Paris.


def at(hours: float) -> datetime:
    """So many hours from now."""
    return WEDNESDAY + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        (at(3), ""),
        (at(-1), "too soon"),
        (at(0.05), "too soon"),
        (at(8), "not at work"),  # 18:00 in Paris.
        (at(22), ""),  # 08:00 in Paris.
        (at(21.9), "not at work"),
        (at(24 * 61), "more than 60 days"),
        (at(26.4), "within half an hour"),
        (at(26.5), ""),
        (at(50), "over by then"),
    ],
)
def test_what_may_be_planned(moment: datetime, says: str) -> None:
    """By day in Paris, in time, and half an hour from the share of tomorrow at noon there."""
    found = times.wrong(moment, WEDNESDAY, PARIS, [at(26)], at(49))
    assert says in found
    assert bool(says) == bool(found)


def test_the_next_good_time_is_proposed() -> None:
    """Half past twelve; half past three where that is taken; Monday after a Friday evening."""
    assert at(2.5) == times.proposed(WEDNESDAY, PARIS, [], None)
    assert at(5.5) == times.proposed(WEDNESDAY, PARIS, [at(2.75)], None)
    friday = WEDNESDAY + timedelta(days=2, hours=8)
    monday = datetime(2026, 11, 30, 9, 30, tzinfo=PARIS)
    assert monday == times.proposed(friday, PARIS, [], None)
    assert None is times.proposed(friday, PARIS, [], friday + timedelta(hours=1))


def test_a_refusal_says_the_nearest_good_time() -> None:
    """After it if there is one, else before."""
    with pytest.raises(InputError, match=r"half an hour.*Take Thu 26 Nov 2026, 12:30 CET"):
        times.check(at(26), WEDNESDAY, PARIS, [at(26)], None)
    with pytest.raises(InputError, match=r"over by then.*Take Wed 25 Nov 2026, 12:45 CET"):
        times.check(at(4), WEDNESDAY, PARIS, [], at(3))
    with pytest.raises(InputError, match="Share it now"):
        times.check(at(4), WEDNESDAY, PARIS, [], at(0))
    last_of_all = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(InputError, match=r"60 days away.*Take Sun 24 Jan 2027, 10:00 CET"):
        times.check(last_of_all, WEDNESDAY, PARIS, [], None)


@given(
    st.integers(0, 60 * 24 * 10),
    st.lists(st.integers(0, 60 * 24 * 10), max_size=20),
    st.sampled_from(["Europe/Paris", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"]),
)
def test_what_is_proposed_may_be_planned(minute: int, others: list[int], name: str) -> None:
    """Wherever the leader is, and however much is planned: the nearest one as well."""
    zone, now = ZoneInfo(name), WEDNESDAY + timedelta(minutes=minute)
    taken = [WEDNESDAY + timedelta(minutes=other) for other in others]
    for found in (
        times.proposed(now, zone, taken, None),
        times.nearest(now, now, zone, taken, None),
    ):
        assert found is not None
        assert times.wrong(found, now, zone, taken, None) == ""
