"""Who may open what: every route of the application, with every role."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from bridge.access import delegates, feed_links, roles
from bridge.bootstrap import Bridge
from bridge.model import Role
from bridge.web import create_app
from bridge.web.routes import API, ROWS
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.lively import Lively
from tests.visitor import Visit, bridge_of, sign_in_link

pytestmark = pytest.mark.usefixtures("no_lms")

PUBLIC = {"static", "access.healthz", "access.readyz", "metrics.show"}
PUBLIC |= {"access.explain", "access.offer", "access.redeem"}
PUBLIC |= {"api_pages.openapi", "api_pages.docs"}
PUBLIC |= {"access.ask", "oidc.start", "oidc.back"}
PUBLIC |= {"lti.keys", "lti.login", "lti.start", "lti.register"}
PUBLIC |= {"access.theme", "xapi.about", "unsubscribe.offer", "letters.offer"}
SETUP = {row.endpoint for row in ROWS if row.setup}
PUBLIC |= SETUP | {"setup.offer", "setup.begin"}
"""Those of the setup are closed to everybody once it is finished, as it is here: test_setup."""
MACHINES = {"xapi.post", "xapi.put", "unsubscribe.leave", "letters.end", "note.switch"}
MACHINES |= {"lti.login_by_form", "lti.go_on", "lti.launch", "lti.take_registration"}
"""Their views know the sender by a key of its own."""
PUBLIC |= MACHINES | {"receipts.secret", "note.offer", "note.come_in", "note.ask"}
DESK = {
    *("desk.show", "desk.share", "desk.preview", "desk.undo", "desk.later", "desk.dismiss"),
    *("desk.plan", "desk.save", "desk.unplan", "delegates.show", "delegates.lay_down"),
}
LEADERS = {
    *("delegates.add", "delegates.change", "delegates.end"),
    *("desk.why", "desk.reply", "desk.put_away"),
    *("note.show", "note.choose"),
}
PULSE = {"pulse.show", "pulse.definitions"}
ADMINS = {
    "admin.show",
    *("leaders.show", "leaders.add", "leaders.end", "leaders.take_file", "leaders.set_rules"),
    "admin.runs",
    "acts.show",
    "admin.set_policy",
    "policy.rule",
    "policy.tag",
    "receipts.all_of_them",
    "leaving.find",
    "leaving.erase_person",
    "leaving.lift",
    "preview.show",
    "admin.ledger",
    "admin.retry",
    "admin.retry_all",
    "outlets.show",
    "outlet_adding.add",
    "outlet_adding.show",
    "outlets.remove",
    "outlets.switch",
    "outlet_rules.show",
    "outlet_rules.set_rules",
    "outlet_rules.set_pace",
    *("platforms.show", "platforms.invite", "platforms.remove"),
    *("checkup.show", "checkup.examine", "checkup.try_outlets"),
}
MODERATION = {"moderation.show", "moderation.decide"}
PULSE_READERS = {Role.LEADER, Role.COMMUNITY_MANAGER, Role.ADMIN}
VALUES = {
    "form": "atom",
    "filename": "style.css",
    "token": "none",
    "uid": "none",
    "handle": "none",
    "word": "none",
}


def opens(endpoint: str, role: Role | None) -> bool:
    """Whether the route is meant to be open to the role; the tests' own word on it."""
    if endpoint in PUBLIC:
        return True
    if role is None:
        return False
    if endpoint in DESK:
        return role in {Role.LEADER, Role.DELEGATE}
    if endpoint in LEADERS:
        return role is Role.LEADER
    if endpoint in MODERATION:
        return role in {Role.MODERATOR, Role.ADMIN}
    if endpoint in PULSE:
        return role in PULSE_READERS
    return role is Role.ADMIN if endpoint in ADMINS else True


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Each page's route as endpoint, method and an address that fits it; the API has its own."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("api."):
                continue
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
    with bridge.store.work() as work:
        if role is Role.DELEGATE:
            delegates.name(work, lite_cast.alice, person, True, lite_cast.now, lite_cast.alice)
        elif role not in {Role.LEARNER, Role.LEADER, Role.ADMIN}:
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
    meant = {e for e, _, _ in routes(app) if not opens(e, None)}
    assert meant | {"xapi.post"} == shut


def test_each_route_has_one_row(app: Flask) -> None:
    """The table and the application know the same routes."""
    every = [row.endpoint for row in (*ROWS, *API)]
    assert {*every, "static"} == set(app.view_functions)
    assert len(set(every)) == len(every)


def test_only_machines_need_no_form_token() -> None:
    """What is asked for no token asks for a secret that no browser sends along by itself."""
    assert MACHINES == {row.endpoint for row in ROWS if row.machine}


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


# --- what a browser is told ----------------------------------------------------------------------


