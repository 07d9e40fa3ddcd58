"""A sync of a Totara 12, over real HTTP, into either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

import pytest
from sqlalchemy import select

from bridge.demo.lms.capabilities import DEFAULT, UPDATE_COURSE, VIEW_COMPLETION
from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.lms.totara.store import ENROLLED, NO_USERS, TotaraStore
from bridge.demo.story import make_story
from bridge.demo.world import Story
from bridge.lms.moodle import MoodleConnector
from bridge.lms.totara.connector import TotaraConnector
from bridge.lms.totara.recognition import recognise
from bridge.model import Connection, Stream, SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from bridge.sync.scope import Scope
from tests.conftest import FrozenClock

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)
FACTS = (t.people, t.teams, t.memberships, t.courses, t.enrolments, t.completions, t.discussions)
RIGHTS = DEFAULT | {UPDATE_COURSE}


class Company:
    """The demo company on a Totara 12, and the bridge that reads it; both by one clock."""

    def __init__(self, lms: Lms, clock: FrozenClock, store: Store) -> None:
        self.lms, self.clock, self.store = lms, clock, store
        self.totara = cast(TotaraStore, lms.store)
        self.connection: Connection | None = None

    def connector(self) -> TotaraConnector:
        """A connector that does not wait between attempts."""
        return TotaraConnector(self.lms.url, self.lms.token, timeout=10, pause=lambda seconds: None)

    def sync(self, scope: Scope | None = None) -> SyncReport:
        """One run; before the first one the connection is stored."""
        connector = self.connector()
        try:
            if self.connection is None:
                with self.store.work() as work:
                    self.connection = work.connections.put(
                        "academy",
                        "totara",
                        self.lms.url,
                        self.lms.token,
                        connector.site(),
                        self.clock.now(),
                    )
            scope = scope or Scope()
            return run(self.store, connector, self.connection, self.clock, scope=scope)
        finally:
            connector.close()

    def later(self, **parts: float) -> None:
        """Time goes by, here and there."""
        self.clock.advance(**parts)

    def add_course(self, name: str, *learners: int, **fields: Any) -> int:
        """A course with these people in it."""
        category = next(iter(self.totara.categories))
        course_id = self.totara.add_course(name, category, **fields)
        for learner in learners:
            self.totara.enrol(learner, course_id)
        return course_id

    def rows(self, table: Any, **where: Any) -> list[Any]:
        """The rows of a table that have these values."""
        query = select(table).where(*(table.c[name] == value for name, value in where.items()))
        with self.store.reading() as work:
            return list(work.sql.execute(query))

    def completion(self, person_id: int, course_id: int) -> Any:
        """What is stored of a person's completion; ``None`` for nothing."""
        person = self.rows(t.people, lms_id=person_id)[0].id
        course = self.rows(t.courses, lms_id=course_id)[0].id
        found = self.rows(t.completions, person_id=person, course_id=course)
        return found[0] if found else None

    def everything(self) -> dict[str, list[Any]]:
        """Every row of every fact table."""
        return {table.name: sorted(map(tuple, self.rows(table)), key=repr) for table in FACTS}


@cache
def whole() -> Story:
    """Everybody at nine."""
    return make_story(NINE)


@cache
def a_few() -> Story:
    """Twenty of them in six courses: Totara 12 is asked one by one."""
    story = whole()
    some = story.people[:20]
    people = {person.id for person in some}

    def one_of_them(author_id: int) -> int:
        return author_id if author_id in people else some[author_id % len(some)].id

    grouped = {d.forum_id for d in story.discussions if d.group_id > 0}
    in_groups = {forum.course_id for forum in story.forums if forum.id in grouped}
    courses = {course.id for course in story.courses[:5]} | in_groups
    return replace(
        story,
        people=some,
        teams=tuple(
            replace(team, member_ids=tuple(m for m in team.member_ids if m in people))
            for team in story.teams
        ),
        enrolments=tuple(
            e for e in story.enrolments if e.person_id in people and e.course_id in courses
        ),
        posts=tuple(replace(p, author_id=one_of_them(p.author_id)) for p in story.posts),
        discussions=tuple(
            replace(
                d,
                author_id=one_of_them(d.author_id),
                modified_by_id=one_of_them(d.modified_by_id),
            )
            for d in story.discussions
        ),
    )


