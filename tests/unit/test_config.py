"""Settings come from the environment or a file, and a bad one says what is wrong with it."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from bridge import config
from bridge.errors import ConfigError

KEY = {"SOCIALBRIDGE_SECRET_KEY": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="}


def test_the_defaults_are_sensible() -> None:
    """A key is all that has to be given."""
    loaded = config.load(None, KEY)
    assert ("sqlite:///socialbridge.db", 30.0, 0) == (
        loaded.database_url,
        loaded.lms_timeout,
        loaded.trusted_proxies,
    )
    assert (2, 20.0) == (loaded.lms_connections, loaded.lms_requests_per_second)
    assert "http://127.0.0.1:8000/a/1" == loaded.link("/a/1")


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is handed in wins over both."""
    file = tmp_path / ".env"
    file.write_text(
        f"SOCIALBRIDGE_SECRET_KEY={config.new_secret_key()}\n"
        "SOCIALBRIDGE_LOG_LEVEL=debug\nSOCIALBRIDGE_LISTEN=127.0.0.1:1\n"
    )
    monkeypatch.setenv("SOCIALBRIDGE_LISTEN", "127.0.0.1:2")
    loaded = config.load(file)
    assert ("DEBUG", "127.0.0.1:2") == (loaded.log_level, loaded.listen)
    assert "127.0.0.1:3" == config.load(file, {"SOCIALBRIDGE_LISTEN": "127.0.0.1:3"}).listen


def test_a_fresh_key_is_a_good_key() -> None:
    """Two of them may stand there, so that a key can be changed."""
    keys = f"{config.new_secret_key()}, {config.new_secret_key()}"
    assert 2 == len(config.load(None, {"SOCIALBRIDGE_SECRET_KEY": keys}).secret_keys)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "", "is not set"),
        ("SECRET_KEY", "not base64!", "no"),
        ("SECRET_KEY", "c2hvcnQ=", "5 bytes, not 32"),
        ("BASE_URL", "social.example.com", "https://"),
        ("LMS_TIMEOUT", "soon", "not a number"),
        ("FIRST_NOTE", "perhaps", "Use yes or no"),
        ("LMS_TIMEOUT", "0", "less than"),
        ("LMS_TIMEOUT", "nan", "not a number"),
        ("LMS_CONNECTIONS", "0", "less than 1"),
        ("LMS_CONNECTIONS", "1.5", "not a whole number"),
        ("LMS_REQUESTS_PER_SECOND", "-1", "less than 0"),
        ("SYNC_QUIET_HOURS", "at night", "no span of hours"),
        ("SYNC_QUIET_HOURS", "01:30-25:00", "no span of hours"),
        ("SYNC_QUIET_HOURS", "01:30", "no span of hours"),
        ("SYNC_QUIET_HOURS", "00:00-24:00", "the whole day"),
        ("SYNC_QUIET_HOURS", "08:00-20:00, 20:00-08:00", "the whole day"),
        ("KEEP_RUNS_DAYS", "0", "less than"),
        ("ADMIN_EMAIL", "dana", "no e-mail address"),
        ("ADMIN_EMAIL", "dana@example.com", "SOCIALBRIDGE_SMTP_URL"),
        ("MAIL_FROM", "Bridge <bridge@example.com>", "no e-mail address"),
        ("SMTP_URL", "mail.example.com", "no address of a mail server"),
        ("SMTP_URL", "smtp://mail.example.com:port", "no address of a mail server"),
        ("SMTP_URL", "https://mail.example.com", "no address of a mail server"),
        ("TIMEZONE", "Middle/Earth", "no time zone"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, says: str) -> None:
    """The variable, and what it should be."""
    with pytest.raises(ConfigError) as error:
        config.load(None, {**KEY, f"SOCIALBRIDGE_{name}": value})
    assert f"SOCIALBRIDGE_{name}" in str(error.value)
    assert says in str(error.value)


def test_no_requests_a_second_is_no_limit() -> None:
    """Nobody would want none at all."""
    given = {**KEY, "SOCIALBRIDGE_LMS_REQUESTS_PER_SECOND": "0"}
    assert 0 == config.load(None, given).lms_requests_per_second


def test_quiet_hours_are_spans_of_the_day() -> None:
    """Several, and over midnight; 24:00 is where the day ends."""
    given = {**KEY, "SOCIALBRIDGE_SYNC_QUIET_HOURS": "01:30-04:00, 22:00 - 06:00,12:00-24:00"}
    assert (
        (time(1, 30), time(4)),
        (time(22), time(6)),
        (time(12), time(0)),
    ) == config.load(None, given).sync_quiet_hours
    assert () == config.load(None, KEY).sync_quiet_hours


def test_admins_have_addresses_and_the_mail_server_a_password() -> None:
    """A bad address of the server is refused without showing what it holds."""
    given = {
        **KEY,
        "SOCIALBRIDGE_ADMIN_EMAIL": "dana@example.com, ops@example.com",
        "SOCIALBRIDGE_SMTP_URL": "smtp://bridge:secret@mail.example.com:587",
    }
    loaded = config.load(None, given)
    assert ("dana@example.com", "ops@example.com") == loaded.admin_email
    assert "dana@example.com" == loaded.mail_sender
    given["SOCIALBRIDGE_SMTP_URL"] = "smtp://bridge%40example.com:secret@mail.example.com:587"
    assert "bridge@example.com" == config.load(None, given).mail_sender
    with pytest.raises(ConfigError) as error:
        config.load(None, {**given, "SOCIALBRIDGE_SMTP_URL": "bridge:secret@mail.example.com"})
    assert "secret" not in str(error.value)


def test_private_hosts_are_a_list() -> None:
    """White space and capitals do not count."""
    loaded = config.load(None, {**KEY, "SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE": " A.local, b "})
    assert frozenset({"a.local", "b"}) == loaded.outlet_allow_private
