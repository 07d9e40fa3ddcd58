"""What is around the features: version, clock, and rights that nobody needs; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

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


def around(site: Site, kind: str) -> Iterator[Check]:
    """Each thing once, green or not.

    :param kind: of LMS, as the manifest has it.
    """
    yield _version(site.release, manifest.lms(kind))
    yield _clock(site)
    yield _rights(site, kind)


def _version(release: str, lms: manifest.Lms) -> Check:
    found = re.search(r"\d+(?:\.\d+)*", release)
    if found is None:
        return Check("version", Health.AMBER, f"the LMS says {release!r}, which is no release")
    named = f"{lms.kind.capitalize()} {lms.minimum}"
    if lms.minimum_said != lms.minimum:
        named += f", which says {lms.minimum_said},"
    if _numbers(found[0]) < _numbers(lms.minimum_said):
        return Check(
            "version",
            Health.RED,
            f"release {found[0]} is older than {named.rstrip(',')}",
            f"The bridge speaks to {lms.minimum} and later: update the LMS.",
        )
    return Check("version", Health.GREEN, f"release {found[0]}; {named} or later is needed")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


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


def _rights(site: Site, kind: str) -> Check:
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
            f"Take {'them' if len(excess) > 1 else 'it'} out of the service"
            f" ({manifest.lms(kind).services_page} → Functions), or make one with those of"
            " `socialbridge manifest functions`.",
        )
    return Check("rights", Health.GREEN, "the token's service has no function that is not used")
