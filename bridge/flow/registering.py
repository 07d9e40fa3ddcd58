"""Registering the bridge at an LMS that opened an invitation: LTI Dynamic Registration."""

from __future__ import annotations

from collections.abc import Callable

from bridge.access import audit, lti
from bridge.model import Connection
from bridge.model.lti import Platform
from bridge.ports import Clock
from bridge.storage import Store

Register = Callable[[Connection, str, str], Platform]
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
        platform = lti.add(work, offered)
        audit.note(
            work, None, "lti registered", f"{connection.name}: {platform.client_id}", clock.now()
        )
    return platform
