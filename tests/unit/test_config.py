"""Settings come from the environment or a file, and a bad one says what is wrong with it."""

from __future__ import annotations

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
        ("LMS_TIMEOUT", "0", "less than"),
        ("LMS_TIMEOUT", "nan", "not a number"),
        ("LMS_CONNECTIONS", "0", "less than 1"),
        ("LMS_CONNECTIONS", "1.5", "not a whole number"),
        ("LMS_REQUESTS_PER_SECOND", "-1", "less than 0"),
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


def test_private_hosts_are_a_list() -> None:
    """White space and capitals do not count."""
    loaded = config.load(None, {**KEY, "SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE": " A.local, b "})
    assert frozenset({"a.local", "b"}) == loaded.outlet_allow_private
