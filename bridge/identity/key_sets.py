"""The key sets of LTI platforms: RFC 7517."""

from __future__ import annotations

from typing import Any

from bridge.errors import IdentityError
from bridge.identity.asking import Asking


def read(asking: Asking, url: str) -> dict[str, Any]:
    """The key set that stands at the address.

    :raises IdentityError: if there is none, or it is not to be asked; retry where that may help.
    """
    found = asking.json(url, "The key set of the learning platform")
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise IdentityError("The learning platform's key set holds no keys.")
    return {"keys": [row for row in found["keys"] if isinstance(row, dict)]}
