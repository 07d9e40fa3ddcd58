"""The API client of a Totara, from a file or the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.cli.credentials import ID_VARIABLE, SECRET_VARIABLE, oauth_client
from bridge.errors import InputError

CLIENT = {"client_id": "b81", "client_secret": "s3cret"}


@pytest.mark.parametrize(
    "text",
    [
        '{"client_id": "b81", "client_secret": "s3cret"}',
        '\n {"client_secret": " s3cret ", "client_id": "b81", "name": "Bridge"}\n',
        "b81\ns3cret\n",
        "\n  b81  \n\n  s3cret\r\n\n",
    ],
)
def test_a_file_as_json_or_on_two_lines(tmp_path: Path, text: str) -> None:
    """White space does not count, nor what else is in it."""
    path = tmp_path / "client"
    path.write_text(text)
    assert CLIENT == oauth_client(str(path), {})


def test_the_environment_is_read_without_a_file(tmp_path: Path) -> None:
    """A file that is given has the say."""
    environment = {ID_VARIABLE: "b81", SECRET_VARIABLE: " s3cret "}
    assert CLIENT == oauth_client(None, environment)
    path = tmp_path / "client"
    path.write_text("other\nmore")
    assert {"client_id": "other", "client_secret": "more"} == oauth_client(str(path), environment)


def test_no_client_is_no_fault() -> None:
    """Most sites have none."""
    assert oauth_client(None, {}) is None


@pytest.mark.parametrize(
    "environment",
    [{ID_VARIABLE: "b81"}, {SECRET_VARIABLE: "s3cret"}, {ID_VARIABLE: " ", SECRET_VARIABLE: "x"}],
)
def test_half_a_client_is_refused(environment: dict[str, str]) -> None:
    """With where to find both."""
    with pytest.raises(InputError, match="no whole API client") as error:
        oauth_client(None, environment)
    assert "API → Clients" in error.value.remedy


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no whole API client"),
        (b"b81", "no whole API client"),
        (b"b81\ns3cret\nmore", "no whole API client"),
        (b'{"client_id": "b81"}', "no whole API client"),
        (b'{"client_id": 7, "client_secret": []}', "no whole API client"),
        (b'{"client_id": "b81", ', "begins like JSON"),
        (b"\xff\xfe\x00", "cannot be read as text"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    """Its secret is not shown."""
    path = tmp_path / "client"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as error:
        oauth_client(str(path), {})
    assert "s3cret" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """One sentence."""
    with pytest.raises(InputError, match="cannot be read"):
        oauth_client(str(tmp_path / "none"), {})