@contextmanager
def company(store: Store, story: Story | None = None, **more: Any) -> Iterator[Company]:
    """A part of the company at nine, unless another story is told."""
    clock = FrozenClock(NINE)

    def seconds() -> int:
        return int(clock.now().timestamp())

    story = story or a_few()
    with running_lms(flavour="totara-12", story=story, clock=seconds, **more) as lms:
        yield Company(lms, clock, store)


def problems(report: SyncReport) -> dict[Stream, tuple[str, ...]]:
    """Stream → what stood in its way."""
    return {stream.stream: stream.problems for stream in report.streams if stream.problems}


def test_a_first_sync_finds_the_company_and_a_second_one_changes_nothing(store: Store) -> None:
    """People, courses, enrolments, completions and discussions, by what Totara 12 has."""
    with company(store, whole()) as here:
        assert "totara" == recognise(here.connector())
        first = here.sync()
        found = here.everything()
        second = here.sync()
    assert ("complete", {}) == (first.outcome, problems(first))
    assert ("complete", {}) == (second.outcome, problems(second))
    assert (25, 8) == (len(found["courses"]), len(found["teams"]))
    assert 190 <= len(found["people"]) <= 203
    assert len(found["completions"]) > 300
    assert len(found["discussions"]) > 10
    assert found == here.everything()
    assert {(0, 0)} == {(stream.new, stream.changed) for stream in second.streams}
    plain = {Stream.ENROLMENTS, Stream.COMPLETIONS, Stream.DISCUSSIONS}
    assert {"plain"} == {s.strategy for s in first.streams if s.stream in plain}
    assert second.requests * 5 < first.requests


def test_the_company_is_the_same_as_on_a_moodle(lite_store: Store) -> None:
    """Who is in which course, who completed what and when: whichever LMS tells it."""

    def learned(connection: Connection) -> set[tuple[Any, ...]]:
        query = (
            select(
                t.courses.c.lms_id, t.people.c.lms_id, t.people.c.name, t.completions.c.completed_at
            )
            .select_from(t.enrolments)
            .join(t.courses, t.courses.c.id == t.enrolments.c.course_id)
            .join(t.people, t.people.c.id == t.enrolments.c.person_id)
            .outerjoin(
                t.completions,
                (t.completions.c.course_id == t.enrolments.c.course_id)
                & (t.completions.c.person_id == t.enrolments.c.person_id),
            )
            .where(t.courses.c.connection_id == connection.id)
        )
        with lite_store.reading() as work:
            return set(map(tuple, work.sql.execute(query)))

    with company(lite_store) as here:
        here.sync()
        assert here.connection
        by_totara = learned(here.connection)
    clock = FrozenClock(NINE)
    with running_lms(story=a_few(), clock=lambda: int(NINE.timestamp())) as lms:
        connector = MoodleConnector(lms.url, lms.token, timeout=10, pause=lambda seconds: None)
        with lite_store.work() as work:
            site = connector.site()
            moodle = work.connections.put("moodle", "moodle", lms.url, lms.token, site, NINE)
        run(lite_store, connector, moodle, clock)
        connector.close()
    assert len(by_totara) > 20
    assert learned(moodle) == by_totara


def test_prior_learning_is_history_at_first_and_news_later(store: Store) -> None:
    """It has no date: what a first sync finds was there before; later it is of when it was seen."""
    with company(store) as here:
        before, after = sorted(p.id for p in here.lms.story.people)[:2]
        course = here.add_course("Recognised", before, after)
        here.totara.recognise(before, course)
        here.sync()
        assert (True, False) == (
            here.completion(before, course).history,
            here.completion(before, course).dated,
        )
        here.later(hours=3)
        here.totara.recognise(after, course)
        here.totara.visit(after, course)
        here.sync()
        late = here.completion(after, course)
        assert (False, False) == (late.history, late.dated)
        assert here.clock.now() == late.completed_at == late.seen_at
        seen = here.completion(before, course)
        here.later(hours=1)
        here.sync()
        assert seen == here.completion(before, course)
        assert late == here.completion(after, course)


