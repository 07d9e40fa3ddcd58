"""What a verdict makes of what was stored: rules without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.model import CompletionFact
from bridge.storage.verdicts import Due, StoredCompletion
from bridge.sync.verdicts import Answered, Moment, judge

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
LAST_YEAR = NOW - timedelta(days=400)
MOMENT = Moment(NOW, news_since=NOW - timedelta(days=7), dateless_is_news=True)
DUE = Due(course_id=1, person_id=2, course_lms_id=11, person_lms_id=12)
STORED = StoredCompletion(
    course_id=1,
    person_id=2,
    completed_at=LAST_YEAR,
    dated=True,
    dated_as="",
    seen_at=LAST_YEAR,
    moved_from=None,
    renewals=0,
    history=False,
    revoked=False,
    pending=False,
)


def said(completed: bool, at: datetime | None = None, worded: str = "") -> Answered:
    """The LMS's word on the one enrolment."""
    return Answered(DUE, CompletionFact(11, 12, completed, at), worded)


def test_a_completion_of_this_week_is_news() -> None:
    """It waits for the feed, dated as the LMS dates it."""
    row = judge(said(True, YESTERDAY), None, MOMENT)
    assert row is not None
    assert (YESTERDAY, True, False, True) == (row.completed_at, row.dated, row.history, row.pending)


def test_an_old_completion_is_history() -> None:
    """It is stored, and the feed never looks at it."""
    row = judge(said(True, LAST_YEAR), None, MOMENT)
    assert row is not None
    assert (True, False) == (row.history, row.pending)


@pytest.mark.parametrize(("later", "history"), [(True, False), (False, True)])
def test_a_dateless_completion_is_dated_by_when_it_is_seen(later: bool, history: bool) -> None:
    """On a first sync it is history; later it is news."""
    row = judge(said(True), None, replace(MOMENT, dateless_is_news=later))
    assert row is not None
    assert (NOW, False, history) == (row.completed_at, row.dated, row.history)


@pytest.mark.parametrize("before", [None, replace(STORED, revoked=True)])
def test_who_is_not_complete_leaves_nothing(before: StoredCompletion | None) -> None:
    """Neither where there was nothing, nor where it was taken back before."""
    assert judge(said(False), before, MOMENT) is None


def test_no_verdict_changes_nothing() -> None:
    """Somebody who left the course has completed it all the same."""
    assert judge(Answered(DUE, None), STORED, MOMENT) is None


def test_what_is_said_again_changes_nothing() -> None:
    """The same date, or none as before."""
    assert judge(said(True, LAST_YEAR), STORED, MOMENT) is None
    assert judge(said(True), replace(STORED, dated=False), MOMENT) is None


def test_a_date_that_the_lms_does_not_give_any_more_is_kept_as_the_best_there_is() -> None:
    """It was archived and recognised: to whoever looks only now it has no date."""
    assert judge(said(True), STORED, MOMENT) == replace(STORED, dated=False)


def test_a_revoked_completion_is_taken_back() -> None:
    """The feed corrects what it told; it is kept, so that its return is recognised."""
    row = judge(said(False), STORED, MOMENT)
    assert row == replace(STORED, revoked=True, pending=True)


def test_revoked_history_is_no_business_of_the_feed() -> None:
    """It was never told."""
    row = judge(said(False), replace(STORED, history=True), MOMENT)
    assert row is not None
    assert (True, False) == (row.revoked, row.pending)


def test_a_later_date_is_a_renewal() -> None:
    """Completed anew a year later: news again, counted, and the old day stays as it was told."""
    row = judge(said(True, YESTERDAY), STORED, MOMENT)
    assert row is not None
    assert (1, YESTERDAY, False, True, None) == (
        row.renewals,
        row.completed_at,
        row.history,
        row.pending,
        row.moved_from,
    )


def test_what_had_no_date_is_renewed_like_anything_else() -> None:
    """Recognised last year, completed properly yesterday: that is news."""
    row = judge(said(True, YESTERDAY), replace(STORED, dated=False, history=True), MOMENT)
    assert row is not None
    assert (1, True, False) == (row.renewals, row.dated, row.history)


def test_a_no_that_is_older_than_the_completion_takes_nothing_back() -> None:
    """The LMS pushed the completion while its pages of verdicts were being read."""
    pushed = replace(STORED, completed_at=NOW, seen_at=NOW + timedelta(seconds=20))
    assert judge(said(False), pushed, MOMENT) is None


def test_without_a_date_in_a_course_that_was_never_judged_it_is_history() -> None:
    """The right to judge it came late; what is found there may be years old."""
    late = replace(MOMENT, never_judged=frozenset({1}))
    row = judge(said(True), None, late)
    assert row is not None
    assert row.history


def test_a_correction_that_the_feed_has_not_seen_is_kept_through_a_revocation() -> None:
    """The day that it was told under is still to be looked at."""
    corrected = replace(STORED, moved_from=YESTERDAY, pending=True)
    row = judge(said(False), corrected, MOMENT)
    assert row is not None
    assert (True, YESTERDAY) == (row.revoked, row.moved_from)


def test_a_renewal_after_an_archive_is_one() -> None:
    """Recertification turns the verdict back to false before it is true again."""
    archived = judge(said(False), STORED, MOMENT)
    row = judge(said(True, YESTERDAY), archived, MOMENT)
    assert row is not None
    assert (1, False, YESTERDAY) == (row.renewals, row.revoked, row.completed_at)


def test_a_verdict_that_flickered_is_no_renewal() -> None:
    """The same completion is there again: not news twice."""
    gone = judge(said(False), STORED, MOMENT)
    row = judge(said(True, LAST_YEAR), gone, MOMENT)
    assert row is not None
    assert (0, False, LAST_YEAR) == (row.renewals, row.revoked, row.completed_at)


@pytest.mark.parametrize("moved", [timedelta(hours=-30), timedelta(hours=5)])
def test_a_corrected_date_corrects_both_days(moved: timedelta) -> None:
    """A little later, or earlier by whatever: the day it was told under is looked at again."""
    row = judge(said(True, LAST_YEAR + moved), STORED, MOMENT)
    assert row is not None
    assert (0, LAST_YEAR, True) == (row.renewals, row.moved_from, row.pending)


def test_a_date_that_comes_later_replaces_the_time_it_was_seen() -> None:
    """Recognition of prior learning that an admin dates afterwards is no second completion."""
    row = judge(said(True, YESTERDAY), replace(STORED, dated=False, completed_at=NOW), MOMENT)
    assert row is not None
    assert (0, True, YESTERDAY) == (row.renewals, row.dated, row.completed_at)


def test_other_words_of_the_report_are_kept_without_fuss() -> None:
    """So that the row is not asked about again; the feed need not look."""
    row = judge(said(True, LAST_YEAR, "1 June 2025, 4:05 AM"), STORED, MOMENT)
    assert row == replace(STORED, dated_as="1 June 2025, 4:05 AM")
