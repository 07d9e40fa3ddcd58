"""Signatures of the Standard Webhooks specification, the symmetric kind (``v1``)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from bridge.errors import ConfigError

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh signing secret, to be given to the receiver."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(key: bytes, ident: str, timestamp: int, body: bytes) -> str:
    """The signature of one message: ``v1,`` and base64."""
    signed = b".".join([ident.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for.

    :raises ConfigError: if it cannot be used.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ConfigError(
            "The webhook's secret cannot be used.",
            f"It is {PREFIX} followed by 24 to 64 bytes in base64.",
        )
    return key
