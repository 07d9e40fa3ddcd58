"""When a letter about somebody's notices is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.delivery.notice_times import following, next_of, pause, zone_of
from bridge.model import LetterWish, Rhythm

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BERLIN, KIRITIMATI = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")


@pytest.mark.parametrize(
    ("rhythm", "hour", "weekday", "zone", "after", "expected"),
    [
        (Rhythm.OFF, 8, 0, UTC, WEDNESDAY, None),
        (Rhythm.DAILY, 10, 0, UTC, WEDNESDAY, "2026-11-25T10:00"),
        (Rhythm.DAILY, 9, 0, UTC, WEDNESDAY, "2026-11-26T09:00"),
        (Rhythm.DAILY, 10, 0, BERLIN, WEDNESDAY, "2026-11-26T09:00"),
        (Rhythm.DAILY, 0, 0, KIRITIMATI, WEDNESDAY, "2026-11-25T10:00"),
        (Rhythm.WEEKLY, 9, 2, UTC, WEDNESDAY, "2026-12-02T09:00"),
        (Rhythm.WEEKLY, 10, 2, UTC, WEDNESDAY, "2026-11-25T10:00"),
        (Rhythm.WEEKLY, 9, 0, UTC, WEDNESDAY, "2026-11-30T09:00"),
        # The hour that Berlin skips in March, and the one that it has twice in October.
        (Rhythm.DAILY, 2, 0, BERLIN, datetime(2026, 3, 28, 23, tzinfo=UTC), "2026-03-29T01:00"),
        (Rhythm.DAILY, 2, 0, BERLIN, datetime(2026, 10, 24, 22, tzinfo=UTC), "2026-10-25T00:00"),
        (Rhythm.DAILY, 2, 0, BERLIN, datetime(2026, 10, 25, 0, tzinfo=UTC), "2026-10-26T01:00"),
    ],
)
def test_the_next_letter_is_due_by_the_reader_s_clock(
    rhythm: Rhythm, hour: int, weekday: int, zone: ZoneInfo, after: datetime, expected: str | None
) -> None:
    """At the hour that they chose, on the day that they chose, strictly later than now."""
    found = following(rhythm, hour, weekday, zone, after)
    assert expected == (None if found is None else f"{found.astimezone(UTC):%Y-%m-%dT%H:%M}")


def test_changing_one_s_mind_brings_no_second_letter_a_day() -> None:
    """Whoever got one at nine and now wants it at ten gets the next one tomorrow at ten."""
    wish = LetterWish(1, Rhythm.DAILY, hour=10, sent_at=WEDNESDAY)
    assert WEDNESDAY + timedelta(hours=25) == next_of(wish, UTC, WEDNESDAY + timedelta(minutes=5))
    earlier = LetterWish(1, Rhythm.DAILY, hour=5, sent_at=WEDNESDAY)
    assert WEDNESDAY + timedelta(hours=20) == next_of(earlier, UTC, WEDNESDAY)


def test_a_busy_server_is_asked_ever_more_seldom() -> None:
    """Ten minutes at first, two hours at most."""
    minutes = [pause(n).total_seconds() / 60 for n in (0, 1, 2, 3, 4, 1_000)]
    assert [10, 20, 40, 80, 120, 120] == minutes


@pytest.mark.parametrize("name", [None, "", "99", "Nowhere/Town", "/etc", "x" * 999, "a\0"])
def test_a_zone_that_is_none_is_the_bridge_s(name: str | None) -> None:
    """An LMS may say anything."""
    assert BERLIN == zone_of(name, BERLIN)
