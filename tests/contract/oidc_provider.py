"""An OpenID Connect provider over real HTTP: as strict as OpenID Connect Core 1.0 asks one to be.

It refuses a client or a redirect URI that it does not know, a code that was used or is another
client's, and a verifier that does not fit the challenge (RFC 7636).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.contract.serving import Reply, Request, serving

CLIENT, SECRET = "bridge", "s:e+c/r et"
_KEYS = [RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True) for _ in range(2)]


@dataclass
class OidcProvider:
    """The provider: who is signed in there, what it signs with, what it was asked."""

    url: str = ""
    now: datetime | None = None
    redirect_uri: str = "https://bridge.example/sign-in/oidc/back"
    person: dict[str, Any] = field(default_factory=dict)
    """The claims of the person whose browser it is."""
    key: RSAKey = field(default_factory=lambda: _KEYS[0])
    published: list[RSAKey] = field(default_factory=lambda: [_KEYS[0]])
    methods: tuple[str, ...] = ("client_secret_basic",)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    changed: dict[str, Any] = field(default_factory=dict)
    """Claims that it says otherwise; ``None`` takes one away."""
    token: str | None = None
    """The ID token that it gives instead of its own."""
    replies: dict[str, Reply] = field(default_factory=dict)
    """What it answers on a path instead."""

    def rotate(self) -> None:
        """Sign with another key, and publish that one only."""
        self.key = _KEYS[1]
        self.published = [_KEYS[1]]

    def vouch(self, to: str) -> str:
        """The browser is sent there by the bridge; where the provider sends it back to."""
        parts = urlsplit(to)
        assert to.startswith(f"{self.url}/authorize?"), to
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        assert ("code", CLIENT) == (asked["response_type"], asked["client_id"])
        assert self.redirect_uri == asked["redirect_uri"]
        assert "openid" in asked["scope"].split()
        assert "S256" == asked["code_challenge_method"]
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        given = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{urlsplit(self.redirect_uri).path}?{urlencode(given)}"

    def claims(self, nonce: str) -> dict[str, Any]:
        """What an ID token says."""
        assert self.now is not None
        made = int(self.now.timestamp())
        said = {
            "iss": self.url,
            "aud": CLIENT,
            "nonce": nonce,
            "iat": made,
            "exp": made + 300,
            **self.person,
            **self.changed,
        }
        return {name: value for name, value in said.items() if value is not None}

    def signed(self, nonce: str) -> str:
        """An ID token."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, self.claims(nonce), self.key)

    def answer(self, request: Request) -> Reply:
        """What the provider answers."""
        self.asked.append(request.path)
        if request.path in self.replies:
            return self.replies[request.path]
        match request.method, request.path:
            case "GET", "/.well-known/openid-configuration":
                return Reply(
                    data={
                        "issuer": self.url,
                        "authorization_endpoint": f"{self.url}/authorize",
                        "token_endpoint": f"{self.url}/token",
                        "jwks_uri": f"{self.url}/keys",
                        "token_endpoint_auth_methods_supported": list(self.methods),
                    }
                )
            case "GET", "/keys":
                keys = [dict(key.as_dict(private=False)) for key in self.published]
                return Reply(data={"keys": keys})
            case "POST", "/token":
                return self._token(request)
        return Reply(404, {"error": "not_found"})

    def _token(self, request: Request) -> Reply:
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        if not self._is_client(request, form):
            return Reply(401, {"error": "invalid_client"})
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return Reply(400, {"error": "invalid_grant"})
        token = self.signed(asked["nonce"]) if self.token is None else self.token
        return Reply(data={"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        if "client_secret_basic" in self.methods:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            if scheme != "Basic":
                return False
            name, _, secret = base64.b64decode(given).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


@contextmanager
def oidc_provider() -> Iterator[OidcProvider]:
    """The provider, while the block lasts."""
    provider = OidcProvider()
    with serving(provider.answer) as url:
        provider.url = url
        yield provider
