"""Signing in at an OpenID Connect provider: it vouches for a person, and a session begins.

Nothing is open across the network: the login is read, the provider is asked, and then one
transaction uses the login up, knows the person and begins the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from joserfc.jwk import RSAKey

from bridge.access import links, oidc, sessions, vouching
from bridge.config_oidc import OpenIdConnect
from bridge.model import Person
from bridge.ports import Clock
from bridge.storage import Store


class Line(Protocol):
    """A line to the provider; see :class:`bridge.identity.provider.ProviderLine`."""

    settings: OpenIdConnect

    def keys(self, now: datetime, *, anew: bool = False) -> Mapping[str, Any]:
        """Its key set."""

    def id_token(self, code: str, verifier: str, redirect_uri: str, now: datetime) -> str:
        """What it gives for a code."""


@dataclass(frozen=True)
class CameIn:
    """Somebody for whom a provider vouched."""

    to: str
    """The page to go to."""
    session: str = ""
    """The token of their session; empty if they are not known here, or known as several."""
    choices: tuple[tuple[Person, str, str], ...] = ()
    """Who they may be: a person, the name of the connection, and the token of a one-time link."""


def take_answer(
    store: Store,
    clock: Clock,
    line: Line,
    *,
    code: str,
    state: str,
    browser: str,
    ours: str,
    agent: str = "",
) -> CameIn:
    """Believe the provider, and begin a session of the person.

    :param browser: the secret that the browser keeps since the login began.
    :param ours: the address that the provider sends people back to.
    :param agent: what the browser says it is.
    :raises IdentityError: naming what does not fit.
    """
    settings = line.settings
    with store.work() as work:
        login = oidc.going_on(work, state, browser, clock.now())
        # Used up first: whatever the provider says, the same answer is never looked at twice.
        oidc.use(work, state, clock.now())
    token = line.id_token(code, oidc.verifier_of(browser), ours, clock.now())
    said = oidc.read(_believed(line, token, state, clock.now()), settings)
    with store.work() as work:
        now = clock.now()
        people = oidc.people_of(work, said, settings, now)
        if len(people) == 1:
            kind = sessions.browser_of(agent)
            return CameIn(login.next, oidc.come_in(work, people[0], said, settings, now, kind))
        for person in people:
            oidc.give_roles(work, person, said, settings, now)
        return CameIn(
            login.next,
            choices=tuple(
                (
                    person,
                    work.connections.by_id(person.connection_id).name,
                    links.issue(work, person.id, now),
                )
                for person in people
            ),
        )


def _key(keys: Mapping[str, Any], kid: str) -> RSAKey | None:
    return vouching.key_of(keys, kid) if kid else vouching.only_key(keys)


def _believed(line: Line, token: str, state: str, now: datetime) -> dict[str, Any]:
    kid = vouching.key_id(token, needed=False)
    key = _key(line.keys(now), kid) or _key(line.keys(now, anew=True), kid)
    if key is None:
        raise vouching.refused("the token is signed by a key that the provider does not have")
    claims = vouching.signed(token, key)
    vouching.check(
        claims,
        issuer=line.settings.issuer,
        client_id=line.settings.client_id,
        nonce=oidc.nonce_of(state),
        now=now,
    )
    return claims
