"""When the worker reads what, and when it reads nothing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model import Stream
from bridge.sync.cadence import due, quiet_until

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = ((time(1, 30), time(4, 0)),)
OVER_MIDNIGHT = ((time(22, 0), time(6, 0)),)
BATCH = dict.fromkeys(Stream, "batch")
REPORT = BATCH | {Stream.COMPLETIONS: "report"}
SELDOM = {Stream.COURSES, Stream.TEAMS}


def read(ago: timedelta) -> dict[Stream, datetime]:
    """Every stream was read to its end so long ago."""
    return dict.fromkeys(Stream, NINE - ago)


def test_the_first_run_reads_everything() -> None:
    """Nothing is known yet, not even the strategies."""
    assert set(Stream) == due({}, {}, NINE)


@pytest.mark.parametrize("strategies", [BATCH, BATCH | {Stream.COMPLETIONS: "plain"}])
def test_courses_and_teams_are_read_once_an_hour(strategies: dict[Stream, str]) -> None:
    """Enrolments tell whose completions to ask for, and are read every time."""
    assert set(Stream) - SELDOM == due(strategies, read(timedelta(minutes=5)), NINE)
    assert set(Stream) == due(strategies, read(timedelta(hours=1)), NINE)


def test_by_report_enrolments_are_read_once_an_hour_as_well() -> None:
    """The report tells by itself who completed what."""
    expected = set(Stream) - SELDOM - {Stream.ENROLMENTS}
    assert expected == due(REPORT, read(timedelta(minutes=5)), NINE)
    assert set(Stream) == due(REPORT, read(timedelta(hours=1)), NINE)


def test_what_was_not_read_to_its_end_is_due() -> None:
    """Courses that were refused are asked for again in the next run."""
    last_read = read(timedelta(minutes=5))
    del last_read[Stream.COURSES]
    assert Stream.COURSES in due(BATCH, last_read, NINE)


def test_a_run_that_begins_a_moment_early_does_not_put_a_stream_off() -> None:
    """An hour is an hour, not an hour and a round."""
    assert set(Stream) == due(BATCH, read(timedelta(minutes=59, seconds=30)), NINE)


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


def test_what_takes_long_is_read_less_often() -> None:
    """Ten minutes of enrolments are not read again before 200 minutes have gone by."""
    began = datetime(2026, 11, 25, 9, tzinfo=UTC)
    last = dict.fromkeys(Stream, began)
    took = {Stream.ENROLMENTS: timedelta(minutes=10), Stream.COMPLETIONS: timedelta(minutes=10)}
    early = due({}, last, began + timedelta(minutes=150), took)
    assert Stream.ENROLMENTS not in early
    assert {Stream.COMPLETIONS, Stream.DISCUSSIONS} <= early
    assert Stream.ENROLMENTS in due({}, last, began + timedelta(minutes=200), took)
