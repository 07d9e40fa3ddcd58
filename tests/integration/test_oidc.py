"""Bob signs in at Acme's OpenID Connect provider, and is known here by what it says of him."""

from __future__ import annotations

import logging
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from bridge import config
from bridge.access import oidc, roles
from bridge.bootstrap import Bridge
from bridge.model import Role
from bridge.storage import tables as t
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.contract.oidc_provider import CLIENT, SECRET, OidcProvider, oidc_provider
from tests.contract.serving import Reply
from tests.visitor import TOKEN, words

BASE = "https://bridge.example"
BOB = {"sub": "b-17", "email": "Bob@example.com", "email_verified": True, "groups": ["staff"]}


@pytest.fixture
def provider(clock: FrozenClock) -> Iterator[OidcProvider]:
    """Acme's provider, where Bob is signed in."""
    with oidc_provider() as found:
        found.now = clock.now()
        found.person = dict(BOB)
        yield found


def bridge_at(provider: OidcProvider, cast: Cast, clock: FrozenClock, **settings: str) -> Bridge:
    """The bridge of the cast, which people sign in to at the provider."""
    given = {
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": cast.store.url,
        "BASE_URL": BASE,
        "OIDC_ISSUER": provider.url,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_NAME": "Acme",
        **settings,
    }
    found = config.load(None, {f"SOCIALBRIDGE_{name}": value for name, value in given.items()})
    with cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == cast.bob).values(email="bob@example.com")
        )
    return Bridge(config=found, store=cast.store, clock=clock)


class Browser:
    """A browser at ``https://bridge.example``."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=BASE, buffered=True)

    def sent_back(self, provider: OidcProvider, to: str = "/") -> str:
        """Press the button; where the provider sends the browser back to."""
        begun = self.get(f"/sign-in/oidc?next={to}")
        assert 303 == begun.status_code, begun.text
        return provider.vouch(begun.headers["Location"])

    def arrive(self, provider: OidcProvider, to: str = "/") -> TestResponse:
        """Press the button, and go where one is sent, up to the answer that signs in."""
        return self.get(self.sent_back(provider, to))


@pytest.fixture
def pages(provider: OidcProvider, cast: Cast, clock: FrozenClock) -> Flask:
    """The pages, on each database."""
    return create_app(bridge_at(provider, cast, clock))


@pytest.fixture
def lite(provider: OidcProvider, lite_cast: Cast, clock: FrozenClock) -> Flask:
    """The same, on SQLite."""
    return create_app(bridge_at(provider, lite_cast, clock))


def test_who_is_vouched_for_is_signed_in(pages: Flask, cast: Cast, provider: OidcProvider) -> None:
    """Bob presses the button and comes to the page that he wanted."""
    bob = Browser(pages)
    offer = bob.get("/sign-in?next=/me/sharing").text
    assert 'href="/sign-in/oidc?next=/me/sharing"' in offer
    assert "Sign in with Acme" in words(offer)
    arrived = bob.arrive(provider, "/me/sharing")
    assert (303, "/me/sharing") == (arrived.status_code, arrived.headers["Location"])
    assert 200 == bob.get("/me/sharing").status_code
    with cast.store.reading() as work:
        assert [cast.bob] == [p.id for p in work.oidc.known(provider.url, "b-17")]


def test_the_secret_may_go_into_the_form(
    lite_cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """Some providers take it no other way."""
    provider.methods = ("client_secret_post",)
    app = create_app(bridge_at(provider, lite_cast, clock))
    assert 303 == Browser(app).arrive(provider).status_code


def test_from_then_on_the_subject_counts(
    lite: Flask, lite_cast: Cast, provider: OidcProvider
) -> None:
    """Bob's address changes at the provider; and who gets his old one is not Bob."""
    assert 303 == Browser(lite).arrive(provider).status_code
    provider.person["email"] = "robert@example.com"
    assert 303 == Browser(lite).arrive(provider).status_code
    provider.person = {**BOB, "sub": "new-hire"}
    answer = Browser(lite).arrive(provider)
    assert 400 == answer.status_code
    assert "somebody else to the sign-in provider" in words(answer.text)


def test_who_is_known_stays_so_whoever_gets_their_address(
    lite: Flask, lite_cast: Cast, provider: OidcProvider
) -> None:
    """Beth is given Bob's address in the LMS; Bob comes in as before."""
    assert 303 == Browser(lite).arrive(provider).status_code
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == lite_cast.beth).values(email="bob@example.com")
        )
    bob = Browser(lite)
    assert 303 == bob.arrive(provider).status_code
    assert "Bob Brown" in bob.get("/").text


