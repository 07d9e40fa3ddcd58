"""What a sync decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bridge.errors import LmsError
from bridge.model import Stream
from bridge.sync import plan
from bridge.sync.plan import GRACE

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_a_first_sync_asks_about_everybody() -> None:
    """There is no moment since which people could have moved."""
    assert None is plan.moved_since(None)
    assert NOW - timedelta(hours=48) == plan.moved_since(NOW)


def test_discussions_are_read_back_half_a_year_at_first() -> None:
    """Later only since the last good run, less what clocks may differ."""
    assert NOW - timedelta(days=180) == plan.discussions_since(None, NOW)
    good = NOW - timedelta(minutes=5)
    assert good - timedelta(hours=1) == plan.discussions_since(good, NOW)


@pytest.mark.parametrize(("before", "now"), [(10, 4), (100, 0), (11, 5)])
def test_an_lms_that_answers_far_less_is_not_believed(before: int, now: int) -> None:
    """The figures are in the message, and the way to accept it in the remedy."""
    with pytest.raises(LmsError, match=f"{before} courses.*{now}.*--accept-shrink"):
        plan.refuse_shrink(Stream.COURSES, before, now, accept=False)
    plan.refuse_shrink(Stream.COURSES, before, now, accept=True)


@pytest.mark.parametrize(("before", "now"), [(9, 0), (100, 50), (0, 0), (3, 30)])
def test_what_may_happen_in_a_day_is_believed(before: int, now: int) -> None:
    """Few can go; half can stay; more can come."""
    plan.refuse_shrink(Stream.TEAMS, before, now, accept=False)


def test_whoever_came_lately_is_looked_at_in_every_run() -> None:
    """For two hours: the LMS's cron takes minutes."""
    last = NOW - timedelta(minutes=5)
    lately = plan.looks(last, NOW)[0]
    assert lately[0] == last - timedelta(hours=2)
    assert lately[1] > NOW


def test_each_visit_is_looked_at_once_for_each_later_look() -> None:
    """However the runs fall: each of its four ages lies between two runs exactly once."""
    visit = NOW
    runs = [NOW + timedelta(minutes=n) for n in (130, 200, 355, 365, 800, 1300, 1700, 3000)]
    looked = [
        now
        for last, now in pairwise(runs)
        if any(after < visit <= until for after, until in plan.looks(last, now)[1:])
    ]
    assert [runs[3], runs[4], runs[6], runs[7]] == looked


def test_after_an_outage_nobody_is_forgotten() -> None:
    """Whoever was seen in the 48 hours before it, or during it, is looked at."""
    last = NOW - timedelta(days=5)
    spans = plan.looks(last, NOW)
    for hours in range(24 * 7 - 1):
        seen = NOW - timedelta(hours=hours)
        assert any(after < seen <= until for after, until in spans) or seen <= last - GRACE


def test_a_first_sync_looks_at_nobody_twice() -> None:
    """All are new."""
    assert [] == plan.looks(None, NOW)
