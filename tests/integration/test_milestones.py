"""Round numbers: told once, when they are reached, and where the rule of five allows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bridge import consent, flow
from bridge.activitystreams import headline
from bridge.feed import read
from bridge.feed.milestones import NUMBERS, may_tell, passed, told_now
from bridge.feed.project import project, project_items, project_person
from bridge.model import Choice, Kind
from bridge.storage import tables as t
from bridge.storage.milestones import Count
from tests.cast import Cast
from tests.conftest import FrozenClock


def crowd(cast: Cast, count: int, *, of_sales: bool = False) -> list[int]:
    """So many more people in Giving feedback, and in Sales if asked."""
    with cast.store.work() as work:
        sql = work.sql
        rows = [
            {"connection_id": cast.connection, "lms_id": 7000 + n, "name": f"Person {n}"}
            for n in range(count)
        ]
        sql.execute(t.people.insert(), rows)
        ids = list(sql.execute(select(t.people.c.id).where(t.people.c.lms_id >= 7000)).scalars())
        enrolled = {"course_id": cast.feedback, "first_seen_at": cast.now}
        sql.execute(t.enrolments.insert(), [{**enrolled, "person_id": i} for i in ids])
        if of_sales:
            rows = [{"team_id": cast.sales, "person_id": i} for i in ids]
            sql.execute(t.memberships.insert(), rows)
    return ids


def finish(cast: Cast, people: list[int], *, history: bool = False, days_ago: float = 0) -> None:
    """They finished Giving feedback."""
    at = cast.now - timedelta(days=days_ago)
    row = {"connection_id": cast.connection, "course_id": cast.feedback}
    row |= {"completed_at": at, "seen_at": at, "history": history, "pending": not history}
    with cast.store.work() as work:
        work.sql.execute(t.completions.insert(), [{**row, "person_id": p} for p in people])


def begin(cast: Cast) -> None:
    """The connection was told of before: from now on, what comes is news."""
    with cast.store.work() as work:
        t_ = {"connection_id": cast.connection, "uid": "first", "kind": "post", "gone": True}
        t_ |= {"audience": "everyone:0", "published": cast.now, "updated": cast.now}
        work.sql.execute(t.activities.insert(), t_)


def look(cast: Cast) -> list[Any]:
    """Project; the milestones that stand, as (audience, number)."""
    with cast.store.work() as work:
        project(work, cast.connection, cast.now)
    a = t.activities.c
    query = select(a.audience, a.number).where(a.kind == "milestone", a.gone.is_(False))
    with cast.store.reading() as work:
        return sorted(tuple(row) for row in work.sql.execute(query))


def reach_fifty(cast: Cast, named: int) -> list[int]:
    """Fifty of seventy people finish it today, so many of them by name; the seventy."""
    people = crowd(cast, 70)
    for person in people[:named]:
        cast.choose(person, Choice.EVERYONE)
    begin(cast)
    finish(cast, people[:50])
    return people


def change(cast: Cast, table: Any, where: Any, **values: Any) -> None:
    """Change rows."""
    with cast.store.work() as work:
        work.sql.execute(table.update().where(where).values(**values))


def everyone(cast: Cast) -> str:
    """The key of everybody at Acme."""
    return f"everyone:{cast.connection}"


def test_the_hundredth_of_a_course_is_told_to_everyone(cast: Cast) -> None:
    """Ninety-nine of long ago, one of today; the sentence has a number and no name."""
    people = crowd(cast, 120)
    begin(cast)
    finish(cast, people[:99], history=True, days_ago=60)
    assert [] == look(cast)
    finish(cast, people[99:100])
    assert [(everyone(cast), 100)] == look(cast)
    with cast.store.reading() as work:
        (item,) = read.home(work, cast.viewer(cast.charlie)).items
    said = headline(item.activity, course=item.course, site_name="Acme")
    assert (Kind.MILESTONE, "100 people have finished Giving feedback") == (
        item.activity.kind,
        said,
    )


def test_a_team_is_told_of_its_own(cast: Cast) -> None:
    """The fiftieth completion of Sales; those of Engineering hear only of the course."""
    people = crowd(cast, 60, of_sales=True)
    begin(cast)
    finish(cast, people[:50])
    assert [(everyone(cast), 50), (f"team:{cast.sales}", 50)] == look(cast)
    with cast.store.reading() as work:
        for person, count in ((cast.bob, 2), (cast.charlie, 1)):
            items = read.home(work, cast.viewer(person)).items
            found = [i for i in items if i.activity.kind is Kind.MILESTONE]
            assert count == len(found)


def test_few_who_are_in_many_courses_are_few(cast: Cast) -> None:
    """Three of Sales have not finished, each in two courses: the number would point at them."""
    begin(cast)
    finish(cast, crowd(cast, 50, of_sales=True))
    assert f"team:{cast.sales}" not in {audience for audience, *_ in look(cast)}


def test_a_team_that_bears_a_name_is_told_without_it(cast: Cast) -> None:
    """What is told would keep the name of a manager who was erased, or is never to be named."""
    people = crowd(cast, 60, of_sales=True)
    change(cast, t.teams, t.teams.c.id == cast.sales, name="Alice Adams’s team", manager_lms_id=1)
    begin(cast)
    finish(cast, people[:50])
    look(cast)
    with cast.store.reading() as work:
        items = read.home(work, cast.viewer(cast.bob)).items
    (told,) = [i.activity for i in items if i.audience_name == "Alice Adams’s team"]
    assert "The team has finished 50 courses together" == headline(told)


def test_it_is_told_once_and_not_after_a_dip(cast: Cast) -> None:
    """One of the fifty is taken back, and another comes."""
    people = reach_fifty(cast, named=0)
    look(cast)
    k = t.completions
    change(cast, k, k.c.person_id == people[0], revoked=True, pending=True)
    look(cast)
    finish(cast, people[50:51])
    assert [(everyone(cast), 50)] == look(cast)


def test_a_first_sync_tells_none(cast: Cast) -> None:
    """Two hundred finished this week before anybody looked; the next milestone is told."""
    people = crowd(cast, 300)
    finish(cast, people[:240], days_ago=2)
    assert [] == look(cast)
    finish(cast, people[240:250])
    assert [(everyone(cast), 250)] == look(cast)


def test_who_joins_a_team_brings_no_milestone(cast: Cast) -> None:
    """What they finished long ago is not what the team reached today."""
    people = crowd(cast, 80)
    begin(cast)
    finish(cast, people[:60], history=True, days_ago=60)
    with cast.store.work() as work:
        rows = [{"team_id": cast.sales, "person_id": p} for p in people]
        work.sql.execute(t.memberships.insert(), rows)
    finish(cast, people[60:61])
    assert [] == look(cast)


def test_mandatory_courses_do_not_count(cast: Cast) -> None:
    """Nor does what was told of one stay when it is declared so; it comes back with it."""
    people = crowd(cast, 70, of_sales=True)
    begin(cast)
    c = t.courses
    change(cast, c, c.c.id == cast.feedback, mandatory=True)
    finish(cast, people[:50])
    assert [] == look(cast)
    change(cast, c, c.c.id == cast.feedback, mandatory=False)
    finish(cast, people[50:51])
    both = [(everyone(cast), 50), (f"team:{cast.sales}", 50)]
    assert both == look(cast)
    change(cast, c, c.c.id == cast.feedback, mandatory=True, pending=True)
    assert both[1:] == look(cast)
    change(cast, c, c.c.id == cast.feedback, mandatory=False, pending=True)
    assert both == look(cast)


@pytest.mark.parametrize(("others", "told"), [(4, False), (5, True)])
def test_nearly_everybody_is_no_number(cast: Cast, others: int, told: bool) -> None:
    """Fifty of fifty-four says who has not; of fifty-five it may be told."""
    people = crowd(cast, 50 + others)
    e = t.enrolments
    cast_people = [cast.alice, cast.bob, cast.beth, cast.charlie, cast.erin]
    change(cast, e, e.c.person_id.in_(cast_people), gone=True)
    begin(cast)
    finish(cast, people[:50])
    assert [(everyone(cast), 50)] * told == look(cast)


def test_the_few_who_are_not_named_are_not_counted_out(cast: Cast) -> None:
    """Forty-six agreed to be named: the number would point at the other four."""
    reach_fifty(cast, named=46)
    assert [] == look(cast)


def test_who_hid_it_is_not_counted(cast: Cast) -> None:
    """Their word on the item holds for numbers as well."""
    people = reach_fifty(cast, named=0)
    k = t.completions
    change(cast, k, k.c.person_id == people[0], hidden=True)
    assert [] == look(cast)


COUNTS = st.builds(
    Count,
    st.just("x"),
    st.integers(0, 200_000),
    st.integers(0, 300),
    st.integers(0, 60),
    st.integers(0, 60),
)


@given(COUNTS, st.sampled_from([None, *NUMBERS]))
def test_what_is_told_is_higher_than_before_and_fresh(count: Count, before: int | None) -> None:
    """And by its own fresh completions it was reached."""
    number = passed(count.total)
    assert number == max([n for n in NUMBERS if n <= count.total], default=0)
    if told_now(count, before):
        assert (before or 0) < number <= count.total < number + max(count.fresh, 1)


@given(COUNTS)
def test_no_number_points_at_few(count: Count) -> None:
    """Neither at those who finished unnamed, nor at those who have not."""
    if may_tell(count):
        assert count.rest >= 5
        assert count.unnamed == 0 or count.unnamed >= 5


def test_whoever_takes_their_name_back_is_not_worked_out_from_a_number(cast: Cast) -> None:
    """Fifty finished, all by name; one takes it back, and then five have: nothing, then nobody."""
    people = reach_fifty(cast, named=50)
    assert [(everyone(cast), 50)] == look(cast)
    with cast.store.work() as work:
        consent.choose(work, people[0], Choice.NOBODY, cast.now, "person")
        changed = project_person(work, cast.connection, people[0], cast.now)
        kinds = work.delivery.activities(changed)
        assert Kind.MILESTONE in {activity.kind for activity in kinds}
    assert [] == look(cast)
    # What was taken back is not announced a second time, whoever agrees again.
    with cast.store.work() as work:
        consent.choose(work, people[0], Choice.EVERYONE, cast.now, "person")
        project_person(work, cast.connection, people[0], cast.now)
    assert [] == look(cast)


@pytest.mark.parametrize("how", ["left", "never", "hidden", "erased"])
def test_however_a_name_goes_the_number_goes_with_it(cast: Cast, how: str) -> None:
    """The LMS suspends them, marks them, they hide the item, or are erased."""
    people = reach_fifty(cast, named=50)
    look(cast)
    p, k, clock = t.people, t.completions, FrozenClock(cast.now)
    if how == "left":
        change(cast, p, p.c.id == people[0], suspended=True, pending=True)
    if how == "never":
        change(cast, p, p.c.id == people[0], never_named=True, pending=True)
    if how == "hidden":
        change(cast, k, k.c.person_id == people[0], hidden=True)
        with cast.store.work() as work:
            project_items(work, cast.connection, people[0], cast.now)
    if how == "erased":
        flow.erase(cast.store, clock, people[0])
    flow.tell(cast.store, clock, cast.connection)
    assert [] == look(cast)


def test_a_number_stands_where_the_silent_were_many_anyway(cast: Cast) -> None:
    """Ten of the fifty never chose: one more says nothing of that one."""
    people = reach_fifty(cast, named=40)
    look(cast)
    flow.change_consent(cast.store, FrozenClock(cast.now), people[0], Choice.NOBODY)
    assert [(everyone(cast), 50)] == look(cast)