def test_who_left_and_came_back_is_known_anew(
    lite: Flask, lite_cast: Cast, provider: OidcProvider
) -> None:
    """Bob's account in the LMS was deleted, and he has got another one there."""
    assert 303 == Browser(lite).arrive(provider).status_code
    with lite_cast.store.work() as work:
        its = t.people.c.id == lite_cast.bob
        left = work.sql.execute(
            t.people.update().where(its).values(gone=True).returning(t.people.c.connection_id)
        ).scalar_one()
        back = {
            "connection_id": left,
            "lms_id": 900,
            "name": "Bob Brown",
            "email": "bob@example.com",
            "detailed_at": lite_cast.now,
        }
        work.sql.execute(t.people.insert(), back)
    assert 303 == Browser(lite).arrive(provider).status_code


def test_an_admin_can_forget_who_somebody_was(
    lite: Flask, lite_cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """Bob has a new account there; once the old one is forgotten he comes in."""
    Browser(lite).arrive(provider)
    provider.person["sub"] = "b-18"
    assert 400 == Browser(lite).arrive(provider).status_code
    with lite_cast.store.work() as work:
        bob = work.access.person(lite_cast.bob)
        assert bob is not None
        assert 1 == oidc.forget(work, bob, clock.now())
    assert 303 == Browser(lite).arrive(provider).status_code


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"email": ["bob@example.com"]},
        {"email": "nobody@example.com"},
        {"email": "%"},
    ],
)
def test_who_is_not_known_reads_why(
    changed: dict[str, Any], lite: Flask, provider: OidcProvider
) -> None:
    """Nobody has the address, or it is one that they could have chosen themselves."""
    provider.changed = changed
    eve = Browser(lite)
    answer = eve.arrive(provider)
    assert 403 == answer.status_code
    assert "You are not known here yet" in words(answer.text)
    assert "/sign-in" in eve.get("/").headers["Location"]


