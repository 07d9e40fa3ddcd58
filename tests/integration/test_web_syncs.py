"""The admin's page of the syncs, and the banner above every page while they fail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bridge.bootstrap import Bridge
from bridge.errors import Unreachable
from bridge.model import Health, Stream, StreamReport, SyncReport
from bridge.storage import tables as t
from bridge.sync import breaker
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import Lively
from tests.statements import statements
from tests.visitor import Visit, words

AWAY = Unreachable("The LMS did not answer.", "Is it running? <b>Look</b>.")
HOSTILE = "<script>alert(1)</script>"


def kept(cast: Cast, outcome: str, error: str = "", *, minutes_ago: float = 2, **more: str) -> int:
    """A run that ended so is kept; its id."""
    at = cast.now - timedelta(minutes=minutes_ago)
    stream = StreamReport(
        Stream.COMPLETIONS,
        "plain",
        requests=3,
        rows=20,
        new=2,
        changed=1,
        seconds=1.5,
        problems=("Reading completions needs report/completion:view.",) * (outcome == "partial"),
        why=more.pop("why", ""),
    )
    with cast.store.work() as work:
        run_id = work.runs.begin(cast.connection, at)
        if outcome != "running":
            ended = at + timedelta(seconds=2)
            report = SyncReport("acme", at, ended, outcome, (stream,), error, requests=4, **more)
            work.runs.finish(run_id, report)
    return run_id


def failing(cast: Cast, times: int = 4, minutes_ago: float = 80) -> Health:
    """The connection has failed so often, the first time so long ago."""
    health, at = Health(), cast.now - timedelta(minutes=minutes_ago)
    for _ in range(times):
        health = breaker.failed(health, AWAY, at, 0.0)
        at = health.retry_at or at
    with cast.store.work() as work:
        work.health.put(cast.connection, health)
    return health


# --- the page ------------------------------------------------------------------------------------


def test_every_run_says_what_it_cost_why_so_and_why_it_ended(lite_cast: Cast, visit: Visit) -> None:
    """With its scope, each stream's way and the reason for it, and what stood in the way."""
    kept(lite_cast, "stopped", "The process that ran it was stopped.", minutes_ago=15)
    kept(lite_cast, "failed", "The LMS did not answer.", minutes_ago=10)
    kept(lite_cast, "partial", scope="course 9", why="There is no report: plain is the best.")
    page = visit(lite_cast.dana).read("/admin/runs")
    assert "Acme Academy working" in page
    assert "in part 2 minutes ago 1.5 s · 4 requests · course 9" in page
    assert "completionsplain320211.5" in page
    assert "completions by plain: There is no report: plain is the best." in page
    assert "completions Reading completions needs report/completion:view." in page
    assert "Began Wed 25 Nov 2026, 08:58 UTC, took 2 s." in page
    assert re.search(r"failed 10 minutes ago .* The LMS did not answer\.", page)
    assert re.search(r"stopped 15 minutes ago .* The process that ran it was stopped\.", page)
    assert "Last sync that went through2 minutes ago" in page


def test_runs_are_chosen_by_how_they_ended_and_paged(lite_cast: Cast, visit: Visit) -> None:
    """Thirty a page; what is chosen stays chosen on the next one."""
    for number in range(35):
        kept(lite_cast, "failed", f"Failure {number}.", minutes_ago=200 - number)
    kept(lite_cast, "complete")
    visitor = visit(lite_cast.dana)
    source = visitor.page("/admin/runs?ended=failed")
    assert 30 == source.count('class="card run"')
    found = re.search(r'href="(/admin/runs\?before=\d+&amp;ended=failed#runs)"', source)
    assert found is not None
    older = visitor.page(found[1].replace("&amp;", "&"))
    assert (5, True) == (older.count('class="card run"'), "Failure 0." in older)
    assert "Show older ones" not in words(older)
    assert "None ended so Every run that is kept read all" in visitor.read(
        "/admin/runs?ended=partial"
    )
    assert 30 == visitor.page("/admin/runs?ended=x&before=y").count('class="card run"')


def test_before_the_first_run_the_page_says_how_to_begin(lite_cast: Cast, visit: Visit) -> None:
    """An empty page is no mistake."""
    page = visit(lite_cast.dana).read("/admin/runs")
    assert "Acme Academy not read yet" in page
    assert "Nothing was read yet. The worker begins by itself; or run: socialbridge sync" in page


def test_a_pause_is_shown_with_its_end_and_its_reason(lite_cast: Cast, visit: Visit) -> None:
    """And how to try at once."""
    kept(lite_cast, "failed", "The LMS did not answer.")
    failing(lite_cast, 1, minutes_ago=2)
    page = visit(lite_cast.dana).read("/admin/runs")
    assert "Acme Academy paused The LMS did not answer. Is it running?" in page
    assert "The LMS is left alone until 09:03. To try at once: socialbridge sync acme" in page
    assert "Failing since08:58 Failed in a row1" in page


