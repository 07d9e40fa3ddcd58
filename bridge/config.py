"""Settings, from the environment or a ``.env`` file in the working directory.

Which settings there are, with their defaults and meanings, stands in ``plugin_manifest.json``: the
docs and ``socialbridge init`` read the same rows, and a test compares the docs with them.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from environs import Env, EnvError

from bridge import config_lti, config_oidc, config_values
from bridge.config_oidc import OpenIdConnect
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


MANIFEST = Path(__file__).parent / "setup" / "plugin_manifest.json"


def _settings() -> tuple[Setting, ...]:
    said = json.loads(MANIFEST.read_text("utf-8"))["settings"]
    return tuple(Setting(name, one["default"], one["meaning"]) for name, one in said.items())


SETTINGS: tuple[Setting, ...] = _settings()
"""Every setting, as the manifest has it."""


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
    sync_quiet_hours: tuple[tuple[time, time], ...]
    """Beginning and end, by the clock of :attr:`timezone`; an end before its beginning is of the
    next day."""
    keep_runs_days: float
    keep_days: Mapping[str, float]
    """Kind of data → days, of every kind but sync runs."""
    admin_email: tuple[str, ...]
    smtp_url: str
    """Holds a password: never logged."""
    mail_from: str
    first_note: bool
    sign_in_links: tuple[str, ...]
    """``mail`` and ``message``, in the order in which they are tried."""
    oidc: OpenIdConnect | None
    lms_roles: Mapping[str, str]
    """Role of a whole LMS → role here."""
    metrics_token: str = field(repr=False)
    log_level: str
    timezone: str
    trusted_proxies: int
    outlet_allow_private: frozenset[str]

    @property
    def mail_sender(self) -> str:
        """The address that letters come from; empty where nothing says whose it is."""
        user = unquote(urlsplit(self.smtp_url).username or "")
        return self.mail_from or (user if "@" in user else next(iter(self.admin_email), ""))

    @property
    def kept(self) -> dict[str, float]:
        """Kind of data → days for which it is kept, sync runs included."""
        return {**self.keep_days, "runs": self.keep_runs_days}

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
    return checked({s.name: _read(env, s, given or {}) for s in SETTINGS})


def checked(values: Mapping[str, str]) -> Config:
    """The settings, by their names after ``SOCIALBRIDGE_``, as what they mean.

    :raises ConfigError: naming the variable that cannot be used.
    """
    return Config(
        secret_keys=config_values.keys(values["SECRET_KEY"]),
        database_url=values["DATABASE_URL"],
        base_url=config_values.url(values["BASE_URL"]),
        listen=values["LISTEN"],
        lms_timeout=config_values.number("LMS_TIMEOUT", values["LMS_TIMEOUT"]),
        lms_connections=config_values.whole("LMS_CONNECTIONS", values["LMS_CONNECTIONS"], least=1),
        lms_requests_per_second=config_values.number(
            "LMS_REQUESTS_PER_SECOND", values["LMS_REQUESTS_PER_SECOND"], least=0
        ),
        outlet_timeout=config_values.number("OUTLET_TIMEOUT", values["OUTLET_TIMEOUT"]),
        sync_minutes=config_values.number("SYNC_MINUTES", values["SYNC_MINUTES"]),
        sync_quiet_hours=config_values.hours("SYNC_QUIET_HOURS", values["SYNC_QUIET_HOURS"]),
        keep_runs_days=config_values.number("KEEP_RUNS_DAYS", values["KEEP_RUNS_DAYS"]),
        keep_days=config_values.days(values["KEEP_DAYS"]),
        admin_email=config_values.addresses("ADMIN_EMAIL", values["ADMIN_EMAIL"]),
        smtp_url=config_values.smtp(values["SMTP_URL"], needed=bool(values["ADMIN_EMAIL"].strip())),
        mail_from=next(iter(config_values.addresses("MAIL_FROM", values["MAIL_FROM"])), ""),
        first_note=config_values.yes("FIRST_NOTE", values["FIRST_NOTE"]),
        sign_in_links=config_values.some_of(
            "SIGN_IN_LINKS", values["SIGN_IN_LINKS"], ("mail", "message")
        ),
        oidc=config_oidc.read(values),
        lms_roles=config_lti.read_roles(values["LMS_ROLES"]),
        metrics_token=values["METRICS_TOKEN"].strip(),
        log_level=config_values.level(values["LOG_LEVEL"]),
        timezone=config_values.zone(values["TIMEZONE"]),
        trusted_proxies=config_values.whole("TRUSTED_PROXIES", values["TRUSTED_PROXIES"], least=0),
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