def test_every_answer_says_what_a_browser_may_do(
    app: Flask, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """Pages, redirects, refusals and files alike carry the policy; it lets nothing in from afar."""
    for person in (None, lite_cast.alice, lite_cast.dana):
        for endpoint, method, path in routes(app):
            visitor = visit(person)
            answer = visitor.get(path) if method == "GET" else visitor.post(path)
            policy = dict(
                part.partition(" ")[::2]
                for part in answer.headers["Content-Security-Policy"].split("; ")
            )
            assert "'none'" == policy["default-src"], endpoint
            assert "'none'" == policy["frame-ancestors"] == policy["base-uri"], endpoint
            assert "'self'" == policy["form-action"] == policy["style-src"], endpoint
            assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", policy["script-src"]), endpoint
            assert "unsafe" not in str(policy) and "http" not in str(policy), endpoint
            assert "nosniff" == answer.headers["X-Content-Type-Options"], endpoint
            assert "DENY" == answer.headers["X-Frame-Options"], endpoint
            assert "same-origin" == answer.headers["Referrer-Policy"], endpoint
            assert "no-store" in answer.headers["Cache-Control"] or endpoint.startswith(
                ("static", "feeds.")
            ), endpoint


def test_no_page_needs_what_the_policy_forbids(
    app: Flask, lite_cast: Cast, lively: Lively, visit: Visit
) -> None:
    """No style in the markup, no handler, no script without this answer's own nonce."""
    pages: dict[str, int | None] = dict.fromkeys(
        (path for _, method, path in routes(app) if method == "GET"), lite_cast.dana
    )
    pages |= {f"/a/{lively.post}": lite_cast.bob, "/desk": lite_cast.alice}
    pages |= {f"/teams/{lite_cast.sales}": lite_cast.bob, "/sign-in": None}
    pages |= {f"/courses/{lite_cast.feedback}": lite_cast.bob}
    seen = set()
    for path, person in pages.items():
        answer = visit(person).get(path)
        # A file to be saved is no page of ours.
        saved = "attachment" in answer.headers.get("Content-Disposition", "")
        if saved or answer.mimetype != "text/html":
            continue
        markup = re.sub(r">[^<]*<", "><", answer.text)
        assert not re.search(r"<[^>]*\s(style|on\w+)=|<style|javascript:", markup), path
        known = re.findall(r'<script [^>]*nonce="([^"]+)"', markup)
        nonces = set(known)
        assert markup.count("<script") == len(known) and len(nonces) <= 1, path
        assert nonces <= set(re.findall(r"nonce-([\w-]+)", str(answer.headers))), path
        seen |= nonces
    assert len(seen) > 10


def test_over_https_nothing_is_sent_in_the_clear(lite_cast: Cast, clock: FrozenClock) -> None:
    """Cookies are for https and this host alone, and the browser is told to come back by https."""
    bridge = bridge_of(lite_cast, clock, "https://bridge.example")
    client = create_app(bridge).test_client()
    options = {"base_url": "https://bridge.example"}
    path = sign_in_link(bridge, lite_cast.bob)
    page = client.get(path, **options)
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post(
        path,
        data={"csrf_token": token},
        headers={"Referer": f"https://bridge.example{path}"},
        **options,
    )
    cookies = answer.headers.getlist("Set-Cookie")

    assert 303 == answer.status_code
    assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)
    assert any(cookie.startswith("__Host-socialbridge=") for cookie in cookies)
    assert "max-age=31536000" == answer.headers["Strict-Transport-Security"]
    assert "Bob Brown" in client.get("/me/sharing", **options).text


def test_the_proxy_before_the_bridge_is_believed_only_when_it_is_configured(
    lite_cast: Cast, clock: FrozenClock
) -> None:
    """What anybody can write into a header makes no connection a secure one."""
    bridge = bridge_of(lite_cast, clock)
    trusting = replace(bridge, config=replace(bridge.config, trusted_proxies=1))
    for one, expected in ((bridge, None), (trusting, "max-age=31536000")):
        answer = (
            create_app(one).test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"})
        )
        assert expected == answer.headers.get("Strict-Transport-Security")


def test_our_own_files_are_kept_for_a_year_under_an_address_of_their_version(
    visit: Visit,
) -> None:
    """The page names them with a mark of what is in them."""
    page = visit().page("/sign-in")
    (address,) = re.findall(r'href="(/static/style\.css\?v=[0-9a-f]{12})"', page)
    font = "/static/fonts/inter-latin-wght-normal.woff2"
    for one in (address, font):
        assert "public, max-age=31536000, immutable" == visit().get(one).headers["Cache-Control"]
    assert "no-cache" == visit().get("/static/style.css").headers["Cache-Control"]


# --- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMIN])
def test_a_form_from_elsewhere_does_nothing(
    role: Role, app: Flask, lite_cast: Cast, visit: Visit
) -> None:
    """Every form needs the token of a page of ours, and says so; signing out is one of them."""
    visitor = visit({Role.LEADER: lite_cast.alice, Role.ADMIN: lite_cast.dana}[role])
    for endpoint, method, path in routes(app):
        if method == "POST" and opens(endpoint, role) and endpoint not in MACHINES | SETUP:
            for data in ({}, {"csrf_token": "guessed"}):
                answer = visitor.client.post(path, data=data)
                assert 400 == answer.status_code, endpoint
                assert "This form is not from a page" in answer.text
    assert 200 == visitor.get("/").status_code


def test_a_token_of_one_browser_is_worth_nothing_in_another(lite_cast: Cast, visit: Visit) -> None:
    """Who lures somebody to a page of theirs has a token too, but not this browser's cookie."""
    page = visit(lite_cast.charlie).page("/sign-in")
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = visit(lite_cast.bob).client.post("/sign-out", data={"csrf_token": token})
    assert 400 == answer.status_code
