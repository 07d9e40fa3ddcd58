"""Whatever happens in whichever order, what is told ends as if it were told for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bridge import consent
from bridge.feed.project import project, project_items, project_person
from bridge.model import Choice, CompletionFact, EnrolmentFact, PersonFact
from bridge.storage import Work
from bridge.storage import tables as t
from bridge.storage.verdicts import Due
from bridge.sync import verdicts
from bridge.visibility import shown_count
from tests.cast import Cast

PEOPLE = 14
"""All of them in one course; the first twelve in one team, the last eight in another."""
COURSE, TEAMS = 10, (1, 2)

# Few people to whom much happens, so that one thing meets another.
who = st.sampled_from([0, 1, 6, 11, 13])
days = st.sampled_from([0.0, 0.02, 0.3, 1.0, 2.0])
ACTS = st.one_of(
    st.tuples(st.just("complete"), who, days),
    st.tuples(st.just("lesson"), st.integers(5, 12), days),
    st.tuples(st.just("revoke"), who),
    st.tuples(st.just("choose"), who, st.sampled_from(list(Choice))),
    st.tuples(st.just("hide"), who, st.booleans()),
    st.tuples(st.just("move"), who, st.sampled_from([(), (1,), (2,), (1, 2)])),
    st.tuples(st.just("suspend"), who, st.booleans()),
    st.tuples(st.just("leave"), who, st.booleans()),
    st.tuples(st.just("require"), st.booleans()),
)

State = set[tuple[Any, ...]]


class Town:
    """Fourteen people of one connection, in a transaction that is never committed."""

    def __init__(self, work: Work, cast: Cast) -> None:
        self.work, self.cast, self.now = work, cast, cast.now
        sql = work.sql
        sql.execute(t.memberships.delete())
        sql.execute(t.enrolments.delete())
        self.ids = [
            sql.execute(
                t.people.insert().returning(t.people.c.id),
                {"connection_id": cast.connection, "lms_id": 700 + n, "name": f"Person {n}"},
            ).scalar_one()
            for n in range(PEOPLE)
        ]
        self.teams = {n: ((1,) if n < 12 else ()) + ((2,) if n >= 6 else ()) for n in range(PEOPLE)}
        self.enrolled = set(range(PEOPLE))
        self.renewed: set[tuple[int, Any]] = set()
        self._members()
        self._enrol()

    def _members(self) -> None:
        known = {700 + n: ident for n, ident in enumerate(self.ids)}
        members = {g: [700 + n for n, gs in self.teams.items() if g in gs] for g in TEAMS}
        self.work.facts.put_members(self.cast.connection, members, known)

    def _enrol(self) -> None:
        facts = [EnrolmentFact(700 + n, f"Person {n}", None) for n in sorted(self.enrolled)]
        known = {700 + n: ident for n, ident in enumerate(self.ids)}
        self.work.learning.put_enrolments(self.cast.feedback, facts, known, self.now)

    def act(self, name: str, *given: Any) -> None:
        """One thing happens, by the way by which it happens in life."""
        getattr(self, name)(*given)

    def complete(self, n: int, days_ago: float) -> None:
        """The LMS says that they are complete, since then."""
        at = self.now - timedelta(days=days_ago)
        before = self.work.verdicts.stored([(self.cast.feedback, self.ids[n])])
        self._verdict(n, CompletionFact(COURSE, 700 + n, True, at))
        after = self.work.verdicts.stored([(self.cast.feedback, self.ids[n])])
        for key, row in after.items():
            if key in before and before[key].renewals != row.renewals:
                # What was told of the time before is left as it was (decision 007).
                self.renewed.add((self.cast.feedback, before[key].completed_at.date()))

    def lesson(self, many: int, days_ago: float) -> None:
        """So many finish together."""
        for n in range(many):
            self.complete(n, days_ago)

    def revoke(self, n: int) -> None:
        """The LMS takes it back."""
        self._verdict(n, CompletionFact(COURSE, 700 + n, False, None))

    def _verdict(self, n: int, fact: CompletionFact) -> None:
        moment = verdicts.Moment(self.now, self.now - timedelta(days=7), dateless_is_news=True)
        due = Due(self.cast.feedback, self.ids[n], COURSE, 700 + n)
        verdicts.store(self.work, self.cast.connection, [verdicts.Answered(due, fact)], moment)

    def choose(self, n: int, choice: Choice) -> None:
        """They decide who may see their name."""
        consent.choose(self.work, self.ids[n], choice, self.now, "person")
        project_person(self.work, self.cast.connection, self.ids[n], self.now)

    def hide(self, n: int, hidden: bool) -> None:
        """They hide the item, or show it again."""
        self.work.sql.execute(
            t.completions.update()
            .where(t.completions.c.person_id == self.ids[n])
            .values(hidden=hidden, pending=True)
        )
        project_items(self.work, self.cast.connection, self.ids[n], self.now)

    def move(self, n: int, teams: tuple[int, ...]) -> None:
        """The LMS puts them into other teams."""
        self.teams[n] = teams
        self._members()

    def suspend(self, n: int, suspended: bool) -> None:
        """The LMS suspends them, or lets them in again."""
        fact = PersonFact(
            700 + n, f"Person {n}", None, None, None, None, None, None, suspended, None
        )
        self.work.people.put(self.cast.connection, [700 + n], [fact], self.now)

    def leave(self, n: int, left: bool) -> None:
        """They leave the course, or come back."""
        (self.enrolled.discard if left else self.enrolled.add)(n)
        self._enrol()

    def require(self, mandatory: bool) -> None:
        """An admin says that people must take the course, or need not."""
        c = t.courses
        self.work.sql.execute(
            c.update().where(c.c.id == self.cast.feedback).values(mandatory=mandatory, pending=True)
        )

    def look(self) -> None:
        """The feed looks at what is new."""
        project(self.work, self.cast.connection, self.now)

    def told(self) -> State:
        """What is told, as it is shown."""
        a, m = t.activities.c, t.activity_members.c
        found: State = set()
        rows = self.work.sql.execute(
            select(t.activities).where(a.gone.is_(False), a.kind.in_(["completion", "renewal"]))
        )
        for row in rows.all():
            if (row.course_id, row.day) in self.renewed:
                continue
            names = self.work.sql.execute(select(m.person_id).where(m.activity_id == row.id))
            others = shown_count(row.others, row.group_size)
            named = frozenset(names.scalars())
            found.add((row.kind, row.audience, row.course_id, row.day, named, others))
        return found

    def anew(self) -> State:
        """What would be told if nothing had been told before."""
        for table in (t.activity_members, t.activities):
            self.work.sql.execute(table.delete())
        self.work.sql.execute(t.completions.update().values(pending=True))
        self.look()
        return self.told()


@contextmanager
def town(cast: Cast) -> Iterator[Town]:
    """A town that is gone afterwards."""
    with cast.store.engine.connect() as sql, sql.begin() as transaction:
        yield Town(Work(sql, cast.store.seal), cast)
        transaction.rollback()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(ACTS, st.booleans()), min_size=5, max_size=40))
def test_the_order_of_things_does_not_matter(
    lite_cast: Cast, acts: list[tuple[tuple[Any, ...], bool]]
) -> None:
    """Completions, choices, hides, revocations, corrected dates, moves between teams."""
    with town(lite_cast) as it:
        for act, looked in acts:
            it.act(*act)
            if looked:
                it.look()
        it.look()
        shown = it.told()
        note(f"{acts}")
        assert it.anew() == shown


def test_a_number_is_told_no_more_when_the_group_around_it_shrinks(lite_cast: Cast) -> None:
    """Six of a team of twelve finish, one by name; when two others leave, five are nearly all."""
    with town(lite_cast) as it:
        it.choose(0, Choice.TEAMS)
        it.lesson(6, 0.02)
        it.look()
        assert {5, 6} == {others for *_, others in it.told() if others}
        for n in (10, 11):
            it.move(n, (2,))
        it.look()
        shown = it.told()
        assert it.anew() == shown


def test_nor_when_those_around_it_are_suspended(lite_cast: Cast) -> None:
    """Whoever is not there is no cover for who is."""
    with town(lite_cast) as it:
        it.lesson(7, 0.02)
        it.look()
        assert {7} == {others for *_, others in it.told() if others}
        for n in (9, 10, 11):
            it.suspend(n, True)
        it.look()
        assert set() == it.told()