def test_quiet_hours_are_shown(
    bridge: Bridge, lite_cast: Cast, clock: FrozenClock, visit: Visit
) -> None:
    """By the bridge's own clock, in them and outside of them."""
    kept(lite_cast, "complete")
    bridge.config = replace(
        bridge.config,
        timezone="Europe/Berlin",
        sync_quiet_hours=((time(9, 30), time(11, 30)), (time(22), time(6))),
    )
    page = visit(lite_cast.dana).read("/admin/runs")
    assert "Acme Academy quiet hours" in page
    assert "the worker begins no sync until 11:30" in page
    assert "Quiet hours09:30–11:30, 22:00–06:00 (Europe/Berlin)" in page
    clock.advance(hours=1, minutes=35)
    kept(replace(lite_cast, now=clock.now()), "complete")
    assert "Acme Academy working" in visit(lite_cast.dana).read("/admin/runs")


def test_where_no_worker_runs_the_page_asks_for_it(lite_cast: Cast, visit: Visit) -> None:
    """Nobody would look for a process that is not there."""
    kept(lite_cast, "complete", minutes_ago=180)
    page = visit(lite_cast.dana).read("/admin/runs")
    assert "Acme Academy no worker The last sync began 3 hours ago." in page
    assert "Is the worker running? socialbridge worker" in page


def test_statements_that_wait_are_counted_by_reason(lite_cast: Cast, visit: Visit) -> None:
    """Never who is in them."""
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.xapi_statements.insert(),
            [
                {
                    "connection_id": lite_cast.connection,
                    "id": f"{number}",
                    "received_at": lite_cast.now - timedelta(hours=number),
                    "state": "waiting",
                    "reason": "Nobody with that account is known yet.",
                    "digest": f"{number}",
                    "fact": {},
                }
                for number in (1, 2)
            ],
        )
    page = visit(lite_cast.dana).read("/admin/runs")
    assert "Nobody with that account is known yet.2 statements · the oldest of 2 hours ago" in page


def test_what_an_lms_says_is_text_on_the_page(lite_cast: Cast, visit: Visit) -> None:
    """In an error, a problem, a reason and the banner."""
    kept(lite_cast, "failed", f"The LMS said {HOSTILE}.", why=HOSTILE)
    health = replace(failing(lite_cast), error=HOSTILE, remedy=HOSTILE)
    with lite_cast.store.work() as work:
        work.health.put(lite_cast.connection, health)
    source = visit(lite_cast.dana).page("/admin/runs")
    assert HOSTILE not in source
    assert 4 == source.count("&lt;script&gt;")


def test_the_connection_page_leads_there(lite_cast: Cast, lively: Lively, visit: Visit) -> None:
    """From the tabs, and from below the last few."""
    assert 2 == visit(lite_cast.dana).page("/admin").count('href="/admin/runs"')


# --- the banner ----------------------------------------------------------------------------------

PAGES = (
    "/",
    "/me/sharing",
    "/pulse",
    "/pulse/definitions",
    "/admin",
    "/admin/runs",
    "/admin/ledger",
)


@pytest.mark.parametrize("path", [*PAGES, "/nowhere"])
def test_every_page_of_an_admin_says_that_the_lms_cannot_be_read(
    path: str, lite_cast: Cast, visit: Visit
) -> None:
    """What, since when, the remedy, and where to look; on the page of an error too."""
    failing(lite_cast)
    page = words(visit(lite_cast.dana).get(path).text)
    assert (
        "Acme Academy cannot be read No sync has gone through since 07:40."
        " The LMS did not answer. Is it running? <b>Look</b>." in page
    )
    assert ("See the syncs" in page) is (path != "/admin/runs")


def test_nobody_else_is_troubled_with_it(lite_cast: Cast, visit: Visit) -> None:
    """They could do nothing about it."""
    failing(lite_cast)
    for person in (lite_cast.alice, lite_cast.bob):
        assert "cannot be read" not in visit(person).read("/")
    assert "cannot be read" not in visit().read("/sign-in")


def test_a_failure_of_less_than_an_hour_has_no_banner(lite_cast: Cast, visit: Visit) -> None:
    """Nor has one that is over."""
    visitor = visit(lite_cast.dana)
    failing(lite_cast, 3, minutes_ago=50)
    assert "cannot be read" not in visitor.read("/")
    failing(lite_cast)
    assert "cannot be read" in visitor.read("/")
    with lite_cast.store.work() as work:
        work.health.put(lite_cast.connection, breaker.worked(work.health.of(lite_cast.connection)))
    assert "cannot be read" not in visitor.read("/")


def test_the_banner_costs_little_and_others_nothing(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """One look at the health of the connection, and only for an admin."""

    def cost(person: int) -> int:
        visitor = visit(person)
        with statements(bridge.store) as sent:
            visitor.page("/me/sharing")
        return len([statement for statement in sent if "connection_health" in statement])

    assert (1, 0) == (cost(lite_cast.dana), cost(lite_cast.bob))


def test_a_database_that_is_away_has_no_banner(lite_cast: Cast, visit: Visit) -> None:
    """The page that says so is shown all the same."""
    visitor = visit(lite_cast.dana)
    with lite_cast.store.work() as work:
        t.connection_health.drop(work.sql)
    answer = visitor.get("/me/sharing")
    assert (200, False) == (answer.status_code, "cannot be read" in answer.text)
