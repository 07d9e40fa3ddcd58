"""What a person may do beyond what everybody may."""

from __future__ import annotations

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
