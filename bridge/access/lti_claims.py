"""What the claims of an LTI 1.3 launch say: LTI Core 1.3 and Deep Linking 2.0; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.access.vouching import refused
from bridge.guard import can_be_asked
from bridge.model.lti import Launch, Message, Placing, Platform, origin

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
VERSION = "1.3.0"
ABOUT_PEOPLE = ("sub", "iss")
"""The claims about a person that are asked for: no name and no address, which the LMS's web
services tell already."""

LARGEST_ID = 2**31 - 1
LONGEST = 1_000
"""Characters of an address that is kept."""
WHOLE_SITE = (
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#",
)
"""What stands before the name of a role that is one in the whole LMS."""
LINK = "ltiResourceLink"
PLACED = "place"
"""By this custom parameter a launch says what was placed."""


def read(claims: Mapping[str, Any], platform: Platform, ours: str) -> Launch:
    """What the launch says.

    :param ours: the address that launches are sent to.
    :raises IdentityError: if it is not one of LTI 1.3, or from a deployment that is not known.
    """
    if claims.get(CLAIM + "version") != VERSION:
        raise refused("the launch is not one of LTI 1.3")
    try:
        message = Message(str(claims.get(CLAIM + "message_type")))
    except ValueError as error:
        raise refused("the launch is of a kind that is not understood") from error
    deployment = claims.get(CLAIM + "deployment_id")
    if not isinstance(deployment, str) or deployment not in platform.deployments:
        raise refused(
            "the launch is from a deployment that is not known here",
            "An admin of the bridge adds it: socialbridge lti deployment --help.",
        )
    target = claims.get(CLAIM + "target_link_uri")
    if not isinstance(target, str) or target.partition("?")[0] != ours:
        raise refused("the launch is for another address")
    if message is Message.RESOURCE_LINK and not _map(claims, "resource_link").get("id"):
        raise refused("the launch does not say from which link it comes")
    frame = _map(claims, "launch_presentation").get("document_target")
    return Launch(
        subject=_subject(claims.get("sub")),
        deployment_id=deployment,
        message=message,
        course=_ident(_map(claims, "context").get("id")),
        place=str(_map(claims, "custom").get(PLACED, ""))[:40],
        framed=frame in ("iframe", "frame"),
        placing=_placing(claims, platform) if message is Message.DEEP_LINKING else None,
        roles=_roles(claims.get(CLAIM + "roles")),
        members_url=_members_url(claims, platform),
    )


def _roles(said: object) -> frozenset[str]:
    """By the two vocabularies of a whole site. What somebody is in a course says nothing here."""
    listed = [role for role in said if isinstance(role, str)] if isinstance(said, list) else []
    return frozenset(
        role.removeprefix(whole)
        for role in listed
        for whole in WHOLE_SITE
        if role.startswith(whole)
    )


def _members_url(claims: Mapping[str, Any], platform: Platform) -> str:
    """A hint, and no reason to refuse a launch: what is not on the platform's own site is none."""
    service = claims.get(MEMBERS)
    url = service.get("context_memberships_url") if isinstance(service, dict) else None
    if not isinstance(url, str) or len(url) > LONGEST or not can_be_asked(url):
        return ""
    return url if origin(url) == platform.origin else ""


def _placing(claims: Mapping[str, Any], platform: Platform) -> Placing:
    settings = claims.get(DEEP_LINKING + "deep_linking_settings")
    settings = settings if isinstance(settings, dict) else {}
    to = settings.get("deep_link_return_url")
    if not isinstance(to, str) or origin(to) != platform.origin:
        raise refused("the launch does not say where to place something")
    if LINK not in (settings.get("accept_types") or ()):
        raise refused("the platform takes no link here")
    data = settings.get("data")
    return Placing(to, data if isinstance(data, str) else "", bool(settings.get("accept_multiple")))


def _subject(said: object) -> int:
    found = _ident(said)
    if found is None:
        raise refused("the launch does not say who you are")
    return found


def _ident(said: object) -> int | None:
    if not isinstance(said, str) or not (said.isascii() and said.isdigit() and len(said) < 11):
        return None
    return int(said) if 0 < int(said) <= LARGEST_ID else None


def _map(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = claims.get(CLAIM + name)
    return value if isinstance(value, dict) else {}
