"""Tokens: 32 random bytes for the person, their SHA-256 for the database.

A token is too random to be guessed, so that a plain hash keeps it; and a database that leaks opens
nothing.
"""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def new_token() -> str:
    """A fresh token, fit for an address or a cookie: 43 letters, digits, ``-`` and ``_``."""
    return secrets.token_urlsafe(BYTES)


def hashed(token: str) -> str:
    """What is kept of a token: its SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
