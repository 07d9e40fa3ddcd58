"""Secrets that open a door: made at random, kept only as hashes. Pure."""

from __future__ import annotations

import hashlib
import secrets


def new() -> str:
    """A fresh secret: 32 random bytes, fit for an address."""
    return secrets.token_urlsafe(32)


def kept(token: str) -> str:
    """What is stored of it: its SHA-256 in hexadecimal. 32 random bytes need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
