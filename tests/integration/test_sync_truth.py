"""The truth over time: what was told is corrected as the LMS's own truth changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bridge import flow
from bridge.demo.generated.size import Size
from bridge.errors import InputError, LmsError, NotFound
from bridge.lms.moodle.batch import CARRIER
from bridge.model import Stream
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from bridge.sync.asking import GIVE_UP_AFTER
from bridge.sync.scope import Scope
from tests.small_site import Reading, of, small_site

NOBODY_FINISHED = Size(people=30, courses=6, enrolments=90, completions=0)


def activities(store: Store) -> list[tuple[str, bool]]:
    """(day, whether it is gone) of what was told of completions."""
    a = t.activities.c
    with store.reading() as work:
        rows = work.sql.execute(
            select(a.day, a.gone).where(a.kind.in_(["completion", "renewal"])).order_by(a.day, a.id)
        )
        return [(str(row.day), row.gone) for row in rows]


def consent_of_all(site: Reading) -> None:
    """Everybody agrees to be named to everyone, as if they had said so long ago."""
    with site.store.work() as work:
        people = work.sql.execute(select(t.people.c.id)).scalars().all()
        work.sql.execute(
            t.consents.insert(),
            [
                {"person_id": p, "choice": "everyone", "decided_at": site.clock.now()}
                for p in people
            ],
        )


def finished(site: Reading, **back: float) -> tuple[int, int]:
    """Somebody completes a course, so long ago; (course, person)."""
    course, person = next(site.unfinished())
    at = site.clock.now() - timedelta(**back)
    site.lms.store.complete(person, course, int(at.timestamp()))
    return course, person


def tell(site: Reading) -> None:
    """The feed looks at what is pending."""
    flow.tell(site.store, site.clock, site.connection.id)


@pytest.fixture(params=[False, True], ids=["batch", "report"])
def by_report(request: pytest.FixtureRequest) -> bool:
    """Either way of finding completions."""
    return bool(request.param)


def test_a_completion_without_a_visit_is_found_within_a_week(
    lite_store: Store, by_report: bool
) -> None:
    """Backdated by a month: no visit tells of it, and no report's first page."""
    with small_site(lite_store, by_report=by_report) as site:
        site.sync()
        site.clock.advance(days=30)
        site.sync()
        site.clock.advance(hours=1)
        course, person = next(site.unfinished())
        at = int((site.clock.now() - timedelta(days=29)).timestamp())
        site.lms.store.complete(person, course, at, recorded_at=at)
        for _ in range(8):
            site.clock.advance(days=1)
            site.sync()
        assert site.in_lms() == site.live()
        assert site.row(course, person).history


def test_slices_are_small_and_cover_everything(lite_store: Store) -> None:
    """Run by run some courses are compared; after a week and a day all of them were."""
    with small_site(lite_store) as site:
        site.sync()
        assert 0 == of(site.sync(), Stream.RECONCILIATION).requests
        site.clock.advance(days=6, minutes=30)
        first = of(site.sync(), Stream.RECONCILIATION)
        assert first.rows > 0
        assert first.requests <= 2
        assert [site.clock.now()] == sorted(_reconciled(lite_store))


def test_a_course_may_be_larger_than_a_slice(lite_store: Store) -> None:
    """It is taken up where it was left, and compared once."""
    size = Size(people=300, courses=1, enrolments=300, completions=100)
    with small_site(lite_store, generated=size) as site:
        site.lms.service.functions = tuple(f for f in site.lms.service.functions if f != CARRIER)
        site.sync()
        site.clock.advance(days=4, hours=23)
        site.sync()
        site.clock.advance(hours=1)
        rows = []
        while {site.clock.now()} != _reconciled(lite_store):
            site.clock.advance(minutes=15)
            rows.append(of(site.sync(), Stream.RECONCILIATION).rows)
            assert len(rows) < 10
        assert {50} == set(rows[:-1])
        assert sum(rows) < 300


def _reconciled(store: Store) -> set[datetime]:
    """The moments at which the courses were compared."""
    c = t.courses.c
    with store.reading() as work:
        return set(work.sql.execute(select(c.reconciled_at).where(c.gone.is_(False))).scalars())


