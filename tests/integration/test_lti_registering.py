"""The feed gets into the LMS: registered by one pasted address or by hand, placed in a course."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet

from bridge.access import lti, sessions
from bridge.bootstrap import Bridge
from bridge.cli import cli
from bridge.errors import IdentityError, InputError
from bridge.identity import registration
from bridge.identity.asking import Asking
from bridge.storage import tables as t
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.contract.lti_platform import CLAIM, CLIENT, TOOL, LtiPlatform, Tool, lti_platform
from tests.contract.serving import Reply, Request, serving
from tests.integration.test_lti import BASE, FRAME, TAB, Browser, known, lms_id
from tests.visitor import TOKEN, Visit, bridge_of, session_of, words

DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim/"


@pytest.fixture
def platform(clock: FrozenClock) -> Iterator[LtiPlatform]:
    """The LMS of Acme, that knows no tool yet."""
    with lti_platform() as found:
        found.now = clock.now()
        yield found


@pytest.fixture
def unregistered(lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Bridge:
    """The bridge of the cast, whose LMS the platform is."""
    bridge = bridge_of(lite_cast, clock, BASE)
    with bridge.store.work() as work:
        work.sql.execute(t.connections.update().values(url=platform.url, kind="moodle"))
    return bridge


def invitation(bridge: Bridge, cast: Cast) -> str:
    """The path of a fresh address to register by."""
    with bridge.store.work() as work:
        return f"/lti/register/{lti.invite(work, cast.connection, bridge.clock.now())}"


def opened(platform: LtiPlatform, path: str) -> str:
    """How Moodle opens it."""
    return (
        f"{path}?openid_configuration={platform.url}/mod/lti/openid-configuration.php"
        f"&registration_token={platform.registration_token}"
    )


def fields(source: str) -> dict[str, str]:
    """What a page's form sends."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', source)
    return {name: html.unescape(value) for name, value in found if name != "csrf_token"}


