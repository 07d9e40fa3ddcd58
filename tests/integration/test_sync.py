"""A sync of the demo LMS, over real HTTP, into either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge.demo.lms.api import FUNCTIONS
from bridge.demo.lms.capabilities import DEFAULT
from bridge.demo.lms.faults import Kind as Fault
from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import LmsError, MissingCapability, Refused, Unreachable
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.batch import CARRIER
from bridge.model import Connection, Stream, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from tests.conftest import FrozenClock

AT_NINE = FrozenClock(datetime(2026, 11, 25, 9, tzinfo=UTC))
"""The story is told as of a fixed moment: it has another morning every morning."""

FACTS = (t.people, t.teams, t.memberships, t.courses, t.enrolments, t.completions, t.discussions)


def company(**more: Any) -> AbstractContextManager[Lms]:
    """The demo LMS at nine, standing still."""
    return running_lms(clock=lambda: int(AT_NINE.now().timestamp()), **more)


@pytest.fixture(scope="module")
def lms() -> Iterator[Lms]:
    """The demo LMS, standing still."""
    with company() as lms:
        yield lms


def connector(lms: Any) -> MoodleConnector:
    """A connector that does not wait between attempts."""
    return MoodleConnector(lms.url, lms.token, timeout=10, pause=lambda seconds: None)


def connected(store: Store, lms: Any) -> Connection:
    """The connection to the demo LMS, stored."""
    with store.work() as work:
        return work.connections.put(
            "academy", "moodle", lms.url, lms.token, connector(lms).site(), AT_NINE.now()
        )


def sync(store: Store, lms: Any, connection: Connection) -> SyncReport:
    """One run."""
    return run(store, connector(lms), connection, AT_NINE)


def counts(store: Store) -> dict[str, int]:
    """How many rows each fact table has."""
    with store.reading() as work:
        return {
            table.name: work.sql.execute(select(func.count()).select_from(table)).scalar_one()
            for table in FACTS
        }


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row of every fact table."""
    with store.reading() as work:
        return {
            table.name: sorted(map(tuple, work.sql.execute(select(table))), key=repr)
            for table in FACTS
        }


def test_a_first_sync_finds_the_company_at_little_cost(store: Store, lms: Lms) -> None:
    """Everything is read in at most 60 requests, and nothing stands in the way."""
    connection = connected(store, lms)
    report = sync(store, lms, connection)
    assert ("complete", []) == (report.outcome, [p for s in report.streams for p in s.problems])
    assert report.requests <= 60
    assert set(Stream) == {stream.stream for stream in report.streams}
    found = counts(store)
    assert (8, 25) == (found["teams"], found["courses"])
    # Who is in no course and in no team is none of the bridge's business.
    assert 190 <= found["people"] <= 203
    assert found["completions"] > 300
    assert found["discussions"] > 10


def test_a_sync_without_news_writes_nothing(store: Store, lms: Lms) -> None:
    """At most 12 requests, no new row, no changed one."""
    connection = connected(store, lms)
    sync(store, lms, connection)
    before = rows(store)
    report = sync(store, lms, connection)
    assert report.requests <= 12
    assert [(0, 0)] * len(Stream) == [(s.new, s.changed) for s in report.streams]
    assert before == rows(store)


class _Stopping:
    """A connector whose reading ends after a number of requests, as if the process were killed."""

    def __init__(self, inner: MoodleConnector, after: int) -> None:
        self._inner, self._after = inner, after

    def __getattr__(self, name: str) -> Any:
        if name != "requests" and self._inner.requests >= self._after:
            raise Unreachable("The line went dead.")
        return getattr(self._inner, name)


