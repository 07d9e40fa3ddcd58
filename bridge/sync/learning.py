"""The streams that say what people learned and asked: completions and discussions."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import LmsError, Missing, MissingCapability
from bridge.model import CompletionFact, Stream
from bridge.storage.learning import Due
from bridge.sync.plan import NEWS, UNREADABLE_KEEP, discussions_since, moved_since
from bridge.sync.task import Count, Task, reading

VERDICTS_A_PAGE = 500
COURSES_A_PAGE = 50
GIVE_UP_AFTER = 3

NO_CRITERIA = {"nocriteriaset", "completionnotenabled"}


def completions(task: Task, strategy: str) -> None:
    """Ask for the verdict on everybody who may have completed something, some a page.

    That a person was asked about is stored with the answer, which is the checkpoint. Courses that
    were never judged are tried with one person first: one that cannot be judged would otherwise
    refuse for each of its people.
    """
    moved = moved_since(task.last_good)
    unreadable_before = task.now - UNREADABLE_KEEP
    with task.store.reading() as work:
        total = work.learning.count_verdicts_due(
            task.connection.id, moved_since=moved, unreadable_before=unreadable_before
        )
        probes = work.learning.probes(
            task.connection.id, moved_since=moved, unreadable_before=unreadable_before
        )
    with reading(task, Stream.COMPLETIONS, strategy, total) as count:
        without = _probe(task, count, probes)
        judged = count.rows
        after = (0, 0)
        while True:
            with task.store.reading() as work:
                due = work.learning.verdicts_due(
                    task.connection.id,
                    moved_since=moved,
                    unreadable_before=unreadable_before,
                    without=sorted(without),
                    after=after,
                    limit=VERDICTS_A_PAGE,
                )
            if not due:
                break
            without |= _ask(task, count, due)
            if count.rows == judged and len(without) >= GIVE_UP_AFTER:
                break  # The right as a whole was taken away; the problem is noted.
            judged = count.rows
            after = (due[-1].course_id, due[-1].person_id)


def _probe(task: Task, count: Count, probes: Sequence[Due]) -> set[int]:
    """The courses, in our ids, that cannot be judged now; why is kept as a problem.

    :raises MissingCapability: if the right to judge is missing as a whole.
    """
    refused: set[int] = set()
    without_criteria: list[int] = []
    readable: list[tuple[Due, CompletionFact | None]] = []
    answers = task.connector.completions([due.pair for due in probes])
    for due, (_, answer) in zip(probes, answers, strict=True):
        if isinstance(answer, MissingCapability):
            refused.add(due.course_id)
            count.problem(answer)
            if len(refused) >= GIVE_UP_AFTER and not readable:
                raise answer
        elif isinstance(answer, LmsError) and answer.code in NO_CRITERIA:
            without_criteria.append(due.course_id)
        elif isinstance(answer, Missing):
            readable.append((due, None))
        elif isinstance(answer, LmsError):
            refused.add(due.course_id)
            count.problem(answer)
        else:
            readable.append((due, answer))
    _store(task, count, readable, without_criteria)
    return refused


def _ask(task: Task, count: Count, due: Sequence[Due]) -> set[int]:
    """Ask about one page and store what was answered; the courses that refused, in our ids.

    A course that refuses for one person is not asked about the others: each refusal would cost a
    request. Its people stay due.
    """
    verdicts: list[tuple[Due, CompletionFact | None]] = []
    refused: set[int] = set()
    left = list(due)
    while left:
        position = 0
        for one, (_, answer) in zip(
            left, task.connector.completions([d.pair for d in left]), strict=False
        ):
            position += 1
            if isinstance(answer, CompletionFact):
                verdicts.append((one, answer))
            elif isinstance(answer, Missing):
                verdicts.append((one, None))
            else:
                count.problem(answer)
                refused.add(one.course_id)
                break
        left = [one for one in left[position:] if one.course_id not in refused]
    answered = {one for one, _ in verdicts}
    _store(task, count, verdicts, [], [one for one in due if one not in answered])
    return refused


def _store(
    task: Task,
    count: Count,
    verdicts: Sequence[tuple[Due, CompletionFact | None]],
    without_criteria: Sequence[int],
    refused: Sequence[Due] = (),
) -> None:
    if not verdicts and not without_criteria and not refused:
        return
    with task.store.work() as work:
        work.learning.mark_unreadable(without_criteria, task.now)
        work.learning.mark_unasked(refused)
        tally = work.learning.put_verdicts(
            task.connection.id,
            verdicts,
            task.now,
            news_since=task.now - NEWS,
            dateless_is_news=not task.first,
        )
    count.page(len(verdicts), tally)


def discussions(task: Task, strategy: str) -> None:
    """Read the discussions with news of forums that are open to their whole course.

    Each page of courses is stored in one transaction. Nothing is checkpointed: what was stored is
    found to be the same when it is read again.
    """
    since = discussions_since(task.last_good, task.now)
    with task.store.reading() as work:
        courses = work.facts.course_ids(task.connection.id, visible_only=True)
    with reading(task, Stream.DISCUSSIONS, strategy) as count:
        lms_ids = list(courses)
        for start in range(0, len(lms_ids), COURSES_A_PAGE):
            some = lms_ids[start : start + COURSES_A_PAGE]
            forums = [f for f in task.connector.forums(some) if f.open_to_course]
            found = []
            for _, answer in task.connector.discussions(forums, since):
                if isinstance(answer, LmsError):
                    count.problem(answer)
                else:
                    found += answer
            if not found:
                continue
            with task.store.work() as work:
                names = {f.author_lms_id: f.author_name for f in found if f.author_lms_id}
                tally = work.learning.put_discussions(
                    task.connection.id,
                    found,
                    courses=courses,
                    people=work.people.ids(task.connection.id, names),
                    our_lms_id=task.connector.site().user_id,
                    now=task.now,
                    news_since=task.now - NEWS,
                )
            count.page(len(found), tally)
