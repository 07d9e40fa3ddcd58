"""Completions: by the report where there is one, else by asking about whoever may have moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bridge.errors import LmsError
from bridge.model import Stream
from bridge.storage import Work
from bridge.storage.verdicts import Due, Pair, Wanted
from bridge.sync import report
from bridge.sync.asking import Asking
from bridge.sync.plan import (
    DUES_A_PAGE,
    HELD_KEEP,
    PROBES,
    UNREADABLE_KEEP,
    Span,
    looks,
    still_held,
)
from bridge.sync.task import Count, Task, of_connection, reading


def completions(task: Task, strategy: str) -> None:
    """Find who completed what since the stream was last read.

    :raises LmsError: if the connection as a whole is at fault.
    """
    with reading(task, Stream.COMPLETIONS, strategy) as count:
        asking = Asking(task, count)
        if not task.scope.whole or task.scope.full:
            asking.ask(_everybody(task))
        elif strategy != "report" or not _by_report(task, count, asking):
            asking.ask(_due(task))
            _try_held(task, count, asking)
        if task.scope.whole:
            _settle(task, asking, by_report=count.strategy == "report")


def _by_report(task: Task, count: Count, asking: Asking) -> bool:
    """Read the report; whether that was possible. Why not is kept."""
    try:
        report.read(task, count, asking)
    except LmsError as error:
        if of_connection(error):
            raise
        many = task.connector.site().strategies.get(Stream.RECONCILIATION, "plain")
        count.fall_back(many, error)
        return False
    return True


def _due(task: Task) -> Iterator[Due]:
    """Who may have completed something: seen in the course since, or never asked about.

    That a person was asked about is stored with the answer, which is the checkpoint. Those who
    were asked before come first: a refusal makes one of the others of them.
    """
    spans = looks(task.since(Stream.COMPLETIONS), task.now)
    if spans:
        yield from _wanted(task, spans)
    yield from _wanted(task, None)


def _wanted(task: Task, seen: Sequence[Span] | None) -> Iterator[Due]:
    wanted = Wanted(
        connection_id=task.connection.id,
        unreadable_before=task.now - UNREADABLE_KEEP,
        held_since=task.now - HELD_KEEP,
        seen=seen,
    )
    return _pages(task, lambda work, after: work.verdicts.due(wanted, after, DUES_A_PAGE))


def _pages(task: Task, read: Callable[[Work, Pair], list[Due]]) -> Iterator[Due]:
    """All that ``read`` gives, a page beyond the last one of the page before."""
    after = (0, 0)
    while True:
        with task.store.reading() as work:
            page = read(work, after)
        yield from page
        if len(page) < DUES_A_PAGE:
            return
        after = page[-1].key


def _everybody(task: Task) -> Iterator[Due]:
    """Everybody in the run's scope, complete or not."""
    scope = task.scope
    with task.store.reading() as work:
        courses = people = None
        if scope.course_lms_id is not None:
            ours = work.facts.course_ids(task.connection.id)
            courses = [ours[i] for i in (scope.course_lms_id,) if i in ours]
        if scope.person_lms_id is not None:
            known = work.people.known(task.connection.id, [scope.person_lms_id])
            people = list(known.values())
    return _pages(
        task,
        lambda work, after: work.verdicts.enrolled(
            task.connection.id,
            task.now,
            course_ids=courses,
            person_ids=people,
            after=after,
            limit=DUES_A_PAGE,
        ),
    )


def _try_held(task: Task, count: Count, asking: Asking) -> None:
    """Try a few of the courses that refused; as soon as one answers, all of them are due again."""
    with task.store.reading() as work:
        held = work.verdicts.held(task.connection.id, task.now - HELD_KEEP)
        waiting = [course for course in held if course not in asking.refused]
        probes = [
            due
            for course in waiting[:PROBES]
            for due in work.verdicts.enrolled(
                task.connection.id, task.now - UNREADABLE_KEEP, course_ids=[course], limit=1
            )
        ]
    if not probes:
        return
    asking.ask(probes)
    if asking.answered.intersection(due.course_id for due in probes):
        with task.store.work() as work:
            work.verdicts.let_go(task.connection.id)
        asking.ask(_wanted(task, None))
    elif len(waiting) > PROBES:
        count.problem(still_held(len(waiting) - PROBES, "who completed them"))


def _settle(task: Task, asking: Asking, *, by_report: bool) -> None:
    """Nobody is left to be asked about: of whom the report did not tell has not completed.

    After everything was read, every course is compared but those that refused.
    """
    with task.store.work() as work:
        work.verdicts.settle(task.connection.id, only_complete=not by_report)
        if task.first(Stream.COMPLETIONS) or task.scope.full:
            courses = set(work.facts.course_ids(task.connection.id).values())
            work.verdicts.mark_reconciled(sorted(courses - asking.refused), task.now)
