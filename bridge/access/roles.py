"""What people may do beyond what everybody may."""

from __future__ import annotations

from bridge.model import Role
from bridge.storage import Work


def grant(work: Work, person_id: int, role: Role) -> None:
    """Give the person a role; one they have stays."""
    work.access.add_role(person_id, role.value)


def revoke(work: Work, person_id: int, role: Role) -> None:
    """Take a role from the person; one they have not is no error."""
    work.access.remove_role(person_id, role.value)
