"""Who reports to whom, synced from a Totara: what is believed, and what never ends a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from bridge.lms.totara.connector import TotaraConnector
from bridge.model import Connection, Stream, StreamReport
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.sync import run
from tests.conftest import FrozenClock
from tests.contract.graphql_server import CLIENT, Answer, GraphServer, Site, running_graph
from tests.contract.test_totara_graphql import Ticks, job, person

INFO = "core_webservice_get_site_info"
COHORTS = "core_cohort_get_cohorts"
PEOPLE = "core_user_get_users_by_field"

Sync = Callable[..., StreamReport]


@pytest.fixture
def totara() -> Iterator[GraphServer]:
    """Alice (2) has fifty people; by REST the site has people, and no cohorts."""
    site = Site(
        people=[person(n) for n in range(2, 53)],
        jobs=[job(2, 2), *(job(n, n, 2) for n in range(3, 53))],
    )
    with running_graph(site, Ticks()) as server:
        server.rest = {
            INFO: lambda form: {
                "sitename": "Acme Academy",
                "siteurl": server.url,
                "userid": 7,
                "functions": [{"name": name} for name in (INFO, PEOPLE, COHORTS)],
            },
            COHORTS: lambda form: [],
        }
        yield server


@pytest.fixture
def sync(lite_store: Store, totara: GraphServer, clock: FrozenClock) -> Iterator[Sync]:
    """Runs a sync, and gives what it says of teams."""
    made: list[TotaraConnector] = []

    def connector() -> TotaraConnector:
        made.append(
            TotaraConnector(
                totara.url, "t0ken", oauth_client=CLIENT, timeout=5, pause=lambda seconds: None
            )
        )
        return made[-1]

    with lite_store.work() as work:
        site = connector().site()
        connection: Connection = work.connections.put(
            "acme", "totara", totara.url, "t0ken", site, clock.now()
        )

    def sync(*, accept_shrink: bool = False) -> StreamReport:
        clock.advance(days=2)
        report = run(lite_store, connector(), connection, clock, accept_shrink=accept_shrink)
        assert "failed" != report.outcome
        [teams] = [stream for stream in report.streams if stream.stream == Stream.TEAMS]
        return teams

    yield sync
    for one in made:
        one.close()


def led(store: Store) -> dict[str, int]:
    """Each team that is there → how many people it has."""
    g, m = t.teams.c, t.memberships.c
    with store.reading() as work:
        rows = work.sql.execute(
            select(g.name, m.person_id).join(t.memberships, m.team_id == g.id).where(~g.gone)
        )
        found: dict[str, int] = {}
        for name, _ in rows:
            found[name] = found.get(name, 0) + 1
        return found


def test_a_sync_stores_who_reports_to_whom(sync: Sync, lite_store: Store) -> None:
    """A team, fifty people and a leader are new; the next sync changes nothing."""
    first = sync()
    assert (50, 52, "graphql") == (first.rows, first.new, first.strategy)
    assert {"Person 2’s team": 50} == led(lite_store)
    again = sync()
    assert (50, 0, 0) == (again.rows, again.new, again.changed)


@pytest.mark.parametrize(
    "trouble",
    [
        [Answer(503, "<title>Down</title>")] * 3,
        [Answer(200, "<title>Sign in</title>")],
        [Answer(200, '{"data": {"totara_job_job_assignments": 7}}')],
        [Answer(403, "")],
    ],
)
def test_what_stands_in_the_way_keeps_what_is_stored(
    sync: Sync, lite_store: Store, totara: GraphServer, trouble: list[Answer]
) -> None:
    """The run goes on, the teams stay, and the report says what it met."""
    sync()
    # By REST who the site is; a token and the status; by REST the cohorts; then the list.
    totara.moods = [None, None, None, None, *trouble]
    met = sync()
    assert ({"Person 2’s team": 50}, 0) == (led(lite_store), met.changed)
    assert met.problems


def test_half_of_them_gone_at_once_is_not_believed(
    sync: Sync, lite_store: Store, totara: GraphServer
) -> None:
    """Until somebody says so."""
    sync()
    totara.site.jobs = totara.site.jobs[:21]
    refused = sync()
    assert ["had 50 people in teams by job assignment and now names 20" in refused.problems[0]] == [
        True
    ]
    assert {"Person 2’s team": 50} == led(lite_store)
    assert () == sync(accept_shrink=True).problems
    assert {"Person 2’s team": 20} == led(lite_store)


def test_an_api_that_is_taken_away_takes_nobody_with_it(
    sync: Sync, lite_store: Store, totara: GraphServer
) -> None:
    """It looks like a Totara before 17: that is not believed either."""
    sync()
    totara.site.there = False
    assert "now names 0" in sync().problems[0]
    assert {"Person 2’s team": 50} == led(lite_store)
