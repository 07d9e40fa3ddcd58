"""Credentials that never stand in a command: others on the machine could see them there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.errors import InputError

ID_VARIABLE = "SOCIALBRIDGE_LMS_OAUTH_CLIENT_ID"
SECRET_VARIABLE = "SOCIALBRIDGE_LMS_OAUTH_CLIENT_SECRET"

_MAKE_ONE = (
    "Totara shows both when a client is added (Site administration → Development → API → Clients)."
)


def oauth_client(path: str | None, environment: Mapping[str, str]) -> dict[str, str] | None:
    """The API client of a Totara: ``client_id`` and ``client_secret``; ``None`` if none is given.

    :param path: a file with a JSON object of both, or with one on each of two lines; without it
        the environment is read.
    :raises InputError: if one of the two is missing, or the file cannot be read.
    """
    if path is None:
        found = (environment.get(ID_VARIABLE, ""), environment.get(SECRET_VARIABLE, ""))
        where = f"{ID_VARIABLE} and {SECRET_VARIABLE}"
    else:
        found = _of_file(path)
        where = path
    ident, secret = (part.strip() for part in found)
    if path is None and not ident and not secret:
        return None
    if not ident or not secret:
        raise InputError(
            f"{where} {'name' if path is None else 'names'} no whole API client.",
            f"Give a client_id and a client_secret. {_MAKE_ONE}",
        )
    return {"client_id": ident, "client_secret": secret}


def _of_file(path: str) -> tuple[str, str]:
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text.", "Give a file of your own.") from error
    if text.startswith("{"):
        return _of_json(text, path)
    lines = [line for line in text.splitlines() if line.strip()]
    return (lines[0], lines[1]) if len(lines) == 2 else ("", "")


def _of_json(text: str, path: str) -> tuple[str, str]:
    try:
        given: Any = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"{path} begins like JSON and is none.", f"Write it anew. {_MAKE_ONE}"
        ) from error
    ident, secret = given.get("client_id"), given.get("client_secret")
    if not isinstance(ident, str) or not isinstance(secret, str):
        return "", ""
    return ident, secret
