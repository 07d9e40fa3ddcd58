"""Completions by the LMS's report of them, newest first.

A page or two say what is new on the whole site. The report is a hint: who completed what, and when
exactly, is asked of the LMS for the rows that are new or differently worded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from bridge.errors import LmsError
from bridge.model import ReportPage, ReportRow, Stream
from bridge.storage.verdicts import Due, StoredCompletion
from bridge.sync.asking import Asking
from bridge.sync.plan import (
    CURSOR_KEEP,
    HELD_KEEP,
    UNJUDGED_KEEP,
    UNREADABLE_KEEP,
    moved_since,
    report_rows,
)
from bridge.sync.task import Count, Task

FIRST_ROWS = 1_000


def read(task: Task, count: Count, asking: Asking) -> None:
    """Read the report until a page of it lies wholly before the last good run less the grace.

    Not until the first known row: completions can be backdated. On a first reading it is read to
    the last row that is completed; where it was stopped, it is taken up again.

    :raises LmsError: if the report cannot be used, or says what it cannot mean.
    """
    connection = task.connection.id
    until = moved_since(task.since(Stream.COMPLETIONS))
    with task.store.reading() as work:
        cursor = work.runs.cursor(connection, Stream.COMPLETIONS, task.now - CURSOR_KEEP)
        courses = work.verdicts.readable_courses(
            connection, task.now - UNREADABLE_KEEP, task.now - HELD_KEEP
        )
        expected = work.verdicts.count_since(connection, until) if until else 0
        enrolled = work.verdicts.count_tracked(connection)
    size = report_rows(expected) if until else FIRST_ROWS
    # What is new since then has moved the rows on, so it begins a page before.
    number = max(0, cursor.get("page", 0) - 1) if until is None else 0
    before: ReportPage | None = None
    while True:
        page = task.connector.completion_report(number, size)
        refuse_repeated(page, before)
        before = page
        refuse_narrowed(page, number, size, enrolled)
        rows = [row for row in page.rows if row.dated_as and row.course_lms_id in courses]
        stored = _take(task, asking, rows, courses)
        if number == 0:
            refuse_oldest_first(rows, stored)
        if _ended(page, size) or (until is not None and all_before(stored.values(), until)):
            return
        number += 1
        if until is None:
            with task.store.work() as work:
                work.runs.set_cursor(connection, Stream.COMPLETIONS, {"page": number}, task.now)


def _take(
    task: Task, asking: Asking, rows: Sequence[ReportRow], courses: dict[int, int]
) -> dict[tuple[int, int], StoredCompletion]:
    """Ask about the rows that are new or worded otherwise; what is stored of all, by LMS ids."""
    connection = task.connection.id
    pairs = [(row.course_lms_id, row.person_lms_id) for row in rows]
    with task.store.reading() as work:
        dues = work.verdicts.of_lms(connection, pairs, courses, task.now - UNJUDGED_KEEP)
        stored = work.verdicts.stored([due.key for due in dues.values()])
    unknown = [row for row in rows if (row.course_lms_id, row.person_lms_id) not in dues]
    if unknown:
        dues |= _enrol(task, unknown, courses)
    ask, worded = [], {}
    for row in rows:
        due = dues.get((row.course_lms_id, row.person_lms_id))
        if due is None:
            continue
        before = stored.get(due.key)
        if before is None or before.revoked or before.dated_as != row.dated_as:
            ask.append(due)
            worded[due.key] = row.dated_as
    if ask:
        asking.ask(ask, worded)
        with task.store.reading() as work:
            stored = work.verdicts.stored([due.key for due in dues.values()])
    return {
        pair: stored[due.key]
        for pair, due in dues.items()
        if due.key in stored and not stored[due.key].revoked
    }


def _enrol(
    task: Task, rows: Sequence[ReportRow], courses: dict[int, int]
) -> dict[tuple[int, int], Due]:
    """The report tells of people in courses before the enrolments are read again."""
    connection = task.connection.id
    with task.store.work() as work:
        people = work.people.ids(connection, {r.person_lms_id: r.person_name for r in rows})
        work.learning.add_enrolments(
            [
                (courses[r.course_lms_id], people[r.person_lms_id])
                for r in rows
                if r.person_lms_id in people  # Else they were erased.
            ],
            task.now,
        )
        return work.verdicts.of_lms(
            connection,
            [(row.course_lms_id, row.person_lms_id) for row in rows],
            courses,
            task.now - UNJUDGED_KEEP,
        )


def refuse_narrowed(page: ReportPage, number: int, size: int, enrolled: int) -> None:
    """Do not believe a report that leaves people out: who is missing there may have completed.

    :param enrolled: how many people are in courses with completion, as far as is known.
    :raises LmsError: if it names less than half of them, or fewer rows than it says it has.
    """
    if page.total * 2 < enrolled:
        raise LmsError(
            f"The report has {page.total} rows although {enrolled} people are in courses.",
            "Give the role of the token's user moodle/reportbuilder:viewall, and take conditions"
            " out of the report.",
        )
    if len(page.rows) < min(size, page.total - number * size):
        raise LmsError(
            f"The report says that it has {page.total} rows, and shows fewer.",
            "Look at it in the report builder: it should page as any other.",
        )


def refuse_repeated(page: ReportPage, before: ReportPage | None) -> None:
    """Do not believe a page that is the one before it once more: what it should hold is missing.

    :raises LmsError: if every row of it stood there already.
    """
    if before is not None and page.rows and set(page.rows) <= set(before.rows):
        raise LmsError(
            "The report gives the same page twice.",
            "A cache or a proxy before the LMS may do that; it must not keep these answers.",
        )


def _ended(page: ReportPage, size: int) -> bool:
    return len(page.rows) < size or not page.rows[-1].dated_as


def all_before(found: Iterable[StoredCompletion], until: datetime) -> bool:
    """Whether there is a dated completion among these, and none of them since ``until``."""
    moments = [one.completed_at for one in found if one.dated]
    return bool(moments) and max(moments) < until


def refuse_oldest_first(
    rows: Sequence[ReportRow], stored: dict[tuple[int, int], StoredCompletion]
) -> None:
    """Do not believe a report that is sorted the wrong way round: its news would be at its end.

    :raises LmsError: if the moments go up more often than down.
    """
    moments = [
        stored[pair].completed_at
        for pair in ((row.course_lms_id, row.person_lms_id) for row in rows)
        if pair in stored and stored[pair].dated
    ]
    steps = [(b > a) - (b < a) for a, b in pairwise(moments)]
    if sum(steps) > 0:
        raise LmsError(
            "The report is sorted by the time completed, but the oldest comes first.",
            "Sort it the other way round in the report builder.",
        )
