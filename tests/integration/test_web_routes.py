"""Who may open what: every route of the application, with every role."""

from __future__ import annotations

import pytest
from flask import Flask

from bridge.access import feed_links, roles
from bridge.bootstrap import Bridge
from bridge.model import Role
from bridge.web.routes import ROWS
from tests.cast import Cast
from tests.visitor import Visit

PUBLIC = {"static", "access.healthz", "access.explain", "access.offer", "access.redeem"}
PUBLIC |= {"access.theme"}
LEADERS = {"desk.show", "desk.share", "desk.undo", "desk.later", "desk.dismiss", "desk.reply"}
PULSE = {"pulse.show", "pulse.definitions"}
ADMINS = {"admin.show", "admin.set_policy", "admin.ledger", "admin.retry"}
PULSE_READERS = {Role.LEADER, Role.COMMUNITY_MANAGER, Role.ADMIN}
VALUES = {"form": "atom", "filename": "style.css", "token": "none", "uid": "none"}


def opens(endpoint: str, role: Role | None) -> bool:
    """Whether the route is meant to be open to the role; the tests' own word on it."""
    if endpoint in PUBLIC:
        return True
    if role is None:
        return False
    if endpoint in LEADERS:
        return role is Role.LEADER
    if endpoint in PULSE:
        return role in PULSE_READERS
    return role is Role.ADMIN if endpoint in ADMINS else True


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Each route as endpoint, method and an address that fits it."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values = {name: VALUES.get(name, 9_999) for name in rule.arguments}
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                built = app.url_map.bind("localhost").build(rule.endpoint, values, method)
                found.append((rule.endpoint, method, built))
    return found


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_routes_and_no_other(
    role: Role, app: Flask, bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """What is for others is refused as such, before anything about it is looked up."""
    person = {Role.LEADER: lite_cast.alice, Role.ADMIN: lite_cast.dana}.get(role, lite_cast.bob)
    if role not in {Role.LEARNER, Role.LEADER, Role.ADMIN}:
        with bridge.store.work() as work:
            roles.grant(work, person, role)
    refused = set()
    for endpoint, method, path in routes(app):
        visitor = visit(person)
        answer = visitor.get(path) if method == "GET" else visitor.post(path)
        if answer.status_code == 403:
            refused.add(endpoint)
        assert answer.status_code < 500, (endpoint, answer.text)
    expected = {endpoint for endpoint, _, _ in routes(app) if not opens(endpoint, role)}
    assert expected == refused


def test_nobody_opens_only_what_is_public(app: Flask, visit: Visit) -> None:
    """Without signing in, every other page leads to the page that says how; a feed says 401."""
    shut = set()
    for endpoint, method, path in routes(app):
        visitor = visit()
        answer = visitor.get(path) if method == "GET" else visitor.post(path)
        to_sign_in = answer.headers.get("Location", "").startswith("/sign-in")
        if to_sign_in or answer.status_code == 401:
            shut.add(endpoint)
        assert answer.status_code < 500, (endpoint, answer.text)
    assert {e for e, _, _ in routes(app) if not opens(e, None)} == shut


def test_each_route_has_one_row(app: Flask) -> None:
    """The table and the application know the same routes."""
    assert {row.endpoint for row in ROWS} | {"static"} == set(app.view_functions)
    assert len({row.endpoint for row in ROWS}) == len(ROWS)


def test_a_route_without_a_row_is_refused(app: Flask, lite_cast: Cast, visit: Visit) -> None:
    """A view that somebody adds beside the table is open to nobody, an admin included."""
    app.add_url_rule("/secret", "secret", lambda: "the secret")
    answer = visit(lite_cast.dana).get("/secret")
    assert 403 == answer.status_code
    assert "the secret" not in answer.text


def test_a_private_feed_address_opens_feeds_and_nothing_else(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """The key in an address is worth one person's feeds, until it is revoked."""
    with bridge.store.work() as work:
        key = feed_links.issue(work, lite_cast.bob, bridge.clock.now())
    assert 200 == visit().get(f"/feeds/home.atom?key={key}").status_code
    assert 303 == visit().get(f"/?key={key}").status_code
    assert 404 == visit().get("/feeds/home.atom?key=guessed").status_code
    with bridge.store.work() as work:
        feed_links.revoke(work, lite_cast.bob, bridge.clock.now())
    assert 404 == visit().get(f"/feeds/home.atom?key={key}").status_code


def test_htmx_is_sent_to_sign_in_as_well(visit: Visit) -> None:
    """A part of a page that asks after the session ended takes the whole page to sign in."""
    answer = visit().get("/news", headers={"HX-Request": "true"})
    assert (401, "/sign-in") == (answer.status_code, answer.headers["HX-Redirect"])


def test_signing_in_leads_to_where_one_wanted_to_go(lite_cast: Cast, visit: Visit) -> None:
    """The page that says how to sign in knows which page was asked for."""
    answer = visit().get("/me/sharing?from=mail")
    assert "/sign-in?next=/me/sharing?from%3Dmail" == answer.headers["Location"]
