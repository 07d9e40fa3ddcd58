"""Registering the bridge at an LTI platform: LTI Dynamic Registration 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.errors import IdentityError
from bridge.identity.asking import Asking
from bridge.model.lti import MEMBERS_SCOPE, Message, origin

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"


@dataclass(frozen=True)
class Configuration:
    """What a platform says of itself: OpenID Connect Discovery 1.0, with LTI's part."""

    issuer: str
    auth_url: str
    keys_url: str
    token_url: str
    registration_url: str
    messages: frozenset[str]
    scopes: frozenset[str]
    """The services that it has."""


@dataclass(frozen=True)
class Tool:
    """What we say of ourselves."""

    name: str
    description: str
    login_url: str
    launch_url: str
    keys_url: str
    domain: str
    place: str
    """What the button says by which something is placed in a course."""
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Registered:
    """What the platform gave."""

    client_id: str
    deployment_id: str
    """Empty where it says none."""


def configuration(asking: Asking, url: str) -> Configuration:
    """What the platform says of itself.

    :raises IdentityError: if it cannot be read, or its parts do not belong together.
    """
    what = "The configuration of the learning platform"
    found = asking.json(url, what)
    if not isinstance(found, dict):
        raise IdentityError(f"{what} is not one.")
    part = found.get(PLATFORM)
    part = part if isinstance(part, dict) else {}
    named = {
        "issuer": found.get("issuer"),
        "auth_url": found.get("authorization_endpoint"),
        "keys_url": found.get("jwks_uri"),
        "token_url": found.get("token_endpoint"),
        "registration_url": found.get("registration_endpoint"),
    }
    for name, value in named.items():
        if not isinstance(value, str) or origin(value) != origin(url):
            raise IdentityError(f"{what} says no {name.replace('_', ' ')} of its own site.")
    messages = part.get("messages_supported")
    listed = messages if isinstance(messages, list) else []
    scopes = found.get("scopes_supported")
    return Configuration(
        **{name: str(value) for name, value in named.items()},
        messages=frozenset(str(m.get("type")) for m in listed if isinstance(m, dict)),
        scopes=frozenset(map(str, scopes if isinstance(scopes, list) else [])),
    )


def request(tool: Tool, platform: Configuration) -> dict[str, Any]:
    """What is sent to register: only the messages and services that the platform knows."""
    wanted: list[dict[str, Any]] = [
        {"type": Message.RESOURCE_LINK.value, "target_link_uri": tool.launch_url},
        {
            "type": Message.DEEP_LINKING.value,
            "target_link_uri": tool.launch_url,
            "label": tool.place,
        },
    ]
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": [tool.launch_url],
        "client_name": tool.name,
        "jwks_uri": tool.keys_url,
        "token_endpoint_auth_method": "private_key_jwt",
        # One service is asked for, as a hint: the web services tell everything else, and more.
        "scope": MEMBERS_SCOPE if MEMBERS_SCOPE in platform.scopes else "",
        TOOL: {
            "domain": tool.domain,
            "description": tool.description,
            "target_link_uri": tool.launch_url,
            "claims": list(tool.claims),
            "messages": [m for m in wanted if m["type"] in platform.messages],
        },
    }


def register(asking: Asking, platform: Configuration, token: str, tool: Tool) -> Registered:
    """Register there.

    :param token: what the platform gave along; may be empty.
    :raises IdentityError: if it does not take the registration.
    """
    what = "The registration at the learning platform"
    sent = request(tool, platform)
    found = asking.json(platform.registration_url, what, method="POST", content=sent, token=token)
    found = found if isinstance(found, dict) else {}
    client_id = found.get("client_id")
    if not isinstance(client_id, str) or not client_id:
        raise IdentityError(f"{what} was answered without a client id.")
    part = found.get(TOOL)
    deployment = part.get("deployment_id") if isinstance(part, dict) else None
    return Registered(client_id, deployment if isinstance(deployment, str) else "")
