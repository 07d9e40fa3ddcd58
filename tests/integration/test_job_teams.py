"""Teams by job assignment, as they are stored: Erin has become the manager of Bob and Beth."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from bridge.access import leaders as leading
from bridge.feed import project
from bridge.model import Audience, Choice, JobTeamFact, Tally
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import FrozenClock

ALICE, BOB, BETH, CHARLIE, ERIN = 100, 101, 102, 103, 104
ERINS = JobTeamFact(ERIN, "Erin Evans", frozenset({BOB, BETH}))


def put(cast: Cast, *facts: JobTeamFact) -> Tally:
    """The LMS says that these are its teams by job assignment."""
    with cast.store.work() as work:
        named = {p: "" for fact in facts for p in fact.person_lms_ids}
        named |= {fact.manager_lms_id: fact.manager_name for fact in facts}
        people = work.people.ids(cast.connection, named)
        return work.job_teams.put(cast.connection, facts, people)


def teams(cast: Cast) -> list[tuple[str, bool]]:
    """Name, and whether it is gone, of each team by job assignment."""
    with cast.store.reading() as work:
        g = t.teams.c
        rows = work.sql.execute(
            select(g.name, g.gone).where(g.manager_lms_id.is_not(None)).order_by(g.manager_lms_id)
        )
        return [tuple(row) for row in rows]


def team_id(cast: Cast, manager: int = ERIN) -> int:
    """Our id of a manager's team."""
    with cast.store.reading() as work:
        query = select(t.teams.c.id).where(t.teams.c.manager_lms_id == manager)
        return int(work.sql.execute(query).scalar_one())


def members(cast: Cast, manager: int = ERIN) -> set[int]:
    """Our ids of a manager's people."""
    m = t.memberships.c
    with cast.store.reading() as work:
        query = select(m.person_id).where(m.team_id == team_id(cast, manager))
        return set(work.sql.execute(query).scalars())


def leaders(cast: Cast) -> dict[tuple[int, int], str]:
    """(Team id, person id) → origin, of everybody who leads."""
    led = t.leaders.c
    with cast.store.reading() as work:
        rows = work.sql.execute(select(led.team_id, led.person_id, led.origin))
        return {(row.team_id, row.person_id): row.origin for row in rows}


def set_person(cast: Cast, person_id: int, **values: object) -> None:
    """The LMS says something else of a person."""
    with cast.store.work() as work:
        work.sql.execute(t.people.update().where(t.people.c.id == person_id).values(**values))


def test_a_manager_leads_the_people_who_report_to_them(cast: Cast) -> None:
    """One team, its people, and its leader; cohorts and who leads them stay as they were."""
    before = leaders(cast)
    assert Tally(new=4) == put(cast, ERINS)
    assert [("Erin Evans’s team", False)] == teams(cast)
    assert {cast.bob, cast.beth} == members(cast)
    assert {**before, (team_id(cast), cast.erin): "job"} == leaders(cast)


def test_without_news_nothing_is_written(cast: Cast) -> None:
    """The second sync finds everything as it was."""
    put(cast, ERINS)
    assert Tally() == put(cast, ERINS)


def test_the_manager_sees_the_team_at_the_next_look(cast: Cast) -> None:
    """Rights are read from what is stored: Erin leads two teams now, and Bob is in two."""
    put(cast, ERINS)
    with cast.store.reading() as work:
        erin = work.access.viewer(person_id=cast.erin)
        bob = work.access.viewer(person_id=cast.bob)
    assert erin is not None and bob is not None
    assert {cast.engineering, team_id(cast)} == erin.led_team_ids
    assert {cast.sales, team_id(cast)} == bob.team_ids


def test_who_changes_managers_changes_teams(cast: Cast) -> None:
    """Beth reports to Alice now."""
    put(cast, ERINS)
    put(
        cast,
        JobTeamFact(ALICE, "Alice Adams", frozenset({BETH})),
        JobTeamFact(ERIN, "Erin Evans", frozenset({BOB})),
    )
    assert ({cast.bob}, {cast.beth}) == (members(cast), members(cast, ALICE))
    assert "job" == leaders(cast)[team_id(cast, ALICE), cast.alice]


def test_a_manager_without_people_leads_nobody(cast: Cast) -> None:
    """The team is gone, with its people and its leader; if it comes back, they do."""
    before = leaders(cast)
    put(cast, ERINS)
    assert Tally(changed=4) == put(cast)
    assert [("Erin Evans’s team", True)] == teams(cast)
    assert (set(), before) == (members(cast), leaders(cast))
    assert Tally(new=3, changed=1) == put(cast, ERINS)
    assert ({cast.bob, cast.beth}, [("Erin Evans’s team", False)]) == (members(cast), teams(cast))


