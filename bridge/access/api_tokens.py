"""Personal tokens, by which a program acts for a person; and doing once what is asked twice."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from bridge.access.people import present
from bridge.access.secrecy import hashed, new_token
from bridge.errors import InputError, NotFound
from bridge.model import Role, Viewer
from bridge.model.api import Answer, ApiToken, Scope
from bridge.storage import Work

PREFIX = "sb_"
"""By which secret scanners, and people, know what they have found."""

MOST = 20
"""Tokens that a person may have at once."""
LONGEST_NAME = 60
DAYS = (30, 90, 365)
HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
"""How long what was answered under a key is kept."""

NEEDS: dict[Scope, frozenset[Role]] = {
    Scope.LEAD: frozenset({Role.LEADER, Role.DELEGATE}),
    Scope.MODERATE: frozenset({Role.MODERATOR, Role.ADMIN}),
    Scope.ADMIN: frozenset({Role.ADMIN}),
}
"""Scopes that are of use only to some; a token never may more than its person may."""


def offered(roles: Collection[Role]) -> tuple[Scope, ...]:
    """The scopes that are of use to who has these roles; pure."""
    return tuple(s for s in Scope if s not in NEEDS or NEEDS[s] & set(roles))


def issue(
    work: Work,
    viewer: Viewer,
    name: str,
    scopes: Collection[Scope],
    days: int,
    now: datetime,
) -> str:
    """A token, which can be shown only now.

    :param name: the program that it is for, in the person's words.
    :param days: for how many days it is good, one of :data:`DAYS`.
    :raises InputError: if it has no name or no scope, or they have :data:`MOST` already.
    """
    owner = present(work, viewer.person_id)
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not plain or len(plain) > LONGEST_NAME:
        raise InputError(
            f"Name the program, in at most {LONGEST_NAME} characters.",
            "You know by the name which token to revoke.",
        )
    if not scopes:
        raise InputError("Choose what the program may do.", "Tick one box at least.")
    if days not in DAYS:
        raise InputError("Choose how long it is good.")
    if len(work.api.tokens(owner.id, now)) >= MOST:
        raise InputError(f"You have {MOST} tokens already.", "Revoke one of them first.")
    token = PREFIX + new_token()
    expires = now + timedelta(days=days)
    work.api.add(ApiToken(hashed(token), owner.id, plain, frozenset(scopes), now, expires))
    return token


def opened(work: Work, token: str, now: datetime) -> ApiToken | None:
    """The token of that secret; ``None`` if it is none, was revoked or has expired."""
    return work.api.token(hashed(token), now) if token.startswith(PREFIX) else None


def is_noted(token: ApiToken, now: datetime) -> bool:
    """Whether it was kept within the hour that it was used."""
    return token.used_at is not None and now - token.used_at < HOUR


def revoke(work: Work, viewer: Viewer, handle: str, now: datetime) -> None:
    """Make one token of the viewer's useless.

    :raises NotFound: if they have no such token.
    """
    known = re.fullmatch(r"[0-9a-f]{16}", handle)
    if not known or not work.api.revoke(viewer.person_id, handle, now):
        raise NotFound("There is no such token.", "It may have been revoked already.")


# --- doing once what is asked twice ---------------------------------------------------------------


def reserve(
    work: Work, token: ApiToken, key: str, request_hash: str, now: datetime
) -> tuple[str, Answer | None]:
    """What the key is kept under, and what was answered under it before, if it was used.

    Keys are a token's own, and good for :data:`A_DAY`.
    """
    key_hash = hashed(f"{token.token_hash} {key}")
    work.api.forget(now - A_DAY)
    if work.api.reserve(key_hash, token.person_id, request_hash, now):
        return key_hash, None
    return key_hash, work.api.answer(key_hash)
