"""Bob opens the feed from his course, inside the LMS, with nothing to sign in to.

The platform is a server of ours that says what a Moodle was recorded to say, and refuses what it
refuses; the browser is one that keeps cookies as a frame's or not at all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from bridge.access import lti
from bridge.bootstrap import Bridge
from bridge.storage import tables as t
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.lti_platform import (
    CLAIM,
    CLIENT,
    DEPLOYMENT,
    LtiPlatform,
    Tool,
    lti_platform,
    query_of,
)
from tests.contract.serving import Reply
from tests.visitor import TOKEN, bridge_of, words

BASE = "https://bridge.example"
FRAME = {"Sec-Fetch-Dest": "iframe"}
TAB = {"Sec-Fetch-Dest": "document"}


class Browser:
    """A browser at ``https://bridge.example``, in a frame of the platform or in a tab."""

    def __init__(self, app: Flask, headers: dict[str, str], *, cookies: bool = True) -> None:
        self.client: FlaskClient = app.test_client(use_cookies=cookies)
        self.headers = headers

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=BASE, headers=self.headers, buffered=True)

    def post(self, path: str, **form: str) -> TestResponse:
        return self.client.post(path, base_url=BASE, headers=self.headers, data=form, buffered=True)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert 200 == answer.status_code, answer.text
        return answer.text

    def arrive(self, platform: LtiPlatform, **changed: str) -> TestResponse:
        """Click on the tool, and go where one is sent, up to the launch's own answer."""
        return self.post("/lti/launch", **self.at_platform(platform, **changed))

    def at_platform(self, platform: LtiPlatform, **changed: str) -> dict[str, str]:
        """Click on the tool; what the platform would have the browser send."""
        begun = self.get(platform.initiation(**changed))
        assert 303 == begun.status_code, begun.text
        on = self.get(begun.headers["Location"])
        assert 303 == on.status_code, on.text
        return platform.form_of(on.headers["Location"])


@pytest.fixture
def platform(clock: FrozenClock) -> Iterator[LtiPlatform]:
    """The LMS of Acme, as a platform."""
    with lti_platform() as found:
        found.now = clock.now()
        found.tool = Tool(f"{BASE}/lti/login", f"{BASE}/lti/launch", f"{BASE}/lti/keys")
        yield found


