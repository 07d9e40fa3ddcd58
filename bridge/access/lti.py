"""LTI 1.3: platforms at which the bridge is a tool, and logins that they begin.

A login is begun by a platform (OpenID Connect Core 1.0, section 4, and IMS Security Framework 1.0,
section 5.1.1), bound to the browser by a secret in a cookie, and used once. Its nonce is made of
its state, so that the one cannot be replayed with the other.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from bridge.access import audit
from bridge.access.secrecy import hashed, new_token
from bridge.access.vouching import ALGORITHM, refused
from bridge.errors import InputError, NotFound
from bridge.guard import can_be_asked
from bridge.model import Connection
from bridge.model.lti import Login, Platform, origin
from bridge.storage import Work

MINUTES = timedelta(minutes=10)
"""How long a login may take: somebody may have to sign in to the platform first."""

INVITED = timedelta(hours=24)
"""How long an invitation to register is good."""

PUBLISHED = timedelta(days=30)
"""How long a key of ours is published after a newer one was made."""

LONGEST_HINT = 4_000
BITS = 2048


@dataclass(frozen=True)
class Begun:
    """A login that has begun: its state, and the secret that the browser keeps."""

    state: str
    browser: str
    platform: Platform


# --- platforms -----------------------------------------------------------------------------------


def of_moodle(
    connection: Connection, client_id: str, deployment_id: str, now: datetime
) -> Platform:
    """A Moodle's platform, by the addresses that every Moodle has.

    :raises InputError: if the connection is no Moodle's.
    """
    _is_moodle(connection)
    site = connection.url.rstrip("/")
    return Platform(
        connection_id=connection.id,
        issuer=site,
        client_id=client_id,
        auth_url=f"{site}/mod/lti/auth.php",
        keys_url=f"{site}/mod/lti/certs.php",
        token_url=f"{site}/mod/lti/token.php",
        typed=True,
        made_at=now,
        deployments=frozenset({deployment_id}),
    )


def _is_moodle(connection: Connection) -> None:
    if connection.kind != "moodle":
        raise InputError(
            "Only a Moodle launches LTI 1.3 tools.",
            "On Totara 12 people sign in by a link, and a block shows their feed: docs/read.md.",
        )


def add(work: Work, platform: Platform) -> Platform:
    """Keep a platform.

    :raises InputError: if part of it is missing or is no address, or another connection has it.
    """
    for what, text in (("client id", platform.client_id), ("issuer", platform.issuer)):
        if not text.strip() or len(text) > 255:
            raise InputError(f"The {what} is missing or too long.", "Copy it from the platform.")
    for url in (platform.auth_url, platform.keys_url, platform.token_url):
        if not can_be_asked(url):
            raise InputError(
                f"{url[:80]!r} is no address of a platform.", "Begin it with https://."
            )
    if any(len(one) > 255 or not one for one in platform.deployments):
        raise InputError("The deployment id is missing or too long.", "Copy it from the platform.")
    for known in work.lti.platforms_of(platform.issuer, platform.client_id):
        if known.connection_id != platform.connection_id:
            raise InputError(
                "Another connection has this platform with this client id.",
                "Remove it there first: socialbridge lti remove --help.",
            )
    return work.lti.put(platform)


def find(work: Work, connection_id: int, client_id: str) -> Platform:
    """The platform of the connection with that client id; the only one if none is named.

    :raises NotFound: naming those that there are.
    """
    known = work.lti.platforms(connection_id)
    fitting = [one for one in known if client_id in ("", one.client_id)]
    if len(fitting) != 1:
        names = ", ".join(one.client_id for one in known) or "none yet"
        raise NotFound(
            "There is no such platform." if client_id or not known else "There are several.",
            f"Their client ids: {names}.",
        )
    return fitting[0]


def take_away(work: Work, platform: Platform, now: datetime) -> None:
    """Let nobody in from the platform any more; the sessions that began there end."""
    work.access.end_sessions_from(platform.id, now)
    work.lti.remove(platform.id)


def remove(work: Work, connection_id: int, platform_id: int, now: datetime, by: int) -> None:
    """Take the connection's platform away.

    :raises NotFound: if the connection has no such platform.
    """
    platform = work.lti.platform(platform_id)
    if platform is None or platform.connection_id != connection_id:
        raise NotFound("There is no such platform.", "It may have been removed already.")
    take_away(work, platform, now)
    audit.note(work, by, "lti removed", platform.client_id, now)


# --- invitations to register ---------------------------------------------------------------------


def invite(work: Work, connection_id: int, now: datetime) -> str:
    """A token by which the connection's platform can register the bridge, once.

    :raises InputError: if the connection is no Moodle's.
    """
    _is_moodle(work.connections.by_id(connection_id))
    token = new_token()
    work.lti.add_invitation(hashed(token), connection_id, now + INVITED)
    return token


def invited(work: Work, token: str, now: datetime) -> Connection:
    """Whose platform is invited, without using the invitation up.

    :raises InputError: if it is not known, was used or has expired.
    """
    return _invited(work, work.lti.invited(hashed(token), now))


def use_invitation(work: Work, token: str, now: datetime) -> Connection:
    """Use the invitation up.

    :raises InputError: if it is not known, was used or has expired.
    """
    return _invited(work, work.lti.use_invitation(hashed(token), now))


def _invited(work: Work, connection_id: int | None) -> Connection:
    if connection_id is None:
        raise InputError(
            "This address to register by is not known, was used or has expired.",
            "Make a new one: socialbridge lti invite, or Admin → In the LMS.",
        )
    return work.connections.by_id(connection_id)


def may_register(connection: Connection, configuration_url: str) -> None:
    """Only the LMS that was invited may register: no other address is asked anything.

    :raises InputError: if the configuration stands elsewhere.
    """
    if origin(configuration_url) != origin(connection.url):
        raise InputError(
            f"The address to register by was made for {origin(connection.url)}.",
            "Open it from there, or make one for the other LMS.",
        )


# --- logins --------------------------------------------------------------------------------------


def begin(
    work: Work, issuer: str, client_id: str, login_hint: str, message_hint: str, now: datetime
) -> Begun:
    """Begin a login that a platform asked for.

    :raises IdentityError: if the platform is not known, or says less than it must.
    """
    known = work.lti.platforms_of(issuer, client_id)
    if len(known) != 1:
        raise refused(
            "the learning platform is not known here",
            "An admin of the bridge makes it known: socialbridge lti --help.",
        )
    if not login_hint or len(login_hint) > LONGEST_HINT or len(message_hint) > LONGEST_HINT:
        raise refused("the learning platform does not say who you are")
    state, browser = new_token(), new_token()
    work.lti.forget_logins(now)
    work.lti.add_login(
        hashed(state),
        Login(known[0].id, hashed(browser), login_hint, message_hint, now + MINUTES),
    )
    return Begun(state, browser, known[0])


def going_on(work: Work, state: str, now: datetime) -> tuple[Login, Platform]:
    """The login of the state, and its platform.

    :raises IdentityError: if it is not known, was used or has expired.
    """
    login = work.lti.login(hashed(state))
    platform = None if login is None else work.lti.platform(login.platform_id)
    if login is None or platform is None:
        raise refused("this sign-in was not begun here")
    if login.used_at is not None:
        raise refused("this sign-in was used already")
    if login.expires_at <= now:
        raise refused("this sign-in took too long")
    return login, platform


def is_from(login: Login, browser: str) -> bool:
    """Whether the browser that keeps this secret has begun the login."""
    return bool(browser) and hmac.compare_digest(login.browser_hash, hashed(browser))


def take_over(work: Work, state: str, now: datetime) -> tuple[Begun, Login]:
    """Somebody goes on in a tab of its own: by a login of its own, and the first one is over.

    So what a platform has answered to the first one, for whomever, fits nothing any more.

    :raises IdentityError: as :func:`going_on`.
    """
    login, platform = going_on(work, state, now)
    use(work, state, now)
    begun = Begun(new_token(), new_token(), platform)
    anew = replace(login, browser_hash=hashed(begun.browser), expires_at=now + MINUTES)
    work.lti.add_login(hashed(begun.state), anew)
    return begun, anew


def nonce_of(state: str) -> str:
    """The nonce that belongs to the state; who knows the one cannot find the other."""
    return hashed(f"nonce of {state}")


def to_platform(login: Login, platform: Platform, state: str, launch_url: str) -> str:
    """Where the browser goes next: the platform says there who it is."""
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": launch_url,
        "login_hint": login.login_hint,
        "state": state,
        "nonce": nonce_of(state),
    }
    if login.message_hint:
        asked["lti_message_hint"] = login.message_hint
    joint = "&" if urlsplit(platform.auth_url).query else "?"
    return f"{platform.auth_url}{joint}{urlencode(asked)}"


def use(work: Work, state: str, now: datetime) -> None:
    """Use the login up.

    :raises IdentityError: if somebody was quicker, or it has expired.
    """
    if not work.lti.use_login(hashed(state), now):
        raise refused("this sign-in was used already")


# --- our own keys --------------------------------------------------------------------------------


def new_key(work: Work, now: datetime) -> str:
    """Make a key that signs from now on; its id. Older ones stay published for a while."""
    key = RSAKey.generate_key(BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    work.lti.forget_keys(now - PUBLISHED)
    work.lti.add_key(str(key.kid), json.dumps(key.as_dict(private=True)), now)
    return str(key.kid)


def published(work: Work) -> dict[str, list[dict[str, Any]]]:
    """Our public keys, as a key set (RFC 7517)."""
    keys = [RSAKey.import_key(json.loads(text)) for text in work.lti.own_keys()]
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}


def sign(work: Work, claims: dict[str, Any], now: datetime) -> str:
    """A token of ours: the claims, signed by the newest key, which is made if there is none."""
    if not work.lti.own_keys():
        new_key(work, now)
    key = RSAKey.import_key(json.loads(work.lti.own_keys()[0]))
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key)