def test_a_revoked_completion_is_taken_out_of_what_was_told(lite_store: Store) -> None:
    """The activity is gone as soon as the LMS is found to say otherwise."""
    with small_site(lite_store, generated=NOBODY_FINISHED) as site:
        site.sync()
        consent_of_all(site)
        course, person = finished(site, hours=1)
        site.sync()
        tell(site)
        assert [("2026-11-25", False)] == activities(lite_store)
        site.lms.store.undo_completion(person, course)
        site.sync(Scope(course_lms_id=course))
        tell(site)
        assert [("2026-11-25", True)] == activities(lite_store)
        assert (course, person) not in site.live()


def test_a_renewal_is_news_again_and_leaves_the_old_day_alone(lite_store: Store) -> None:
    """Two activities of two days, the later one a renewal."""
    with small_site(lite_store, generated=NOBODY_FINISHED) as site:
        site.sync()
        consent_of_all(site)
        course, person = finished(site)
        site.sync()
        tell(site)
        site.clock.advance(days=20)
        site.lms.store.undo_completion(person, course)
        site.lms.store.complete(person, course)
        site.sync(Scope(person_lms_id=person))
        tell(site)
        assert [("2026-11-25", False), ("2026-12-15", False)] == activities(lite_store)
        assert 1 == site.row(course, person).renewals


def test_a_corrected_date_moves_to_the_right_day(lite_store: Store) -> None:
    """The day it was told under is corrected too."""
    with small_site(lite_store, generated=NOBODY_FINISHED) as site:
        site.sync()
        consent_of_all(site)
        course, person = finished(site)
        site.sync()
        tell(site)
        site.lms.store.undo_completion(person, course)
        at = site.clock.now() - timedelta(days=2)
        site.lms.store.complete(person, course, int(at.timestamp()))
        site.sync(Scope(full=True))
        tell(site)
        assert [("2026-11-23", False), ("2026-11-25", True)] == activities(lite_store)


def test_merged_people_are_announced_once(lite_store: Store) -> None:
    """The old account goes, its completion is the other one's: the activity names only that one."""
    with small_site(lite_store, generated=NOBODY_FINISHED) as site:
        site.sync()
        consent_of_all(site)
        course, person = finished(site, hours=2)
        site.sync()
        tell(site)
        store = site.lms.store
        heir = store.add_person("Ines", "Moreau")
        store.enrol(heir, course)
        store.complete(heir, course, store.completions[course, person].completed_at)
        store.remove_person(person)
        site.clock.advance(hours=25)
        site.sync()
        consent_of = t.people.c.lms_id == heir
        with lite_store.work() as work:
            ours = work.sql.execute(select(t.people.c.id).where(consent_of)).scalar_one()
            work.sql.execute(
                t.consents.insert().values(
                    person_id=ours, choice="everyone", decided_at=site.clock.now()
                )
            )
        tell(site)
        assert [("2026-11-25", False)] == activities(lite_store)
        m = t.activity_members.c
        with lite_store.reading() as work:
            assert [ours] == list(work.sql.execute(select(m.person_id)).scalars())


def test_only_the_course_that_was_named_is_read(lite_store: Store) -> None:
    """The checkpoints stay where they were, and the run says what it read."""
    with small_site(lite_store) as site:
        site.sync()
        site.clock.advance(hours=1)
        here = finished(site)
        there = next(pair for pair in site.unfinished() if pair[0] != here[0])
        site.lms.store.complete(there[1], there[0])
        report = site.sync(Scope(course_lms_id=here[0]))
        assert (f"course {here[0]}", "complete") == (report.scope, report.outcome)
        assert here in site.live()
        assert there not in site.live()
        site.sync()
        assert there in site.live()


