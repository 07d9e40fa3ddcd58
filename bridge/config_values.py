"""How the values of settings are written, and what is said about one that is not.

Each function takes the text of a setting and raises :class:`~bridge.errors.ConfigError` that names
its variable where the text cannot be used.
"""

from __future__ import annotations

import base64
import math
import re
from datetime import time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.errors import ConfigError
from bridge.hours import spans, whole_day


def keys(value: str) -> tuple[str, ...]:
    """Secret keys, the one that is used first, each of 32 bytes."""
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for key in found:
        try:
            size = len(base64.urlsafe_b64decode(key))
        except ValueError as error:
            raise ConfigError(
                "SOCIALBRIDGE_SECRET_KEY is not URL-safe base64.",
                "`socialbridge init` prints a good one.",
            ) from error
        if size != 32:
            raise ConfigError(
                f"SOCIALBRIDGE_SECRET_KEY holds {size} bytes, not 32.",
                "`socialbridge init` prints a good one.",
            )
    return found


def url(value: str) -> str:
    """The bridge's own address, without a slash at its end."""
    if not value.startswith(("http://", "https://")):
        raise ConfigError(
            f"SOCIALBRIDGE_BASE_URL is {value!r}.",
            "Give the whole address, beginning with https:// (or http:// for a trial).",
        )
    return value.rstrip("/")


def number(name: str, value: str, least: float = 0.1) -> float:
    """A number of at least ``least``."""
    try:
        found = float(value)
    except ValueError as error:
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value!r}, not a number.") from error
    if not math.isfinite(found):
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value!r}, not a number.")
    if found < least:
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value}, less than {least}.")
    return found


def whole(name: str, value: str, least: int) -> int:
    """A whole number of at least ``least``."""
    found = number(name, value, least)
    if found != int(found):
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value}, not a whole number.")
    return int(found)


def hours(name: str, value: str) -> tuple[tuple[time, time], ...]:
    """Spans of the day: ``01:30-04:00``, several separated by commas."""
    try:
        found = spans(value)
    except ValueError as error:
        raise ConfigError(
            f"SOCIALBRIDGE_{name} holds {str(error)!r}, which is no span of hours.",
            "Write it as 01:30-04:00; several are separated by commas.",
        ) from error
    if whole_day(found):
        raise ConfigError(
            f"SOCIALBRIDGE_{name} is {value!r}, which is the whole day.",
            "Leave an hour of the day to the syncs, or stop the worker.",
        )
    return found


def addresses(name: str, value: str) -> tuple[str, ...]:
    """E-mail addresses, separated by commas."""
    found = tuple(filter(None, map(str.strip, value.split(","))))
    for address in found:
        if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
            raise ConfigError(f"SOCIALBRIDGE_{name} holds {address!r}, which is no e-mail address.")
    return found


def some_of(name: str, value: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Some of the words, in the order in which they stand there; ``no`` for none."""
    found = tuple(dict.fromkeys(filter(None, map(str.strip, value.lower().split(",")))))
    if found == ("no",):
        return ()
    for word in found:
        if word not in words:
            raise ConfigError(
                f"SOCIALBRIDGE_{name} holds {word!r}.", f"Write {', '.join(words)}, or no."
            )
    return found


def smtp(value: str, needed: bool) -> str:
    """The address of a mail server; never shown in an error, as it holds a password."""
    if not value and needed:
        raise ConfigError(
            "SOCIALBRIDGE_ADMIN_EMAIL is set, and no mail server is.",
            "Set SOCIALBRIDGE_SMTP_URL, for example smtp://USER:PASSWORD@HOST:587.",
        )
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
    except ValueError:  # A port that is none, or brackets that do not close.
        fits = False
    if value and not fits:
        raise ConfigError(
            "SOCIALBRIDGE_SMTP_URL is no address of a mail server.",
            "Write it as smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST.",
        )
    return value


def zone(value: str) -> str:
    """The IANA name of a time zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"SOCIALBRIDGE_TIMEZONE is {value!r}, which is no time zone.",
            "Use an IANA name, for example Europe/Berlin.",
        ) from error
    return value


def yes(name: str, value: str) -> bool:
    """Whether it is so."""
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    try:
        return words[value.strip().lower()]
    except KeyError as error:
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value!r}.", "Use yes or no.") from error


def level(value: str) -> str:
    """How much is logged."""
    found = value.upper()
    if found not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ConfigError(
            f"SOCIALBRIDGE_LOG_LEVEL is {value!r}.", "Use DEBUG, INFO, WARNING or ERROR."
        )
    return found


KEPT: dict[str, float] = {
    "presence": 400,
    "addresses": 90,
    "audit": 730,
    "statements": 90,
    "sign-in": 30,
    "notices": 90,
    "wordings": 90,
    "reports": 730,
    "opens": 60,
    "suggestions": 400,
    "receipts": 365,
    "ledger": 365,
    "activities": 1095,
    "discussions": 1095,
}
"""Days for which each kind of data is kept, unless the setting says otherwise."""


def days(value: str) -> dict[str, float]:
    """Kind of data → days for which it is kept: what is set, and the usual ones of the others."""
    found = dict(KEPT)
    for part in filter(None, (part.strip() for part in value.split(","))):
        kind, _, length = (word.strip() for word in part.partition("="))
        if kind not in KEPT:
            raise ConfigError(
                f"SOCIALBRIDGE_KEEP_DAYS names {kind!r}.", f"The kinds are: {', '.join(KEPT)}."
            )
        found[kind] = number("KEEP_DAYS", length, least=1)
    return found
