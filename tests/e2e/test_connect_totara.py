"""Connecting a Totara with an API client, and syncing who reports to whom, on the command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bridge.bootstrap import bootstrap
from bridge.config import load
from bridge.storage import tables as t
from tests.contract.graphql_server import CLIENT, GraphServer, Site, running_graph
from tests.contract.test_totara_graphql import course, job, person
from tests.e2e.test_command_line import Run, run

__all__ = ["run"]

INFO = "core_webservice_get_site_info"
PEOPLE = "core_user_get_users_by_field"


@pytest.fixture
def totara() -> Iterator[GraphServer]:
    """Alice (2) manages Bob (3) and Beth (4). REST says who the site is, and of people nothing."""
    site = Site(
        people=[person(2, fullname="Alice Adams"), person(3), person(4)],
        courses=[course(9)],
        jobs=[job(21, 2), job(31, 3, 21), job(41, 4, 21)],
    )
    with running_graph(site, time.monotonic) as server:
        server.rest = {
            INFO: lambda form: {
                "sitename": "Acme Academy",
                "siteurl": server.url,
                "userid": 7,
                "functions": [{"name": INFO}, {"name": PEOPLE}],
            }
        }
        yield server


@pytest.fixture
def ready(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """After ``init``, with a token in the environment and the API client in a file."""
    run("init")
    monkeypatch.setenv("SOCIALBRIDGE_LMS_TOKEN", "t0ken")
    (tmp_path / "client.json").write_text(json.dumps(CLIENT))
    return run


def test_a_manager_leads_after_one_sync(ready: Run, totara: GraphServer, tmp_path: Path) -> None:
    """The client is kept sealed; the sync reads people and teams by GraphQL."""
    connected = ready(
        *("connect", "acme", "--kind", "totara", "--url", totara.url),
        *("--oauth-file", "client.json"),
    )
    assert (0, "") == (connected.status, connected.err)
    assert "people, courses and managers are read by GraphQL" in connected.out
    assert CLIENT["client_secret"] not in connected.out
    ready("sync", "acme")
    bridge = bootstrap(load(tmp_path / ".env"))
    with bridge.store.reading() as work:
        led, g, p = t.leaders.c, t.teams.c, t.people.c
        rows = work.sql.execute(
            select(g.name, p.name, led.origin)
            .join(t.leaders, led.team_id == g.id)
            .join(t.people, p.id == led.person_id)
        )
        assert [("Alice Adams’s team", "Alice Adams", "job")] == [tuple(row) for row in rows]
        emails = work.sql.execute(select(p.email).order_by(p.lms_id)).scalars()
        assert [f"p{n}@example.com" for n in (2, 3, 4)] == list(emails)
        sealed = work.sql.execute(select(t.connections.c.secret_sealed)).scalar_one()
        assert CLIENT["client_secret"] not in sealed
        assert CLIENT == work.connections.named("acme").oauth_client
    bridge.store.close()


def test_a_client_that_does_not_work_is_said_and_the_rest_goes_on(
    ready: Run, totara: GraphServer, tmp_path: Path
) -> None:
    """A Totara before 17 is connected all the same."""
    totara.site.there = False
    connected = ready(
        *("connect", "acme", "--kind", "totara", "--url", totara.url),
        *("--oauth-file", "client.json"),
    )
    assert 0 == connected.status
    assert "everything is read by REST" in connected.out
    assert "has no API clients" in connected.out


def test_a_client_is_totaras(ready: Run, totara: GraphServer) -> None:
    """Moodle has none: the client is not asked for a token, and nothing is stored."""
    result = ready(
        *("connect", "acme", "--kind", "moodle", "--url", totara.url),
        *("--oauth-file", "client.json"),
    )
    assert (1, 0) == (result.status, totara.tokens_given)
    assert "Totara" in result.err
    assert "There is no connection yet" in ready("sync").err


def test_a_new_token_keeps_the_client(ready: Run, totara: GraphServer, tmp_path: Path) -> None:
    """Connecting again without a client leaves it as it is."""
    address = ("connect", "acme", "--kind", "totara", "--url", totara.url)
    ready(*address, "--oauth-file", "client.json")
    ready(*address)
    bridge = bootstrap(load(tmp_path / ".env"))
    with bridge.store.reading() as work:
        assert CLIENT == work.connections.named("acme").oauth_client
    bridge.store.close()