def test_an_address_may_be_trusted_by_a_setting(
    lite_cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """Where nobody chooses their own and the provider does not say that it looked."""
    provider.changed = {"email_verified": None}
    app = create_app(bridge_at(provider, lite_cast, clock, OIDC_TRUST_EMAIL="yes"))
    assert 303 == Browser(app).arrive(provider).status_code


def test_that_an_address_is_verified_is_said_of_one_claim(
    lite_cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """A name that looks like Bob's address may have been chosen, whatever is said of another."""
    provider.person |= {"preferred_username": "bob@example.com", "email": "eve@example.com"}
    by_name = {"OIDC_PERSON": "preferred_username=email"}
    app = create_app(bridge_at(provider, lite_cast, clock, **by_name))
    assert 403 == Browser(app).arrive(provider).status_code
    app = create_app(bridge_at(provider, lite_cast, clock, **by_name, OIDC_TRUST_EMAIL="yes"))
    assert 303 == Browser(app).arrive(provider).status_code


def test_people_may_be_known_by_another_claim(
    lite_cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """By a number of the LMS, which the provider has."""
    with lite_cast.store.reading() as work:
        bob = work.access.person(lite_cast.bob)
    assert bob is not None
    provider.person |= {"moodle_id": bob.lms_id}
    app = create_app(bridge_at(provider, lite_cast, clock, OIDC_PERSON="moodle_id=lms_id"))
    assert 303 == Browser(app).arrive(provider).status_code


@pytest.mark.parametrize("name", ["\u212aim", " kim", "kim\xa0", "kim\x1f", "k\0im"])
def test_who_has_almost_the_same_name_is_somebody_else(
    name: str, cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """A name that the provider tells from Bob's is not made into Bob's; on each database."""
    with cast.store.work() as work:
        work.sql.execute(t.people.update().where(t.people.c.id == cast.bob).values(username="kim"))
    app = create_app(bridge_at(provider, cast, clock, OIDC_PERSON="preferred_username=username"))
    provider.person = {"sub": "eve", "preferred_username": name}
    assert 403 == Browser(app).arrive(provider).status_code
    provider.person = {"sub": "b-17", "preferred_username": "Kim"}
    assert 303 == Browser(app).arrive(provider).status_code


def test_two_people_of_one_address_are_nobody(
    lite: Flask, lite_cast: Cast, provider: OidcProvider
) -> None:
    """Neither is guessed."""
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == lite_cast.beth).values(email="bob@example.com")
        )
    answer = Browser(lite).arrive(provider)
    assert 400 == answer.status_code
    assert "several people" in words(answer.text)


def test_who_learns_on_two_platforms_chooses(
    pages: Flask, cast: Cast, provider: OidcProvider
) -> None:
    """One button for each; pressing it signs in there, and only there."""
    with cast.store.work() as work:
        other = work.sql.execute(
            t.connections.insert().returning(t.connections.c.id),
            {
                "name": "academy",
                "kind": "moodle",
                "url": "https://academy.example",
                "site_name": "Academy",
                "token_sealed": "",
                "functions": [],
                "created_at": cast.now,
            },
        ).scalar_one()
        work.sql.execute(
            t.people.insert(),
            {
                "connection_id": other,
                "lms_id": 900,
                "name": "Bob",
                "email": "bob@example.com",
                "detailed_at": cast.now,
            },
        )
    bob = Browser(pages)
    answer = bob.arrive(provider, "/notices")
    page = words(answer.text)
    assert 200 == answer.status_code
    assert "Where do you want to sign in?" in page
    assert "academy" in page
    assert 2 == answer.text.count('name="next" value="/notices"')
    assert "/sign-in" in bob.get("/").headers["Location"]
    first = re.search(r'action="(/sign-in/[^"]+)"', answer.text)
    token = TOKEN.search(answer.text)
    assert first is not None and token is not None
    form = {"csrf_token": token[1], "next": "/notices"}
    headers = {"Referer": f"{BASE}/sign-in/oidc/back"}
    arrived = bob.client.post(first[1], base_url=BASE, data=form, headers=headers)
    assert (303, "/notices") == (arrived.status_code, arrived.headers["Location"])
    assert 200 == bob.get("/notices").status_code


def test_who_is_suspended_does_not_come_in(
    lite: Flask, lite_cast: Cast, provider: OidcProvider
) -> None:
    """Whatever the provider says, and whether or not they came in before."""
    assert 303 == Browser(lite).arrive(provider).status_code
    with lite_cast.store.work() as work:
        work.sql.execute(
            t.people.update().where(t.people.c.id == lite_cast.bob).values(suspended=True)
        )
    assert 403 == Browser(lite).arrive(provider).status_code


def test_groups_give_roles_and_take_them(
    cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """Who leaves the group loses the role, as does everybody where no group gives one any more;
    one that was given here stays."""
    rules = "admin: cn=bridge,ou=groups; moderator: mods"
    app = create_app(bridge_at(provider, cast, clock, OIDC_ROLES=rules))
    with cast.store.work() as work:
        roles.grant(work, cast.bob, Role.COMMUNITY_MANAGER)

    def now() -> dict[Role, str]:
        assert 303 == Browser(app).arrive(provider).status_code
        with cast.store.reading() as work:
            return work.access.roles(cast.bob)

    by_hand = {Role.COMMUNITY_MANAGER: "hand"}
    assert by_hand == now()
    provider.person["groups"] = ["cn=bridge,ou=groups", "mods", "others"]
    assert {**by_hand, Role.ADMIN: "oidc", Role.MODERATOR: "oidc"} == now()
    provider.person["groups"] = "mods"
    assert {**by_hand, Role.MODERATOR: "oidc"} == now()
    provider.person["groups"] = {"mods": True}
    assert by_hand == now()
    with cast.store.reading() as work:
        acts = [entry.act for entry in work.access.recent(10)]
    assert ["revoked moderator by oidc", "revoked admin by oidc"] == acts[:2]
    provider.person["groups"] = "mods"
    assert {**by_hand, Role.MODERATOR: "oidc"} == now()
    app = create_app(bridge_at(provider, cast, clock))
    assert by_hand == now()


def test_keys_are_read_anew_when_they_change(
    lite: Flask, provider: OidcProvider, clock: FrozenClock
) -> None:
    """Once; and made-up keys have nobody asked more often than once a minute."""
    assert 303 == Browser(lite).arrive(provider).status_code
    provider.rotate()
    assert 400 == Browser(lite).arrive(provider).status_code
    provider.now = clock.advance(minutes=1)
    assert 303 == Browser(lite).arrive(provider).status_code
    assert 2 == provider.asked.count("/keys")
    assert 1 == provider.asked.count("/.well-known/openid-configuration")


def test_a_token_may_leave_out_which_key_if_there_is_one(
    lite: Flask, provider: OidcProvider, clock: FrozenClock
) -> None:
    """With several it has to say which."""

    def arrive() -> int:
        bob = Browser(lite)
        back = bob.sent_back(provider)
        claims = provider.claims(list(provider.codes.values())[-1]["nonce"])
        provider.token = jwt.encode({"alg": "RS256"}, claims, provider.key)
        return bob.get(back).status_code

    assert 303 == arrive()
    provider.published = [provider.key, RSAKey.generate_key(2048, auto_kid=True)]
    provider.now = clock.advance(days=1)
    assert 400 == arrive()


# --- attacks -------------------------------------------------------------------------------------

Attack = Callable[[OidcProvider, str], str]


def _with(name: str, value: Any) -> Attack:
    def attack(provider: OidcProvider, nonce: str) -> str:
        provider.changed = {name: value(provider) if callable(value) else value}
        return provider.signed(nonce)

    return attack


def _none(provider: OidcProvider, nonce: str) -> str:
    claims = provider.signed(nonce).split(".")[1]
    head = urlsafe_b64encode(b'{"alg":"none","kid":"a"}').decode().rstrip("=")
    return f"{head}.{claims}."


def _by_stranger(provider: OidcProvider, nonce: str) -> str:
    head = {"alg": "RS256", "kid": provider.key.kid}
    return jwt.encode(head, provider.claims(nonce), RSAKey.generate_key(2048))


def _moved(provider: OidcProvider, seconds: int) -> int:
    assert provider.now is not None
    return int(provider.now.timestamp()) + seconds


ATTACKS: dict[str, tuple[Attack, str]] = {
    "alg none": (_none, "signed as it must be"),
    "another key": (_by_stranger, "signature"),
    "rubbish": (lambda p, n: "a.b.c", "no signed token"),
    "wrong aud": (_with("aud", "another"), "another tool"),
    "wrong azp": (_with("azp", "another"), "another tool"),
    "wrong iss": (_with("iss", "https://other.example"), "another issuer"),
    "wrong nonce": (_with("nonce", "n1"), "the answer to what was asked"),
    "no nonce": (_with("nonce", None), "the answer to what was asked"),
    "expired": (_with("exp", lambda p: _moved(p, -61)), "expired"),
    "from the future": (_with("iat", lambda p: _moved(p, 120)), "from the future"),
    "no sub": (_with("sub", None), "who you are"),
    "sub of another kind": (_with("sub", 17), "who you are"),
    "sub without end": (_with("sub", "a" * 256), "who you are"),
    "sub that no database holds": (_with("sub", "a\0b"), "who you are"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_id_token_that_cannot_be_believed_is_refused(
    name: str, lite: Flask, provider: OidcProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """One clear sentence on the page and one line in the log, which says nothing of the person."""
    attack, why = ATTACKS[name]
    eve = Browser(lite)
    back = eve.sent_back(provider)
    nonce = provider.codes["code-0"]["nonce"]
    provider.token = attack(provider, nonce)
    with caplog.at_level(logging.WARNING, "bridge.web.failures"):
        answer = eve.get(back)
    assert 400 == answer.status_code
    assert why in words(answer.text)
    (line,) = [r.getMessage() for r in caplog.records if "bridge." in r.name]
    assert why in line
    for secret in ("bob@example.com", "b-17", nonce, "code-0"):
        assert secret not in line.lower()
    assert "/sign-in" in eve.get("/").headers["Location"]


def test_an_answer_comes_in_once(lite: Flask, provider: OidcProvider) -> None:
    """Whoever reads the address over a shoulder is refused, as is the same browser."""
    bob = Browser(lite)
    back = bob.sent_back(provider)
    assert 400 == Browser(lite).get(back).status_code
    assert 303 == bob.get(back).status_code
    assert 400 == bob.get(back).status_code


def test_the_verifier_is_the_browsers(lite: Flask, provider: OidcProvider) -> None:
    """A code that was taken on its way is worth nothing in another browser's login (PKCE)."""
    bob, eve = Browser(lite), Browser(lite)
    stolen = bob.sent_back(provider).partition("?")[2]
    code = dict(part.split("=") for part in stolen.split("&"))["code"]
    hers = eve.sent_back(provider).replace("code-1", code)
    assert 400 == eve.get(hers).status_code


def test_a_login_does_not_wait_for_ever(
    lite: Flask, lite_cast: Cast, provider: OidcProvider, clock: FrozenClock
) -> None:
    """After ten minutes it is over; the next one has it forgotten."""
    bob = Browser(lite)
    back = bob.sent_back(provider)
    provider.now = clock.advance(minutes=10)
    answer = bob.get(back)
    assert (400, True) == (answer.status_code, "took too long" in answer.text)
    provider.now = clock.advance(seconds=1)
    bob.sent_back(provider)
    with lite_cast.store.reading() as work:
        assert 1 == len(work.sql.execute(t.oidc_logins.select()).all())


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("error=access_denied&state=x", "did not vouch for you"),
        ("code=x&state=x&iss=https://evil.example", "another issuer"),
        ("code=x&state=x", "not begun here"),
        ("", "not begun here"),
    ],
)
def test_what_nobody_asked_for_is_refused(
    query: str, why: str, lite: Flask, provider: OidcProvider
) -> None:
    """Whoever sends a browser there."""
    answer = Browser(lite).get(f"/sign-in/oidc/back?{query}")
    assert 400 == answer.status_code
    assert why in words(answer.text)
    assert "/token" not in provider.asked


@pytest.mark.parametrize(
    ("path", "reply", "status"),
    [
        ("/.well-known/openid-configuration", Reply(500), 503),
        ("/.well-known/openid-configuration", Reply(raw=b"<html>"), 400),
        ("/.well-known/openid-configuration", Reply(data={"issuer": "https://x.example"}), 400),
        ("/.well-known/openid-configuration", Reply(302, headers={"Location": "/x"}), 400),
        ("/.well-known/openid-configuration", Reply(raw=b"[" * 300_000), 400),
    ],
)
def test_a_provider_that_says_nothing_of_use_begins_nothing(
    path: str, reply: Reply, status: int, lite: Flask, provider: OidcProvider
) -> None:
    """Where it may help to try again, the page says so."""
    provider.replies[path] = reply
    assert status == Browser(lite).get("/sign-in/oidc").status_code


def test_a_provider_that_is_away_is_not_waited_for_by_everybody(
    lite: Flask, provider: OidcProvider, clock: FrozenClock
) -> None:
    """Who comes within a minute is told at once; after that it is asked again."""
    where = "/.well-known/openid-configuration"
    provider.replies[where] = Reply(503)
    assert 503 == Browser(lite).get("/sign-in/oidc").status_code
    answer = Browser(lite).get("/sign-in/oidc")
    assert (503, True) == (answer.status_code, "Try again in a minute" in words(answer.text))
    assert 1 == provider.asked.count(where)
    del provider.replies[where]
    provider.now = clock.advance(minutes=1)
    assert 303 == Browser(lite).arrive(provider).status_code


@pytest.mark.parametrize(
    ("path", "reply", "status"),
    [
        ("/token", Reply(500), 503),
        ("/token", Reply(400, {"error": "invalid_grant"}), 400),
        ("/token", Reply(data={"access_token": "a"}), 400),
        ("/token", Reply(data=[]), 400),
        ("/keys", Reply(data={"keys": "none"}), 400),
        ("/keys", Reply(503), 503),
        ("/keys", Reply(data={"keys": [1, {}]}), 400),
        ("/keys", Reply(raw=b" " * 300_000), 400),
    ],
)
def test_a_provider_that_breaks_off_lets_nobody_in(
    path: str, reply: Reply, status: int, lite: Flask, provider: OidcProvider
) -> None:
    """And the browser stays signed out."""
    provider.replies[path] = reply
    bob = Browser(lite)
    assert status == bob.arrive(provider).status_code
    assert "/sign-in" in bob.get("/").headers["Location"]


def test_an_endpoint_inside_the_network_is_not_asked(lite: Flask, provider: OidcProvider) -> None:
    """The issuer was typed by an admin; where it sends us was not."""
    inside = {
        "issuer": provider.url,
        "authorization_endpoint": f"{provider.url}/authorize",
        "token_endpoint": "http://127.0.0.2:1/token",
        "jwks_uri": f"{provider.url}/keys",
    }
    provider.replies["/.well-known/openid-configuration"] = Reply(data=inside)
    answer = Browser(lite).arrive(provider)
    assert 400 == answer.status_code
    assert "inside a private network" in words(answer.text)


def test_without_a_provider_there_is_no_button(lite_cast: Cast, clock: FrozenClock) -> None:
    """And its address is one of nothing."""
    with oidc_provider() as provider:
        bridge = bridge_at(provider, lite_cast, clock)
        app = create_app(replace(bridge, config=replace(bridge.config, oidc=None)))
    assert "/sign-in/oidc" not in Browser(app).get("/sign-in").text
    assert 404 == Browser(app).get("/sign-in/oidc").status_code
    assert 404 == Browser(app).get("/sign-in/oidc/back").status_code


def test_nobody_is_sent_elsewhere(lite: Flask, provider: OidcProvider) -> None:
    """Signing in leads to a page of ours, whatever the address says; and none is kept at length."""
    for to in ("//evil.example", "/" + "x" * 2_000):
        assert "/" == Browser(lite).arrive(provider, to).headers["Location"]
