"""When the worker reads what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.model import Stream
from bridge.sync.cadence import due

NINE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
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


def test_what_takes_long_is_read_less_often() -> None:
    """Ten minutes of enrolments are not read again before 200 minutes have gone by."""
    began = datetime(2026, 11, 25, 9, tzinfo=UTC)
    last = dict.fromkeys(Stream, began)
    took = {Stream.ENROLMENTS: timedelta(minutes=10), Stream.COMPLETIONS: timedelta(minutes=10)}
    early = due({}, last, began + timedelta(minutes=150), took)
    assert Stream.ENROLMENTS not in early
    assert {Stream.COMPLETIONS, Stream.DISCUSSIONS} <= early
    assert Stream.ENROLMENTS in due({}, last, began + timedelta(minutes=200), took)
