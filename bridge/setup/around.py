"""What is around the features: version, address, clock, and rights that nobody needs; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from bridge.model import Site
from bridge.setup import manifest

SKEW = 30.0
"""Seconds by which the LMS's clock may differ. A launch from it is believed within 60."""

NAMED = 5
"""So many functions in excess are named; the others are counted."""


class Health(StrEnum):
    """Green: proven. Amber: works in part, or is not needed. Red: a required feature fails."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Check:
    """What was found of one feature, or of what is around them."""

    feature: str
    health: Health
    found: str
    remedy: str = ""


def around(site: Site, kind: str, url: str) -> Iterator[Check]:
    """Each thing once, green or not.

    :param kind: of LMS, as the manifest has it.
    :param url: the address by which the bridge reaches it.
    """
    yield _version(site.release, manifest.lms(kind).minimum)
    yield _address(site.url, url)
    yield _clock(site)
    yield _rights(site)


def _version(release: str, minimum: str) -> Check:
    found = re.search(r"\d+(?:\.\d+)*", release)
    if found is None:
        return Check("version", Health.AMBER, f"the LMS says {release!r}, which is no release")
    if _numbers(found[0]) < _numbers(minimum):
        return Check(
            "version",
            Health.RED,
            f"release {found[0]} is older than {minimum}",
            f"The bridge speaks to {minimum} and later: update the LMS.",
        )
    return Check("version", Health.GREEN, f"release {found[0]}; {minimum} or later is needed")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _address(own: str, url: str) -> Check:
    if _place(own) != _place(url):
        return Check(
            "address",
            Health.AMBER,
            f"the LMS calls itself {own}, and is asked at {url}",
            "Connect it by its own address (wwwroot), where links in the feed lead to:"
            f" socialbridge connect NAME --url {own}",
        )
    if url.startswith("http://") and not _here(url):
        return Check(
            "address",
            Health.AMBER,
            f"{url} is not https: anybody on the way can read the token",
            "Switch https on at the LMS, and connect it by its https:// address.",
        )
    return Check("address", Health.GREEN, f"{own}, as the LMS itself says")


def _place(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower(), parts.path.rstrip("/")


def _here(url: str) -> bool:
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


def _clock(site: Site) -> Check:
    if site.clock is None:
        return Check("clock", Health.AMBER, "the LMS does not say what time it is")
    ahead, doubt = site.clock
    if abs(ahead) - doubt > SKEW:
        whose = "ahead of" if ahead > 0 else "behind"
        return Check(
            "clock",
            Health.AMBER,
            f"the LMS's clock is {abs(ahead):.0f} seconds {whose} the bridge's",
            "Set both by NTP (timedatectl shows whether they are): completions are dated by one,"
            " and launches are refused that seem to come from the future.",
        )
    return Check("clock", Health.GREEN, "the two clocks agree")


def _rights(site: Site) -> Check:
    excess = sorted(site.functions - manifest.every_function())
    if site.is_admin:
        return Check(
            "rights",
            Health.AMBER,
            "the token is a site administrator's, who may do everything",
            "Make a user of its own with the role preset (socialbridge manifest role-preset), and"
            " a token for that one.",
        )
    if excess:
        more = f" and {len(excess) - NAMED} more" if len(excess) > NAMED else ""
        return Check(
            "rights",
            Health.AMBER,
            f"the token's service has {len(excess)} function{'s' * (len(excess) > 1)} that the"
            " bridge never calls:"
            f" {', '.join(excess[:NAMED])}{more}",
            "Take them out of the service (Site administration → Server → Web services → External"
            " services → Functions), or make one with those of `socialbridge manifest functions`.",
        )
    return Check("rights", Health.GREEN, "the token's service has no function that is not used")
