"""Fixtures for the tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from bridge.bootstrap import Bridge
from bridge.setup.around import Check, Health
from bridge.setup.doctor import Findings
from bridge.web import create_app
from bridge.web.cookies import COOKIE
from tests.cast import Cast
from tests.company import Company, make_company
from tests.conftest import FrozenClock
from tests.contract.mail_server import Post, mail_server
from tests.doctored import no_outlet
from tests.lively import Lively, make_lively
from tests.visitor import Visit, Visitor, bridge_of, session_of


class NoLms:
    """A doctor where no LMS can be asked: who may call one is another question."""

    def __init__(self, *about: object, **more: object) -> None:
        """Whatever it is asked about."""

    def examine(self) -> Findings:
        """As where the LMS does not answer, at once."""
        return Findings(None, (Check("connect", Health.RED, "There is no LMS here", "Start one."),))


def keep_inside(patch: pytest.MonkeyPatch) -> None:
    """No doctor asks anybody from now on."""
    patch.setattr("bridge.flow.examining.Doctor", NoLms)
    patch.setattr("bridge.flow.examining.try_outlet", no_outlet)


@pytest.fixture
def no_lms(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test of who may do what asks an LMS."""
    keep_inside(monkeypatch)


@pytest.fixture
def bridge(lite_cast: Cast, clock: FrozenClock) -> Bridge:
    """The bridge of the cast, on SQLite."""
    return bridge_of(lite_cast, clock)


@pytest.fixture
def app(bridge: Bridge) -> Flask:
    """Its pages."""
    return create_app(bridge)


@pytest.fixture
def visit(app: Flask, bridge: Bridge) -> Visit:
    """Opens a browser; with a person's id, one in which they are signed in."""

    def visit(person: int | None = None) -> Visitor:
        visitor = Visitor(app.test_client())
        if person is not None:
            visitor.client.set_cookie(COOKIE, session_of(bridge, person))
        return visitor

    return visit


@pytest.fixture
def lively(bridge: Bridge, lite_cast: Cast) -> Lively:
    """What goes on at Acme, for pages that have something to show."""
    return make_lively(bridge, lite_cast)


@pytest.fixture
def company(cast: Cast, clock: FrozenClock) -> Company:
    """Bob and Beth finished Giving feedback today, Bob alone Negotiation; both are for everyone."""
    return make_company(cast, clock)


@pytest.fixture
def lite_company(lite_cast: Cast, clock: FrozenClock) -> Company:
    """The same, on SQLite."""
    return make_company(lite_cast, clock)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Post]:
    """A relay on this machine."""
    with mail_server(tmp_path, "", password=False) as running:
        yield running


@pytest.fixture
def mailing(cast: Cast, clock: FrozenClock, server: Post) -> Bridge:
    """The bridge of the cast, with that mail server."""
    bridge = bridge_of(cast, clock, "https://bridge.example")
    config = replace(bridge.config, smtp_url=server.url, mail_from="bridge@example.com")
    return replace(bridge, config=config)
