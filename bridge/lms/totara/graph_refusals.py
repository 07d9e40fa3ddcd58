"""What the ``errors`` of Totara's GraphQL API mean: one sentence, one remedy.

An error is ``{message, extensions: {debugMessage}}`` (``debugMessage`` beside ``message`` in older
releases). With the site's "Error response" at *None* the message alone is there, and for most
faults it says no more than "Internal server error".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import (
    LmsError,
    Missing,
    MissingCapability,
    Refused,
    Unavailable,
    UnexpectedAnswer,
)
from bridge.lms.totara.oauth import CLIENTS

SETTINGS = "Site administration → Development → API → API settings"
WINDOW = 60.0
"""Seconds over which Totara counts what a client has cost."""

_COST = re.compile(r"complexity.*?(?:complexity of|should be)\s+(\d+)", re.IGNORECASE)
_FIELD = re.compile(r"Cannot query field [\"'](\w+)[\"'] on type [\"'](\w+)[\"']")
_INPUT = re.compile(r"Field [\"'](\w+)[\"'] is not defined by type [\"']?(\w+)[\"']?")


class TooDear(LmsError):
    """The page costs more than the site allows.

    :param limit: what it allows, where the site says so.
    """

    def __init__(self, message: str, *, function: str, limit: int | None) -> None:
        super().__init__(
            message, f"Raise the maximum query complexity under {SETTINGS}.", function=function
        )
        self.limit = limit


class NotKnown(UnexpectedAnswer):
    """The schema of the site has no such field, or no such input.

    :param names: of the fields or inputs.
    """

    def __init__(self, message: str, *, function: str, names: frozenset[str]) -> None:
        super().__init__(
            message,
            "Another release of Totara has it; please report this with the release of the LMS.",
            function=function,
        )
        self.names = names


class BadToken(Refused):
    """The site does not take the token (any more)."""


def refusal(errors: Sequence[Any], function: str) -> LmsError:
    """The error that a non-empty list ``errors`` stands for."""
    said = " ".join(dict.fromkeys(filter(None, map(_said, errors)))) or "no message"
    lower = said.lower()
    if "access token" in lower or "authorization header" in lower or "authentication err" in lower:
        return BadToken(
            "The LMS does not take the token of the API client.",
            f"See under {CLIENTS} that the client is enabled and its secret unchanged, and that the"
            " web server passes the Authorization header on.",
            function=function,
        )
    if "complexity" in lower:
        limit = _COST.search(said)
        return TooDear(
            f"{function} costs more than the LMS allows: {said}",
            function=function,
            limit=int(limit[1]) if limit else None,
        )
    if "too many requests" in lower or "rate limit" in lower:
        return Unavailable(
            "The API client has used up what the LMS allows it in a minute.",
            "The bridge tries again later. If it lasts, raise the client's rate limit under"
            f" {CLIENTS}, or the site's under {SETTINGS}.",
            function=function,
            after=WINDOW,
        )
    if unknown := dict(_FIELD.findall(said) + _INPUT.findall(said)):
        message = f"The API of this LMS has no {', '.join(sorted(unknown))}."
        if "Query" in unknown.values():
            return Missing(message, "A later release of Totara has it.", function=function)
        return NotKnown(message, function=function, names=frozenset(unknown))
    if "is not available" in lower:
        return Missing(
            f"The API of this LMS is switched off: {said}",
            "Switch it on: Site administration → System information → Configure features → API.",
            function=function,
        )
    if "api user" in lower or "api client" in lower or lower.startswith("forbidden"):
        return Refused(
            f"The LMS refused the API client: {said}",
            f"See under {CLIENTS} that it is enabled, has a service account that is not suspended,"
            " and allows the address of this machine.",
            function=function,
        )
    if "capabilit" in lower or "permission" in lower:
        return MissingCapability(
            f"{function}: {said}",
            "Give the role of the API client's service account the capability"
            f" moodle/user:viewdetails ({CLIENTS} names the account; Site administration →"
            " Permissions → Define roles).",
            function=function,
            capability="moodle/user:viewdetails",
        )
    return LmsError(
        f"{function} failed in the LMS: {said}",
        f"With the error response set to Normal under {SETTINGS} the LMS says more.",
        function=function,
    )


def _said(error: Any) -> str:
    """The most telling words of one error, on one line."""
    if not isinstance(error, Mapping):
        return ""
    extensions = error.get("extensions")
    inner = extensions.get("debugMessage") if isinstance(extensions, Mapping) else None
    said = inner or error.get("debugMessage") or error.get("message") or ""
    return " ".join(str(said).split())[:300]
