"""An OpenID Connect provider, as it is asked: Discovery 1.0, and Core 1.0, section 3.1.3."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from bridge.config_oidc import OpenIdConnect
from bridge.errors import IdentityError, NoAnswer
from bridge.guard import can_be_asked
from bridge.identity.asking import Asking
from bridge.model.oidc import Provider

FRESH = timedelta(hours=24)
"""How long what a provider says of itself, and its keys, are believed without asking again."""

PATIENCE = timedelta(minutes=1)
"""A key that is not known, or no answer, makes us ask again, but not more often than this."""

LATER = "Try again in a minute."

WHERE = "/.well-known/openid-configuration"


@dataclass
class _Kept:
    """Something that was asked for, and when."""

    value: Any = None
    read_at: datetime | None = None
    asked_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        return self.read_at is not None and self.read_at + FRESH > now

    def was_asked(self, now: datetime) -> bool:
        return self.asked_at is not None and self.asked_at + PATIENCE > now


@dataclass
class ProviderLine:
    """A line to the provider; what it says of itself is kept in this process for a day."""

    settings: OpenIdConnect
    asking: Asking
    _said: _Kept = field(default_factory=_Kept)
    _keys: _Kept = field(default_factory=_Kept)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def provider(self, now: datetime) -> Provider:
        """What the provider says of itself.

        :raises IdentityError: if it says nothing that can be used; retry where that may help.
        """
        with self._lock:
            if not self._said.is_fresh(now):
                if self._said.was_asked(now):
                    # Everybody who comes now would wait for it, one after the other.
                    raise NoAnswer("The sign-in provider could not be read a moment ago.", LATER)
                self._said.asked_at = now
                self._said.value = self._read_provider()
                self._said.read_at = now
            found: Provider = self._said.value
            return found

    def keys(self, now: datetime, *, anew: bool = False) -> Mapping[str, Any]:
        """The provider's key set (RFC 7517).

        :param anew: asks once more, unless that was done within :data:`PATIENCE`.
        :raises IdentityError: if there is none; retry where that may help.
        """
        provider = self.provider(now)
        with self._lock:
            stale = not self._keys.is_fresh(now) or anew
            if stale and not self._keys.was_asked(now):
                self._keys.asked_at = now
                self._keys.value = self._read_keys(provider)
                self._keys.read_at = now
            if self._keys.value is None:
                raise NoAnswer(
                    "The keys of the sign-in provider could not be read a moment ago.", LATER
                )
            found: Mapping[str, Any] = self._keys.value
            return found

    def id_token(self, code: str, verifier: str, redirect_uri: str, now: datetime) -> str:
        """What the provider gives for the code: an ID token.

        :param verifier: of which the provider was told the hash before: PKCE, RFC 7636.
        :raises IdentityError: if it gives none; retry where that may help.
        """
        settings, provider = self.settings, self.provider(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        basic: tuple[str, str] | None = None
        if settings.client_secret and not provider.by_form:
            # RFC 6749, section 2.3.1: both are encoded as a form's values before.
            basic = (quote_plus(settings.client_id), quote_plus(settings.client_secret))
        else:
            form["client_id"] = settings.client_id
            if settings.client_secret:
                form["client_secret"] = settings.client_secret
        what = "The answer of the sign-in provider"
        found = self.asking.json(provider.token_url, what, method="POST", form=form, basic=basic)
        token = found.get("id_token") if isinstance(found, dict) else None
        if not isinstance(token, str):
            raise IdentityError(f"{what} holds no ID token.")
        return token

    def _read_provider(self) -> Provider:
        issuer, what = self.settings.issuer, "The configuration of the sign-in provider"
        found = self.asking.json(issuer.rstrip("/") + WHERE, what)
        if not isinstance(found, dict) or found.get("issuer") != issuer:
            raise IdentityError(
                f"{what} is another issuer's.",
                "Copy SOCIALBRIDGE_OIDC_ISSUER from what the provider says its issuer is, to the"
                " last slash.",
            )
        named = {
            "auth_url": found.get("authorization_endpoint"),
            "token_url": found.get("token_endpoint"),
            "keys_url": found.get("jwks_uri"),
        }
        for name, value in named.items():
            if not isinstance(value, str) or not can_be_asked(value):
                raise IdentityError(f"{what} has no {name.replace('_', ' ')}.")
        listed = found.get("token_endpoint_auth_methods_supported")
        methods = listed if isinstance(listed, list) else ["client_secret_basic"]
        return Provider(
            issuer=issuer,
            **{name: str(value) for name, value in named.items()},
            by_form="client_secret_basic" not in methods and "client_secret_post" in methods,
        )

    def _read_keys(self, provider: Provider) -> Mapping[str, Any]:
        what = "The key set of the sign-in provider"
        found = self.asking.json(provider.keys_url, what)
        if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
            raise IdentityError(f"{what} holds no keys.")
        return {"keys": [row for row in found["keys"] if isinstance(row, dict)]}
