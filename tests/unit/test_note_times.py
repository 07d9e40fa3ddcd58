"""When a leader's note is due, and which one it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.delivery import note_times as times
from bridge.model import NoteChannel, NoteKind, NoteWish
from bridge.storage.notes import LastDays

WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)
BERLIN, SYDNEY = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Sydney")
NEW_YORK = ZoneInfo("America/New_York")
WISH = NoteWish(1, NoteChannel.MAIL)
ZONES = [UTC, BERLIN, SYDNEY, NEW_YORK, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Niue")]


def told(at: datetime | None) -> str | None:
    """A moment in UTC, short."""
    return f"{at.astimezone(UTC):%a %d %b %H:%M}" if at else None


@pytest.mark.parametrize(
    ("wish", "zone", "now", "expected"),
    [
        (WISH, UTC, WEDNESDAY, "Mon 30 Nov 08:00"),
        (WISH, BERLIN, WEDNESDAY, "Mon 30 Nov 07:00"),
        (WISH, NEW_YORK, WEDNESDAY, "Mon 30 Nov 13:00"),
        # There it is Monday before the week begins in UTC, whose suggestions are not made yet.
        (WISH, SYDNEY, WEDNESDAY, "Mon 30 Nov 01:00"),
        (WISH, SYDNEY, datetime(2026, 11, 29, 22, tzinfo=UTC), "Mon 30 Nov 01:00"),
        (WISH, SYDNEY, datetime(2026, 11, 30, 1, tzinfo=UTC), "Mon 07 Dec 01:00"),
        (replace(WISH, weekday=2, hour=9), UTC, WEDNESDAY, "Wed 02 Dec 09:00"),
        (replace(WISH, weekday=2, hour=10), UTC, WEDNESDAY, "Wed 25 Nov 10:00"),
        (replace(WISH, channel=NoteChannel.OFF), UTC, WEDNESDAY, None),
        (NoteWish(1), UTC, WEDNESDAY, "Mon 30 Nov 08:00"),
        (NoteWish(1, left_at=WEDNESDAY), UTC, WEDNESDAY, None),
        # Whoever got one today and chooses Tuesday waits until a week is over.
        (replace(WISH, weekday=1, left_at=WEDNESDAY), UTC, WEDNESDAY, "Tue 08 Dec 08:00"),
        (replace(WISH, weekday=2, left_at=WEDNESDAY), UTC, WEDNESDAY, "Wed 02 Dec 08:00"),
        (replace(WISH, weekday=1, attempted_at=WEDNESDAY), UTC, WEDNESDAY, "Tue 08 Dec 08:00"),
        # The hour that Berlin's clocks skip in March.
        (
            replace(WISH, weekday=6, hour=2, left_at=datetime(2026, 3, 22, 1, tzinfo=UTC)),
            BERLIN,
            datetime(2026, 3, 22, 1, 1, tzinfo=UTC),
            "Sun 29 Mar 01:00",
        ),
    ],
)
def test_the_next_note_is_due_on_the_day_that_was_chosen(
    wish: NoteWish, zone: ZoneInfo, now: datetime, expected: str | None
) -> None:
    """By the leader's own clock, a week after the last one, with that week's suggestions."""
    assert expected == told(times.next_of(wish, zone, now))


@given(
    st.integers(0, 730 * 24 * 60).map(lambda minutes: WEDNESDAY + timedelta(minutes=minutes)),
    st.sampled_from(ZONES),
    st.integers(0, 6),
    st.integers(0, 23),
    st.integers(0, 12 * 24 * 60),
)
def test_two_notes_are_seven_days_apart_whatever_is_chosen(
    left: datetime, zone: ZoneInfo, weekday: int, hour: int, minutes: int
) -> None:
    """By the leader's calendar; never more than the rest of a week later than that."""
    now = left + timedelta(minutes=minutes)
    wish = replace(WISH, left_at=left, weekday=weekday, hour=hour)
    found = times.next_of(wish, zone, now)
    assert found is not None
    days = (found.astimezone(zone).date() - left.astimezone(zone).date()).days
    assert 7 <= days
    assert found > now
    assert found - max(now, left + timedelta(days=7)) < timedelta(days=8, hours=16)
    assert times.is_free(wish, zone, found)