def test_only_the_person_who_was_named_is_read(lite_store: Store) -> None:
    """With the courses that they are in now."""
    with small_site(lite_store) as site:
        site.sync()
        store = site.lms.store
        course, person = next(site.unfinished())
        other = next(c for c in store.courses if c > 1 and store.enrolment(c, person) is None)
        store.enrol(person, other)
        store.complete(person, other)
        store.unenrol(person, course)
        store.change_person(person, first_name="Renamed")
        report = site.sync(Scope(person_lms_id=person))
        assert (f"person {person}", "complete") == (report.scope, report.outcome)
        assert (other, person) in site.live()
        e, p, c = t.enrolments.c, t.people.c, t.courses.c
        with lite_store.reading() as work:
            in_courses = set(
                work.sql.execute(
                    select(c.lms_id)
                    .join(t.enrolments, e.course_id == c.id)
                    .join(t.people, p.id == e.person_id)
                    .where(p.lms_id == person, e.gone.is_(False))
                ).scalars()
            )
            name = work.sql.execute(select(p.name).where(p.lms_id == person)).scalar_one()
        assert {c.id for c in store.courses_of(person)} == in_courses
        assert name.startswith("Renamed")


def test_a_full_sync_asks_about_everybody(lite_store: Store) -> None:
    """Whoever was complete before, too: what was revoked without a visit is found."""
    with small_site(lite_store) as site:
        site.sync()
        course, person = next(iter(site.live()))
        site.lms.store.undo_completion(person, course)
        site.sync()
        assert (course, person) in site.live()
        report = site.sync(Scope(full=True))
        assert "full" == report.scope
        assert site.in_lms() == site.live()


def test_a_course_or_person_nobody_knows_is_named(lite_store: Store) -> None:
    """And nothing is asked of the LMS."""
    with small_site(lite_store) as site:
        site.sync()
        asked = site.lms.requests
        with pytest.raises(NotFound, match="The course 4711 is not known here"):
            site.sync(Scope(course_lms_id=4711))
        with pytest.raises(NotFound, match="The person 4711 is not known here"):
            site.sync(Scope(person_lms_id=4711))
        assert asked == site.lms.requests


def test_one_scope_at_a_time() -> None:
    """A course and a person at once is nothing that can be meant."""
    with pytest.raises(InputError, match="not several"):
        Scope(course_lms_id=9, person_lms_id=12)


def test_courses_that_refuse_cost_little_until_one_of_them_answers(lite_store: Store) -> None:
    """Three are tried in every run; when the right is back, all are read in that run."""
    with small_site(lite_store) as site:
        site.sync()
        rights = site.lms.service.capabilities
        site.lms.service.capabilities = rights - {"report/completion:view"}
        for course_id in [c for c in site.lms.store.courses if c > 1]:
            person = next(p for c, p in site.unfinished() if c == course_id)
            site.clock.advance(minutes=5)
            site.lms.store.complete(person, course_id)
        first = of(site.sync(), Stream.COMPLETIONS)
        assert (6, True) == (first.requests, bool(first.problems))
        site.clock.advance(minutes=5)
        second = of(site.sync(), Stream.COMPLETIONS)
        assert (3, 2) == (second.requests, len(second.problems))
        site.lms.service.capabilities = rights
        site.clock.advance(minutes=5)
        third = of(site.sync(), Stream.COMPLETIONS)
        assert (6, ()) == (third.new, third.problems)
        assert site.in_lms() == site.live()


def test_a_right_that_is_missing_as_a_whole_is_found_out_early(lite_store: Store) -> None:
    """Not every course of a large site is asked before that is clear."""
    size = Size(people=60, courses=60, enrolments=600)
    rights = {"report/completion:view"}
    with small_site(lite_store, generated=size) as site:
        site.lms.service.capabilities = site.lms.service.capabilities - rights
        report = of(site.sync(), Stream.COMPLETIONS)
        assert len(report.problems) == 1
        assert report.requests < 2 * GIVE_UP_AFTER + 20


def test_answers_before_an_error_are_stored(lite_store: Store) -> None:
    """A line that goes dead after some verdicts does not take them along."""
    with small_site(lite_store) as site:
        connector = site.connector()
        ask = connector.completions

        def some(pairs):  # type: ignore[no-untyped-def]
            for number, answer in enumerate(ask(pairs)):
                if number == 40:
                    raise LmsError("odd", code="invalidtoken")
                yield answer

        connector.completions = some  # type: ignore[method-assign]
        with pytest.raises(LmsError):
            run(lite_store, connector, site.connection, site.clock)
        connector.close()
        with lite_store.reading() as work:
            checked = work.sql.execute(
                select(func.count()).select_from(t.enrolments).where(t.enrolments.c.checked)
            ).scalar_one()
        assert 40 == checked + len(site.live())
