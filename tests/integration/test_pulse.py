"""Is the network alive? Counted by week, for everybody and by team."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from bridge import pulse
from bridge.model import Pulse
from bridge.storage import tables as t
from tests.cast import Cast

MONDAY = date(2026, 11, 23)


def crowd(cast: Cast, count: int = 6) -> list[int]:
    """So many more people, all of Sales."""
    with cast.store.work() as work:
        ids = [
            work.sql.execute(
                t.people.insert().returning(t.people.c.id),
                {"connection_id": cast.connection, "lms_id": 500 + n, "name": f"Person {n}"},
            ).scalar_one()
            for n in range(count)
        ]
        work.sql.execute(
            t.memberships.insert(), [{"team_id": cast.sales, "person_id": i} for i in ids]
        )
    return ids


def was_here(cast: Cast, person: int, *, days_ago: int = 0, **what: bool) -> None:
    """The person came, and did something."""
    with cast.store.work() as work:
        pulse.record(work, person, cast.now - timedelta(days=days_ago), **what)


def total(cast: Cast) -> Pulse:
    """Everybody's weeks."""
    with cast.store.reading() as work:
        return pulse.pulse(work, cast.connection, cast.now)


def numbers(found: Pulse, week: date = MONDAY) -> tuple[int, int, int, int]:
    """Eligible, reached, active, engaged in one week."""
    [one] = [w for w in found.weeks if w.week == week]
    return one.eligible, one.reached, one.active, one.engaged


def test_three_numbers_out_of_everybody(cast: Cast) -> None:
    """Engaged is active is reached; nobody counts twice a week."""
    crowd(cast)
    was_here(cast, cast.alice)
    was_here(cast, cast.bob, active=True)
    was_here(cast, cast.beth, engaged=True)
    was_here(cast, cast.beth, days_ago=1, engaged=True)
    assert (12, 3, 2, 1) == numbers(total(cast))


def test_twelve_weeks_the_oldest_first(cast: Cast) -> None:
    """Each begins on a Monday, in UTC; this week is the last."""
    weeks = [week.week for week in total(cast).weeks]
    assert [MONDAY - timedelta(weeks=n) for n in range(11, -1, -1)] == weeks


def test_last_week_is_another_week(cast: Cast) -> None:
    """Sunday belongs to the week before."""
    was_here(cast, cast.alice, days_ago=3)
    assert (6, 0, 0, 0) == numbers(total(cast))
    assert (6, 1, 0, 0) == numbers(total(cast), MONDAY - timedelta(weeks=1))


def test_a_day_only_ever_gains(cast: Cast) -> None:
    """Who posted in the morning and only looked in the evening was engaged that day."""
    was_here(cast, cast.bob, engaged=True)
    was_here(cast, cast.bob)
    assert (6, 1, 1, 1) == numbers(total(cast))
    with cast.store.reading() as work:
        assert 1 == len(work.sql.execute(select(t.presence)).fetchall())


def test_asking_in_the_lms_is_being_engaged(cast: Cast) -> None:
    """A discussion that was started there counts, what the bridge posted does not."""
    cast.ask(cast.beth, cast.feedback, days_ago=1)
    ours = cast.ask(cast.bob, cast.feedback, days_ago=1, lms_id=501)
    with cast.store.work() as work:
        work.sql.execute(t.discussions.update().where(t.discussions.c.id == ours).values(ours=True))
    assert (6, 1, 1, 1) == numbers(total(cast))


def test_who_left_is_not_counted(cast: Cast) -> None:
    """Neither above nor below the line."""
    was_here(cast, cast.bob, engaged=True)
    with cast.store.work() as work:
        work.sql.execute(t.people.update().where(t.people.c.id == cast.bob).values(suspended=True))
    assert (5, 0, 0, 0) == numbers(total(cast))


def test_teams_by_name_and_small_ones_hidden(cast: Cast) -> None:
    """Engineering has two people: its numbers would point at them."""
    crowd(cast)
    was_here(cast, cast.alice, active=True)
    with cast.store.reading() as work:
        found = pulse.teams(work, cast.connection, cast.now)
        sales = pulse.pulse(work, cast.connection, cast.now, team_id=cast.sales)
    assert [("Engineering", True, 0), ("Sales", False, 12)] == [
        (p.team.name, p.hidden, len(p.weeks)) for p in found if p.team
    ]
    assert numbers(found[1]) == numbers(sales)