def test_a_completion_is_of_when_it_was_earned_and_a_new_window_takes_it_back(
    store: Store,
) -> None:
    """Recertification: earned, archived, earned again; the later one is a renewal of the first."""
    with company(store) as here:
        person = min(p.id for p in here.lms.story.people)
        course = here.add_course("Licence", person)
        here.sync()
        here.later(hours=1)
        here.totara.complete(person, course)
        here.sync()
        earned = here.completion(person, course)
        assert (False, False, here.clock.now()) == (
            earned.history,
            earned.revoked,
            earned.completed_at,
        )
        here.later(days=1)
        here.totara.archive(person, course)
        here.sync(Scope(full=True))
        assert here.completion(person, course).revoked
        here.later(days=1)
        here.totara.complete(person, course)
        here.sync(Scope(full=True))
        again = here.completion(person, course)
        assert (False, here.clock.now()) == (again.revoked, again.completed_at)


def test_a_deleted_person_goes_and_the_others_stay(store: Store) -> None:
    """Totara fails the call that asks for a deleted person; everybody else in it is read."""
    with company(store) as here:
        here.sync()
        gone = sorted(p.id for p in here.lms.story.people)[7]
        here.later(days=2)
        here.totara.remove_person(gone)
        renamed = sorted(p.id for p in here.lms.story.people)[8]
        here.totara.change_person(renamed, first_name="Nova")
        report = here.sync()
        assert ("complete", {}) == (report.outcome, problems(report))
        [person] = here.rows(t.people, lms_id=gone)
        assert (True, []) == (
            person.gone,
            [e for e in here.rows(t.enrolments, person_id=person.id) if not e.gone],
        )
        [other] = here.rows(t.people, lms_id=renamed)
        assert (False, True) == (other.gone, other.name.startswith("Nova "))
        assert 1 == len([p for p in here.rows(t.people) if p.gone])


def test_a_suspended_account_is_known_as_one(store: Store) -> None:
    """The lists of a course do not tell; and who has a suspended enrolment is not judged."""
    with company(store) as here:
        first, second = sorted(p.id for p in here.lms.story.people)[:2]
        course = here.add_course("Both are in it", first, second)
        here.totara.change_person(first, suspended=True)
        here.totara.suspend_enrolment(second, course)
        here.totara.complete(second, course)
        report = here.sync()
        assert "complete" == report.outcome
        assert here.rows(t.people, lms_id=first)[0].suspended
        assert None is here.completion(second, course)


def test_names_arrive_as_they_are_written(lite_store: Store) -> None:
    """Totara escapes them for a page; the bridge keeps text."""
    with company(lite_store) as here:
        course = here.add_course("Compliance & <em>Safety</em>")
        here.sync()
        assert "Compliance & Safety" == here.rows(t.courses, lms_id=course)[0].name


def test_a_course_that_audience_visibility_hides_is_shown_to_nobody(store: Store) -> None:
    """Neither to those who are in it; and its discussions are not read any more."""
    with company(store) as here:
        person = min(p.id for p in here.lms.story.people)
        shown, closed, old = (
            here.add_course(name, person) for name in ("Shown", "Closed", "Some only")
        )
        for course in (shown, closed, old):
            here.totara.ask(person, course, f"Who knows {course}?")
        here.sync()
        assert [True] * 3 == _visible(here, shown, closed, old)
        here.totara.switches.audience_visibility = True
        here.totara.show_to(closed, NO_USERS)
        here.totara.show_to(old, ENROLLED)
        here.later(hours=1)
        here.totara.ask(person, closed, "Who knows more?")
        report = here.sync()
        assert "complete" == report.outcome
        assert [True, False, False] == _visible(here, shown, closed, old)
        titles = {d.title for d in here.rows(t.discussions)}
        assert "Who knows more?" not in titles


def _visible(here: Company, *course_ids: int) -> list[bool]:
    return [here.rows(t.courses, lms_id=course_id)[0].visible for course_id in course_ids]


