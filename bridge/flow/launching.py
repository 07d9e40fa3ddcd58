"""A launch from an LMS: the platform vouches for a person, and a session begins.

Nothing is open across the network: the login is read, the platform's keys are asked for if they
must be, and then one transaction uses the login up and begins the session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from joserfc.jwk import RSAKey

from bridge.access import lti, lti_claims, lti_members, sessions, vouching
from bridge.access import roles as giving
from bridge.access.lti_claims import LARGEST_ID
from bridge.model import Audience, AudienceKind, Role
from bridge.model.lti import Launch, Platform
from bridge.ports import Clock
from bridge.storage import Store, Work

FRESH = timedelta(hours=24)
"""How long a key set is believed without asking again."""

PATIENCE = timedelta(minutes=1)
"""A key that is not known makes us ask again, but not more often than this: neither made-up keys
nor a platform that does not answer keep us busy."""

NO_ROLES: Mapping[str, str] = MappingProxyType({})

ReadKeys = Callable[[Platform], Mapping[str, Any]]
"""Asks a platform for its key set."""


@dataclass(frozen=True)
class Arrival:
    """Somebody who came by a launch."""

    platform: Platform
    launch: Launch
    session: str
    """The token of their session; empty if they are not known here yet."""
    person_id: int | None
    course_id: int | None
    """Our id of the course that it was launched in, if it is known here."""
    team_id: int | None
    """Our id of the team whose feed was placed there."""


def take_launch(
    store: Store,
    clock: Clock,
    read_keys: ReadKeys,
    *,
    token: str,
    state: str,
    browser: str,
    ours: str,
    agent: str = "",
    roles: Mapping[str, str] = NO_ROLES,
) -> Arrival:
    """Believe a launch, and begin a session of its person.

    :param token: the ID token that the platform sent.
    :param browser: the secret that the browser keeps since the login began.
    :param ours: the address that launches are sent to.
    :param agent: what the browser says it is.
    :param roles: which role in the whole LMS is which role here.
    :raises IdentityError: naming what does not fit.
    """
    platform, launch = _believed(store, clock, read_keys, token, state, browser, ours)
    with store.work() as work:
        lti.use(work, state, clock.now())
        arrival = _arrived(work, platform, launch, clock.now(), sessions.browser_of(agent))
        if roles and arrival.person_id is not None:
            wanted = {Role(roles[name]) for name in launch.roles & set(roles)}
            giving.reconcile(work, arrival.person_id, wanted, "lms", clock.now())
        return arrival


def _believed(
    store: Store,
    clock: Clock,
    read_keys: ReadKeys,
    token: str,
    state: str,
    browser: str,
    ours: str,
) -> tuple[Platform, Launch]:
    with store.reading() as work:
        login, platform = lti.going_on(work, state, clock.now())
    if not lti.is_from(login, browser):
        raise vouching.refused("this sign-in was begun by another browser")
    key = _key(store, clock, read_keys, platform, vouching.key_id(token))
    claims = vouching.signed(token, key)
    vouching.check(
        claims,
        issuer=platform.issuer,
        client_id=platform.client_id,
        nonce=lti.nonce_of(state),
        now=clock.now(),
    )
    return platform, lti_claims.read(claims, platform, ours)


def _arrived(
    work: Work, platform: Platform, launch: Launch, now: datetime, browser: str
) -> Arrival:
    connection = platform.connection_id
    person = work.lti.person(connection, launch.subject)
    course = None if launch.course is None else work.lti.course(connection, launch.course)
    lti_members.want(work, platform, course, launch.members_url, now)
    return Arrival(
        platform=platform,
        launch=launch,
        session=("" if person is None else sessions.begin(work, person, now, browser, platform.id)),
        person_id=person,
        course_id=course,
        team_id=_team(work, connection, launch.place),
    )


def _team(work: Work, connection_id: int, place: str) -> int | None:
    try:
        audience = Audience.of(place)
    except ValueError:
        return None
    if audience.kind is not AudienceKind.TEAM or not 0 < audience.id <= LARGEST_ID:
        return None
    team = work.access.team(audience.id)
    return team.id if team is not None and team.connection_id == connection_id else None


def _key(store: Store, clock: Clock, read_keys: ReadKeys, platform: Platform, kid: str) -> RSAKey:
    """The platform's key of that id; it is asked for its keys if they are old, or lack that one."""
    now, read_at = clock.now(), platform.keys_at
    key = vouching.key_of(platform.keys, kid)
    if key is None or read_at is None or read_at + FRESH <= now:
        with store.work() as work:
            ours = work.lti.claim_asking(platform.id, now, now - PATIENCE)
        if ours:
            keys = read_keys(platform)
            with store.work() as work:
                work.lti.keep_keys(platform.id, keys, now)
            key = vouching.key_of(keys, kid)
    if key is None:
        raise vouching.refused("the token is signed by a key that its platform does not have")
    return key
