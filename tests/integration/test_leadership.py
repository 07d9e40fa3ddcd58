"""Who leads whom: by hand, by a file, by rules about cohorts; each ends only what it began."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge import flow
from bridge.access import leaders as leading
from bridge.access import leadership
from bridge.access.leader_file import Row
from bridge.cli import cli
from bridge.errors import InputError
from bridge.storage import tables as t
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock

ALICE, CHARLIE, ERIN = "alice@acme.example", "charlie", "Erin Evans"


def rows(*pairs: tuple[str, str]) -> list[Row]:
    """The rows of a file."""
    return [Row(line, *pair) for line, pair in enumerate(pairs, start=2)]


def led(cast: Cast) -> dict[tuple[str, str], str]:
    """(Team, person) → by what."""
    with cast.store.reading() as work:
        found = work.access.leading(cast.connection)
    return {(one.team, one.person.split()[0]): one.origin for one in found}


def take(cast: Cast, *pairs: tuple[str, str], replace: bool = False) -> leadership.Change:
    """The file is given."""
    clock = FrozenClock(cast.now)
    return flow.take_leaders(cast.store, clock, cast.connection, rows(*pairs), replace=replace)


BY_HAND = {("Engineering", "Erin"): "hand", ("Sales", "Alice"): "hand"}


def test_a_file_adds_and_is_the_same_the_second_time(cast: Cast) -> None:
    """Several teams, several leaders; who leads by hand already stays by hand."""
    pairs = [("Sales", ALICE), ("Sales", CHARLIE), ("engineering", CHARLIE)]
    change = take(cast, *pairs)
    assert [("Engineering", "Charlie Chen"), ("Sales", "Charlie Chen")] == sorted(change.added)
    expected = {**BY_HAND, ("Engineering", "Charlie"): "file", ("Sales", "Charlie"): "file"}
    assert expected == led(cast)
    again = take(cast, *pairs)
    assert ([], [], 3) == (again.added, again.ended, again.same)


def test_one_wrong_line_changes_nothing(cast: Cast) -> None:
    """All of them are named, by their numbers."""
    with pytest.raises(InputError, match=r"2 of 3 lines.*line 3: .*Nowhere.*line 4: .*nobody"):
        take(cast, ("Sales", CHARLIE), ("Nowhere", CHARLIE), ("Sales", "nobody"))
    assert BY_HAND == led(cast)


def test_a_file_ends_what_a_file_began(cast: Cast) -> None:
    """With replace, and nothing that was set by hand."""
    take(cast, ("Sales", CHARLIE), ("Engineering", CHARLIE))
    change = take(cast, ("Engineering", CHARLIE), replace=True)
    assert [("Sales", "Charlie Chen")] == change.ended
    assert {**BY_HAND, ("Engineering", "Charlie"): "file"} == led(cast)


def test_a_dry_run_says_and_does_not(cast: Cast) -> None:
    """Not even in the log."""
    clock = FrozenClock(cast.now)
    change = flow.take_leaders(
        cast.store, clock, cast.connection, rows(("Sales", CHARLIE)), replace=False, dry_run=True
    )
    assert [("Sales", "Charlie Chen")] == change.added
    assert BY_HAND == led(cast)
    with cast.store.reading() as work:
        assert () == work.access.recent(9)


def cohort(cast: Cast, name: str, *people: int) -> int:
    """One more cohort of the LMS."""
    with cast.store.work() as work:
        ident = work.sql.execute(
            t.teams.insert().returning(t.teams.c.id),
            {"connection_id": cast.connection, "lms_id": 70 + len(name), "name": name},
        ).scalar_one()
        for person in people:
            work.sql.execute(t.memberships.insert(), {"team_id": ident, "person_id": person})
    return int(ident)


def test_the_people_of_one_cohort_lead_another(cast: Cast) -> None:
    """By their names; whoever leaves the cohort leads no more, and joining it is enough."""
    clock = FrozenClock(cast.now)
    leads = cohort(cast, "Leads Sales", cast.bob, cast.beth)
    cohort(cast, "Leads Nobody", cast.dana)
    rule = leadership.rule("Leads (.+)", r"\1")
    flow.set_leader_rules(cast.store, clock, cast.connection, [rule])
    by_rule = {("Sales", "Bob"): "rule", ("Sales", "Beth"): "rule"}
    assert {**BY_HAND, **by_rule} == led(cast)
    with cast.store.work() as work:
        m = t.memberships
        work.sql.execute(m.delete().where(m.c.team_id == leads, m.c.person_id == cast.bob))
        work.sql.execute(m.insert(), {"team_id": leads, "person_id": cast.charlie})
    flow.suggest(cast.store, clock, cast.connection)
    assert {**BY_HAND, ("Sales", "Beth"): "rule", ("Sales", "Charlie"): "rule"} == led(cast)
    flow.set_leader_rules(cast.store, clock, cast.connection, [])
    assert BY_HAND == led(cast)


def test_who_left_leads_nobody_by_a_rule(cast: Cast) -> None:
    """Suspended in the LMS, they are ended at the next round; by hand they are marked."""
    clock = FrozenClock(cast.now)
    cohort(cast, "Leads Sales", cast.bob)
    flow.set_leader_rules(
        cast.store, clock, cast.connection, [leadership.rule("Leads (.+)", r"\1")]
    )
    with cast.store.work() as work:
        p = t.people
        away = p.update().where(p.c.id.in_([cast.bob, cast.erin])).values(suspended=True)
        work.sql.execute(away)
    flow.suggest(cast.store, clock, cast.connection)
    assert BY_HAND == led(cast)
    with cast.store.reading() as work:
        found = {one.person: one.away for one in work.access.leading(cast.connection)}
        assert {"Alice Adams": False, "Erin Evans": True} == found
        assert [] == [s for s in work.curation.leaders(cast.connection) if s == cast.erin]


@pytest.mark.parametrize(
    ("cohort_name", "team", "says"),
    [
        ("Leads (", r"\1", "no pattern"),
        ("Leads", r"\1", "more groups"),
        ("(", "x", "no pattern"),
        ("a{99999999999}", "x", "no pattern"),
    ],
)
def test_a_rule_that_is_none_says_so(cohort_name: str, team: str, says: str) -> None:
    """Before anything is stored."""
    with pytest.raises(InputError, match=says):
        leadership.rule(cohort_name, team)


def test_the_commands(lite_cast: Cast, tmp_path: Path) -> None:
    """Import, list, export and rules, as an admin types them; a wrong file ends with one line."""
    env = {"SOCIALBRIDGE_SECRET_KEY": SECRET_KEY, "SOCIALBRIDGE_DATABASE_URL": lite_cast.store.url}

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, ["leaders", *words], env=env, catch_exceptions=False).output

    file = tmp_path / "leaders.csv"
    file.write_text("team;leader\nSales;charlie\n", encoding="utf-8-sig")
    assert "+ Sales: Charlie Chen" in run("import", str(file), "--dry-run")
    assert "1 added, 0 ended" in run("import", str(file))
    listed = json.loads(run("list", "--json"))
    assert {"team": "Sales", "leader": "Charlie Chen", "by": "file", "left": False} in (
        listed["leaders"]
    )
    assert [] == listed["teams_without"]
    exported = run("export")
    assert "team,leader\nEngineering,erin@acme.example\n" in exported
    file.write_text(exported, encoding="utf-8")
    assert "0 added, 0 ended, 3 as before." in run("import", str(file), "--replace")
    assert "- Sales: Charlie Chen" not in run("import", str(file), "--replace")
    file.write_bytes(b"team,leader\nSales,\xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        run("import", str(file))
    assert "No rule." in run("rules")
    assert "0 added" in run("rules", "--cohort", "Leads (.+)", "--team", r"\1")
    assert "Leads (.+)  leads" in run("rules")
    with lite_cast.store.work() as work:
        leading.remove(work, lite_cast.sales, lite_cast.alice)
        leading.remove(work, lite_cast.sales, lite_cast.charlie)
    assert "Nobody leads: Sales." in run("list")