def test_a_reply_is_posted_where_the_question_was_asked_and_found_again(store: Store) -> None:
    """By the older functions; what the bridge wrote is no question when it is read back."""
    with company(store) as here:
        person = min(p.id for p in here.lms.story.people)
        course = here.add_course("Asking", person)
        asked = here.totara.ask(person, course, "How do I start?", "Where is the first unit?")
        here.sync()
        [stored] = here.rows(t.discussions, lms_id=asked)
        assert ("How do I start?", 0) == (stored.title, stored.replies)
        connector = here.connector()
        assert None is connector.find_reply(asked, "#key-1")
        here.later(minutes=5)
        reply = connector.reply(
            stored.first_post_lms_id, "Re", "<p>There. <a href='#key-1'>1</a></p>"
        )
        assert reply == connector.find_reply(asked, "#key-1")
        assert stored.first_post_lms_id == connector.first_post(asked)
        forum = here.totara.forums_of(course)[0].id
        shared = connector.start_discussion(forum, "Three finished", "<p>Well done #key-2</p>")
        assert shared == connector.find_discussion(forum, "#key-2")
        connector.close()
        here.later(minutes=5)
        here.sync()
        [stored] = here.rows(t.discussions, lms_id=asked)
        assert 1 == stored.replies
        assert [] == here.rows(t.discussions, lms_id=shared, ours=False)


def test_separate_groups_stay_separate(lite_store: Store) -> None:
    """Totara does not tell a forum's group mode; each discussion tells its group."""
    with company(lite_store) as here:
        here.sync()
        grouped = {d.id for d in here.totara.discussions.values() if d.group_id > 0}
        stored = {d.lms_id for d in here.rows(t.discussions)}
        assert grouped
        assert set() == grouped & stored


def test_a_course_that_cannot_be_judged_does_not_stop_the_others(lite_store: Store) -> None:
    """Completion that was just switched off looks like a missing right: for that course alone."""
    with company(lite_store) as here:
        person = min(p.id for p in here.lms.story.people)
        course = here.add_course("Judged no more", person)
        here.sync()
        before = len(here.rows(t.completions))
        other = here.add_course("Judged", person)
        here.totara.complete(person, other)
        here.totara.visit(person, course)
        # The list of courses is read before it is switched off.
        connector = here.connector()
        answers = dict(connector.completions([(course, person), (other, person)]))
        assert not any(isinstance(a, Exception) for a in answers.values())
        here.totara.change_course(course, tracked=False)
        answers = dict(connector.completions([(course, person), (other, person)]))
        connector.close()
        assert "cannotviewreport" == answers[course, person].code  # type: ignore[union-attr]
        report = here.sync()
        assert "complete" == report.outcome
        assert before + 1 == len(here.rows(t.completions))


def test_without_the_right_to_judge_the_rest_is_read(lite_store: Store) -> None:
    """One problem, with the right and the page of Totara where it is given."""
    with company(lite_store, capabilities=RIGHTS - {VIEW_COMPLETION}) as here:
        report = here.sync()
    assert "partial" == report.outcome
    [stream] = problems(report)
    assert Stream.COMPLETIONS == stream
    assert "report/completion:view" in problems(report)[stream][0]
    assert "Permissions → Define roles" in problems(report)[stream][0]


def test_without_being_told_who_sees_courses_nothing_is_announced(lite_store: Store) -> None:
    """The right to edit courses is what Totara asks for to say so, and the problem names it."""
    with company(lite_store, capabilities=DEFAULT) as here:
        report = here.sync()
        assert "moodle/course:update" in problems(report)[Stream.COURSES][0]
        assert [] == here.rows(t.courses)


@pytest.mark.parametrize("days", [1])
def test_a_person_who_was_seen_anywhere_is_asked_about_again(lite_store: Store, days: int) -> None:
    """Totara 12 tells when somebody was on the site, not when in a course."""
    with company(lite_store) as here:
        person = min(p.id for p in here.lms.story.people)
        one, other = here.add_course("One", person), here.add_course("Other", person)
        here.sync()
        here.later(days=days)
        here.totara.visit(person, one)
        here.totara.complete(person, other)
        here.sync()
        found = here.completion(person, other)
        assert found.seen_at - found.completed_at <= timedelta(minutes=1)
