"""Signing in at an OpenID Connect provider: the authorization code flow with PKCE.

A login is bound to the browser by a secret in a cookie, and used once. Its nonce is made of its
state, and its verifier of the browser's secret, so that neither has to be kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from bridge.access import audit, roles, sessions
from bridge.access.secrecy import hashed, new_token
from bridge.access.vouching import refused
from bridge.config_oidc import OpenIdConnect
from bridge.model import Person, Role
from bridge.model.oidc import OidcLogin, Provider
from bridge.storage import Work

MINUTES = timedelta(minutes=10)
"""How long a login may take: somebody may have to sign in to the provider first."""

MOST_PEOPLE = 5
"""One human may be somebody on so many connections."""

LONGEST = 255
"""Characters of a subject, or of the claim that people are known by."""


@dataclass(frozen=True)
class Begun:
    """A login that has begun: its state, and the secret that the browser keeps."""

    state: str
    browser: str


@dataclass(frozen=True)
class Said:
    """What a provider says of somebody, as far as it counts here."""

    subject: str
    known_by: str
    """The value of the claim that people are known by; empty if it does not count."""
    groups: frozenset[str]


# --- logins --------------------------------------------------------------------------------------


def begin(work: Work, to: str, now: datetime) -> Begun:
    """Begin a login, after which the browser goes to the page ``to``."""
    begun = Begun(new_token(), new_token())
    work.oidc.forget_logins(now)
    work.oidc.add_login(hashed(begun.state), OidcLogin(hashed(begun.browser), to, now + MINUTES))
    return begun


def going_on(work: Work, state: str, browser: str, now: datetime) -> OidcLogin:
    """The login of the state, if this browser has begun it.

    :raises IdentityError: if it has not, or if it is not known, was used or has expired.
    """
    login = work.oidc.login(hashed(state))
    if login is None:
        raise refused("this sign-in was not begun here")
    if not browser or not hmac.compare_digest(login.browser_hash, hashed(browser)):
        raise refused("this sign-in was begun by another browser")
    if login.used_at is not None:
        raise refused("this sign-in was used already")
    if login.expires_at <= now:
        raise refused("this sign-in took too long")
    return login


def use(work: Work, state: str, now: datetime) -> None:
    """Use the login up.

    :raises IdentityError: if somebody was quicker, or it has expired.
    """
    if not work.oidc.use_login(hashed(state), now):
        raise refused("this sign-in was used already")


def nonce_of(state: str) -> str:
    """The nonce that belongs to the state; who knows the one cannot find the other."""
    return hashed(f"nonce of {state}")


def verifier_of(browser: str) -> str:
    """PKCE's verifier (RFC 7636, section 4.1), which only the browser and we can know."""
    return hashed(f"verifier of {browser}")


def to_provider(
    provider: Provider, settings: OpenIdConnect, begun: Begun, redirect_uri: str
) -> str:
    """Where the browser goes next: the provider says there who it is."""
    digest = hashlib.sha256(verifier_of(begun.browser).encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.scopes,
        "state": begun.state,
        "nonce": nonce_of(begun.state),
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(provider.auth_url).query else "?"
    return f"{provider.auth_url}{joint}{urlencode(asked)}"


# --- who it is -----------------------------------------------------------------------------------


def read(claims: Mapping[str, Any], settings: OpenIdConnect) -> Said:
    """What the claims say of somebody; pure.

    :raises IdentityError: if they name nobody.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _is_word(subject):
        raise refused("the token does not say who you are")
    value = claims.get(settings.claim)
    known_by = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    # Nothing is cut off or made to fit: to the provider, who has almost the same is another one.
    known_by = known_by if _is_word(known_by) else ""
    if "email" in (settings.claim, settings.is_their) and not settings.trust_email:
        # Who could choose their own address would choose another one's. That an address is verified
        # is said of the claim `email`, and of no other that holds one.
        verified = settings.claim == "email" and claims.get("email_verified") is True
        known_by = known_by if verified else ""
    listed = claims.get(settings.groups_claim)
    groups = [listed] if isinstance(listed, str) else listed if isinstance(listed, list) else []
    return Said(subject, known_by, frozenset(g for g in groups if isinstance(g, str)))


def _is_word(value: str) -> bool:
    """Whether a database can hold it, and a person could read it."""
    return 0 < len(value) <= LONGEST and value.isprintable()


def people_of(work: Work, said: Said, settings: OpenIdConnect, now: datetime) -> tuple[Person, ...]:
    """Who it is here, one for each connection at most; empty if nobody is known.

    The first time, people are known by a claim; from then on by their subject, since addresses and
    user names are given to others one day (OpenID Connect Core 1.0, section 5.7).

    :raises IdentityError: if whoever has that address is somebody else to the provider.
    """
    issuer = settings.issuer
    # Who left the LMS is nobody any more: if they come back with another account, that is theirs.
    bound = [person for person in work.oidc.known(issuer, said.subject) if not person.gone]
    known = [person for person in bound if not person.suspended]
    fitting: tuple[Person, ...] = ()
    if said.known_by:
        fitting = work.oidc.people_by(settings.is_their, said.known_by, MOST_PEOPLE)
    # Where the subject is known, it plays no part who else has the address by now.
    taken = {person.connection_id for person in bound}
    fitting = tuple(person for person in fitting if person.connection_id not in taken)
    for person in fitting:
        if sum(one.connection_id == person.connection_id for one in fitting) > 1:
            raise refused(
                "several people of the learning platform have your address or name",
                "An admin of the learning platform gives each person one of their own.",
            )
        if work.oidc.others(issuer, said.subject, person.id):
            raise refused(
                "whoever has your address in the learning platform is somebody else to the"
                " sign-in provider",
                "If they are you, an admin of the bridge says so: socialbridge oidc forget --help.",
            )
        known.append(person)
        work.oidc.bind(issuer, said.subject, person.id, now)
        audit.note(work, None, "oidc bound", str(person.id), now)
    return tuple(known)


def come_in(
    work: Work, person: Person, said: Said, settings: OpenIdConnect, now: datetime, browser: str
) -> str:
    """Begin a session of the person, with the roles that their groups have; its token."""
    give_roles(work, person, said, settings, now)
    return sessions.begin(work, person.id, now, browser)


def give_roles(
    work: Work, person: Person, said: Said, settings: OpenIdConnect, now: datetime
) -> None:
    """Have the person the roles of their groups, and none that a group gave once."""
    wanted = {Role(settings.roles[group]) for group in said.groups & set(settings.roles)}
    roles.reconcile(work, person.id, wanted, "oidc", now)


def forget(work: Work, person: Person, now: datetime) -> int:
    """Forget who the person is to providers; how many subjects that were.

    The next who comes in with their address is them.
    """
    count = work.oidc.unbind(person.id)
    audit.note(work, None, "oidc forgot", str(person.id), now)
    return count
