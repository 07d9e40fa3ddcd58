"""The streams that say what people learned and asked: completions and discussions."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import LmsError, Missing, MissingCapability
from bridge.model import CompletionFact, ForumFact, Listing, Stream
from bridge.storage.learning import Due
from bridge.sync.plan import NEWS, UNREADABLE_KEEP, discussions_since, moved_since
from bridge.sync.task import Count, Task, reading

VERDICTS_A_PAGE = 500
COURSES_A_PAGE = 50
GIVE_UP_AFTER = 10
"""So many courses refusing, and none answering, mean that the right as a whole is missing."""

NO_CRITERIA = {"nocriteriaset", "completionnotenabled"}


def completions(task: Task, strategy: str) -> None:
    """Ask for the verdict on everybody who may have completed something, some a page.

    That a person was asked about is stored with the answer, which is the checkpoint. Courses that
    were never judged are tried with one person first: one that cannot be judged would otherwise
    refuse for each of its people.
    """
    moved = moved_since(task.last_read.get(Stream.COMPLETIONS))
    unreadable_before = task.now - UNREADABLE_KEEP
    with task.store.reading() as work:
        total = work.learning.count_verdicts_due(
            task.connection.id, moved_since=moved, unreadable_before=unreadable_before
        )
        probes = work.learning.probes(
            task.connection.id, moved_since=moved, unreadable_before=unreadable_before
        )
        proven = work.learning.judged(task.connection.id)
    with reading(task, Stream.COMPLETIONS, strategy, total) as count:
        without = _probe(task, count, probes, proven)
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
                # The right as a whole was taken away. The problem is noted, and everybody is due
                # again when it is back.
                count.whole = False
                break
            judged = count.rows
            after = (due[-1].course_id, due[-1].person_id)


def _probe(task: Task, count: Count, probes: Sequence[Due], proven: bool) -> set[int]:
    """The courses, in our ids, that cannot be judged now; why is kept as a problem.

    :param proven: whether some course was judged before: then the right as a whole is there.
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
            if len(refused) >= GIVE_UP_AFTER and not readable and not proven:
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
            dateless_is_news=not task.first(Stream.COMPLETIONS),
        )
    count.page(len(verdicts), tally)


def discussions(task: Task, strategy: str) -> None:
    """Read the discussions of forums that are open to their whole course.

    Each page of courses is stored in one transaction, with what was taken out of the LMS since.
    Nothing is checkpointed: what was stored is found to be the same when it is read again.
    """
    since = discussions_since(task.last_read.get(Stream.DISCUSSIONS), task.now)
    with task.store.reading() as work:
        courses = work.facts.course_ids(task.connection.id, visible_only=True)
    with reading(task, Stream.DISCUSSIONS, strategy) as count:
        lms_ids = list(courses)
        for start in range(0, len(lms_ids), COURSES_A_PAGE):
            forums = task.connector.forums(lms_ids[start : start + COURSES_A_PAGE])
            listings: list[tuple[ForumFact, Listing]] = []
            open_ones = [forum for forum in forums if forum.open_to_course]
            for forum, answer in task.connector.discussions(open_ones, since):
                if isinstance(answer, LmsError):
                    count.problem(answer)
                else:
                    listings.append((forum, answer))
            closed = [forum for forum in forums if not forum.open_to_course]
            _store_discussions(task, count, courses, listings, closed)


def _store_discussions(
    task: Task,
    count: Count,
    courses: dict[int, int],
    listings: Sequence[tuple[ForumFact, Listing]],
    closed: Sequence[ForumFact],
) -> None:
    found = [fact for _, listing in listings for fact in listing.found]
    with task.store.work() as work:
        names = {fact.author_lms_id: fact.author_name for fact in found if fact.author_lms_id}
        tally = work.learning.put_discussions(
            task.connection.id,
            found,
            courses=courses,
            people=work.people.ids(task.connection.id, names),
            our_lms_id=task.connector.site().user_id,
            now=task.now,
            news_since=task.now - NEWS,
        )
        for forum, listing in listings:
            listed = [fact.lms_id for fact in listing.found]
            tally += work.learning.drop_discussions(
                task.connection.id, forum.lms_id, listed, listing.since
            )
        for forum in closed:
            tally += work.learning.drop_discussions(task.connection.id, forum.lms_id, [], None)
    count.page(len(found), tally)
