"""Asks the JSON API what its own document says can be asked, and what it says cannot.

``python -m tests.benchmarks.api --cases 10000 --json`` makes so many requests of the OpenAPI
document, fitting ones and others, by schemathesis, to a site with one of everything. Each answer is
held against the document: its status, its content type, its headers and its body; a status of 500
or more is a failure whatever the document says. After whatever changes anything, the site is as it
was before.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import click
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure, FailureGroup

from bridge.access import api_tokens, sessions
from bridge.logs import log_to_stderr
from bridge.model import Role
from bridge.model.api import Scope
from bridge.storage import Store, schema
from bridge.storage import tables as t
from bridge.web.api.table import OPERATIONS
from tests.authorisation import Site, make_site
from tests.cast import make_cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.doctored import no_outlet
from tests.every_table import NOW

HELD = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
"""What is held against the document."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Tried:
    """What was asked, and how it was answered."""

    cases: int = 0
    labels: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)
    """Operations that did what they were asked at least once."""
    failures: list[str] = field(default_factory=list)


def ask_everything(site: Site, each: int) -> Tried:
    """Ask every operation so many times in each of the two ways."""
    tokens = _tokens(site)
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", site.app)
    tried, known = Tried(), _known(site)
    for found in document.get_all_operations():
        operation = found.ok()
        tried.labels.append(operation.label)
        for mode in MODES:
            _ask(site, operation, mode, each, tokens, known, tried)
    return tried


def _ask(
    site: Site,
    operation: Any,
    mode: GenerationMode,
    each: int,
    tokens: list[str],
    known: dict[str, list[Any]],
    tried: Tried,
) -> None:
    said = _said(site)
    checks = [CHECKS.get_one(name) for name in HELD]
    names = {p.name for p in operation.path_parameters}

    @settings(
        max_examples=each,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def one(case: Any, data: Any) -> None:
        for name in sorted(names & set(known)):
            # Mostly something that is there: else there would be little but 404.
            if data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        # A key is of one request; and without the token everything would be 401.
        for name in ("Idempotency-Key", "Authorization"):
            if case.headers:
                case.headers.pop(name, None)
        if mode is GenerationMode.POSITIVE and data.draw(st.integers(0, 3)):
            for part in (case.body, case.query):
                for name in sorted(set(part) & set(said)) if isinstance(part, dict) else ():
                    part[name] = data.draw(st.sampled_from(said[name]))
        token = data.draw(st.sampled_from(tokens))
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        tried.cases += 1
        tried.statuses[response.status_code] += 1
        if response.status_code < 300:
            tried.done.add(operation.label)
            if case.method.upper() != "GET":
                site.as_before()
        try:
            case.validate_response(response, checks=checks)
        except (Failure, FailureGroup) as error:
            tried.failures.append(f"{operation.label}: {error}")

    one()


def _tokens(site: Site) -> list[str]:
    """Tokens of two people who may do everything; each has said something."""
    cast = site.cast
    found = []
    with cast.store.work() as work:
        work.access.add_leader(cast.sales, cast.bob)
        for person in (cast.alice, cast.bob):
            for role in (Role.ADMIN, Role.MODERATOR, Role.COMMUNITY_MANAGER):
                work.access.grant(person, role)
            who = sessions.viewer_of(work, person)
            found.append(api_tokens.issue(work, who, "cases", list(Scope), 90, cast.now))
    site.keep()
    return found


def _known(site: Site) -> dict[str, list[Any]]:
    """What is there, by the names of parameters."""
    names = {
        "uid": ("item", "team_post", "post", "told", "share", "receipt", "hidden_item"),
        "course_id": ("feedback", "negotiation", "layoffs"),
        "team_id": ("sales", "engineering"),
        "person_id": ("bob", "beth", "helper", "alice"),
        "leader_id": ("alice",),
        "comment_id": ("comment",),
        "suggestion_id": ("suggestion",),
        "plan_id": ("plan", "withdrawn"),
        "outlet_id": ("outlet",),
        "category_id": ("category",),
        "delivery_id": ("delivery",),
        "discussion_id": ("question",),
        "platform_id": ("platform",),
        "handle": ("handle", "session"),
    }
    found = {
        name: [site.things[key] for key in keys if key in site.things]
        for name, keys in names.items()
    }
    found |= {"word": ["staff"], "name": ["self", "work"]}
    return {name: values for name, values in found.items() if values}


def _said(site: Site) -> dict[str, list[Any]]:
    """What fits this site, by the names of properties."""
    things = site.things
    team = f"team:{things['sales']}"
    return {
        "audience": [team],
        "topic": [f"course:{things['feedback']}", "tag:staff"],
        "course_id": [things["feedback"], things["negotiation"]],
        "about_id": [None],
        "suggestion_id": [things["suggestion"]],
        "outlet_ids": [[], [things["outlet"]]],
        "mentions": [[], [things["bob"]]],
        "text": ["What did you learn?"],
        "reason": ["It is rude."],
        "reply_to": [None, things["comment"]],
        "comment_id": [None],
        "activity_id": [things["reported_id"]],
        "act": ["hide", "keep"],
        "at": ["2026-11-26T09:00:00Z", None],
        "team": ["Sales"],
        "person": ["Beth Becker", "Charlie Chen"],
        "q": ["B", "negotiation"],
        "lines": [["team,leader", "Sales,beth@acme.example"]],
        "rules": [[{"cohort": "Leads (.+)", "team": "\\1"}]],
        "tag": ["staff"],
        "kinds": [["share"]],
        "only": [[]],
        "never": [[]],
        "zone": ["Europe/Berlin"],
        "lms_id": [things["erased"]],
        "hour": [9],
        "channel": ["off"],
        "sure": [True],
    }


@contextmanager
def site_to_ask() -> Iterator[Site]:
    """A site with one of everything, in a folder of its own."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder, 'bridge.db')}", (SECRET_KEY,))
        schema.upgrade(store)
        clock = FrozenClock(NOW)
        # Two tokens ask here what a thousand programs do.
        with patch("bridge.web.api.operations.OFTEN", "1000000 per minute"):
            site = make_site(make_cast(store, clock.now()), clock)
        with store.work() as work:
            # Nobody answers there: what asks the LMS fails at once.
            work.sql.execute(t.connections.update().values(url="http://127.0.0.1:1"))
        try:
            # Of an LMS that does not answer it is enough to be told so once.
            with (
                patch("bridge.lms.wire.ATTEMPTS", 1),
                patch("bridge.flow.examining.try_outlet", no_outlet),
            ):
                yield site
        finally:
            site.close()
            store.close()


@click.command()
@click.option("--cases", default=10_000, show_default=True, help="Requests, about.")
@click.option("--json", "as_json", is_flag=True)
def main(cases: int, as_json: bool) -> None:
    """Ask the API so many things."""
    begun = time.monotonic()
    log_to_stderr("CRITICAL")
    with site_to_ask() as site:
        each = max(1, cases // (2 * len(OPERATIONS)) + 1)
        tried = ask_everything(site, each)
    found = {
        "cases": tried.cases,
        "operations": len(tried.labels),
        "did_what_they_were_asked": len(tried.done),
        "never_did": sorted(set(tried.labels) - tried.done),
        "statuses": {str(k): v for k, v in sorted(tried.statuses.items())},
        "failures": len(tried.failures),
        "seconds": round(time.monotonic() - begun, 1),
    }
    click.echo(json.dumps(found) if as_json else json.dumps(found, indent=2))
    for failure in tried.failures[:20]:
        click.echo(failure, err=True)
    sys.exit(1 if tried.failures else 0)


if __name__ == "__main__":
    main()
