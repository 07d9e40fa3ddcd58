"""The admin's page of who leads whom."""

from __future__ import annotations

import pytest

from bridge.bootstrap import Bridge
from bridge.storage import tables as t
from tests.cast import Cast
from tests.integration.test_curation import set_row
from tests.statements import statements
from tests.visitor import Visit, Visitor


@pytest.fixture
def dana(lite_cast: Cast, visit: Visit) -> Visitor:
    """Dana, the admin."""
    return visit(lite_cast.dana)


def leads(cast: Cast) -> dict[str, set[str]]:
    """Team → who leads it, and by what."""
    with cast.store.reading() as work:
        found: dict[str, set[str]] = {}
        for led in work.access.leading(cast.connection):
            found.setdefault(led.team, set()).add(f"{led.person} {led.origin}")
    return found


def test_it_says_who_leads_whom_and_by_what(lite_cast: Cast, dana: Visitor) -> None:
    """And who of them is not here any more, so that a team seems led and is not."""
    page = dana.read("/admin/leaders")
    assert "2 teams" in page
    assert "Alice Adams by hand End" in page
    set_row(lite_cast, t.people, lite_cast.alice, suspended=True)
    page = dana.read("/admin/leaders")
    assert "nobody leads 1 of them" in page
    assert "Alice Adams by hand, not here any more" in page
    without = dana.read("/admin/leaders?led=no")
    assert ("Alice Adams" in without, "Erin Evans" in without) == (True, False)


def test_by_hand(lite_cast: Cast, dana: Visitor) -> None:
    """Named, and ended again; the log says so, and by whom."""
    answer = dana.post("/admin/leaders", team="Sales", person="Bob Brown")
    assert 303 == answer.status_code
    assert {"Alice Adams hand", "Bob Brown hand"} == leads(lite_cast)["Sales"]
    dana.post(f"/admin/leaders/{lite_cast.sales}/{lite_cast.bob}/end")
    assert {"Alice Adams hand"} == leads(lite_cast)["Sales"]
    with lite_cast.store.reading() as work:
        acts = [(entry.person_id, entry.act) for entry in work.access.recent(2)]
    assert [
        (lite_cast.dana, "leads Sales no more"),
        (lite_cast.dana, "leads Sales"),
    ] == acts


@pytest.mark.parametrize(
    ("team", "person", "said"),
    [("Nowhere", "Bob Brown", "No team"), ("Sales", "Nobody", "No person")],
)
def test_what_is_not_there_is_named(dana: Visitor, team: str, person: str, said: str) -> None:
    """Beside the form, with what was typed."""
    answer = dana.post("/admin/leaders", team=team, person=person)
    assert (422, True) == (answer.status_code, said in answer.text)


@pytest.mark.parametrize(("origin", "where"), [("file", "Take the line out"), ("job", "job assig")])
def test_what_was_not_begun_by_hand_is_ended_elsewhere(
    lite_cast: Cast, dana: Visitor, origin: str, where: str
) -> None:
    """The page says where."""
    with lite_cast.store.work() as work:
        work.sql.execute(t.leaders.update().values(origin=origin))
    answer = dana.post(f"/admin/leaders/{lite_cast.sales}/{lite_cast.alice}/end")
    assert (422, True) == (answer.status_code, where in answer.text)
    assert {f"Alice Adams {origin}"} == leads(lite_cast)["Sales"]


def test_a_file_is_tried_and_then_taken(lite_cast: Cast, dana: Visitor) -> None:
    """The first shows what would change and changes nothing; the lines stay for the second."""
    lines = "team,leader\nSales,Bob Brown\nEngineering,Charlie Chen\n"
    tried = dana.post("/admin/leaders/file", lines=lines, do="try")
    assert (200, True, True) == (
        tried.status_code,
        "Nothing was changed yet." in tried.text,
        "Bob Brown: Sales" in tried.text,
    )
    assert "Bob Brown file" not in leads(lite_cast)["Sales"]
    assert "Sales,Bob Brown" in tried.text
    assert 303 == dana.post("/admin/leaders/file", lines=lines, do="take").status_code
    assert "Bob Brown file" in leads(lite_cast)["Sales"]
    less = "team,leader\nEngineering,Charlie Chen\n"
    dana.post("/admin/leaders/file", lines=less, do="take", replace="on")
    assert {"Alice Adams hand"} == leads(lite_cast)["Sales"]


def test_a_line_that_cannot_be_taken_is_named(lite_cast: Cast, dana: Visitor) -> None:
    """And then none is."""
    before = leads(lite_cast)
    answer = dana.post("/admin/leaders/file", lines="team,leader\nSales,Nobody\n", do="take")
    assert (422, True) == (answer.status_code, "line 2" in answer.text)
    assert before == leads(lite_cast)


def test_rules_are_tried_and_then_followed(lite_cast: Cast, dana: Visitor) -> None:
    """The people of a cohort of leaders lead the team that it names."""
    with lite_cast.store.work() as work:
        row = {"connection_id": lite_cast.connection, "lms_id": 77, "name": "Leads Engineering"}
        team = work.sql.execute(t.teams.insert().values(**row)).inserted_primary_key[0]
        work.sql.execute(t.memberships.insert().values(team_id=team, person_id=lite_cast.charlie))
    rules = r"Leads (.+) => \1"
    tried = dana.post("/admin/leaders/rules", rules=rules, do="try")
    assert "Charlie Chen: Engineering" in tried.text
    assert "Charlie Chen rule" not in leads(lite_cast)["Engineering"]
    assert 303 == dana.post("/admin/leaders/rules", rules=rules, do="take").status_code
    assert "Charlie Chen rule" in leads(lite_cast)["Engineering"]
    assert "Leads (.+) =&gt; \\1" in dana.page("/admin/leaders")
    dana.post("/admin/leaders/rules", rules="", do="take")
    assert "Charlie Chen rule" not in leads(lite_cast)["Engineering"]


@pytest.mark.parametrize("rules", ["Leads", "=> x", "Leads ( => x", r"Leads => \1"])
def test_a_rule_that_is_none_is_named(dana: Visitor, rules: str) -> None:
    """With an example of one."""
    assert 422 == dana.post("/admin/leaders/rules", rules=rules, do="take").status_code


def test_a_large_company_is_paged(lite_cast: Cast, bridge: Bridge, dana: Visitor) -> None:
    """500 teams, fifty a page, and as many statements as for two."""
    with statements(bridge.store) as few:
        dana.page("/admin/leaders")
    with lite_cast.store.work() as work:
        rows = [
            {"connection_id": lite_cast.connection, "lms_id": 1000 + n, "name": f"Team {n:03}"}
            for n in range(500)
        ]
        work.sql.execute(t.teams.insert(), rows)
    with statements(bridge.store) as many:
        page = dana.read("/admin/leaders?page=2")
    assert len(few) == len(many)
    assert ("Team 060" in page, "Team 001" in page) == (True, False)
    assert "Team 499" in dana.read("/admin/leaders?named=team 49")


def test_who_is_never_named_leads_by_a_number(lite_cast: Cast, dana: Visitor) -> None:
    """An office is no reason to be named; an admin finds the person by it in the LMS."""
    set_row(lite_cast, t.people, lite_cast.alice, never_named=True)
    page = dana.read("/admin/leaders")
    assert ("Alice Adams" in page, "number " in page) == (False, True)