@pytest.mark.parametrize("after", [2, 5, 7, 9, 12])
def test_a_stopped_sync_goes_on_and_ends_the_same(lite_store: Store, lms: Lms, after: int) -> None:
    """Wherever it stopped, the next one completes what an undisturbed one would have found."""
    connection = connected(lite_store, lms)
    with pytest.raises(LmsError):
        run(lite_store, _Stopping(connector(lms), after), connection, AT_NINE)  # type: ignore[arg-type]
    report = sync(lite_store, lms, connection)
    assert "complete" == report.outcome
    found = counts(lite_store)
    assert (8, 25) == (found["teams"], found["courses"])
    assert found["completions"] > 300
    with lite_store.reading() as work:
        assert ["complete", "failed"] == [r.outcome for r in work.runs.latest(connection.id)]


def test_the_first_sync_is_history(lite_store: Store, lms: Lms) -> None:
    """Completions older than a week are stored, and never announced."""
    connection = connected(lite_store, lms)
    sync(lite_store, lms, connection)
    k = t.completions.c
    with lite_store.reading() as work:
        wrong = work.sql.execute(
            select(func.count())
            .select_from(t.completions)
            .where(
                k.history.is_(True) != (k.seen_at - k.completed_at > 7 * 86400), k.dated.is_(True)
            )
        ).scalar_one()
    assert 0 == wrong


def test_groups_and_hidden_activities_are_not_stored(lite_store: Store, lms: Lms) -> None:
    """What is not open to the whole course does not leave the LMS."""
    connection = connected(lite_store, lms)
    sync(lite_store, lms, connection)
    forums = {f.lms_id: f for f in connector(lms).forums(list(range(2, 60)))}
    closed = {lms_id for lms_id, forum in forums.items() if not forum.open_to_course}
    with lite_store.reading() as work:
        stored = set(work.sql.execute(select(t.discussions.c.forum_lms_id)).scalars())
    assert closed
    assert set() == closed & stored


def test_a_missing_right_is_named_and_the_rest_is_read(lite_store: Store) -> None:
    """Without report/completion:view everything but completions arrives."""
    with company(capabilities=set(DEFAULT) - {"report/completion:view"}) as lms:
        report = sync(lite_store, lms, connected(lite_store, lms))
    assert "partial" == report.outcome
    problems = {s.stream: s.problems for s in report.streams if s.problems}
    assert [Stream.COMPLETIONS] == list(problems)
    assert "report/completion:view" in problems[Stream.COMPLETIONS][0]
    assert report.requests <= 30


def test_a_refused_token_ends_the_run(lite_store: Store, lms: Lms) -> None:
    """The run is kept as failed, with what the LMS said."""
    connection = connected(lite_store, lms)
    bad = MoodleConnector(lms.url, "wrong", timeout=10, pause=lambda seconds: None)
    with pytest.raises(Refused, match="does not know the token"):
        run(lite_store, bad, connection, AT_NINE)
    with lite_store.reading() as work:
        [kept] = work.runs.latest(connection.id)
    assert ("failed", True) == (kept.outcome, "Manage tokens" in kept.error)


def test_without_batches_the_same_is_found(lite_store: Store) -> None:
    """A site without the carrier is asked one by one, and says so."""
    functions = [name for name in FUNCTIONS if name != CARRIER]
    with company(functions=functions) as lms:
        report = sync(lite_store, lms, connected(lite_store, lms))
        found = counts(lite_store)
    assert "complete" == report.outcome
    assert "plain" == next(s.strategy for s in report.streams if s.stream is Stream.COMPLETIONS)
    assert report.requests > 1000
    assert found["completions"] > 300


def test_a_stream_whose_function_is_missing_is_left_out(lite_store: Store) -> None:
    """The others are read; the report names what is missing and where to add it."""
    functions = [name for name in FUNCTIONS if not name.startswith("core_cohort")]
    with company(functions=functions) as lms:
        report = sync(lite_store, lms, connected(lite_store, lms))
    [teams] = [s for s in report.streams if s.stream is Stream.TEAMS]
    assert ("partial", "none", 0) == (report.outcome, teams.strategy, teams.requests)
    assert "plugin_manifest.json" in teams.problems[0]


