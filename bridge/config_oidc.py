"""The settings of signing in by OpenID Connect, which are good only together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bridge import config_values
from bridge.errors import ConfigError

FIELDS = ("email", "username", "lms_id")
ROLES = ("moderator", "community_manager", "admin")
"""Roles that can be given."""


@dataclass(frozen=True)
class OpenIdConnect:
    """A provider that vouches for people, and what of its words counts."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    """What people call it: it stands on the button."""
    claim: str
    """The claim by which somebody is known the first time they come in …"""
    is_their: str
    """… and what of a person of the LMS it is: one of :data:`FIELDS`."""
    trust_email: bool
    """Whether an address counts that the provider does not say it has verified."""
    scopes: str
    groups_claim: str
    roles: Mapping[str, str]
    """Group → role; a group's name may hold anything but semicolons."""


def read(values: Mapping[str, str]) -> OpenIdConnect | None:
    """What is set; ``None`` if nothing is.

    :raises ConfigError: if only part of it is, or part of it cannot be used.
    """
    given = {name: values[f"OIDC_{name}"].strip() for name in ("ISSUER", "CLIENT_ID")}
    if not any(given.values()):
        return None
    for name, value in given.items():
        if not value:
            raise ConfigError(
                f"SOCIALBRIDGE_OIDC_{name} is not set, and another setting of OpenID Connect is.",
                "Set SOCIALBRIDGE_OIDC_ISSUER and SOCIALBRIDGE_OIDC_CLIENT_ID, or neither.",
            )
    claim, is_their = _pair(values["OIDC_PERSON"])
    scopes = values["OIDC_SCOPES"].split()
    return OpenIdConnect(
        issuer=_issuer(given["ISSUER"]),
        client_id=given["CLIENT_ID"],
        client_secret=values["OIDC_CLIENT_SECRET"].strip(),
        name=values["OIDC_NAME"].strip()[:40] or "your organisation",
        claim=claim,
        is_their=is_their,
        trust_email=config_values.yes("OIDC_TRUST_EMAIL", values["OIDC_TRUST_EMAIL"]),
        scopes=" ".join(dict.fromkeys(["openid", *scopes])),
        groups_claim=values["OIDC_GROUPS"].strip() or "groups",
        roles=_roles(values["OIDC_ROLES"]),
    )


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            f"SOCIALBRIDGE_OIDC_ISSUER is {value!r}, which is no issuer.",
            "Copy it from the provider; it is an address like https://login.example.com/realm.",
        )
    return value


def _pair(value: str) -> tuple[str, str]:
    claim, _, is_their = (part.strip() for part in value.partition("="))
    if not claim or is_their not in FIELDS:
        raise ConfigError(
            f"SOCIALBRIDGE_OIDC_PERSON is {value!r}.",
            f"Write CLAIM=FIELD, for example email=email; the fields are {', '.join(FIELDS)}.",
        )
    return claim, is_their


def _roles(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in value.split(";"))):
        role, _, group = (word.strip() for word in part.partition(":"))
        if role not in ROLES or not group:
            raise ConfigError(
                f"SOCIALBRIDGE_OIDC_ROLES holds {part!r}.",
                f"Write ROLE: GROUP, several with semicolons; the roles are {', '.join(ROLES)}.",
            )
        if group in found:
            raise ConfigError(
                f"SOCIALBRIDGE_OIDC_ROLES names the group {group!r} twice.",
                "Give the group one role.",
            )
        found[group] = role
    return found