def known(cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Bridge:
    """The bridge of the cast, whose LMS the platform is, with the tool made known by hand."""
    bridge = bridge_of(cast, clock, BASE)
    with bridge.store.work() as work:
        work.sql.execute(t.connections.update().values(url=platform.url, kind="moodle"))
        connection = work.connections.by_id(cast.connection)
        lti.add(work, lti.of_moodle(connection, CLIENT, DEPLOYMENT, clock.now()))
    return bridge


def lms_id(cast: Cast, table: Any, ours: int) -> str:
    """The LMS's id of somebody or something."""
    with cast.store.reading() as work:
        row = work.sql.execute(table.select().where(table.c.id == ours)).one()
    return str(row.lms_id)


@pytest.fixture
def launched(cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Flask:
    """The pages, on each database; Bob is signed in to the LMS, in Negotiation."""
    platform.signed_in = lms_id(cast, t.people, cast.bob)
    platform.course = lms_id(cast, t.courses, cast.negotiation)
    return create_app(known(cast, clock, platform))


@pytest.fixture
def lite(lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Flask:
    """The same, on SQLite."""
    platform.signed_in = lms_id(lite_cast, t.people, lite_cast.bob)
    platform.course = lms_id(lite_cast, t.courses, lite_cast.negotiation)
    return create_app(known(lite_cast, clock, platform))


# --- coming in -----------------------------------------------------------------------------------


def test_in_a_course_its_feed_opens(launched: Flask, cast: Cast, platform: LtiPlatform) -> None:
    """Bob clicks on the tool in Negotiation and is there, as himself."""
    bob = Browser(launched, FRAME)
    arrived = bob.arrive(platform)
    assert (303, f"/courses/{cast.negotiation}") == (
        arrived.status_code,
        arrived.headers["Location"],
    )
    page = words(bob.page(arrived.headers["Location"]))
    assert "Negotiation" in page
    assert "Bob" in page


def test_in_a_frame_cookies_are_the_frames_own(lite: Flask, platform: LtiPlatform) -> None:
    """They come back only inside the LMS's pages, and the pages may stand only there."""
    bob = Browser(lite, FRAME)
    arrived = bob.arrive(platform)
    kept = arrived.headers.getlist("Set-Cookie")
    (session,) = [cookie for cookie in kept if "__Host-socialbridge-framed" in cookie]
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"):
        assert part in session
    page = bob.get(arrived.headers["Location"])
    assert f"frame-ancestors {platform.url};" in page.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page.headers
    for cookie in page.headers.getlist("Set-Cookie"):
        assert "SameSite=None" in cookie
        assert "Partitioned" in cookie


def test_in_a_tab_cookies_are_as_ever(lite: Flask, platform: LtiPlatform) -> None:
    """And no other site may show what is signed in to there."""
    bob = Browser(lite, TAB)
    arrived = bob.arrive(platform)
    (session,) = [c for c in arrived.headers.getlist("Set-Cookie") if "__Host-socialbridge=" in c]
    assert "SameSite=Lax" in session
    assert "Partitioned" not in session
    page = bob.get(arrived.headers["Location"])
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "DENY" == page.headers["X-Frame-Options"]


def test_forms_work_in_a_frame(lite: Flask, lite_cast: Cast, platform: LtiPlatform) -> None:
    """Bob writes a post there; without the form's own token nothing is taken."""
    bob = Browser(lite, FRAME)
    bob.arrive(platform)
    form = {"text": "We settled without a lawyer.", "audience": f"team:{lite_cast.sales}"}
    assert 400 == bob.post("/posts", **form).status_code
    token = TOKEN.search(bob.page("/"))
    assert token is not None
    bob.headers = {**FRAME, "Referer": f"{BASE}/"}
    assert 303 == bob.post("/posts", **form, csrf_token=token[1]).status_code
    assert "We settled without a lawyer." in bob.page("/")


def test_signing_out_in_a_frame_ends_it(lite: Flask, platform: LtiPlatform) -> None:
    """There and on the server."""
    bob = Browser(lite, FRAME)
    bob.arrive(platform)
    token = TOKEN.search(bob.page("/"))
    assert token is not None
    bob.headers = {**FRAME, "Referer": f"{BASE}/"}
    assert 303 == bob.post("/sign-out", csrf_token=token[1]).status_code
    assert "/sign-in" in bob.get("/").headers["Location"]


def test_where_no_cookie_is_kept_a_tab_is_offered(lite: Flask, platform: LtiPlatform) -> None:
    """The frame keeps nothing; the button opens a tab, which goes on and signs Bob in."""
    frame = Browser(lite, FRAME, cookies=False)
    begun = frame.get(platform.initiation())
    offer = frame.get(begun.headers["Location"])
    assert "Open in a new tab" in offer.text
    assert f"frame-ancestors {platform.url}" in offer.headers["Content-Security-Policy"]
    assert f"form-action 'self' {platform.url}" in offer.headers["Content-Security-Policy"]
    action = re.search(r'action="(/lti/start/[^"]+)" target="_blank"', offer.text)
    assert action is not None

    tab = Browser(lite, TAB)
    tab.headers = {**TAB, "Origin": BASE}
    on = tab.post(action[1])
    arrived = tab.post("/lti/launch", **platform.form_of(on.headers["Location"]))
    assert 303 == arrived.status_code
    assert 200 == tab.get(arrived.headers["Location"]).status_code


def test_a_leader_outside_a_course_comes_to_the_desk(
    lite: Flask, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """Alice, who leads Sales; Bob comes to the feed."""
    platform.changed = {CLAIM + "context": None}
    assert "/" == Browser(lite, FRAME).arrive(platform).headers["Location"]
    platform.signed_in = lms_id(lite_cast, t.people, lite_cast.alice)
    assert "/desk" == Browser(lite, FRAME).arrive(platform).headers["Location"]


def test_what_was_placed_is_what_opens(lite: Flask, lite_cast: Cast, platform: LtiPlatform) -> None:
    """A team's feed for its people, the desk for leaders; everybody else comes to the feed."""
    where = {}
    for who in ("alice", "bob", "charlie"):
        platform.signed_in = lms_id(lite_cast, t.people, getattr(lite_cast, who))
        for place in (f"team:{lite_cast.sales}", "desk", "team:9999", "team:x"):
            platform.changed = {CLAIM + "custom": {"place": place}, CLAIM + "context": None}
            where[who, place] = Browser(lite, FRAME).arrive(platform).headers["Location"]
    team = f"team:{lite_cast.sales}"
    assert f"/teams/{lite_cast.sales}" == where["alice", team] == where["bob", team]
    assert "/" == where["charlie", team]
    assert ("/desk", "/", "/") == tuple(where[who, "desk"] for who in ("alice", "bob", "charlie"))
    assert "/" == where["bob", "team:9999"] == where["bob", "team:x"]


def test_a_course_that_somebody_is_not_in_stays_shut(
    lite: Flask, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """Charlie is launched in Negotiation, as an admin of the LMS may be: he comes to the feed."""
    platform.signed_in = lms_id(lite_cast, t.people, lite_cast.charlie)
    assert "/" == Browser(lite, FRAME).arrive(platform).headers["Location"]


def test_who_is_not_known_yet_reads_what_to_do(lite: Flask, platform: LtiPlatform) -> None:
    """Nobody is invented: the bridge knows people from the LMS's own lists."""
    platform.signed_in = "987654"
    arrived = Browser(lite, FRAME).arrive(platform)
    assert 403 == arrived.status_code
    assert "You are not known here yet" in arrived.text
    assert f"frame-ancestors {platform.url}" in arrived.headers["Content-Security-Policy"]
    assert not [c for c in arrived.headers.getlist("Set-Cookie") if "socialbridge-framed=" in c]


def test_who_is_suspended_does_not_come_in(
    lite: Flask, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """Whatever the platform says."""
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == lite_cast.bob).values(suspended=True)
        )
    assert 403 == Browser(lite, FRAME).arrive(platform).status_code


def test_keys_are_kept_and_read_anew_when_they_change(
    launched: Flask, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """Two launches ask once; a new key is asked for, but not twice within a minute."""
    for _ in range(2):
        Browser(launched, FRAME).arrive(platform)
    assert 1 == platform.asked.count("/mod/lti/certs.php")

    platform.rotate()
    assert 400 == Browser(launched, FRAME).arrive(platform).status_code
    platform.now = clock.advance(minutes=1)
    assert 303 == Browser(launched, FRAME).arrive(platform).status_code
    assert 2 == platform.asked.count("/mod/lti/certs.php")


def test_keys_are_read_anew_after_a_day(
    lite: Flask, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """So that a key that was withdrawn opens nothing for long."""
    Browser(lite, FRAME).arrive(platform)
    old = platform.key
    platform.rotate()
    platform.key = old
    platform.now = clock.advance(days=1)
    assert 400 == Browser(lite, FRAME).arrive(platform).status_code


# --- attacks -------------------------------------------------------------------------------------

Attack = Callable[[LtiPlatform, dict[str, str]], dict[str, str]]


def _with(name: str, value: Any) -> Attack:
    def attack(platform: LtiPlatform, form: dict[str, str]) -> dict[str, str]:
        nonce = jwt.decode(form["id_token"], platform.key).claims["nonce"]
        platform.changed = {name: value(platform) if callable(value) else value}
        return {**form, "id_token": platform.token(nonce)}

    return attack


def _none(platform: LtiPlatform, form: dict[str, str]) -> dict[str, str]:
    # The header says that nothing is signed, and there is no signature.
    _, claims, _ = form["id_token"].split(".")
    return {**form, "id_token": f"eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.{claims}."}


def _by_public_key(platform: LtiPlatform, form: dict[str, str]) -> dict[str, str]:
    # What everybody can read, used as a secret. No library lends itself to that.
    head = json.dumps({"alg": "HS256", "kid": platform.key.kid}).encode()
    signed = urlsafe_b64encode(head).decode().rstrip("=") + "." + form["id_token"].split(".")[1]
    secret = platform.key.as_pem(private=False)
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return {**form, "id_token": f"{signed}.{urlsafe_b64encode(mac).decode().rstrip('=')}"}


def _by_stranger(platform: LtiPlatform, form: dict[str, str]) -> dict[str, str]:
    claims = jwt.decode(form["id_token"], platform.key).claims
    header = {"alg": "RS256", "kid": platform.key.kid}
    return {**form, "id_token": jwt.encode(header, claims, RSAKey.generate_key(2048))}


def _unknown_key(platform: LtiPlatform, form: dict[str, str]) -> dict[str, str]:
    claims = jwt.decode(form["id_token"], platform.key).claims
    header = {"alg": "RS256", "kid": "nobody's"}
    return {**form, "id_token": jwt.encode(header, claims, platform.key)}


def _no_key(platform: LtiPlatform, form: dict[str, str]) -> dict[str, str]:
    claims = jwt.decode(form["id_token"], platform.key).claims
    return {**form, "id_token": jwt.encode({"alg": "RS256"}, claims, platform.key)}


def _moved(platform: LtiPlatform, seconds: int, *names: str) -> Any:
    assert platform.now is not None
    return int(platform.now.timestamp()) + seconds


ATTACKS: dict[str, tuple[Attack, str]] = {
    "alg none": (_none, "signed as it must be"),
    "HS256 by the public key": (_by_public_key, "signed as it must be"),
    "another key": (_by_stranger, "signature"),
    "unknown kid": (_unknown_key, "a key that its platform does not have"),
    "no kid": (_no_key, "by which key"),
    "no token": (lambda p, f: {**f, "id_token": ""}, "no signed token"),
    "rubbish": (lambda p, f: {**f, "id_token": "a.b.c"}, "no signed token"),
    "huge": (lambda p, f: {**f, "id_token": "a" * 60_000}, "no signed token"),
    "wrong aud": (_with("aud", "another"), "another tool"),
    "aud of several without azp": (_with("aud", [CLIENT, "another"]), "another tool"),
    "no aud": (_with("aud", None), "another tool"),
    "wrong azp": (_with("azp", "another"), "another tool"),
    "wrong iss": (_with("iss", "https://other.example"), "another issuer"),
    "wrong nonce": (_with("nonce", "n1"), "the answer to what was asked"),
    "no nonce": (_with("nonce", None), "the answer to what was asked"),
    "nonce of another kind": (_with("nonce", ["n1"]), "the answer to what was asked"),
    "expired": (_with("exp", lambda p: _moved(p, -61)), "expired"),
    "no exp": (_with("exp", None), "no exp"),
    "exp true": (_with("exp", True), "no exp"),
    "exp beyond time": (_with("exp", 10**18), "no time"),
    "from the future": (_with("iat", lambda p: _moved(p, 120)), "from the future"),
    "not before": (_with("nbf", lambda p: _moved(p, 120)), "from the future"),
    "old, though it says otherwise": (_with("iat", lambda p: _moved(p, -3601)), "expired"),
    "no sub": (_with("sub", None), "who you are"),
    "sub of another kind": (_with("sub", 12), "who you are"),
    "sub that is no id": (_with("sub", "12 or 1=1"), "who you are"),
    "LTI 1.1": (_with(CLAIM + "version", "1.1.0"), "LTI 1.3"),
    "another message": (_with(CLAIM + "message_type", "LtiStartProctoring"), "not understood"),
    "another deployment": (_with(CLAIM + "deployment_id", "7"), "deployment"),
    "another target": (_with(CLAIM + "target_link_uri", "https://evil.example"), "address"),
    "no link": (_with(CLAIM + "resource_link", {}), "which link"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_launch_that_cannot_be_believed_is_refused(
    name: str, lite: Flask, platform: LtiPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    """One clear sentence on the page and one line in the log, which says nothing of the person."""
    attack, why = ATTACKS[name]
    eve = Browser(lite, FRAME)
    form = attack(platform, eve.at_platform(platform))
    with caplog.at_level(logging.WARNING, "bridge.web.failures"):
        answer = eve.post("/lti/launch", **form)
    assert 400 == answer.status_code
    assert why in words(answer.text)
    (line,) = [r.getMessage() for r in caplog.records if "bridge." in r.name]
    assert why in line
    assert f"frame-ancestors {platform.url}" in answer.headers["Content-Security-Policy"]
    for secret in ("O'Brien", "user9", platform.signed_in + " ", form["id_token"] or "id_token"):
        assert secret not in line
    assert "/sign-in" in eve.get("/").headers["Location"]


def test_within_the_leeway_two_clocks_may_differ(lite: Flask, platform: LtiPlatform) -> None:
    """By a minute, either way."""
    for name, seconds in (("exp", -59), ("iat", 60), ("nbf", 60)):
        platform.changed = {name: _moved(platform, seconds)}
        assert 303 == Browser(lite, FRAME).arrive(platform).status_code


def test_a_launch_comes_in_once(launched: Flask, platform: LtiPlatform) -> None:
    """Sent again, by the same browser or with the state of another login, it is refused."""
    bob = Browser(launched, FRAME)
    form = bob.at_platform(platform)
    assert 303 == bob.post("/lti/launch", **form).status_code
    again = bob.post("/lti/launch", **form)
    assert (400, True) == (again.status_code, "was used already" in again.text)
    other = bob.at_platform(platform)
    mixed = bob.post("/lti/launch", id_token=form["id_token"], state=other["state"])
    assert (400, True) == (mixed.status_code, "what was asked" in mixed.text)


def test_the_login_of_one_browser_is_no_others(lite: Flask, platform: LtiPlatform) -> None:
    """Eve begins a login and has Bob's browser send its end: he is not signed in as her."""
    form = Browser(lite, TAB).at_platform(platform)
    bob = Browser(lite, TAB)
    answer = bob.post("/lti/launch", **form)
    assert (400, True) == (answer.status_code, "by another browser" in words(answer.text))
    bob.get(platform.initiation())
    answer = bob.post("/lti/launch", **form)
    assert (400, True) == (answer.status_code, "by another browser" in words(answer.text))


def test_no_other_site_has_a_tab_take_a_login_over(lite: Flask, platform: LtiPlatform) -> None:
    """Eve's page sends Bob's browser the tab's form, then the end of her own login: nothing."""
    form = Browser(lite, TAB).at_platform(platform)
    for headers in ({**TAB, "Origin": "https://eve.example"}, {**TAB, "Origin": "null"}, TAB):
        bob = Browser(lite, headers)
        moved = bob.post(f"/lti/start/{form['state']}")
        assert (400, True) == (moved.status_code, "a page of ours" in words(moved.text))
        assert 400 == bob.post("/lti/launch", **form).status_code


def test_what_was_answered_to_the_first_login_fits_no_tab(
    lite: Flask, platform: LtiPlatform
) -> None:
    """Eve has Bob press the button on a login of hers, and sends the end of it: nothing."""
    form = Browser(lite, TAB).at_platform(platform)
    bob = Browser(lite, {**TAB, "Origin": BASE})
    assert 303 == bob.post(f"/lti/start/{form['state']}").status_code
    answer = bob.post("/lti/launch", **form)
    assert (400, True) == (answer.status_code, "was used already" in words(answer.text))


def test_a_platform_that_does_not_answer_is_asked_once_a_minute(
    lite: Flask, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """However many launches there are."""
    platform.keys_reply = Reply(503, {})
    codes = [Browser(lite, FRAME).arrive(platform).status_code for _ in range(3)]
    assert [503, 400, 400] == codes
    assert 1 == platform.asked.count("/mod/lti/certs.php")
    platform.keys_reply = None
    platform.now = clock.advance(minutes=1)
    assert 303 == Browser(lite, FRAME).arrive(platform).status_code


def test_a_login_does_not_wait_for_ever(
    lite: Flask, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """Ten minutes, in which somebody may have to sign in to the LMS."""
    bob = Browser(lite, FRAME)
    form = bob.at_platform(platform)
    platform.now = clock.advance(minutes=10)
    answer = bob.post("/lti/launch", **form)
    assert (400, True) == (answer.status_code, "took too long" in answer.text)
    nothing = bob.post("/lti/launch", id_token=form["id_token"], state="made-up")
    assert (400, True) == (nothing.status_code, "not begun here" in nothing.text)


def test_an_unknown_platform_begins_nothing(lite: Flask, platform: LtiPlatform) -> None:
    """Another issuer, another client id, nobody's hint, and a hint without end."""
    bob = Browser(lite, FRAME)
    for changed in (
        {"iss": "https://other.example"},
        {"client_id": "another"},
        {"login_hint": ""},
        {"login_hint": "x" * 5_000},
        {"lti_message_hint": "x" * 5_000},
    ):
        answer = bob.get(platform.initiation(**changed))
        assert 400 == answer.status_code
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_without_a_client_id_the_issuer_is_enough(lite: Flask, platform: LtiPlatform) -> None:
    """Some platforms do not say it; and some send their words as a form."""
    bob = Browser(lite, FRAME)
    begun = bob.post("/lti/login", **{**query_of(platform.initiation()), "client_id": ""})
    assert 303 == begun.status_code
    assert 303 == bob.get(begun.headers["Location"]).status_code


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(then="hang"), "did not answer"),
        (Reply(then="drop"), "did not answer"),
        (Reply(raw=b'{"keys": [' + b" " * 300_000 + b"]}"), "longer than any is"),
        (Reply(raw=b"<html>Maintenance</html>"), "not JSON"),
        (Reply(data={"keys": "none"}), "holds no keys"),
        (Reply(data=[]), "holds no keys"),
        (Reply(503, {}), "says 503"),
        (Reply(302, headers={"Location": "http://169.254.169.254/"}), "says 302"),
        (Reply(data={"keys": [{"kid": "k"}]}), "a key that its platform does not have"),
    ],
)
def test_a_key_set_that_is_none_lets_nobody_in(
    reply: Reply, why: str, lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """Slow, huge, no JSON, a redirect into the network: each is refused in time, and says why."""
    bridge = known(lite_cast, clock, platform)
    config = replace(bridge.config, lms_timeout=0.5)
    eve = Browser(create_app(replace(bridge, config=config)), FRAME)
    form = eve.at_platform(platform)
    platform.keys_reply = reply
    answer = eve.post("/lti/launch", **form)
    assert answer.status_code in (400, 503)
    assert why in words(answer.text)


@pytest.mark.parametrize(
    "row",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "AQAB"},
        {"kty": "RSA", "alg": "HS256", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "x" * 171, "e": "AQAB"},
        {"kty": "RSA", "n": "!" * 400, "e": "AQAB"},
        {"kty": "RSA", "n": 5, "e": 3},
    ],
)
def test_a_key_that_is_none_to_sign_with_is_refused(
    row: dict[str, Any], lite: Flask, platform: LtiPlatform
) -> None:
    """A secret, one to encrypt with, half a one, a short one."""
    platform.keys_reply = Reply(data={"keys": [{**row, "kid": platform.key.kid}]})
    assert 400 == Browser(lite, FRAME).arrive(platform).status_code


def test_a_key_set_inside_the_network_is_not_asked(
    lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """A platform that registered itself names an address that is neither public nor the LMS's."""
    bridge = known(lite_cast, clock, platform)
    with bridge.store.work() as work:
        inside = platform.url.replace("127.0.0.1", "localhost") + "/mod/lti/certs.php"
        work.sql.execute(t.lti_platforms.update().values(typed=False, keys_url=inside))
    answer = Browser(create_app(bridge), FRAME).arrive(platform)
    assert 400 == answer.status_code
    assert "inside a private network" in words(answer.text)
    assert "/mod/lti/certs.php" not in platform.asked


def test_what_an_admin_typed_may_be_inside(
    lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """An LMS in an intranet is normal."""
    platform.signed_in = lms_id(lite_cast, t.people, lite_cast.bob)
    bridge = known(lite_cast, clock, platform)
    with bridge.store.work() as work:
        inside = platform.url.replace("127.0.0.1", "localhost") + "/mod/lti/certs.php"
        work.sql.execute(t.lti_platforms.update().values(keys_url=inside))
    assert 303 == Browser(create_app(bridge), FRAME).arrive(platform).status_code


def test_logins_that_are_over_are_forgotten(
    lite: Flask, lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """The hints name people; ten minutes are enough."""
    Browser(lite, FRAME).arrive(platform)
    platform.now = clock.now() + timedelta(minutes=11)
    clock.advance(minutes=11)
    Browser(lite, FRAME).arrive(platform)
    with lite_cast.store.reading() as work:
        assert 1 == len(work.sql.execute(t.lti_logins.select()).all())
