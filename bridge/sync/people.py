"""The streams that say who is there: enrolments, and the people's own records."""

from __future__ import annotations

from bridge.errors import LmsError, MissingCapability
from bridge.model import EnrolmentFact, Stream, Tally
from bridge.sync.plan import CURSOR_KEEP, PEOPLE_KEEP, refuse_shrink
from bridge.sync.task import Count, Task, reading

COURSES_A_PAGE = 50
PEOPLE_A_PAGE = 100

Answer = tuple[int, list[EnrolmentFact] | LmsError]


def enrolments(task: Task, strategy: str) -> None:
    """Read who is in which course, some courses a page, each page with its checkpoint."""
    with task.store.reading() as work:
        ours = work.facts.course_ids(task.connection.id)
        cursor = work.runs.cursor(task.connection.id, Stream.ENROLMENTS, task.now - CURSOR_KEEP)
    after = cursor.get("after", 0)
    left = [lms_id for lms_id in ours if lms_id > after]
    with reading(task, Stream.ENROLMENTS, strategy) as count:
        for start in range(0, len(left), COURSES_A_PAGE):
            some = left[start : start + COURSES_A_PAGE]
            answers = list(task.connector.enrolments(some))
            _store_enrolments(task, count, ours, answers)
        if (
            task.first(Stream.ENROLMENTS)
            and ours
            and not count.rows
            and not count.problems
            and not after
        ):
            raise MissingCapability(
                f"The LMS names nobody in any of its {len(ours)} courses.",
                "If there are people, give the role of the token's user the capability"
                " moodle/course:viewparticipants.",
                capability="moodle/course:viewparticipants",
            )


def _store_enrolments(
    task: Task, count: Count, ours: dict[int, int], answers: list[Answer]
) -> None:
    tally, rows, connection = Tally(), 0, task.connection.id
    with task.store.work() as work:
        names = {
            fact.person_lms_id: fact.person_name
            for _, answer in answers
            if not isinstance(answer, LmsError)
            for fact in answer
        }
        people = work.people.ids(connection, names)
        before = work.learning.count_enrolments([ours[course] for course, _ in answers])
        for course, answer in answers:
            if isinstance(answer, LmsError):
                count.problem(answer)
                continue
            try:
                refuse_shrink(
                    Stream.ENROLMENTS,
                    before.get(ours[course], 0),
                    len(answer),
                    task.accept_shrink,
                    f" in course {course}",
                )
            except LmsError as error:
                count.problem(error)
                continue
            tally += work.learning.put_enrolments(ours[course], answer, people, task.now)
            rows += len(answer)
        last = answers[-1][0]
        if tally != Tally() and last != max(ours):
            work.runs.set_cursor(connection, Stream.ENROLMENTS, {"after": last}, task.now)
    count.page(rows, tally)


def people(task: Task, strategy: str) -> None:
    """Read the records of new people, and again of those not read for a day.

    Each page stores its people as read, which is the checkpoint.
    """
    read_before = task.now - PEOPLE_KEEP
    with task.store.reading() as work:
        total = work.people.count_due(task.connection.id, read_before)
    with reading(task, Stream.PEOPLE, strategy, total) as count:
        after = 0
        while True:
            with task.store.reading() as work:
                asked = work.people.due(task.connection.id, read_before, after, PEOPLE_A_PAGE)
            if not asked:
                break
            found = task.connector.people(asked)
            refuse_shrink(Stream.PEOPLE, len(asked), len(found), task.accept_shrink)
            with task.store.work() as work:
                tally = work.people.put(task.connection.id, asked, found, task.now)
            count.page(len(asked), tally)
            after = asked[-1]
