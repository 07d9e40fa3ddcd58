"""Signed words about a person, and whether to believe them: ID tokens of OpenID Connect Core 1.0.

An LTI launch is one of them (IMS Security Framework 1.0, section 5.1). What is refused here is
refused in one sentence that names the claim and nothing of the person.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from bridge.errors import IdentityError

ALGORITHM = "RS256"
"""The one algorithm: who could choose it could choose ``none``, or a secret that is no secret."""

LEEWAY = timedelta(seconds=60)
"""By so much two clocks may differ."""

OLDEST = timedelta(hours=1)
"""How long ago a token may have been made, whatever it says itself."""

SMALLEST = 2048
"""Bits of a key."""

LONGEST = 64 * 1024
"""Characters of a token."""

AGAIN = "Begin once more from where you came."
TELL = "If it stays so, tell the admin of the bridge: its log says why."


def refused(why: str, remedy: str = f"{AGAIN} {TELL}") -> IdentityError:
    """That what was said is not believed, because ``why``."""
    return IdentityError(f"You could not be signed in: {why}.", remedy)


def key_id(token: str, *, needed: bool = True) -> str:
    """By which key the token says that it is signed.

    :param needed: whether it has to say so; else empty stands for a token that does not.
    :raises IdentityError: if it is no signed token, or of another algorithm than :data:`ALGORITHM`.
    """
    if len(token) > LONGEST:
        raise refused("the token is too long")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise refused("what was sent is no signed token") from error
    if header.get("alg") != ALGORITHM:
        raise refused("the token is not signed as it must be")
    kid = header.get("kid")
    if kid is None and not needed:
        return ""
    if not isinstance(kid, str) or not kid:
        raise refused("the token does not say by which key it is signed")
    return kid


def key_of(keys: Mapping[str, Any], kid: str) -> RSAKey | None:
    """The key of that id, of a key set (RFC 7517); ``None`` if it is not there.

    :raises IdentityError: if it is there and is none to sign such tokens with.
    """
    listed = keys.get("keys")
    for row in listed if isinstance(listed, list) else []:
        if isinstance(row, dict) and row.get("kid") == kid:
            return _imported(row)
    return None


def only_key(keys: Mapping[str, Any]) -> RSAKey | None:
    """The one key of a key set that signs; ``None`` if it has none or several.

    With several, a token has to say which one it is: OpenID Connect Core 1.0, section 10.1.
    """
    listed = keys.get("keys")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    signing = [row for row in rows if row.get("use", "sig") == "sig"]
    return _imported(signing[0]) if len(signing) == 1 else None


def signed(token: str, key: RSAKey) -> dict[str, Any]:
    """The claims of the token, if it is signed by the key.

    :raises IdentityError: if it is not.
    """
    try:
        return dict(jwt.decode(token, key, algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError, TypeError) as error:
        raise refused("the signature of the token is not that of its sender") from error


def check(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> None:
    """Believe the claims, or not: OpenID Connect Core 1.0, section 3.1.3.7.

    :raises IdentityError: naming the claim that does not fit.
    """
    if claims.get("iss") != issuer:
        raise refused("the token is from another issuer")
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or client_id not in named:
        raise refused("the token is for another tool")
    party = claims.get("azp")
    if (len(named) > 1 or party is not None) and party != client_id:
        raise refused("the token was made for another tool")
    expires, made = _moment(claims, "exp"), _moment(claims, "iat")
    if expires + LEEWAY <= now:
        raise refused("the token has expired")
    if made - LEEWAY > now:
        raise refused("the token is from the future: one of the two clocks is wrong")
    if "nbf" in claims and _moment(claims, "nbf") - LEEWAY > now:
        raise refused("the token is from the future: one of the two clocks is wrong")
    if made + OLDEST <= now:
        raise refused("the token has expired")
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise refused("the token is not the answer to what was asked")


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(f"the token has no {name}")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise refused(f"the token's {name} is no time") from error


def _imported(row: Mapping[str, Any]) -> RSAKey:
    if row.get("kty") != "RSA" or row.get("use", "sig") != "sig" or row.get("d"):
        raise refused("the key of the token is not one to sign with")
    if row.get("alg", ALGORITHM) != ALGORITHM:
        raise refused("the key of the token is not one to sign with")
    modulus, exponent = row.get("n"), row.get("e")
    if not isinstance(modulus, str) or not isinstance(exponent, str):
        raise refused("the key of the token cannot be read")
    # In base64 a character stands for six bits.
    if len(modulus) * 6 < SMALLEST:
        raise refused("the key of the token is too short")
    try:
        return RSAKey.import_key({"kty": "RSA", "n": modulus, "e": exponent})
    except (JoseError, ValueError, TypeError) as error:
        raise refused("the key of the token cannot be read") from error
