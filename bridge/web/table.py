"""What a row of the table of routes says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from werkzeug.routing import IntegerConverter, Map

from bridge.model import Role
from bridge.model.api import Scope

ANYONE: frozenset[Role] = frozenset()
"""Open without signing in."""
SIGNED_IN = frozenset(Role)
LEADERS = frozenset({Role.LEADER})
DESK = frozenset({Role.LEADER, Role.DELEGATE})
"""Who has a desk: their own, or that of a leader whom they help."""
PULSE_READERS = frozenset({Role.LEADER, Role.COMMUNITY_MANAGER, Role.ADMIN})
MODERATORS = frozenset({Role.MODERATOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})

LARGEST_ID = 2**31 - 1
"""What an id's column holds at most."""


class Counts(IntEnum):
    """What a good answer says about the person's presence that day."""

    NOTHING = 0
    REACHED = 1
    ACTIVE = 2
    ENGAGED = 3


PRESENCE: dict[Counts, dict[str, bool]] = {
    Counts.REACHED: {},
    Counts.ACTIVE: {"active": True},
    Counts.ENGAGED: {"active": True, "engaged": True},
}


@dataclass(frozen=True)
class Row:
    """One route: its address, its view, and the roles that it is open to.

    ``key`` says that the secret in a private feed's address opens it as well as a session does;
    ``limit`` is how often one address may ask. ``machine`` says that its view knows the sender
    itself, by a secret that no browser sends along: there is no form whose token could be checked.
    ``scope`` is of the API: its routes open to a personal token that has it, and to no session.
    ``named`` is the name of one whose view has no name of its own.
    ``setup`` says that it is open to who sets the bridge up, whoever they are, and to nobody after.
    """

    method: str
    rule: str
    view: Callable[..., Any]
    roles: frozenset[Role]
    counts: Counts = Counts.NOTHING
    key: bool = False
    limit: str = ""
    machine: bool = False
    scope: Scope | None = None
    named: str = ""
    setup: bool = False

    @property
    def endpoint(self) -> str:
        """The name that templates link to it by: module and function, ``feed.home``."""
        if self.named:
            return self.named
        return f"{self.view.__module__.rpartition('.')[2]}.{self.view.__name__}"


class Ident(IntegerConverter):
    """An id in an address: what no column can hold is an address of nothing."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=1, max=LARGEST_ID)
