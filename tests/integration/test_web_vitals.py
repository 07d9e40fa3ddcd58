"""Whether the bridge runs: health, figures, and one line in the log for each request."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from bridge import __version__, logs
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.model import Health, Kind, OutletHealth
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.storage.tables import metadata
from bridge.web import create_app
from tests.cast import Cast
from tests.company import Company
from tests.conftest import FrozenClock
from tests.lively import Lively
from tests.visitor import Visit, Visitor, bridge_of

TOKEN = "watch-me"


def figures(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """By name of the figure: its values, by their labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(v for k, v in sorted(sample.labels.items()) if k != "le")
            found.setdefault(sample.name.removeprefix("socialbridge_"), {})[labels] = sample.value
    return found


@pytest.fixture
def watched(bridge: Bridge) -> Iterator[Visitor]:
    """A browser before a bridge whose figures may be read."""
    bridge = replace(bridge, config=replace(bridge.config, metrics_token=TOKEN))
    yield Visitor(create_app(bridge).test_client())


def read(visitor: Visitor, token: str = TOKEN) -> Any:
    """The page of figures, as Prometheus asks for it."""
    return visitor.client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def test_the_process_is_well_while_it_answers(bridge: Bridge, visit: Visit) -> None:
    """Starting it anew would mend no database: for that there is another question."""
    metadata.drop_all(bridge.store.engine)
    assert (200, {"status": "ok"}) == (
        visit().get("/healthz").status_code,
        visit().get("/healthz").json,
    )
    answer = visit().get("/readyz")
    assert (503, "Run `socialbridge db upgrade`.") == (answer.status_code, answer.json["remedy"])


def test_it_is_ready_when_its_tables_are(visit: Visit) -> None:
    """A balancer sends people here."""
    assert (200, {"status": "ok"}) == (
        visit().get("/readyz").status_code,
        visit().get("/readyz").json,
    )


def test_figures_are_for_whoever_knows_the_word(watched: Visitor, visit: Visit) -> None:
    """Where none is set, there is no such page; nobody learns which of the two it is."""
    assert [200, 404, 404, 404] == [
        read(watched).status_code,
        read(watched, "wrong").status_code,
        read(watched, "").status_code,
        read(visit(), "").status_code,
    ]


def test_requests_are_counted_by_route(watched: Visitor) -> None:
    """Never by address, which may hold a secret."""
    watched.get("/sign-in/some-secret")
    watched.get("/sign-in/another")
    watched.get("/nowhere/at-all")
    text = read(watched).text
    found = figures(text)
    assert 2.0 == sum(n for k, n in found["requests_total"].items() if "access.offer" in k)
    assert 1.0 == found["requests_total"][("GET", "none", "404")]
    assert 2.0 == found["request_seconds_count"][("access.offer",)]
    assert (False, False) == ("some-secret" in text, "at-all" in text)


def test_the_whole_bridge_is_measured(company: Company, clock: FrozenClock) -> None:
    """Syncs that fail, outlets that fail, and what waits; of no person anything."""
    cast = company.cast
    with cast.store.work() as work:
        run = {"report": {}, "outcome": "complete", "connection_id": cast.connection}
        work.sql.execute(
            t.sync_runs.insert(), [{**run, "started_at": clock.now() - timedelta(minutes=7)}]
        )
        work.sql.execute(
            t.sync_runs.insert(),
            [{**run, "outcome": "failed", "started_at": clock.now() - timedelta(minutes=2)}],
        )
        work.health.put(cast.connection, Health(failures=3))
        outlet = outlets.of(work, cast.connection)[0]
        work.delivery.put_health(outlet.id, OutletHealth(failures=2))
    bridge = bridge_of(cast, clock)
    bridge = replace(bridge, config=replace(bridge.config, metrics_token=TOKEN))
    answer = read(Visitor(create_app(bridge).test_client()))
    found = figures(answer.text)
    assert {(__version__,): 1.0} == found["build_info"]
    assert {("acme",): 420.0} == found["sync_age_seconds"]
    assert {("acme",): 3.0} == found["sync_failures"]
    assert 2.0 == found["outlet_failures"][(outlet.kind, outlet.name)]
    with cast.store.reading() as work:
        known = work.vitals.outlets(clock.now())
    assert {(o.kind, o.name): float(o.waiting) for o in known} == found["deliveries_waiting"]
    assert not re.search("Alice|Bob|Beth", answer.text)


