"""Comparing, in slices, every verdict that was stored with the LMS's: each course once a week.

It finds what no visit tells of: completions that were marked by somebody else, backdated, revoked,
archived or renewed.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.model import Stream
from bridge.storage.verdicts import Due
from bridge.sync.asking import Asking
from bridge.sync.plan import (
    CURSOR_KEEP,
    HELD_KEEP,
    RECONCILE_AFTER,
    UNREADABLE_KEEP,
    slice_size,
)
from bridge.sync.task import Task, reading

DUES_A_PAGE = 2_000


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
            proven = work.verdicts.judged(connection)
        if not due:
            return
        left = slice_size(total, task.last_read.get(Stream.RECONCILIATION), task.now, strategy)
        asking = Asking(task, count, proven=proven)
        for course_id, _ in due:
            after = cursor.get("person", 0) if cursor.get("course") == course_id else 0
            dues = list(_people(task, course_id, after, left))
            asking.ask(dues)
            left -= len(dues)
            if left <= 0 and dues:
                # The course may go on beyond the slice.
                count.cursor = {"course": course_id, "person": dues[-1].person_id}
                return
            with task.store.work() as work:
                work.verdicts.mark_reconciled([course_id], task.now)


def _people(task: Task, course_id: int, after: int, most: int) -> Iterator[Due]:
    with task.store.reading() as work:
        yield from work.verdicts.enrolled(
            task.connection.id,
            task.now - UNREADABLE_KEEP,
            course_ids=[course_id],
            after=(course_id, after),
            limit=max(1, most),
        )