@pytest.mark.parametrize(
    ("hours", "zone", "expected"),
    [
        (-1, UTC, False),
        (0, UTC, True),
        (47, UTC, True),
        (49, UTC, False),
        (-7, SYDNEY, True),
        (-8, SYDNEY, False),
        (40, SYDNEY, True),
        (42, SYDNEY, False),
    ],
)
def test_a_note_is_two_days_late_at_most(hours: int, zone: ZoneInfo, expected: bool) -> None:
    """Then it is the next week's; in Sydney the day has begun with the week in UTC."""
    monday = datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert expected is times.in_time(WISH, zone, monday + timedelta(hours=hours))


BEGUN = datetime(2026, 9, 7, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "came", "engaged", "nudged", "nudges", "expected"),
    [
        (0, None, None, None, 0, NoteKind.WEEKLY),
        (20, None, None, None, 0, NoteKind.WEEKLY),
        (21, None, None, None, 0, NoteKind.NUDGE),
        (21, 20, None, None, 0, NoteKind.NUDGE),
        (21, 1, 1, None, 0, NoteKind.WEEKLY),
        (28, None, None, 21, 1, NoteKind.WEEKLY),
        (42, None, None, 21, 1, NoteKind.NUDGE),
        (63, None, None, 42, 2, NoteKind.NUDGE),
        (70, None, None, 63, 3, None),
        (700, None, None, 63, 3, None),
        # Who comes and only reads is nudged, and not given up.
        (70, 40, None, 63, 3, NoteKind.WEEKLY),
        (84, 80, None, 63, 3, NoteKind.NUDGE),
        (70, 70, 70, 63, 3, NoteKind.WEEKLY),
    ],
)
def test_silence_brings_a_nudge_and_then_rest(
    days: int,
    came: int | None,
    engaged: int | None,
    nudged: int | None,
    nudges: int,
    expected: NoteKind | None,
) -> None:
    """After 21 days, every 21 days; after three of them nobody who never came is written to."""

    def day(number: int | None) -> date | None:
        return None if number is None else (BEGUN + timedelta(days=number)).date()

    nudged_at = None if nudged is None else BEGUN + timedelta(days=nudged)
    wish = replace(WISH, begun_at=BEGUN, nudged_at=nudged_at, nudges=nudges)
    last = LastDays(day(came), day(engaged))
    assert expected is times.kind_of(wish, last, BEGUN + timedelta(days=days))


def test_silence_from_before_the_notes_does_not_count() -> None:
    """Who never wanted any, and who has not got one yet, is not silent."""
    long_ago = LastDays(date(2026, 1, 1), date(2026, 1, 1))
    assert NoteKind.FIRST is times.kind_of(NoteWish(1), long_ago, WEDNESDAY)
    assert NoteKind.WEEKLY is times.kind_of(WISH, long_ago, WEDNESDAY)
    begun = replace(WISH, begun_at=WEDNESDAY - timedelta(days=2))
    assert 2 == times.silent_days(begun, long_ago, WEDNESDAY)


def test_a_nudge_that_was_answered_begins_the_count_anew() -> None:
    """The third in a row says that it is the last, if nobody has come since the first."""
    nudged = BEGUN + timedelta(days=42)
    wish = replace(WISH, begun_at=BEGUN, nudged_at=nudged, nudges=2)
    answered = LastDays(nudged.date(), nudged.date())
    assert (1, 3) == (times.nudges_after(wish, answered), times.nudges_after(wish, LastDays()))
    then = BEGUN + timedelta(days=63)
    assert times.is_last_nudge(wish, LastDays(), then)
    assert not times.is_last_nudge(wish, LastDays(came=(BEGUN + timedelta(days=50)).date()), then)
    assert not times.is_last_nudge(replace(wish, nudges=1), LastDays(), then)


def test_failures_are_waited_for_ever_longer() -> None:
    """Minutes where it passes by itself, weeks where somebody has to do something."""
    assert [10, 20, 40, 80, 160, 320, 360, 360] == [
        times.pause(n).total_seconds() / 60 for n in [*range(7), 1_000]
    ]
    assert [1, 2, 4, 4] == [times.weeks(n) for n in (0, 1, 2, 1_000)]
