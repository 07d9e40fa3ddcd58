"""Registering the bridge at an LMS that opened an invitation: LTI Dynamic Registration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.access import audit, lti
from bridge.model import Connection
from bridge.model.lti import Platform
from bridge.ports import Clock
from bridge.storage import Store


@dataclass(frozen=True)
class Offered:
    """What a platform gave when the bridge registered there."""

    issuer: str
    client_id: str
    deployment_id: str
    auth_url: str
    keys_url: str
    token_url: str


Register = Callable[[Connection, str, str], Offered]
"""Registers at the platform of a connection, whose configuration stands at an address, with the
token that it gave along."""


def register(
    store: Store, clock: Clock, at: Register, *, invitation: str, configuration: str, token: str
) -> Platform:
    """Register at the platform, and keep it.

    The invitation is used up first: of two who open it at the same moment one registers. If the
    platform does not take it, a new one has to be made.

    :raises InputError: if the invitation is not good, or is for another LMS.
    :raises IdentityError: if the platform does not answer as it should.
    """
    with store.reading() as work:
        lti.may_register(lti.invited(work, invitation, clock.now()), configuration)
    with store.work() as work:
        connection = lti.use_invitation(work, invitation, clock.now())
    offered = at(connection, configuration, token)
    with store.work() as work:
        platform = lti.add(
            work,
            Platform(
                connection_id=connection.id,
                issuer=offered.issuer,
                client_id=offered.client_id,
                auth_url=offered.auth_url,
                keys_url=offered.keys_url,
                token_url=offered.token_url,
                typed=False,
                made_at=clock.now(),
                deployments=frozenset({offered.deployment_id} - {""}),
            ),
        )
        audit.note(
            work, None, "lti registered", f"{connection.name}: {platform.client_id}", clock.now()
        )
    return platform
