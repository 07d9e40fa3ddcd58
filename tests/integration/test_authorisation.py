"""Every route × six roles × own and other team, asked one by one; see tests/authorisation_table."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.storage import Store
from bridge.web.api.table import OPERATIONS
from bridge.web.routes import ROWS
from tests.api_table import CALLS, Call
from tests.authorisation import OTHER, OWN, ROLES, Site, make_site
from tests.authorisation_table import TABLE, Line
from tests.cast import make_cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.integration.conftest import keep_inside

ASKED = 2 * len(ROLES) + 1
"""How often each line is asked: by each role in either team, and by who is not signed in."""


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all of them; what a form changed is put back."""
    path = tmp_path_factory.mktemp("authorisation") / "bridge.db"
    shutil.copy(sqlite_template, path)
    store = Store(f"sqlite:///{path}", [SECRET_KEY])
    clock = FrozenClock(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    made = make_site(make_cast(store, clock.now()), clock)
    with pytest.MonkeyPatch.context() as patch:
        keep_inside(patch)
        yield made
    made.close()
    store.close()


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line.method} {line.path}")
def test_each_role_gets_what_the_table_says(site: Site, line: Line) -> None:
    """In the own team, in the other one, and without signing in."""
    own, other = (
        "".join(
            site.ask(line.method, line.path, line.form, site.people[role, team]) for role in ROLES
        )
        for team in (OWN, OTHER)
    )
    nobody = site.ask(line.method, line.path, line.form, None)
    assert (line.own, line.other, line.nobody) == (own, other, nobody)


def test_every_route_has_its_line() -> None:
    """A new route says here who may open it before it may be opened."""
    routes = {(row.method, row.rule) for row in ROWS}
    assert routes == {(line.method, line.rule) for line in TABLE}


def test_the_table_and_the_routes_agree_about_roles() -> None:
    """What the rows refuse a role is refused it in either team; what they let in is not shut."""
    rows = {(row.method, row.rule): row.roles for row in ROWS}
    for line in TABLE:
        roles = rows[line.method, line.rule]
        for place, role in enumerate(ROLES):
            answers = {line.own[place], line.other[place]}
            if roles and role not in roles:
                assert {"n"} == answers, line
            elif "/<" not in line.rule:
                assert "n" not in answers, line


def test_nothing_of_another_connection_is_there() -> None:
    """Whatever the role, what belongs to Globex is refused or not there."""
    theirs = [line for line in TABLE if "{z_" in f"{line.path}{line.form}" or "zoe" in line.path]
    assert len(theirs) > 25
    for line in theirs:
        assert set(line.own + line.other) <= set("nx-"), line


def test_the_hidden_course_is_nobodys() -> None:
    """Its page, its feeds, its items and a share of it: no role opens any of them."""
    hidden = [line for line in TABLE if "{layoffs}" in f"{line.path}{line.form}"]
    hidden += [line for line in TABLE if "{hidden_item}" in line.path]
    assert len(hidden) > 6
    for line in hidden:
        assert set(line.own + line.other) <= set("nx-"), line


def test_the_table_is_as_large_as_it_is_said_to_be() -> None:
    """SECURITY.md says more than two thousand."""
    assert len(TABLE) * ASKED > 2_000


CHANGE_NOTHING = {"/admin/doctor": "asks the LMS, and shows what it says"}
"""Routes that take a form and leave everything as it was."""

WRITES = [
    line
    for line in TABLE
    if line.method == "POST"
    and line.rule.startswith(("/admin", "/moderation", "/desk/delegates", "/desk/helping"))
    and line.rule not in CHANGE_NOTHING
    and "y" in line.own
]


@pytest.mark.parametrize("line", WRITES, ids=lambda line: line.path)
def test_every_act_of_somebody_with_rights_is_in_the_log(site: Site, line: Line) -> None:
    """With who did it; a command's lines stand there without anybody."""
    role = ROLES[line.own.rindex("y")]
    person = site.people[role, OWN]
    with site.acting(line.method, line.path, line.form, person) as added:
        assert {person} == set(added), line.path


def test_every_route_of_theirs_is_asked() -> None:
    """Each has a line that succeeds: else the test above would say nothing of it."""
    routes = {
        row.rule
        for row in ROWS
        if row.method == "POST"
        and row.rule.startswith(("/admin", "/moderation", "/desk/delegates", "/desk/helping"))
    }
    assert routes - set(CHANGE_NOTHING) == {line.rule for line in WRITES}


# --- the JSON API --------------------------------------------------------------------------------

LETTERS = {200: "y", 201: "y", 204: "y", 401: "s", 403: "n", 404: "-"}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_each_role_gets_of_the_api_what_the_table_says(site: Site, call: Call) -> None:
    """By a token with every scope, in the own team and in the other one; and without a token."""

    def asked(person: int | None) -> str:
        answer = site.call(call.method, call.path, call.said, person)
        return LETTERS.get(answer.status_code, "x")

    own, other = (
        "".join(asked(site.people[role, team]) for role in ROLES) for team in (OWN, OTHER)
    )
    assert (call.own, call.other, call.nobody) == (own, other, asked(None))


def test_every_operation_has_its_line() -> None:
    """A new operation says here who may ask for it before it may be asked for."""
    operations = {(operation.method, operation.rule) for operation in OPERATIONS}
    assert operations == {(call.method, call.rule) for call in CALLS}


def test_every_operation_does_what_it_is_asked_for_somebody() -> None:
    """Each one is asked by somebody for whom it is done, and without a token for nobody."""
    done = {(call.method, call.rule) for call in CALLS if "y" in call.own + call.other}
    assert {(operation.method, operation.rule) for operation in OPERATIONS} == done
    assert {"s"} == {call.nobody for call in CALLS}


def test_the_api_and_the_pages_agree_about_roles() -> None:
    """What an operation refuses a role is refused it in either team."""
    roles = {(operation.method, operation.rule): operation.roles for operation in OPERATIONS}
    for call in CALLS:
        for place, role in enumerate(ROLES):
            answers = {call.own[place], call.other[place]}
            if role not in roles[call.method, call.rule]:
                assert {"n"} == answers, call


def test_the_api_tells_nothing_of_another_connection() -> None:
    """Whatever the role, what belongs to Globex is refused or not there."""
    theirs = [c for c in CALLS if "{z_" in f"{c.path}{c.said}" or "zoe" in c.path.lower()]
    assert len(theirs) > 15
    for call in theirs:
        assert set(call.own + call.other) <= set("n-"), call
