"""The platform of the tests says what a Moodle was recorded to say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from joserfc import jwt

from tests.contract.lti_platform import CLAIM, LtiPlatform, Tool, lti_platform, recorded


@pytest.fixture
def platform() -> Iterator[LtiPlatform]:
    """A platform with a tool."""
    with lti_platform() as found:
        found.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
        site = "https://bridge.example"
        found.tool = Tool(f"{site}/login", f"{site}/launch", f"{site}/jwks")
        found.signed_in = "12"
        yield found


def shape(value: Any) -> Any:
    """Names and kinds, without what differs from site to site."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


@pytest.mark.parametrize("message", ["launch", "launch_LtiDeepLinkingRequest"])
def test_its_launches_are_shaped_as_moodles(message: str, platform: LtiPlatform) -> None:
    """Header and claims."""
    platform.message = message
    token = jwt.decode(platform.token("n1"), platform.key)
    assert shape(recorded(message)["claims"]) == shape(token.claims)
    assert set(recorded(message)["header"]) == set(token.header)
    assert "RS256" == token.header["alg"]


def test_its_login_asks_what_moodles_asks(platform: LtiPlatform) -> None:
    """By name; the address differs."""
    asked = platform.initiation()
    assert asked.startswith("/login?")
    assert set(recorded("login_initiation")) == {
        part.split("=")[0] for part in asked.partition("?")[2].split("&")
    }


def test_its_configuration_is_moodles(platform: LtiPlatform) -> None:
    """With its own addresses in it."""
    said = requests.get(f"{platform.url}/mod/lti/openid-configuration.php", timeout=5).json()
    assert shape(recorded("openid_configuration")) == shape(said)
    assert said["jwks_uri"] == f"{platform.url}/mod/lti/certs.php"


def test_it_takes_the_registration_that_moodle_took(platform: LtiPlatform) -> None:
    """And answers as it did; without its token, or a second time, it does not."""
    sent = recorded("registration_response")["request"]
    url = f"{platform.url}/mod/lti/openid-registration.php"
    assert 401 == requests.post(url, json=sent, timeout=5).status_code
    headers = {"Authorization": f"Bearer {platform.registration_token}"}
    answer = requests.post(url, json=sent, headers=headers, timeout=5)
    assert 200 == answer.status_code
    assert set(recorded("registration_response")["body"]) == set(answer.json())
    assert 401 == requests.post(url, json=sent, headers=headers, timeout=5).status_code


def test_it_refuses_what_moodle_refuses(platform: LtiPlatform) -> None:
    """Each parameter of the authentication request that is missing or another one."""
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": recorded("login_initiation")["client_id"],
        "redirect_uri": platform.tool.launch_url,
        "login_hint": "12",
        "lti_message_hint": recorded("login_initiation")["lti_message_hint"],
        "nonce": "n",
        "state": "s",
    }
    url = f"{platform.url}/mod/lti/auth.php"
    assert 200 == requests.get(url, params=asked, timeout=5).status_code
    for name in set(asked) - {"state"}:
        without = {key: value for key, value in asked.items() if key != name}
        assert 400 == requests.get(url, params=without, timeout=5).status_code, name
    assert CLAIM in "".join(platform.claims("n"))
