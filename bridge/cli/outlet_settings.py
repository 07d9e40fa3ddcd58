"""What is asked of who adds an outlet, kind by kind.

A token or another secret is read from the environment: in a command others could see it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.errors import InputError
from bridge.model import AudienceKind
from bridge.outlets.signing import new_secret

SECRET_VARIABLE = "SOCIALBRIDGE_OUTLET_SECRET"

Configured = tuple[dict[str, Any], str]
"""An outlet's settings, and its secret."""


@dataclass(frozen=True)
class Given:
    """What was given to the command."""

    audience: str
    forum: int | None = None
    url: str | None = None
    journal: int | None = None
    owner: int | None = None
    channel: str | None = None
    room: str | None = None
    visibility: str | None = None
    to: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


def settings_of(kind: str, given: Given) -> Configured:
    """The settings and the secret of a new outlet.

    :raises InputError: if something is missing.
    """
    return _ASKED[kind](given)


def _moodle_forum(given: Given) -> Configured:
    if given.forum is None:
        raise InputError("Which forum?", "Give its id: --forum 7 (f=7 in its address).")
    return {"forum_id": given.forum}, ""


def _webhook(given: Given) -> Configured:
    if not given.url:
        raise InputError("Where to?", "Give the address: --url https://…")
    return {"url": given.url}, os.environ.get(SECRET_VARIABLE) or new_secret()


def _mahara(given: Given) -> Configured:
    if not given.url or given.journal is None:
        raise InputError("Which journal?", "Give its site and id: --url https://… --journal 10")
    return {"url": given.url, "journal": given.journal, "owner": given.owner}, _secret()


def _email(given: Given) -> Configured:
    if not given.to and not given.lists:
        raise InputError("Whom to?", "Give addresses: --to ANNA@… or --list TEAM@….")
    return {"to": list(given.to), "lists": list(given.lists)}, ""


def _mastodon(given: Given) -> Configured:
    if not given.url:
        raise InputError("Which server?", "Give its address: --url https://…")
    default = "public" if given.audience == AudienceKind.PUBLIC else "private"
    return {"url": given.url, "visibility": given.visibility or default}, _secret()


def _matrix(given: Given) -> Configured:
    if not given.url:
        raise InputError("Which server?", "Give its address: --url https://matrix.…")
    if not given.room:
        raise InputError("Which room?", "Give its id: --room '!abc:matrix.…'.")
    return {"url": given.url, "room": given.room}, _secret()


def _slack(given: Given) -> Configured:
    if not given.channel:
        raise InputError("Which channel?", "Give its id: --channel C0123456789.")
    return {"channel": given.channel, "url": given.url}, _secret()


def _teams(given: Given) -> Configured:
    return {}, _secret("the address of a workflow")


def _apprise(given: Given) -> Configured:
    return {}, _secret("the address of a service, as Apprise writes it")


def _secret(what: str = "a token") -> str:
    secret = os.environ.get(SECRET_VARIABLE, "").strip()
    if not secret:
        raise InputError(f"The outlet needs {what}.", f"Set {SECRET_VARIABLE} to it and try again.")
    return secret


_ASKED: Mapping[str, Callable[[Given], Configured]] = {
    "moodle_forum": _moodle_forum,
    "webhook": _webhook,
    "mahara": _mahara,
    "email": _email,
    "mastodon": _mastodon,
    "matrix": _matrix,
    "slack": _slack,
    "teams": _teams,
    "apprise": _apprise,
}