def test_what_waits_is_as_old_as_its_oldest(store: Store, company: Company) -> None:
    """What is to leave later only is not late."""
    now = company.cast.now
    d = t.deliveries
    with store.work() as work:
        outlet = outlets.of(work, company.cast.connection)[0]
        before = work.vitals.outlets(now)
        for number, (due, pending) in enumerate(((-30, True), (600, True), (-900, False))):
            other = {"kind": Kind.POST.value, "uid": f"u{number}", "published": now, "updated": now}
            other |= {
                "connection_id": company.cast.connection,
                "audience": f"everyone:{company.cast.connection}",
            }
            ident = work.sql.execute(t.activities.insert().values(**other)).inserted_primary_key[0]
            row = {"activity_id": ident, "outlet_id": outlet.id, "key": f"k{number}"}
            due_at = now + timedelta(seconds=due)
            work.sql.execute(d.insert().values(**row, due_at=due_at, pending=pending))
        after = {o.name: o for o in work.vitals.outlets(now)}
    assert {(0, None)} == {(o.waiting, o.oldest_due) for o in before}
    late = after[outlet.name]
    assert (2, now - timedelta(seconds=30)) == (late.waiting, late.oldest_due)


def test_each_request_is_one_line(lively: Lively, lite_cast: Cast, visit: Visit) -> None:
    """Which route, which status, how long; neither who, nor an address."""
    with capture_logs() as lines:
        answer = visit(lite_cast.alice).get("/a/none?from=somewhere")
    line = next(line for line in lines if line["event"] == "request")
    assert ("GET", "feed.activity", 404) == (line["method"], line["route"], line["status"])
    assert {"event", "log_level", "method", "route", "status", "ms"} == set(line)
    assert answer.headers["X-Request-ID"]


def test_what_machines_ask_all_day_is_no_line(visit: Visit) -> None:
    """A log is read by people."""
    with capture_logs() as lines:
        for path in ("/healthz", "/readyz", "/static/icon.svg"):
            visit().get(path)
    assert [] == lines


@pytest.mark.parametrize(
    ("given", "kept"),
    [("proxy-1234567", True), ("short", False), ("bad id\twith space", False), ("x" * 65, False)],
)
def test_a_proxy_may_name_the_request(visit: Visit, given: str, kept: bool) -> None:
    """By a plain word; anything else would be somebody's text in our log."""
    answer = visit().client.get("/healthz", headers={"X-Request-ID": given})
    assert kept == (answer.headers["X-Request-ID"] == given)


@pytest.fixture
def as_in_a_process() -> Iterator[None]:
    """The log as a command sets it up, and afterwards as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logs.log_to_stderr("INFO")
    yield
    root.handlers, root.level = before, level
    structlog.reset_defaults()


def test_libraries_log_the_same_way(
    as_in_a_process: None, app: Flask, bridge: Bridge, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object a line, with the id of the request in which it was said, tracebacks included."""

    def broken() -> None:
        try:
            raise ValueError("no such thing")
        except ValueError as error:
            logging.getLogger("some.library").warning("it broke: %s", "badly", exc_info=error)

    app.view_functions["access.healthz"] = lambda: (broken(), "done")[1]
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": "request-1"})
    assert "done" == answer.text
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [("it broke: badly", "warning", "some.library", "request-1")] == [
        (s["event"], s["level"], s["logger"], s["request_id"]) for s in said
    ]
    assert "ValueError: no such thing" in said[0]["exception"]
