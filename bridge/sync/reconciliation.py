"""Comparing, in slices, every verdict that was stored with the LMS's: each course once a week.

It finds what no visit tells of: completions that were marked by somebody else, backdated, revoked,
archived or renewed.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from bridge.model import Stream
from bridge.storage.verdicts import Due
from bridge.sync.asking import Asking
from bridge.sync.plan import (
    CURSOR_KEEP,
    DUES_A_PAGE,
    HELD_KEEP,
    RECONCILE_AFTER,
    UNREADABLE_KEEP,
    slice_size,
)
from bridge.sync.task import Task, reading


def reconciliation(task: Task, strategy: str) -> None:
    """Ask for the verdict on everybody in the courses that were compared the longest ago.

    :raises LmsError: if the connection as a whole is at fault.
    """
    connection = task.connection.id
    with reading(task, Stream.RECONCILIATION, strategy) as count:
        with task.store.reading() as work:
            due = work.verdicts.to_reconcile(
                connection, task.now - RECONCILE_AFTER, task.now - HELD_KEEP
            )
            total = work.verdicts.count_tracked(connection) if due else 0
            cursor = work.runs.cursor(connection, Stream.RECONCILIATION, task.now - CURSOR_KEEP)
        if not due:
            return
        left = slice_size(total, task.last_read.get(Stream.RECONCILIATION), task.now, strategy)
        asking = Asking(task, count)
        courses = deque(due)
        while courses and left > 0:
            dues, whole = _some(task, courses, cursor, min(left, DUES_A_PAGE))
            asking.ask(dues)
            left -= max(1, len(dues))
            # A course that refused was not compared: it is due as soon as it answers.
            compared = [course for course in whole if course not in asking.refused]
            with task.store.work() as work:
                work.verdicts.mark_reconciled(compared, task.now)
        # The course that the next run begins with may be compared in part.
        count.cursor = cursor if courses else {}


def _some(
    task: Task, courses: deque[int], cursor: dict[str, Any], most: int
) -> tuple[list[Due], list[int]]:
    """People of the next courses, at most so many, and the courses that end with them.

    ``cursor`` says how far the first of the courses was compared before, and then how far it is.
    """
    dues: list[Due] = []
    whole: list[int] = []
    while courses and len(dues) < most:
        course_id = courses[0]
        after = cursor.get("person", 0) if cursor.get("course") == course_id else 0
        found = _people(task, course_id, after, most - len(dues))
        dues += found
        if len(dues) == most and found:
            cursor.update(course=course_id, person=found[-1].person_id)
        else:
            whole.append(courses.popleft())
            cursor.clear()
    return dues, whole


def _people(task: Task, course_id: int, after: int, most: int) -> list[Due]:
    with task.store.reading() as work:
        return work.verdicts.enrolled(
            task.connection.id,
            task.now - UNREADABLE_KEEP,
            course_ids=[course_id],
            after=(course_id, after),
            limit=most,
        )
