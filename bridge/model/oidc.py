"""OpenID Connect: a provider that vouches for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Provider:
    """What a provider says of itself: OpenID Connect Discovery 1.0."""

    issuer: str
    auth_url: str
    token_url: str
    keys_url: str
    by_form: bool
    """Whether the client's secret goes into the form, and not into a header."""


@dataclass(frozen=True)
class OidcLogin:
    """A login that a browser has begun."""

    browser_hash: str
    next: str
    """The page to go to afterwards."""
    expires_at: datetime
    used_at: datetime | None = None
