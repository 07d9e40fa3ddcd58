"""What a sync does not believe, and what it does not ask twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select

from bridge import flow
from bridge.demo.generated.size import Size
from bridge.demo.lms.faults import Kind as Fault
from bridge.demo.lms.refusals import no_record
from bridge.lms.moodle.batch import CARRIER
from bridge.model import Choice, Stream
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync.scope import Scope
from tests.small_site import Reading, of, small_site

NOBODY_FINISHED = Size(people=30, courses=6, enrolments=90, completions=0)
ENROLLED = "core_enrol_get_enrolled_users"
COURSES_OF = "core_enrol_get_users_courses"
VERDICT = "core_completion_get_course_completion_status"


def enrolled(store: Store) -> int:
    """How many enrolments count."""
    with store.reading() as work:
        return work.sql.execute(
            select(func.count()).select_from(t.enrolments).where(t.enrolments.c.gone.is_(False))
        ).scalar_one()


@contextmanager
def silent(site: Reading, function: str) -> Iterator[None]:
    """The function answers an empty list, as without a right."""
    table = site.lms.service.table
    before = table[function]
    table[function] = type(before)(lambda call, params: [], before.takes)
    try:
        yield
    finally:
        table[function] = before


def without_batches(site: Reading) -> None:
    """The LMS answers one question a request."""
    site.lms.service.functions = tuple(f for f in site.lms.service.functions if f != CARRIER)


def test_many_small_courses_do_not_empty_unnoticed(lite_store: Store) -> None:
    """Each is too small to mean anything; all of them together are not."""
    with small_site(lite_store, generated=Size(people=40, courses=20, enrolments=160)) as site:
        site.sync()
        before = enrolled(lite_store)
        with silent(site, ENROLLED):
            report = of(site.sync(), Stream.ENROLMENTS)
        assert before == enrolled(lite_store)
        assert "had 160 enrolments in 20 courses and now names 0" in report.problems[0]


def test_a_person_is_in_no_course_only_if_the_courses_say_so(lite_store: Store) -> None:
    """An empty list may be a missing right: each course is asked."""
    with small_site(lite_store) as site:
        site.sync()
        _, person = next(site.unfinished())
        before = enrolled(lite_store)
        with silent(site, COURSES_OF):
            site.sync(Scope(person_lms_id=person))
        assert before == enrolled(lite_store)


def test_a_withdrawal_reaches_what_was_told_before_a_renewal(lite_store: Store) -> None:
    """Both activities are taken back, the renewed one and the one of the first time."""
    with small_site(lite_store, generated=NOBODY_FINISHED) as site:
        site.sync()
        course, person = next(site.unfinished())
        with lite_store.work() as work:
            ours = work.people.known(site.connection.id, [person])[person]
        flow.change_consent(lite_store, site.clock, ours, Choice.EVERYONE)
        site.lms.store.complete(person, course)
        site.sync()
        flow.tell(lite_store, site.clock, site.connection.id)
        site.clock.advance(days=20)
        site.lms.store.undo_completion(person, course)
        site.lms.store.complete(person, course)
        site.sync(Scope(person_lms_id=person))
        flow.tell(lite_store, site.clock, site.connection.id)
        assert 2 == len(standing(lite_store))
        flow.change_consent(lite_store, site.clock, ours, Choice.NOBODY)
        assert [] == standing(lite_store)
        with lite_store.reading() as work:
            assert [] == list(work.sql.execute(select(t.activity_members)))


def standing(store: Store) -> list[Any]:
    """What is told of completions now."""
    a = t.activities.c
    with store.reading() as work:
        told = a.kind.in_(("completion", "renewal"))
        return list(work.sql.execute(select(a.id).where(told, a.gone.is_(False))))


def test_who_leaves_makes_the_group_smaller(lite_store: Store) -> None:
    """A number about the others is counted anew when people leave the course."""
    size = Size(people=40, courses=1, enrolments=40, completions=0)
    with small_site(lite_store, generated=size) as site:
        site.sync()
        pairs = list(site.unfinished())
        for course, person in pairs[:6]:
            site.lms.store.complete(person, course)
        site.sync()
        flow.tell(lite_store, site.clock, site.connection.id)
        assert 1 == len(standing(lite_store))
        for course, person in pairs[6:36]:
            site.lms.store.unenrol(person, course)
        site.sync(accept_shrink=True)
        flow.tell(lite_store, site.clock, site.connection.id)
        assert [] == standing(lite_store)


def test_a_course_that_cannot_be_judged_costs_a_quiet_report_nothing(lite_store: Store) -> None:
    """Its rows stand in the report, and are not asked about again and again."""
    with small_site(lite_store, by_report=True) as site:
        course = next(iter(site.in_lms()))[0]
        for activity in site.lms.store.criteria(course):
            site.lms.store.activities[activity.id] = type(activity)(
                **{**vars(activity), "criterion": False}
            )
        site.sync()
        site.clock.advance(minutes=15)
        assert of(site.sync(), Stream.COMPLETIONS).requests <= 3


def test_falling_back_from_the_report_asks_about_who_moved(lite_store: Store) -> None:
    """And not about everybody who has completed nothing."""
    with small_site(lite_store, by_report=True) as site:
        site.sync()
        site.clock.advance(days=3)
        site.report_id = 77
        asked = site.lms.inner[VERDICT]
        report = of(site.sync(), Stream.COMPLETIONS)
        assert "batch" == report.strategy
        assert site.lms.inner[VERDICT] - asked < 10


def test_who_could_not_be_judged_is_asked_about_after_a_visit(lite_store: Store) -> None:
    """Somebody who taught yesterday learns today."""
    with small_site(lite_store, generated=NOBODY_FINISHED) as site:
        course = next(c for c in site.lms.store.courses if c > 1)
        teacher = next(e.person_id for e in site.lms.store.enrolled(course) if e.role != "student")
        site.sync()
        site.lms.store.unenrol(teacher, course)
        site.lms.store.enrol(teacher, course)
        site.clock.advance(hours=3)
        site.lms.store.complete(teacher, course)
        site.sync()
        assert (course, teacher) in site.live()


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.SERVER_ERROR])
def test_one_bad_answer_does_not_keep_the_others_from_being_read(
    lite_store: Store, fault: Fault
) -> None:
    """One by one: the course is a problem of its own, the site is not down."""
    with small_site(lite_store) as site:
        without_batches(site)
        with site.lms.faults.during(fault, function=ENROLLED, times=9):
            report = of(site.sync(), Stream.ENROLMENTS)
        assert 1 <= len(report.problems)
        assert 0 < enrolled(lite_store) < 90
        site.clock.advance(hours=25)
        site.sync()
        assert 90 == enrolled(lite_store)


def test_a_deleted_course_is_not_asked_about_person_by_person(lite_store: Store) -> None:
    """Three alike refusals without an answer are about the course."""
    size = Size(people=60, courses=2, enrolments=100, completions=0)
    with small_site(lite_store, generated=size) as site:
        site.sync(streams=[])
        course = next(c for c in site.lms.store.courses if c > 1)
        for pair in list(site.unfinished()):
            site.lms.store.visit(pair[1], pair[0])
        site.sync()
        site.clock.advance(minutes=5)
        for _, person in [p for p in site.unfinished() if p[0] == course]:
            site.lms.store.visit(person, course)
        site.sync(streams=[Stream.ENROLMENTS])
        table = site.lms.service.table
        before = table[VERDICT]

        def gone(call: Any, params: Any) -> Any:
            if params["courseid"] == course:
                raise no_record("course")
            return before.answer(call, params)

        table[VERDICT] = type(before)(gone, before.takes)
        report = of(site.sync(streams=[Stream.COMPLETIONS]), Stream.COMPLETIONS)
        table[VERDICT] = before
        assert report.requests <= 5


def test_times_beyond_time_are_an_error_with_a_name(lite_store: Store) -> None:
    """And not the end of the run."""
    with small_site(lite_store) as site:
        course, person = next(iter(site.in_lms()))
        site.lms.store.undo_completion(person, course)
        site.lms.store.complete(person, course, 3 * 10**12, recorded_at=1)
        report = site.sync()
        assert "partial" == report.outcome
        assert VERDICT in of(report, Stream.COMPLETIONS).problems[0]
        assert len(site.live()) >= 20


def test_names_that_no_database_takes_lose_what_is_wrong(store: Store) -> None:
    """Half a surrogate pair is no character."""
    with small_site(store) as site:
        _, person = next(site.unfinished())
        site.lms.store.change_person(person, first_name="Ann\ud800a\x00")
        assert "complete" == site.sync().outcome
        with store.reading() as work:
            name = work.sql.execute(
                select(t.people.c.name).where(t.people.c.lms_id == person)
            ).scalar_one()
        assert name.startswith("Anna ")


def test_a_report_with_few_rows_is_not_believed(lite_store: Store) -> None:
    """A condition that an admin added leaves most people out."""
    with small_site(lite_store, by_report=True) as site:
        site.sync()
        table = site.lms.service.table
        name = "core_reportbuilder_retrieve_report"
        before = table[name]

        def narrowed(call: Any, params: Any) -> Any:
            answer = before.answer(call, params)
            answer["data"]["rows"] = answer["data"]["rows"][:4]
            answer["data"]["totalrowcount"] = 4
            return answer

        table[name] = type(before)(narrowed, before.takes)
        try:
            report = of(site.sync(), Stream.COMPLETIONS)
        finally:
            table[name] = before
        assert ("batch", True) == (report.strategy, "4 rows although" in report.why)


def test_verdicts_are_found_without_reading_every_enrolment(lite_store: Store) -> None:
    """SQLite begins with what is asked for: its plan says so."""
    with small_site(lite_store) as site:
        site.sync()
        statements: list[str] = []

        def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            statements.append(statement)

        event.listen(lite_store.engine, "before_cursor_execute", note)
        with lite_store.reading() as work:
            courses = work.facts.course_ids(site.connection.id)
            work.verdicts.of_lms(site.connection.id, list(site.live()), courses, site.clock.now())
        event.remove(lite_store.engine, "before_cursor_execute", note)
        (last,) = [s for s in statements if "json_each" in s]
        with lite_store.reading() as work:
            plan = work.sql.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {last}", ("[[1,1]]", *["$[0]"] * (last.count("?") - 1))
            )
            steps = [row[3] for row in plan]
        assert [True, False] == ["VIRTUAL TABLE" in step for step in steps]
        assert "SEARCH enrolments" in steps[1]
