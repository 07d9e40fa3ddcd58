"""What a person may do beyond what everybody may."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bridge.access import audit
from bridge.access.people import present
from bridge.errors import InputError
from bridge.model import Role
from bridge.storage import Work


def grant(work: Work, person_id: int, role: Role) -> None:
    """Give the person a role; one that they have stays theirs.

    :raises NotFound: if there is no such person, or they left.
    :raises NotAllowed: if the LMS has suspended them.
    :raises InputError: if the role is none that can be given.
    """
    _must_be_given(role)
    work.access.grant(present(work, person_id).id, role)


def revoke(work: Work, person_id: int, role: Role) -> None:
    """Take a role from the person; one that they have not is no matter.

    :raises InputError: if the role is none that can be given.
    """
    _must_be_given(role)
    work.access.revoke(person_id, role)


def reconcile(
    work: Work, person_id: int, wanted: Collection[Role], origin: str, now: datetime
) -> None:
    """Have the person the roles that somebody else says they have, and none of those it said once.

    A role that was given by hand stays, and so does one from elsewhere.

    :param origin: who says so: ``oidc`` or ``lms``.
    :raises InputError: if one of them is none that can be given.
    """
    had = work.access.roles(person_id)
    for role in wanted:
        _must_be_given(role)
    for role in sorted(set(wanted) - set(had)):
        work.access.grant(person_id, role, origin)
        audit.note(work, None, f"granted {role} by {origin}", str(person_id), now)
    for role in sorted(role for role in had if had[role] == origin and role not in wanted):
        work.access.revoke(person_id, role)
        audit.note(work, None, f"revoked {role} by {origin}", str(person_id), now)


def _must_be_given(role: Role) -> None:
    if role is Role.LEADER:
        raise InputError(
            "Who leads a team is a leader; the role cannot be given or taken by itself.",
            "Use `socialbridge leaders add TEAM PERSON` or `leaders remove`.",
        )
    if role is Role.DELEGATE:
        raise InputError(
            "Whoever a leader names is their delegate; the role cannot be given by itself.",
            "Use `socialbridge leaders delegate LEADER PERSON`.",
        )
    if role is Role.LEARNER:
        raise InputError("Everybody is a learner; the role cannot be given or taken.")
