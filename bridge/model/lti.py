"""LTI 1.3: platforms that vouch for people, and what a launch says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

MEMBERS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
"""The one service of a platform that is asked for: who is in a course."""


class Message(StrEnum):
    """What a platform may send."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"


@dataclass(frozen=True)
class Platform:
    """A platform at which the bridge is registered as a tool; its people are a connection's."""

    connection_id: int
    issuer: str
    client_id: str
    auth_url: str
    keys_url: str
    token_url: str
    typed: bool
    """Whether an admin typed its addresses at the command line: then they may be inside."""
    made_at: datetime
    id: int = 0
    deployments: frozenset[str] = frozenset()
    keys: Mapping[str, Any] = field(default_factory=dict)
    """Its key set, as it was last read."""
    keys_at: datetime | None = None
    keys_asked_at: datetime | None = None
    """When it was last asked for them, whether or not it answered."""

    @property
    def origin(self) -> str:
        """Where its pages are, which may show ours in a frame."""
        return origin(self.auth_url)


@dataclass(frozen=True)
class Login:
    """A login that a browser has begun."""

    platform_id: int
    browser_hash: str
    """Of the secret that the browser keeps in a cookie."""
    login_hint: str
    message_hint: str
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True)
class Placing:
    """Where what is placed in a course is to be sent: deep linking."""

    return_url: str
    data: str
    """What the platform wants back as it is; may be empty."""
    several: bool
    """Whether it takes more than one."""


@dataclass(frozen=True)
class Launch:
    """What a launch says that is believed."""

    subject: int
    """The person's id in the LMS of the connection."""
    deployment_id: str
    message: Message
    course: int | None
    """The LMS's id of the course that it was launched in."""
    place: str
    """What was placed there by deep linking: ``course``, ``team:3`` or ``desk``; else empty."""
    framed: bool
    """Whether the platform shows it in a frame."""
    placing: Placing | None = None
    roles: frozenset[str] = frozenset()
    """What the person is in the whole LMS, ``Administrator`` for example; never in a course."""
    members_url: str = ""
    """Where the platform says who is in the course; empty where it does not."""


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a browser compares them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