def test_silence_about_people_is_a_missing_right(lite_store: Store) -> None:
    """Courses without anybody in them, all of them, is not believed to be true."""
    with company() as lms:
        connection = connected(lite_store, lms)
        with lms.faults.during(Fault.EMPTY, function="core_user_get_users_by_field"):
            report = sync(lite_store, lms, connection)
    problems = [p for s in report.streams for p in s.problems]
    assert "partial" == report.outcome
    assert any("moodle/user:viewdetails" in problem for problem in problems)


def test_an_lms_that_answers_far_less_is_refused(lite_store: Store) -> None:
    """Nothing is marked as gone, until an admin says that it is right."""
    with company() as lms:
        connection = connected(lite_store, lms)
        sync(lite_store, lms, connection)
        before = counts(lite_store)
        for course in list(lms.story.courses)[:20]:
            lms.store.remove_course(course.id)
        refused = sync(lite_store, lms, connection)
        assert "partial" == refused.outcome
        assert "--accept-shrink" in str([s.problems for s in refused.streams])
        with lite_store.reading() as work:
            assert before["courses"] == work.facts.count_courses(connection.id)
        run(lite_store, connector(lms), connection, AT_NINE, accept_shrink=True)
        with lite_store.reading() as work:
            assert 5 == work.facts.count_courses(connection.id)


def test_what_changes_in_the_lms_changes_here(lite_store: Store) -> None:
    """Renamed, hidden, enrolled, left, completed, asked: each found by the next sync."""
    with company() as lms:
        connection = connected(lite_store, lms)
        sync(lite_store, lms, connection)
        story, store = lms.story, lms.store
        course = next(c for c in story.courses if c.visible and c.tracked)
        person_id = store.add_person("Nova", "Newcomer")
        store.enrol(person_id, course.id)
        store.visit(person_id, course.id)
        store.complete(person_id, course.id)
        team = story.teams[0]
        store.join(person_id, team.id)
        store.leave(team.member_ids[-1], team.id)
        store.change_course(story.courses[-1].id, visible=False)
        report = sync(lite_store, lms, connection)
        found = {s.stream: (s.new, s.changed) for s in report.streams}
    assert "complete" == report.outcome
    assert (0, 1) == found[Stream.COURSES]
    assert (1, 1) == found[Stream.TEAMS]
    assert 1 == found[Stream.ENROLMENTS][0]
    assert (1, 0) == found[Stream.PEOPLE]


def test_a_course_whose_verdicts_are_refused_later_keeps_its_people_due(
    lite_store: Store,
) -> None:
    """The right is taken away and given back: who moved meanwhile is not lost."""
    with company() as lms:
        connection = connected(lite_store, lms)
        sync(lite_store, lms, connection)
        rights = lms.service.capabilities
        lms.service.capabilities = set(rights) - {"report/completion:view"}
        refused = sync(lite_store, lms, connection)
        lms.service.capabilities = rights
        again = sync(lite_store, lms, connection)
    assert ("partial", "complete") == (refused.outcome, again.outcome)
    asked = {s.stream: s.rows for s in again.streams}
    assert asked[Stream.COMPLETIONS] > 0


def test_every_course_is_read_again_however_many_there_are(lite_store: Store) -> None:
    """A checkpoint is for a stopped run only: the next one begins at the beginning."""
    with company() as lms:
        category = lms.story.categories[0].id
        courses = [lms.store.add_course(f"Course {n}", category) for n in range(70)]
        connection = connected(lite_store, lms)
        for _ in range(2):
            report = sync(lite_store, lms, connection)
            assert "complete" == report.outcome
        lms.store.enrol(lms.story.learner_id, courses[0])
        report = sync(lite_store, lms, connection)
        assert 1 == next(s.new for s in report.streams if s.stream is Stream.ENROLMENTS)


