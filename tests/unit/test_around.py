"""What the doctor finds around the features: version, clock, rights in excess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from bridge.lms import wire
from bridge.model import Site
from bridge.setup import manifest
from bridge.setup.around import Check, Health, around

URL = "https://moodle.example"
SITE = Site(
    name="Acme",
    url=URL,
    release="4.5.6 (Build: 20250811)",
    user_id=3,
    user_name="Social bridge",
    functions=manifest.declared_functions(),
    clock=(0.2, 0.6),
)


def found(site: Site, kind: str = "moodle") -> dict[str, Check]:
    """By name."""
    return {check.feature: check for check in around(site, kind)}


def test_a_site_as_it_should_be_is_green() -> None:
    """Every check, and each says what was found."""
    checks = found(SITE)
    assert ["version", "clock", "rights"] == list(checks)
    assert {Health.GREEN} == {check.health for check in checks.values()}
    assert all(check.found for check in checks.values())


@pytest.mark.parametrize(
    ("kind", "release", "health"),
    [
        ("moodle", "3.6.10 (Build: 20200309)", Health.RED),
        ("moodle", "3.7", Health.GREEN),
        ("moodle", "3.11.18 (Build: 20231211)", Health.GREEN),
        ("moodle", "5.0.1+ (Build: 20250101)", Health.GREEN),
        ("totara", "3.0.10 (Build: 20170508)", Health.RED),
        ("totara", "3.3.9 (Build: 20181112)", Health.GREEN),
        ("moodle", "", Health.AMBER),
        ("moodle", "unknown", Health.AMBER),
    ],
)
def test_a_release_that_is_too_old_is_red(kind: str, release: str, health: Health) -> None:
    """By the manifest's minimum, compared as numbers; Totara names the Moodle it was made of."""
    check = found(replace(SITE, release=release), kind)["version"]
    assert health is check.health
    if health is Health.RED:
        assert manifest.lms(kind).minimum in check.remedy


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ((95.0, 0.5), "95 seconds ahead of the bridge's"),
        ((-3600.0, 0.5), "3600 seconds behind the bridge's"),
        ((31.0, 5.0), "the two clocks agree"),
        (None, "does not say what time it is"),
    ],
)
def test_a_clock_that_is_wrong_is_told(clock: tuple[float, float] | None, said: str) -> None:
    """Beyond what the way there and back may have cost."""
    assert said in found(replace(SITE, clock=clock))["clock"].found


def test_rights_in_excess_are_named() -> None:
    """A few functions by name, the others by number; an administrator's token at once."""
    some = {f"core_user_delete_users_{n}" for n in range(7)}
    check = found(replace(SITE, functions=SITE.functions | some))["rights"]
    assert "7 functions" in check.found
    assert "core_user_delete_users_0" in check.found
    assert "and 2 more" in check.found
    one = found(replace(SITE, functions=SITE.functions | {"core_user_delete_users"}))["rights"]
    assert "1 function that the bridge never calls: core_user_delete_users" in one.found
    admin = found(replace(SITE, is_admin=True))["rights"]
    assert (Health.AMBER, True) == (admin.health, "role-preset" in admin.remedy)


def test_the_clock_is_read_from_an_answer() -> None:
    """Half of the way there and back is in doubt, and the half second that a date is cut by."""
    response = requests.Response()
    at = datetime(2026, 11, 25, 9, 2, tzinfo=UTC)
    response.headers["Date"] = format_datetime(at, usegmt=True)
    begun = (at - timedelta(seconds=61)).timestamp()
    clock = wire.clock_of(response, begun, begun + 2)
    assert clock is not None
    assert (pytest.approx(60.5), pytest.approx(1.5)) == clock
    for said in ("", "yesterday"):
        response.headers["Date"] = said
        assert wire.clock_of(response, begun, begun + 2) is None
