"""The setting of which roles of the LMS are which roles here."""

from __future__ import annotations

from bridge.config_oidc import ROLES
from bridge.errors import ConfigError


def read_roles(value: str) -> dict[str, str]:
    """Role of the LMS → role here; ``Administrator=admin, Mentor=moderator``.

    :raises ConfigError: if part of it cannot be used.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        theirs, _, ours = (word.strip() for word in part.partition("="))
        if ours not in ROLES or not (theirs.isascii() and theirs.isalpha()):
            raise ConfigError(
                f"SOCIALBRIDGE_LMS_ROLES holds {part!r}.",
                "Write THEIRS=OURS, for example Administrator=admin; several are separated by"
                f" commas. Ours are {', '.join(ROLES)}.",
            )
        if theirs in found:
            raise ConfigError(f"SOCIALBRIDGE_LMS_ROLES names {theirs} twice.", "Give it one role.")
        found[theirs] = ours
    return found
