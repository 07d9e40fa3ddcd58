"""The streams that say who is there: enrolments, and the people's own records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bridge.errors import LmsError, MissingCapability
from bridge.model import EnrolmentFact, ProfileRules, Stream, Tally
from bridge.sync import profile
from bridge.sync.plan import (
    CURSOR_KEEP,
    HELD_KEEP,
    PEOPLE_KEEP,
    PROBES,
    refuse_shrink,
    still_held,
)
from bridge.sync.task import Count, Task, reading
from bridge.visibility import is_guest

COURSES_A_PAGE = 50
ENROLMENTS_A_PAGE = 20_000
"""So many are held at a time, or one course, whichever is more."""
PEOPLE_A_PAGE = 390
WITNESSES = 3
"""So many people who were read before are asked along: if they come back, no right is missing."""

Answer = tuple[int, list[EnrolmentFact] | LmsError]


def enrolments(task: Task, strategy: str) -> None:
    """Read who is in which course, some courses a page, each page with its checkpoint."""
    with task.store.reading() as work:
        ours = work.facts.course_ids(task.connection.id)
        cursor = work.runs.cursor(task.connection.id, Stream.ENROLMENTS, task.now - CURSOR_KEEP)
        held = work.learning.held_courses(task.connection.id, task.now - HELD_KEEP)
    after = 0 if task.scope.full or not task.scope.whole else cursor.get("after", 0)
    with reading(task, Stream.ENROLMENTS, strategy) as count:
        if task.scope.person_lms_id is not None:
            _courses_of(task, count, task.scope.person_lms_id, ours)
            return
        only = task.scope.course_lms_id
        left = [i for i in ours if i > after and only in (None, i)]
        skipped = set() if task.scope.full or only is not None else set(held[PROBES:])
        _read(task, count, ours, [i for i in left if i not in skipped])
        probed = [i for i in held[:PROBES] if i in left]
        if skipped and not set(probed) <= count.refused_courses:
            _read(task, count, ours, [i for i in left if i in skipped])
        elif skipped:
            count.problem(still_held(len(skipped), "who is in them"))
        if (
            task.first(Stream.ENROLMENTS)
            and task.scope.whole
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


def _read(task: Task, count: Count, ours: dict[int, int], lms_ids: Iterable[int]) -> None:
    for page in _pages(task.connector.enrolments(lms_ids)):
        _store_enrolments(task, count, ours, page)


def _pages(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    page: list[Answer] = []
    rows = 0
    for answer in answers:
        page.append(answer)
        rows += len(answer[1]) if not isinstance(answer[1], LmsError) else 0
        if len(page) >= COURSES_A_PAGE or rows >= ENROLMENTS_A_PAGE:
            yield page
            page, rows = [], 0
    if page:
        yield page


def _store_enrolments(
    task: Task, count: Count, ours: dict[int, int], answers: Sequence[Answer]
) -> None:
    tally, rows, connection = Tally(), 0, task.connection.id
    refused = []
    with task.store.work() as work:
        names = {
            fact.person_lms_id: fact.person_name
            for _, answer in answers
            if not isinstance(answer, LmsError)
            for fact in answer
        }
        people = work.people.ids(connection, names)
        before = work.learning.count_enrolments([ours[course] for course, _ in answers])
        try:
            refuse_shrink(
                Stream.ENROLMENTS,
                sum(before.get(ours[c], 0) for c, a in answers if not isinstance(a, LmsError)),
                sum(len(a) for _, a in answers if not isinstance(a, LmsError)),
                task.accept_shrink,
                f" in {len(answers)} courses",
            )
        except LmsError as error:
            count.problem(error)
            count.whole = False
            return
        for course, answer in answers:
            if isinstance(answer, LmsError):
                count.problem(answer)
                refused.append(course)
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
        work.learning.hold_courses(
            [ours[course] for course in refused],
            [ours[course] for course, _ in answers if course not in refused],
            task.now,
        )
        last = answers[-1][0]
        if tally != Tally() and last != max(ours) and task.scope.whole:
            work.runs.set_cursor(connection, Stream.ENROLMENTS, {"after": last}, task.now)
    count.refused_courses.update(refused)
    count.page(rows, tally)


def _courses_of(task: Task, count: Count, person_lms_id: int, ours: dict[int, int]) -> None:
    """Read anew which courses one person is in."""
    said = task.connector.courses_of(person_lms_id)
    if said is None:
        return
    now_in = [ours[course] for course in said if course in ours]
    with task.store.work() as work:
        person = work.people.known(task.connection.id, [person_lms_id]).get(person_lms_id)
        if person is None:
            return
        before = work.learning.courses_of(person)
        new = work.learning.add_enrolments([(c, person) for c in now_in], task.now)
    count.page(len(now_in), Tally(new=new))
    # Where they are not named any more, silence may mean a missing right: the course is asked.
    lms_ids = {our_id: lms_id for lms_id, our_id in ours.items()}
    _read(task, count, ours, [lms_ids[c] for c in before if c in lms_ids and c not in now_in])


def people(task: Task, strategy: str) -> None:
    """Read the records of new people, and again of those not read for a day.

    Each page marks its people as read, which is the checkpoint.
    """
    read_before = task.now - PEOPLE_KEEP if task.scope.whole and not task.scope.full else task.now
    rules = ProfileRules.of(task.connection.settings)
    with task.store.reading() as work:
        total = work.people.count_due(task.connection.id, read_before)
    with reading(task, Stream.PEOPLE, strategy, total if task.scope.whole else None) as count:
        for asked in _in_scope(task) if not task.scope.whole else _due_people(task, read_before):
            with task.store.reading() as work:
                there = work.people.there(task.connection.id, asked)
                beside = work.people.witnesses(task.connection.id, WITNESSES)
            # A few people may all have been deleted; somebody who was read before shows whether
            # it is that, or a missing right.
            few = len(there) < WITNESSES
            wanted = set(asked)
            found = task.connector.people([*asked, *(set(beside) - wanted if few else ())])
            named = there & {person.lms_id for person in found}
            refuse_shrink(Stream.PEOPLE, len(there), len(named), task.accept_shrink)
            with task.store.work() as work:
                known = [p for p in found if p.lms_id in wanted and not is_guest(p.username)]
                before = work.profile.standing(task.connection.id, asked) if rules.fields else {}
                tally = work.people.put(task.connection.id, asked, known, task.now)
                doubts = profile.apply(
                    work, known, rules, before, task.now, accept=task.accept_shrink
                )
            for doubt in doubts:
                count.problem(doubt)
            count.page(len(asked), tally)


def _due_people(task: Task, read_before: datetime) -> Iterator[list[int]]:
    after = 0
    while True:
        with task.store.reading() as work:
            asked = work.people.due(task.connection.id, read_before, after, PEOPLE_A_PAGE)
        if not asked:
            return
        yield asked
        after = asked[-1]


def _in_scope(task: Task) -> Iterator[list[int]]:
    """The person of the run's scope, or those of its course."""
    if task.scope.person_lms_id is not None:
        yield [task.scope.person_lms_id]
        return
    with task.store.reading() as work:
        course = work.facts.course_ids(task.connection.id).get(task.scope.course_lms_id or 0)
        found = work.people.in_course(course) if course is not None else []
    for start in range(0, len(found), PEOPLE_A_PAGE):
        yield found[start : start + PEOPLE_A_PAGE]
