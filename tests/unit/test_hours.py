"""Hours of the day by the clock on the wall, also on the days on which it is changed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.hours import quiet_until, spans, told, whole_day

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = ((time(1, 30), time(4, 0)),)
OVER_MIDNIGHT = ((time(22, 0), time(6, 0)),)


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (NIGHT, "2026-11-25 01:29", None),
        (NIGHT, "2026-11-25 01:30", "2026-11-25 04:00"),
        (NIGHT, "2026-11-25 03:59", "2026-11-25 04:00"),
        (NIGHT, "2026-11-25 04:00", None),
        (OVER_MIDNIGHT, "2026-11-25 23:10", "2026-11-26 06:00"),
        (OVER_MIDNIGHT, "2026-11-25 05:59", "2026-11-25 06:00"),
        (OVER_MIDNIGHT, "2026-11-25 12:00", None),
        ((*NIGHT, (time(4, 0), time(5, 0))), "2026-11-25 03:00", "2026-11-25 05:00"),
        (((time(22, 0), time(0, 0)),), "2026-11-25 23:00", "2026-11-26 00:00"),
        ((), "2026-11-25 03:00", None),
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(
    hours: tuple[tuple[time, time], ...], at: str, until: str | None
) -> None:
    """Of the bridge's own zone; several, adjoining ones too, and over midnight."""
    now = datetime.fromisoformat(at).replace(tzinfo=BERLIN).astimezone(UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=BERLIN) if until else None
    assert expected == quiet_until(hours, BERLIN, now)


def test_the_night_that_loses_an_hour_has_shorter_quiet_hours() -> None:
    """On 29 March 2026 Berlin's clock goes from 02:00 to 03:00."""
    begin = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30 in winter time.
    assert datetime(2026, 3, 29, 2, 0, tzinfo=UTC) == quiet_until(NIGHT, BERLIN, begin)
    lost = ((time(1, 30), time(2, 30)),)
    assert datetime(2026, 3, 29, 1, 0, tzinfo=UTC) == quiet_until(lost, BERLIN, begin)


def test_the_night_that_has_an_hour_twice_has_longer_ones() -> None:
    """On 25 October 2026 Berlin's clock goes from 03:00 back to 02:00."""
    begin = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 01:30 in summer time.
    end = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)  # 04:00 in winter time.
    assert (end, timedelta(hours=3, minutes=30)) == (
        quiet_until(NIGHT, BERLIN, begin),
        end - begin,
    )


@given(
    st.timedeltas(timedelta(0), timedelta(days=366)).map(lambda later: NINE + later),
    st.times(),
    st.times(),
)
def test_quiet_hours_end_where_they_are_said_to_end(now: datetime, begin: time, end: time) -> None:
    """At the end it is quiet no more, and until a moment before it it was."""
    hours = ((begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)),)
    if hours[0][0] == hours[0][1]:
        return  # The settings refuse a whole day.
    until = quiet_until(hours, BERLIN, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert None is quiet_until(hours, BERLIN, until)
        assert until == quiet_until(hours, BERLIN, until - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (OVER_MIDNIGHT, "2026-11-27 22:30", "2026-11-30 06:00"),  # Friday evening.
        (OVER_MIDNIGHT, "2026-11-28 12:00", "2026-11-30 06:00"),
        ((), "2026-11-29 23:59", "2026-11-30 00:00"),
        ((), "2026-11-27 23:59", None),
        ((), "2026-03-29 01:00", "2026-03-30 00:00"),  # A Sunday of 23 hours.
    ],
)
def test_a_weekend_may_be_quiet_as_a_whole(
    hours: tuple[tuple[time, time], ...], at: str, until: str | None
) -> None:
    """From midnight to midnight, and on into the night's own hours."""
    now = datetime.fromisoformat(at).replace(tzinfo=BERLIN).astimezone(UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=BERLIN) if until else None
    assert expected == quiet_until(hours, BERLIN, now, weekends=True)


def test_spans_are_read_as_they_are_written() -> None:
    """Several, over midnight, and up to the midnight at the end of the day."""
    assert (*OVER_MIDNIGHT, (time(12, 0), time(0, 0))) == spans("22:00-06:00, 12:00-24:00")
    assert () == spans("")


@pytest.mark.parametrize("text", ["22:00", "22:00-25:00", "a-b", "1:2:3-4:00", "22:00-06:00-07:00"])
def test_what_is_no_span_is_named(text: str) -> None:
    """The error holds the part."""
    with pytest.raises(ValueError, match=text):
        spans(f"01:00-02:00,{text}")


def test_a_whole_day_is_recognised() -> None:
    """However it is put together."""
    assert whole_day(spans("08:00-20:00,19:00-08:00"))
    assert whole_day(spans("08:00-08:00"))
    assert not whole_day(spans("08:00-07:59"))


def test_a_moment_is_told_by_the_clock_of_a_zone() -> None:
    """With the name of that clock's time."""
    assert "Wed 25 Nov 2026, 10:00 CET" == told(NINE, BERLIN)