def test_who_moved_while_a_right_was_missing_is_asked_about_when_it_is_back(
    lite_store: Store,
) -> None:
    """However many days that takes."""
    with company() as lms:
        connection = connected(lite_store, lms)
        sync(lite_store, lms, connection)
        course_id = lms.store.add_course("Patience", lms.story.categories[0].id)
        person_id = lms.story.learner_id
        lms.store.enrol(person_id, course_id)
        rights = lms.service.capabilities
        lms.service.capabilities = set(rights) - {"report/completion:view"}
        lms.store.complete(person_id, course_id)
        for days in (1, 4):
            run(lite_store, connector(lms), connection, Later(days))
        lms.service.capabilities = rights
        run(lite_store, connector(lms), connection, Later(5))
    with lite_store.reading() as work:
        found = work.sql.execute(
            select(t.completions.c.id)
            .join(t.courses, t.courses.c.id == t.completions.c.course_id)
            .where(t.courses.c.name == "Patience")
        ).fetchall()
    assert 1 == len(found)


class Later:
    """A clock that is so many days ahead."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def now(self) -> datetime:
        """Then."""
        return AT_NINE.now() + self._ahead


def test_a_stream_that_could_not_be_read_is_still_a_first_one(lite_store: Store) -> None:
    """What was there before is history, even if the first run could not see it."""
    with company() as lms:
        connection = connected(lite_store, lms)
        rights = lms.service.capabilities
        lms.service.capabilities = set(rights) - {"moodle/course:view"}
        first = sync(lite_store, lms, connection)
        lms.service.capabilities = rights
        second = sync(lite_store, lms, connection)
    assert ("partial", "complete") == (first.outcome, second.outcome)
    with lite_store.reading() as work:
        news = work.sql.execute(
            select(t.courses.c.name).where(t.courses.c.history.is_(False))
        ).fetchall()
    assert [] == news


def test_what_was_taken_out_of_a_forum_is_gone(lite_store: Store) -> None:
    """A deleted discussion; all of a forum that was closed; and they return with it."""
    with company() as lms:
        connection = connected(lite_store, lms)
        sync(lite_store, lms, connection)
        with lite_store.reading() as work:
            stored = list(work.sql.execute(select(t.discussions)))
        one = stored[0]
        lms.store.remove_post(one.first_post_lms_id)
        report = sync(lite_store, lms, connection)
        [gone] = [s.changed for s in report.streams if s.stream is Stream.DISCUSSIONS]
    with lite_store.reading() as work:
        left = {row.lms_id: row.gone for row in work.sql.execute(select(t.discussions))}
    assert (1, True, 1) == (gone, left[one.lms_id], sum(left.values()))


class _Refusing:
    """A connector to a site that judges nobody in some of its courses."""

    def __init__(self, inner: MoodleConnector, courses: set[int]) -> None:
        self._inner, self._courses = inner, courses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def completions(self, pairs: Any) -> Iterator[Any]:
        """The verdicts, but for those courses."""
        refusal = MissingCapability("No.", "Grant it.", capability="report/completion:view")
        for pair, answer in self._inner.completions(pairs):
            yield pair, refusal if pair[0] in self._courses else answer


def test_some_courses_that_refuse_do_not_stop_the_others(lite_store: Store) -> None:
    """Run after run: they are a problem in the report, and the others are judged."""
    with company() as lms:
        connection = connected(lite_store, lms)
        tracked = [c.id for c in lms.story.courses if c.tracked]
        refusing = set(tracked[:4])
        for _ in range(2):
            run(lite_store, _Refusing(connector(lms), refusing), connection, AT_NINE)  # type: ignore[arg-type]
        person_id, course_id = (
            lms.story.learner_id,
            lms.store.add_course("Another one", lms.story.categories[0].id),
        )
        lms.store.enrol(person_id, course_id)
        lms.store.visit(person_id, course_id)
        lms.store.complete(person_id, course_id)
        before = counts(lite_store)["completions"]
        report = run(lite_store, _Refusing(connector(lms), refusing), connection, AT_NINE)  # type: ignore[arg-type]
    assert "partial" == report.outcome
    assert before + 1 == counts(lite_store)["completions"]
