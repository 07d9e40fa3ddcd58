"""Learners, admins, faults and syncs in any order: what is stored at rest is what a model says.

Hypothesis drives a small LMS over real HTTP through a bad line and looks for an order of events
after which the store and the model disagree. ``SYNC_MACHINE_EXAMPLES=500`` in the environment
makes it search at random for as many; without it the same few are tried each time.
"""

from __future__ import annotations

import os
import shutil
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bridge.demo.lms.api import FUNCTIONS
from bridge.demo.lms.capabilities import DEFAULT, UPDATE_COURSE
from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.world import STUDENT, Completion, Story
from bridge.errors import LmsError
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.batch import CARRIER
from bridge.lms.moodle.report import RETRIEVE
from bridge.lms.totara.connector import TotaraConnector
from bridge.model import SyncReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from bridge.sync.scope import Scope
from tests.benchmarks.dump import dump
from tests.benchmarks.proxy import Kind, running_proxy
from tests.conftest import SECRET_KEY, FrozenClock
from tests.small_company import BEGIN, small_company

EXAMPLES = int(os.environ.get("SYNC_MACHINE_EXAMPLES", "0"))
HOUR, DAY = 3_600, 86_400

PLAIN_TO_SEE = (
    *(Kind.RESET_BEFORE, Kind.RESET_WITHIN, Kind.TOO_MANY, Kind.SERVER_ERROR, Kind.MAINTENANCE),
    *(Kind.LOGIN_PAGE, Kind.NOTHING, Kind.TRUNCATED, Kind.OTHER_SHAPE, Kind.WORD_FOR_NUMBER),
    *(Kind.REPEATED, Kind.SHUFFLED),
)
"""The faults that a sync can notice or need not mind: nothing that is stored may come of them."""

Pair = tuple[int, int]
"""A course and a person, by their ids in the LMS."""

some = st.integers(0, 10_000)
"""Stands for one of those that there are."""


@dataclass(frozen=True)
class Late:
    """What was finished ``at``, when they were last seen, and is ``recorded`` by cron later.

    It is looked for now and then. After 48 hours an everyday sync has to have found it.
    """

    at: int
    recorded: int
    visited: int


class Model:
    """What is true in the LMS, as simply as it can be said."""

    def __init__(self, story: Story) -> None:
        self.people = {p.id: p.name for p in story.people}
        self.suspended: set[int] = set()
        self.courses = {c.id for c in story.courses}
        self.enrolled = {(e.course_id, e.person_id) for e in story.enrolments}
        self.learners = {(e.course_id, e.person_id) for e in story.enrolments if e.role == STUDENT}
        self.completed: dict[Pair, int | None] = {}
        """Pair → when it was completed; ``None`` without a date."""
        self.dates: dict[Pair, set[int | None]] = {}
        """Pair → every date that its completions ever had."""
        self.silent: set[Pair] = set()
        """Pairs that changed without a visit since the last full sync: an everyday one may err."""

        self.late: dict[Pair, Late] = {}

    def completes(self, pair: Pair, at: int | None) -> None:
        """From now on the LMS says so."""
        self.completed[pair] = at
        self.dates.setdefault(pair, set()).add(at)

    def visits(self, person_id: int, now: int) -> None:
        """They were seen, and are looked at from now on as long as the LMS's cron may take."""
        for pair in [pair for pair in self.late if pair[1] == person_id]:
            self.late[pair] = replace(self.late[pair], visited=now)

    def time_goes_by(self, now: int) -> None:
        """The LMS's cron has recorded what it had to."""
        for pair, late in list(self.late.items()):
            if late.recorded <= now and pair not in self.completed:
                self.completes(pair, late.at)
            if late.recorded <= now and late.visited + 48 * HOUR <= now:
                del self.late[pair]