def test_who_was_made_a_leader_by_hand_stays_one(cast: Cast) -> None:
    """Neither the manager's coming nor their going touches what an admin has done."""
    put(cast, ERINS)
    team = team_id(cast)
    with cast.store.work() as work:
        leading.add(work, team, cast.alice)
    put(cast, JobTeamFact(ERIN, "Erin Evans", frozenset({BOB})))
    assert {"hand", "job"} == {leaders(cast)[team, p] for p in (cast.alice, cast.erin)}
    put(cast)
    assert (team, cast.alice) in leaders(cast)
    assert (team, cast.erin) not in leaders(cast)


def test_a_manager_who_leads_by_hand_too_is_not_taken_over(cast: Cast) -> None:
    """The row that an admin made keeps its origin, so it stays when the job ends."""
    put(cast, ERINS)
    team = team_id(cast)
    with cast.store.work() as work:
        work.access.remove_leader(team, cast.erin)
        leading.add(work, team, cast.erin)
    put(cast, ERINS)
    assert "hand" == leaders(cast)[team, cast.erin]


@pytest.mark.parametrize("away", [{"suspended": True}, {"gone": True}])
def test_a_manager_who_left_leads_no_more(cast: Cast, away: dict[str, bool]) -> None:
    """Though the LMS still names them; their people stay a team, and if they return they lead."""
    put(cast, ERINS)
    set_person(cast, cast.erin, **away)
    assert Tally(changed=1) == put(cast, ERINS)
    assert (team_id(cast), cast.erin) not in leaders(cast)
    assert {cast.bob, cast.beth} == members(cast)
    set_person(cast, cast.erin, **dict.fromkeys(away, False))
    assert Tally(new=1) == put(cast, ERINS)
    assert "job" == leaders(cast)[team_id(cast), cast.erin]


def test_people_whom_nobody_knows_yet_get_a_row(cast: Cast) -> None:
    """The list of jobs may come before the people's own records."""
    put(cast, JobTeamFact(700, "New Manager", frozenset({701, 702})))
    assert [("New Manager’s team", False)] == teams(cast)
    assert 2 == len(members(cast, 700))
    with cast.store.reading() as work:
        assert {700, 701, 702} == set(work.people.known(cast.connection, [700, 701, 702]))


@pytest.mark.parametrize(
    ("fact", "name"),
    [
        (JobTeamFact(ERIN, "Erin Ellis", frozenset({BOB})), "Erin Ellis’s team"),
        (JobTeamFact(ERIN, "", frozenset({BOB})), "Erin Evans’s team"),
        (JobTeamFact(700, "", frozenset({BOB})), "The team of manager 700"),
    ],
)
def test_a_team_is_called_by_its_manager(cast: Cast, fact: JobTeamFact, name: str) -> None:
    """By the name that the LMS gives, else by the one that is known."""
    put(cast, ERINS)
    put(cast, fact)
    assert name in [said for said, gone in teams(cast) if not gone]


def test_how_many_report_to_somebody_is_counted(cast: Cast) -> None:
    """Cohorts do not count; a team that is gone does not either."""
    both = [ERINS, JobTeamFact(ALICE, "Alice Adams", frozenset({BETH}))]
    counts = []
    for facts in ([], both, [ERINS], []):
        put(cast, *facts)
        with cast.store.reading() as work:
            counts.append(work.job_teams.count_members(cast.connection))
    assert [0, 3, 2, 0] == counts


def test_a_sync_of_cohorts_leaves_these_teams_alone(cast: Cast) -> None:
    """And the other way round: they are told apart by what made them."""
    put(cast, ERINS)
    with cast.store.work() as work:
        work.facts.put_teams(cast.connection, [])
    assert [("Erin Evans’s team", False)] == teams(cast)
    put(cast)
    with cast.store.reading() as work:
        query = select(t.teams.c.gone).where(t.teams.c.id == cast.sales)
        assert work.sql.execute(query).scalar_one()


def audiences(cast: Cast, clock: FrozenClock) -> set[str]:
    """Whom Bob's completions are told to."""
    with cast.store.work() as work:
        project.project(work, cast.connection, clock.now())
        a, m = t.activities.c, t.activity_members.c
        query = (
            select(a.audience)
            .join(t.activity_members, m.activity_id == a.id)
            .where(m.person_id == cast.bob, a.gone.is_(False))
        )
        return set(work.sql.execute(query).scalars())


def of_teams(cast: Cast, ids: Sequence[int]) -> set[str]:
    """The audiences of these teams."""
    return {Audience.of(f"team:{ident}").key for ident in ids}


def test_what_a_person_shares_with_their_teams_follows_the_manager(
    cast: Cast, clock: FrozenClock
) -> None:
    """Coming into a team tells its people; leaving it takes that back."""
    cast.choose(cast.bob, Choice.TEAMS)
    cast.complete(cast.bob, cast.feedback)
    assert of_teams(cast, [cast.sales]) == audiences(cast, clock)
    put(cast, ERINS)
    assert of_teams(cast, [cast.sales, team_id(cast)]) == audiences(cast, clock)
    put(cast)
    assert of_teams(cast, [cast.sales]) == audiences(cast, clock)
