"""The guard of :mod:`bridge.guard`, before the addresses of outlets."""

from __future__ import annotations

from collections.abc import Collection

import requests

from bridge import guard
from bridge.errors import OutletRefused


def guarded_session(allow_private: Collection[str]) -> requests.Session:
    """A session that reaches public addresses, and private ones of the hosts that are listed.

    Every request through it may raise :class:`~bridge.errors.OutletRefused`.

    :param allow_private: host names in lower case.
    """
    return guard.guarded_session(allow_private, inside)


def inside(host: str, address: str) -> OutletRefused:
    """What is said of an outlet that stands inside a private network."""
    return OutletRefused(
        f"{host} stands for {address}, an address inside a private network.",
        f"If that is meant, add {host} to SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE.",
    )