def test_one_pasted_address_registers_and_bob_comes_in(
    unregistered: Bridge, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """The page stands in Moodle's frame, says what will be, and its button does it."""
    admin = Browser(create_app(unregistered), FRAME, cookies=False)
    path = invitation(unregistered, lite_cast)
    page = admin.get(opened(platform, path))
    assert 200 == page.status_code
    assert "Register Socialbridge at" in words(page.text)
    assert f"frame-ancestors {platform.url}" in page.headers["Content-Security-Policy"]
    assert {} == platform.registered

    done = admin.post(path, **fields(page.text))
    assert 200 == done.status_code, done.text
    assert "Socialbridge is registered" in words(done.text)
    assert f'data-platform="{platform.url}"' in done.text
    assert f"{BASE}/lti/launch" == platform.registered["redirect_uris"][0]
    asked = [message["type"] for message in platform.registered[TOOL]["messages"]]
    assert ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"] == asked
    assert not {"name", "email", "given_name"} & set(platform.registered[TOOL]["claims"])
    assert platform.registered["scope"].endswith("/lti-nrps/scope/contextmembership.readonly")

    platform.signed_in = lms_id(lite_cast, t.people, lite_cast.bob)
    arrived = Browser(create_app(unregistered), FRAME).arrive(platform)
    assert 303 == arrived.status_code


def test_the_address_is_good_once_and_for_a_day(
    unregistered: Bridge, lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """Used, expired or made up: each says how to get a new one."""
    admin = Browser(create_app(unregistered), TAB)
    path = invitation(unregistered, lite_cast)
    form = fields(admin.page(opened(platform, path)))
    assert 200 == admin.post(path, **form).status_code
    late = invitation(unregistered, lite_cast)
    clock.advance(hours=24)
    for gone in (path, late, "/lti/register/made-up"):
        for answer in (admin.get(opened(platform, gone)), admin.post(gone, **form)):
            assert 422 == answer.status_code
            assert "socialbridge lti invite" in words(answer.text)


def test_only_the_lms_that_was_invited_registers(
    unregistered: Bridge, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """Another site that got hold of the address is asked nothing, and uses nothing up."""
    admin = Browser(create_app(unregistered), TAB)
    path = invitation(unregistered, lite_cast)
    elsewhere = platform.url.replace("127.0.0.1", "localhost")
    for configuration in (f"{elsewhere}/c", "http://169.254.169.254/latest", "", "file:///etc"):
        assert 422 == admin.get(f"{path}?openid_configuration={configuration}").status_code
        assert 422 == admin.post(path, configuration=configuration, given="x").status_code
    assert [] == platform.asked
    assert 200 == admin.post(path, **fields(admin.page(opened(platform, path)))).status_code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jwks_uri", "http://169.254.169.254/keys"),
        ("registration_endpoint", "https://elsewhere.example/register"),
        ("authorization_endpoint", None),
        ("issuer", 5),
    ],
)
def test_a_configuration_that_points_elsewhere_is_refused(
    name: str, value: object, platform: LtiPlatform
) -> None:
    """All its addresses are of one site."""

    def answer(request: Request) -> Reply:
        return Reply(data={**platform.answer(request).data, name: value})

    with serving(answer) as url:
        platform.url = url
        with pytest.raises(IdentityError, match="of its own site"):
            registration.configuration(
                Asking(2.0, {"127.0.0.1"}), f"{url}/mod/lti/openid-configuration.php"
            )


def test_a_registration_that_is_refused_leaves_nothing(
    unregistered: Bridge, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """The platform takes no token but its own."""
    admin = Browser(create_app(unregistered), TAB)
    path = invitation(unregistered, lite_cast)
    form = fields(admin.page(opened(platform, path)))
    answer = admin.post(path, **{**form, "given": "another"})
    assert (400, True) == (answer.status_code, "says 401" in answer.text)
    with lite_cast.store.reading() as work:
        assert [] == work.lti.platforms()


# --- placing -------------------------------------------------------------------------------------


@pytest.fixture
def placing(lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Flask:
    """Alice makes a course, and adds the tool to it."""
    platform.tool = Tool(f"{BASE}/lti/login", f"{BASE}/lti/launch", f"{BASE}/lti/keys")
    platform.message = "launch_LtiDeepLinkingRequest"
    platform.signed_in = lms_id(lite_cast, t.people, lite_cast.alice)
    return create_app(known(lite_cast, clock, platform))


def test_a_feed_is_placed_in_a_course(
    placing: Flask, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """Alice chooses her team's feed; what goes back is signed by a key that the tool publishes."""
    alice = Browser(placing, FRAME)
    arrived = alice.arrive(platform)
    assert "/lti/place" == arrived.headers["Location"]
    page = alice.page("/lti/place")
    for offered in ("The feed of this course", "The feed of Sales", "the desk"):
        assert offered in page
    token = TOKEN.search(page)
    assert token is not None
    alice.headers = {**FRAME, "Referer": f"{BASE}/lti/place"}
    place = f"team:{lite_cast.sales}"
    placed = alice.post("/lti/place", place=place, csrf_token=token[1])
    assert 200 == placed.status_code, placed.text
    assert f"form-action 'self' {platform.url}" in placed.headers["Content-Security-Policy"]
    sent = fields(placed.text)["JWT"]
    to = re.search(r'action="(http[^"]+)"', placed.text)
    assert to is not None
    assert html.unescape(to[1]).startswith(f"{platform.url}/mod/lti/contentitem_return.php?")

    published = KeySet.import_key_set(json.loads(alice.page("/lti/keys")))
    claims = jwt.decode(sent, published, algorithms=["RS256"]).claims
    assert (CLIENT, [platform.url]) == (claims["iss"], claims["aud"])
    assert "LtiDeepLinkingResponse" == claims[CLAIM + "message_type"]
    assert "1" == claims[CLAIM + "deployment_id"]
    (item,) = claims[DEEP + "content_items"]
    assert {"type": "ltiResourceLink", "title": "The feed of Sales"}.items() <= item.items()
    assert {"place": place} == item["custom"]
    # What was asked for is answered once.
    again = alice.post("/lti/place", place=place, csrf_token=token[1])
    assert (422, True) == (again.status_code, "Nothing is to be placed" in again.text)


def test_where_several_are_taken_several_are_offered(
    placing: Flask, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """Boxes to tick where the platform takes several; buttons of which one is chosen otherwise."""
    name = DEEP + "deep_linking_settings"
    said = platform.claims("n")[name]
    for several, kind in ((True, "checkbox"), (False, "radio")):
        platform.changed = {name: {**said, "accept_multiple": several}}
        alice = Browser(placing, FRAME)
        alice.arrive(platform)
        page = alice.page("/lti/place")
        assert 3 == page.count(f'type="{kind}" name="place"')
        token = TOKEN.search(page)
        assert token is not None
        alice.headers = {**FRAME, "Referer": f"{BASE}/lti/place"}
        answer = alice.client.post(
            "/lti/place",
            base_url=BASE,
            headers=alice.headers,
            data={"place": ["course", f"team:{lite_cast.sales}"], "csrf_token": token[1]},
        )
        if not several:
            assert (422, True) == (answer.status_code, "takes one at a time" in answer.text)
            continue
        published = KeySet.import_key_set(json.loads(alice.page("/lti/keys")))
        claims = jwt.decode(fields(answer.text)["JWT"], published, algorithms=["RS256"]).claims
        places = [item["custom"]["place"] for item in claims[DEEP + "content_items"]]
        assert ["course", f"team:{lite_cast.sales}"] == places


def test_nothing_and_what_is_not_hers_is_not_placed(
    placing: Flask, lite_cast: Cast, platform: LtiPlatform
) -> None:
    """Another team's feed is not offered, and not taken."""
    alice = Browser(placing, FRAME)
    alice.arrive(platform)
    token = TOKEN.search(alice.page("/lti/place"))
    assert token is not None
    alice.headers = {**FRAME, "Referer": f"{BASE}/lti/place"}
    for place in ("", f"team:{lite_cast.engineering}", "javascript:"):
        answer = alice.post("/lti/place", place=place, csrf_token=token[1])
        assert (422, True) == (answer.status_code, "Nothing was chosen" in answer.text)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"deep_link_return_url": "https://evil.example/"}, "where to place"),
        ({"deep_link_return_url": None}, "where to place"),
        ({"accept_types": ["file"]}, "takes no link"),
    ],
)
def test_what_cannot_be_placed_is_refused(
    settings: dict[str, Any], why: str, placing: Flask, platform: LtiPlatform
) -> None:
    """An answer goes to the platform alone."""
    name = DEEP + "deep_linking_settings"
    said = platform.claims("n")[name]
    platform.changed = {name: {**said, **settings}}
    answer = Browser(placing, FRAME).arrive(platform)
    assert (400, True) == (answer.status_code, why in words(answer.text))


# --- by hand -------------------------------------------------------------------------------------


@pytest.fixture
def run(unregistered: Bridge, tmp_path: Path) -> Any:
    """Runs a command on the bridge of the cast."""

    def run(*words: str) -> Result:
        given = {
            "SOCIALBRIDGE_SECRET_KEY": SECRET_KEY,
            "SOCIALBRIDGE_DATABASE_URL": unregistered.store.url,
            "SOCIALBRIDGE_BASE_URL": BASE,
        }
        return CliRunner().invoke(cli, ["lti", *words], env=given, catch_exceptions=True)

    return run


def test_by_hand_from_the_command_line(run: Any, lite_cast: Cast, platform: LtiPlatform) -> None:
    """Added, listed, given one more deployment, a new key, removed."""
    assert "None yet" in run("list", "acme").output
    added = run("add", "acme", "--client-id", CLIENT, "--deployment", "1").output
    assert f"{BASE}/lti/launch" in added
    assert f"{BASE}/lti/login" in added
    assert f"{BASE}/lti/keys" in added
    assert "are taken" in run("deployment", "acme", "2").output
    (one,) = json.loads(run("list", "acme", "--json").output)
    assert (platform.url, CLIENT, ["1", "2"]) == (
        one["issuer"],
        one["client_id"],
        one["deployments"],
    )
    assert CLIENT in run("list", "acme").output
    assert "signs with the key" in run("new-key").output
    assert "no such platform" in str(run("remove", "acme", "--client-id", "x").exception)
    assert "any more" in run("remove", "acme").output
    assert "None yet" in run("list", "acme").output
    assert f"{BASE}/lti/register/" in run("invite", "acme").output


def test_addresses_that_are_none_are_refused(run: Any) -> None:
    """With what to do."""
    for extra in (("--keys-url", "ftp://x"), ("--auth-url", "https://me@x/"), ("--issuer", " ")):
        result = run("add", "acme", "--client-id", CLIENT, "--deployment", "1", *extra)
        assert isinstance(result.exception, InputError)
        assert result.exception.remedy


def test_on_totara_the_way_in_is_another(run: Any, lite_cast: Cast) -> None:
    """Totara 12 launches no LTI 1.3 tools."""
    with lite_cast.store.work() as work:
        work.sql.execute(t.connections.update().values(kind="totara"))
    result = run("add", "acme", "--client-id", CLIENT, "--deployment", "1")
    assert "Only a Moodle" in str(result.exception)


def test_a_new_key_signs_and_the_old_one_is_published_for_a_month(
    lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """What was signed a moment ago is still believed; keys are sealed where they are kept."""
    bridge = known(lite_cast, clock, platform)
    with bridge.store.work() as work:
        lti.sign(work, {"n": 1}, clock.now())
        (first,) = lti.published(work)["keys"]
        clock.advance(days=1)
        kid = lti.new_key(work, clock.now())
        assert 2 == len(lti.published(work)["keys"])
        assert kid == lti.published(work)["keys"][0]["kid"]
        assert not any("d" in key for key in lti.published(work)["keys"])
        clock.advance(days=31)
        newest = lti.new_key(work, clock.now())
        assert [newest, kid] == [key["kid"] for key in lti.published(work)["keys"]]
        assert first["kid"] != kid
        sealed = [row.secret_sealed for row in work.sql.execute(t.lti_keys.select())]
    assert not any("kty" in text for text in sealed)


# --- the admin's page ----------------------------------------------------------------------------


def test_an_admin_registers_and_removes_on_a_page(
    bridge: Bridge, visit: Visit, lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """Dana makes the address, which is shown this once; later she lets nobody in any more."""
    with bridge.store.work() as work:
        work.sql.execute(t.connections.update().values(url=platform.url, kind="moodle"))
    dana = visit(lite_cast.dana)
    assert "Not yet. It takes two minutes." in dana.read("/admin/lti")
    made = dana.post("/admin/lti/invite")
    assert 200 == made.status_code
    path = re.search(r'value="http://localhost(/lti/register/[\w-]+)"', made.text)
    assert path is not None
    assert "/lti/register/" not in dana.page("/admin/lti")
    page = dana.page(opened(platform, path[1]))
    assert 200 == dana.client.post(path[1], data=fields(page)).status_code
    with bridge.store.reading() as work:
        (one,) = work.lti.platforms()
    assert platform.url in dana.read("/admin/lti")
    assert "Nobody comes in from there any more." in dana.follow(f"/admin/lti/{one.id}/remove")
    again = dana.post(f"/admin/lti/{one.id}/remove")
    assert (422, True) == (again.status_code, "no such platform" in again.text)
    with bridge.store.reading() as work:
        acts = [entry.act for entry in work.access.recent(9)]
    assert ["lti removed", "lti registered", "lti invited"] == acts


def test_with_a_platform_its_sessions_end(
    lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """Bob came in there and is signed out; the session that he began by a link goes on."""
    platform.tool = Tool(f"{BASE}/lti/login", f"{BASE}/lti/launch", f"{BASE}/lti/keys")
    platform.signed_in = lms_id(lite_cast, t.people, lite_cast.bob)
    bridge = known(lite_cast, clock, platform)
    app = create_app(bridge)
    bob, elsewhere = Browser(app, FRAME), session_of(bridge, lite_cast.bob)
    bob.arrive(platform)
    assert 200 == bob.get("/").status_code
    with bridge.store.work() as work:
        (one,) = work.lti.platforms(lite_cast.connection)
        lti.take_away(work, one, clock.now())
    assert "/sign-in" in bob.get("/").headers["Location"]
    with bridge.store.reading() as work:
        still = sessions.viewer(work, elsewhere, clock.now())
    assert still is not None
    assert lite_cast.bob == still.person_id


def test_another_connections_platform_is_not_an_admins(
    bridge: Bridge, visit: Visit, lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform
) -> None:
    """Dana neither sees nor removes what is another LMS's."""
    known(lite_cast, clock, platform)
    with bridge.store.work() as work:
        other = work.sql.execute(
            t.connections.insert().returning(t.connections.c.id),
            {
                "name": "Other",
                "kind": "moodle",
                "url": "https://other.example",
                "token_sealed": "",
                "functions": [],
                "created_at": clock.now() - timedelta(days=1),
            },
        ).scalar_one()
        work.sql.execute(t.lti_platforms.update().values(connection_id=other))
        (one,) = work.lti.platforms()
    dana = visit(lite_cast.dana)
    assert platform.url not in dana.page("/admin/lti")
    assert 422 == dana.post(f"/admin/lti/{one.id}/remove").status_code
    with bridge.store.reading() as work:
        assert 1 == len(work.lti.platforms())
