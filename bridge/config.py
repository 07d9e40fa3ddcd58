"""Settings, from the environment or a ``.env`` file in the working directory.

Each setting is one row of :data:`SETTINGS`: the docs and ``socialbridge init`` read the same rows,
and a test compares the docs with them.
"""

from __future__ import annotations

import base64
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
    Setting(
        "SYNC_QUIET_HOURS",
        "",
        "When the worker begins no sync, by the clock of `SOCIALBRIDGE_TIMEZONE`: `01:30-04:00`;"
        " several are separated by commas, and one may go over midnight.",
    ),
    Setting(
        "KEEP_RUNS_DAYS",
        "90",
        "Days for which sync runs are kept; the last 10 of each connection stay.",
    ),
    Setting(
        "KEEP_DAYS",
        "",
        "Days for which other kinds of data are kept, where they are not to be the usual ones:"
        " `presence=200, audit=365`. `socialbridge tidy --dry-run` lists the kinds.",
    ),
    Setting(
        "ADMIN_EMAIL",
        "",
        "Addresses, separated by commas, that are written to when a connection has failed for an"
        " hour, and when it works again. Needs `SOCIALBRIDGE_SMTP_URL`.",
    ),
    Setting(
        "SMTP_URL",
        "",
        "The mail server: `smtp://USER:PASSWORD@HOST:587` (STARTTLS where it is offered) or"
        " `smtps://USER:PASSWORD@HOST`; `@`, `:` and `/` in a password as `%40`, `%3A`, `%2F`.",
    ),
    Setting(
        "MAIL_FROM",
        "",
        "The sender's address; by default the user of the mail server if that is an address, else"
        " the first of `SOCIALBRIDGE_ADMIN_EMAIL`.",
    ),
    Setting(
        "FIRST_NOTE",
        "yes",
        "`yes` or `no`: whether who leads a team, and has not chosen yet, is written one first note"
        " about their desk. Further ones get only those who choose them.",
    ),
    Setting(
        "SIGN_IN_LINKS",
        "mail, message",
        "How a sign-in link reaches somebody who asks for one on the page: `mail`, `message` (of"
        " the LMS), or both in the order in which they are tried; `no` if only admins make links."
        " What is not set up is passed over.",
    ),
    Setting(
        "OIDC_ISSUER",
        "",
        "The OpenID Connect provider that people sign in at, such as"
        " `https://login.example.com/realms/acme`; its settings are read from there.",
    ),
    Setting("OIDC_CLIENT_ID", "", "As what the bridge is registered at the provider."),
    Setting(
        "OIDC_CLIENT_SECRET", "", "The client's secret there; empty for one that has none (PKCE)."
    ),
    Setting("OIDC_NAME", "", "What people call the provider: *Sign in with ...*."),
    Setting(
        "OIDC_PERSON",
        "email=email",
        "By what the provider and the LMS know the same person: a claim, and `email`, `username` or"
        " `lms_id`; `preferred_username=username`, for example.",
    ),
    Setting(
        "OIDC_TRUST_EMAIL",
        "no",
        "`yes` where the provider does not say that it has verified an address, and nobody can"
        " choose their own there.",
    ),
    Setting("OIDC_SCOPES", "openid email profile", "What is asked for, with spaces between."),
    Setting("OIDC_GROUPS", "groups", "The claim that holds somebody's groups, or roles."),
    Setting(
        "OIDC_ROLES",
        "",
        "Which of the provider's groups has which role here: `admin: bridge-admins; moderator:"
        " cn=mods,ou=groups`. Who leaves the group loses the role when they next sign in.",
    ),
    Setting(
        "LMS_ROLES",
        "",
        "Which roles in the whole LMS have which role here, by launches from it:"
        " `Administrator=admin, Mentor=moderator`. Who loses it there loses it here at their next"
        " launch; what somebody is in a course never counts.",
    ),
    Setting(
        "METRICS_TOKEN",
        "",
        "A secret word: whoever sends it as a bearer token may read `/metrics`. Without one there"
        " is no such page.",
    ),
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
        "Host names inside your own network at which outlets, and an LMS that a page connects,"
        " may stand; separated by commas.",
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
    values = {s.name: _read(env, s, given or {}) for s in SETTINGS}
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