class Machine(RuleBasedStateMachine):
    """The rules: what may happen, and what must hold when everything is at rest."""

    template: Path
    folder: Path
    kind = "moodle"

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.clock = FrozenClock(BEGIN)
        self.report_id: int | None = None
        story = small_company()
        self.model = Model(story)
        self.lms = self.stack.enter_context(self._running(story))
        self.line = self.stack.enter_context(
            running_proxy(self.lms.url, share=0, seed=1, kinds=PLAIN_TO_SEE)
        )
        path = self.folder / "bridge.db"
        for old in self.folder.glob("bridge.db*"):
            old.unlink()
        shutil.copy(self.template, path)
        self.store = Store(f"sqlite:///{path}", [SECRET_KEY])
        self.stack.callback(self.store.close)
        with closing(self._connector()) as connector:
            site, report = connector.site(), connector.prepare_report(None)
        self.report_id = report[0] if report else None
        with self.store.work() as work:
            self.connection = work.connections.put(
                "small", self.kind, self.lms.url, self.lms.token, site, BEGIN
            )

    def _running(self, story: Story) -> AbstractContextManager[Lms]:
        return running_lms(story=story, clock=self._moment)

    def teardown(self) -> None:
        with self.stack:
            self.at_rest_everything_is_as_the_model_says()

    # --- what happens in the LMS ---

    @rule(one=some, minutes=st.integers(0, 90))
    def somebody_completes(self, one: int, minutes: int) -> None:
        """They were there; it may have been a while ago, and the LMS's cron came by late."""
        if pair := self._of(self._unfinished(), one):
            at = self._moment() - minutes * 60
            self.lms.store.complete(pair[1], pair[0], at)
            self.model.visits(pair[1], self._moment())
            self.model.completes(pair, at)

    @rule(one=some, hours=st.integers(0, 47))
    def somebody_completes_and_cron_is_late(self, one: int, hours: int) -> None:
        """The LMS says so only then."""
        if pair := self._of(self._unfinished(), one):
            at = self._moment()
            late = Late(at, at + hours * HOUR + 1, at)
            self.lms.store.complete(pair[1], pair[0], at, late.recorded)
            self.model.visits(pair[1], at)
            self.model.late[pair] = late

    @rule(one=some, days=st.integers(1, 400))
    def an_admin_dates_a_completion_back(self, one: int, days: int) -> None:
        """Nobody was there."""
        if pair := self._of(self._unfinished(), one):
            self._record(pair, self._moment() - days * DAY)

    @rule(one=some)
    def prior_learning_is_recognised(self, one: int) -> None:
        """Complete, and no criterion has a date."""
        if pair := self._of(self._unfinished(), one):
            self._record(pair, None)

    def _record(self, pair: Pair, at: int | None) -> None:
        course_id, person_id = pair
        now = self._moment()
        for activity in self.lms.store.criteria(course_id) if at else ():
            self.lms.store.marks[activity.id, person_id] = at or now
        self.lms.store.completions[pair] = Completion(course_id, person_id, at or now, now)
        self.model.completes(pair, at)
        self.model.silent.add(pair)

    @rule(one=some)
    def a_completion_is_revoked(self, one: int) -> None:
        """By an admin."""
        if pair := self._of(self.model.completed, one):
            self.lms.store.undo_completion(pair[1], pair[0])
            self.model.late.pop(pair, None)
            del self.model.completed[pair]
            self.model.silent.add(pair)

    @rule(one=some)
    def a_completion_is_renewed(self, one: int) -> None:
        """Archived, and earned once more: they were there."""
        if pair := self._of(self.model.completed, one):
            self.lms.store.undo_completion(pair[1], pair[0])
            self.model.late.pop(pair, None)
            self.lms.store.complete(pair[1], pair[0])
            self.model.visits(pair[1], self._moment())
            self.model.completes(pair, self._moment())
            self.model.silent.add(pair)

    @rule(one=some)
    def a_completion_is_archived_and_recognised(self, one: int) -> None:
        """It had a date, and has none any more."""
        if pair := self._of(self.model.completed, one):
            self.lms.store.undo_completion(pair[1], pair[0])
            self.model.late.pop(pair, None)
            self._record(pair, None)

    @rule(one=some)
    def somebody_visits(self, one: int) -> None:
        """And does nothing there."""
        if pair := self._of(self.model.enrolled, one):
            self.lms.store.visit(pair[1], pair[0])
            self.model.visits(pair[1], self._moment())

    @rule(one=some)
    def somebody_asks(self, one: int) -> None:
        """In the forum."""
        if pair := self._of(self.model.learners, one):
            self.lms.store.ask(pair[1], pair[0], "Why?")
            self.model.visits(pair[1], self._moment())

    @rule(one=some)
    def somebody_enrols(self, one: int) -> None:
        """Into a course that they are not in."""
        everywhere = {(c, p) for c in self.model.courses for p in self.model.people}
        if pair := self._of(everywhere - self.model.enrolled, one):
            self.lms.store.enrol(pair[1], pair[0])
            self.model.enrolled.add(pair)
            self.model.learners.add(pair)

    @rule(one=some)
    def somebody_unenrols(self, one: int) -> None:
        """What they finished there is forgotten."""
        if pair := self._of(self.model.learners, one):
            self.lms.store.unenrol(pair[1], pair[0])
            self._left(pair)

    def _left(self, pair: Pair) -> None:
        self.model.enrolled.discard(pair)
        self.model.learners.discard(pair)
        self.model.completed.pop(pair, None)
        self.model.late.pop(pair, None)
        self.model.silent.add(pair)

    @rule(one=some)
    def somebody_is_hired(self, one: int) -> None:
        """And enrolled."""
        if len(self.model.people) < 9:
            person_id = self.lms.store.add_person("New", "Person")
            self.model.people[person_id] = "New Person"
            course_id = sorted(self.model.courses)[one % len(self.model.courses)]
            self.lms.store.enrol(person_id, course_id)
            self.model.enrolled.add((course_id, person_id))
            self.model.learners.add((course_id, person_id))

    @rule(one=some)
    def somebody_is_deleted(self, one: int) -> None:
        """With all that they finished."""
        if len(self.model.people) > 4:
            person_id = sorted(self.model.people)[one % len(self.model.people)]
            self.lms.store.remove_person(person_id)
            del self.model.people[person_id]
            self.model.suspended.discard(person_id)
            for pair in {p for p in self.model.enrolled if p[1] == person_id}:
                self._left(pair)

    @rule(one=some)
    def somebody_is_suspended_or_back(self, one: int) -> None:
        """By an admin."""
        person_id = sorted(self.model.people)[one % len(self.model.people)]
        self.model.suspended ^= {person_id}
        self.lms.store.change_person(person_id, suspended=person_id in self.model.suspended)

    @rule(one=some)
    def a_course_is_hidden_or_shown(self, one: int) -> None:
        """Who is in it stays in it."""
        course_id = sorted(self.model.courses)[one % len(self.model.courses)]
        visible = self.lms.store.courses[course_id].visible
        self.lms.store.change_course(course_id, visible=not visible)

    # --- the line, the site, and the time ---

    @rule(share=st.sampled_from((0, 0.2, 0.5)))
    def the_line_gets_worse_or_better(self, share: float) -> None:
        """So many of the answers are spoilt from now on."""
        self.line.share = share

    @precondition(lambda self: self.kind == "moodle")
    @rule(without=st.sampled_from(((), (RETRIEVE,), (RETRIEVE, CARRIER))))
    def the_service_lists_other_functions(self, without: tuple[str, ...]) -> None:
        """Which decides the strategy."""
        self.lms.service.functions = tuple(name for name in FUNCTIONS if name not in without)

    @rule(hours=st.sampled_from((0.25, 1, 5, 24, 47, 49, 100, 200)))
    def time_goes_by(self, hours: float) -> None:
        """From a quarter of an hour to more than a week."""
        self._wait(hours=hours)

    # --- what the bridge does ---

    @rule()
    def it_syncs(self) -> None:
        """Whatever comes of it."""
        with suppress(LmsError):
            self._sync()

    @precondition(lambda self: self.line.share == 0)
    @rule()
    def an_everyday_sync_finds_what_left_a_trace(self) -> None:
        """Undisturbed: only what changed without anybody having been there may be behind."""
        assert "complete" == self._sync().outcome
        silent = self.model.silent | self.model.late.keys()
        found, true = self._stored_completions(), self.model.completed
        assert {k: v for k, v in true.items() if k not in silent} == {
            k: v for k, v in found.items() if k not in silent
        }

    @precondition(lambda self: self.line.share == 0)
    @rule()
    def a_week_later_an_everyday_sync_has_compared_everything(self) -> None:
        """Undisturbed, and without being asked for more than usual."""
        self._wait(days=8)
        assert "complete" == self._sync().outcome
        self._compare()

    @rule()
    def at_rest_everything_is_as_the_model_says(self) -> None:
        """A full sync without faults: each completion once, with its time, and nothing else."""
        share, self.line.share = self.line.share, 0
        self._wait(minutes=1)
        self._sync(full=True)
        self.line.share = share
        self._compare()

    def _compare(self) -> None:
        self.model.silent.clear()
        stored = dump(self.store)
        assert self.model.completed == self._stored_completions()
        assert self.model.enrolled == set(stored["enrolments"])
        named = {person for _, person in self.model.enrolled}
        assert {p: (self.model.people[p], p in self.model.suspended) for p in named} == {
            p: (row["name"], row["suspended"])
            for (p,), row in stored["people"].items()
            if p in named
        }
        assert [] == self._told_though_history()

    def _sync(self, *, full: bool = False) -> SyncReport:
        with closing(self._connector()) as connector:
            return run(self.store, connector, self.connection, self.clock, scope=Scope(full=full))

    def _connector(self) -> MoodleConnector:
        return MoodleConnector(**self._address(), report_id=self.report_id)

    def _address(self) -> dict[str, Any]:
        url = self.line.url if self.line.share else self.lms.url
        return {
            "url": url,
            "token": self.lms.token,
            "timeout": 10,
            "pause": lambda seconds: None,
        }

    def _stored_completions(self) -> dict[Pair, int | None]:
        return {
            (course, person): int(row["completed_at"].timestamp()) if row["dated"] else None
            for (course, person), row in dump(self.store)["completions"].items()
        }

    def _told_though_history(self) -> list[Pair]:
        """Completions that count as news, and were older than a week whenever they were seen."""
        k, c, p = t.completions.c, t.courses.c, t.people.c
        with self.store.reading() as work:
            news = work.sql.execute(
                select(c.lms_id, p.lms_id, k.seen_at)
                .select_from(
                    t.completions.join(t.courses, c.id == k.course_id).join(
                        t.people, p.id == k.person_id
                    )
                )
                .where(k.history.is_(False), k.revoked.is_(False))
            ).all()
        return [
            (course, person)
            for course, person, seen_at in news
            if all(
                date is not None and date < seen_at.timestamp() - 7 * DAY
                for date in self.model.dates[course, person]
            )
        ]

    # --- who and what ---

    def _moment(self) -> int:
        return int(self.clock.now().timestamp())

    def _wait(self, **parts: float) -> None:
        self.clock.advance(**parts)
        self.model.time_goes_by(self._moment())

    def _unfinished(self) -> set[Pair]:
        return self.model.learners - self.model.completed.keys() - self.model.late.keys()

    def _of(self, pairs: Any, one: int) -> Pair | None:
        there = sorted(pairs)
        return there[one % len(there)] if there else None


class TotaraMachine(Machine):
    """The same with a Totara 12: one by one, no access by course, and the deleted fail a call."""

    kind = "totara"

    def _running(self, story: Story) -> AbstractContextManager[Lms]:
        rights = DEFAULT | {UPDATE_COURSE}
        return running_lms(
            story=story, clock=self._moment, flavour="totara-12", capabilities=rights
        )

    def _connector(self) -> MoodleConnector:
        return TotaraConnector(**self._address())


@pytest.mark.parametrize(("machine", "examples"), [(Machine, 8), (TotaraMachine, 3)])
def test_at_rest_the_store_says_what_the_lms_says(
    machine: type[Machine], examples: int, sqlite_template: Path, tmp_path: Path
) -> None:
    """Whatever happened before, in whatever order, with whatever faults and strategies."""

    class Here(machine):  # type: ignore[misc, valid-type]
        template, folder = sqlite_template, tmp_path

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=25,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            # Looking for the shortest way to a failure takes minutes.
            phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
