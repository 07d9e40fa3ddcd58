"""Settings, from the environment or a ``.env`` file in the working directory.

Each setting is one row of :data:`SETTINGS`: the docs and ``socialbridge init`` read the same rows,
and a test compares the docs with them.
"""

from __future__ import annotations

import base64
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from environs import Env, EnvError

from bridge.errors import ConfigError


@dataclass(frozen=True)
class Setting:
    """One setting: its name after ``SOCIALBRIDGE_``, its default (``None``: required), meaning."""

    name: str
    default: str | None
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"SOCIALBRIDGE_{self.name}"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "SECRET_KEY",
        None,
        "32 random bytes in URL-safe base64; LMS tokens are encrypted and sessions signed with keys"
        " derived from it. Several may stand there, separated by commas: the first is used, the"
        " others are still understood, so that a key can be changed.",
    ),
    Setting(
        "DATABASE_URL",
        "sqlite:///socialbridge.db",
        "Where facts are kept: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.",
    ),
    Setting(
        "BASE_URL",
        "http://127.0.0.1:8000",
        "The address under which people reach the bridge; links in posts begin with it.",
    ),
    Setting(
        "LISTEN", "127.0.0.1:8000", "The address and port that `socialbridge serve` listens on."
    ),
    Setting("LMS_TIMEOUT", "30", "Seconds to wait for an answer of an LMS."),
    Setting(
        "LMS_CONNECTIONS", "2", "At most so many HTTP connections to one LMS at once, in a process."
    ),
    Setting(
        "LMS_REQUESTS_PER_SECOND",
        "20",
        "At most so many requests a second to one LMS, from a process; 0 is no limit.",
    ),
    Setting("OUTLET_TIMEOUT", "15", "Seconds to wait for an answer of an outlet."),
    Setting("SYNC_MINUTES", "5", "Minutes between two syncs of a connection by the worker."),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting(
        "TIMEZONE", "UTC", "The time zone of people who have none of their own, by its IANA name."
    ),
    Setting(
        "TRUSTED_PROXIES",
        "0",
        "How many reverse proxies stand before the bridge and set `X-Forwarded-*`.",
    ),
    Setting(
        "OUTLET_ALLOW_PRIVATE",
        "",
        "Host names inside your own network that an outlet may be sent to, separated by commas.",
    ),
)


@dataclass(frozen=True)
class Config:
    """The settings of one process, checked."""

    secret_keys: tuple[str, ...]
    database_url: str
    base_url: str
    listen: str
    lms_timeout: float
    lms_connections: int
    lms_requests_per_second: float
    """0 is no limit."""
    outlet_timeout: float
    sync_minutes: float
    log_level: str
    timezone: str
    trusted_proxies: int
    outlet_allow_private: frozenset[str]

    def link(self, path: str) -> str:
        """The absolute address of ``path`` (which begins with a slash) on this bridge."""
        return self.base_url.rstrip("/") + path


def new_secret_key() -> str:
    """A fresh key for ``SOCIALBRIDGE_SECRET_KEY``: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def load(env_file: Path | None = Path(".env"), given: Mapping[str, str] | None = None) -> Config:
    """The settings of this process.

    ``given`` wins over the environment, the environment over ``env_file``.

    :raises ConfigError: naming the variable and how to make or mend it.
    """
    env = Env()
    if env_file is not None and env_file.is_file():
        env.read_env(str(env_file), recurse=False)
    values = {s.name: _read(env, s, given or {}) for s in SETTINGS}
    return Config(
        secret_keys=_keys(values["SECRET_KEY"]),
        database_url=values["DATABASE_URL"],
        base_url=_url(values["BASE_URL"]),
        listen=values["LISTEN"],
        lms_timeout=_number("LMS_TIMEOUT", values["LMS_TIMEOUT"]),
        lms_connections=_whole("LMS_CONNECTIONS", values["LMS_CONNECTIONS"], least=1),
        lms_requests_per_second=_number(
            "LMS_REQUESTS_PER_SECOND", values["LMS_REQUESTS_PER_SECOND"], least=0
        ),
        outlet_timeout=_number("OUTLET_TIMEOUT", values["OUTLET_TIMEOUT"]),
        sync_minutes=_number("SYNC_MINUTES", values["SYNC_MINUTES"]),
        log_level=_level(values["LOG_LEVEL"]),
        timezone=values["TIMEZONE"],
        trusted_proxies=_whole("TRUSTED_PROXIES", values["TRUSTED_PROXIES"], least=0),
        outlet_allow_private=frozenset(
            h.strip().lower() for h in values["OUTLET_ALLOW_PRIVATE"].split(",") if h.strip()
        ),
    )


def _read(env: Env, setting: Setting, given: Mapping[str, str]) -> str:
    value: str | None = given.get(setting.variable)
    if value is None:
        try:
            value = env.str(setting.variable, setting.default)
        except EnvError as error:
            raise ConfigError(f"{setting.variable} cannot be read: {error}.") from error
    if value is None or (value == "" and setting.default is None):
        raise ConfigError(
            f"{setting.variable} is not set.",
            "Run `socialbridge init`, which writes a .env file with a fresh key, or set it: "
            + setting.meaning,
        )
    return value


def _keys(value: str) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in value.split(",") if part.strip())
    for key in keys:
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
    return keys


def _url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ConfigError(
            f"SOCIALBRIDGE_BASE_URL is {value!r}.",
            "Give the whole address, beginning with https:// (or http:// for a trial).",
        )
    return value.rstrip("/")


def _number(name: str, value: str, least: float = 0.1) -> float:
    try:
        number = float(value)
    except ValueError as error:
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value!r}, not a number.") from error
    if not math.isfinite(number):
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value!r}, not a number.")
    if number < least:
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value}, less than {least}.")
    return number


def _whole(name: str, value: str, least: int) -> int:
    number = _number(name, value, least)
    if number != int(number):
        raise ConfigError(f"SOCIALBRIDGE_{name} is {value}, not a whole number.")
    return int(number)


def _level(value: str) -> str:
    level = value.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ConfigError(
            f"SOCIALBRIDGE_LOG_LEVEL is {value!r}.", "Use DEBUG, INFO, WARNING or ERROR."
        )
    return level
