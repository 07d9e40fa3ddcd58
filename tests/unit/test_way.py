"""What the way to the LMS means: redirects, certificates, proxies, long forms, pace."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import LmsError, NotAnLms, Unreachable
from bridge.lms.moodle.pages import MOODLE, TOTARA
from bridge.model import Carried, Traffic, Way
from bridge.setup import manifest
from bridge.setup.around import Check, Health
from bridge.setup.way import Own, carried, on_the_way, own_side, pace

URL = "https://moodle.example"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
GOOD = Way(expires=NOW + timedelta(days=60))
SILENT = Unreachable("It does not answer.", "See why.")


def found(
    way: Way = GOOD,
    own: str | None = URL,
    url: str = URL,
    error: LmsError | None = None,
) -> dict[str, Check]:
    """By name."""
    return {check.feature: check for check in on_the_way(url, own, way, error, NOW)}


def test_a_straight_way_is_green() -> None:
    """Every check, and each says what was found."""
    checks = found()
    assert ["address", "certificate", "proxy"] == list(checks)
    assert {Health.GREEN} == {check.health for check in checks.values()}
    assert all(check.found for check in checks.values())


@pytest.mark.parametrize(
    ("own", "url", "green"),
    [
        (URL, f"{URL}/", True),
        (URL, "https://MOODLE.example", True),
        (URL, "https://lms.intranet", False),
        (URL, "http://moodle.example", False),
        (f"{URL}/moodle", URL, False),
        ("http://moodle.example", "http://moodle.example", False),
    ],
)
def test_another_address_than_its_own_is_told(own: str, url: str, green: bool) -> None:
    """A proxy, an old name, http where it calls itself https; and a token in the clear."""
    check = found(own=own, url=url)["address"]
    assert green == (check.health is Health.GREEN)
    assert green != bool(check.remedy)


def test_plain_http_is_for_the_inside() -> None:
    """This machine, a private network: nobody else is on the way, so no certificate is wanted."""
    checks = found(Way(inside=True), "http://10.0.0.7:8000", "http://10.0.0.7:8000")
    assert (Health.GREEN, False) == (checks["address"].health, "certificate" in checks)


@pytest.mark.parametrize(
    ("url", "target", "again"),
    [
        ("http://moodle.example", f"{URL}/", URL),
        (URL, "https://www.moodle.example/?lang=en", "https://www.moodle.example"),
        (URL, f"{URL}/moodle/login/index.php", f"{URL}/moodle"),
        (URL, "https://evil.example/$(id)", "'https://evil.example/$(id)'"),
    ],
)
def test_a_redirect_is_told_with_how_to_connect_again(url: str, target: str, again: str) -> None:
    """Amber where the LMS answers all the same, red where it does not; fit for a shell."""
    way = Way(redirect=target, expires=GOOD.expires)
    check = found(way, URL, url)["address"]
    assert (Health.AMBER, True) == (check.health, f"sends visitors on to {target}" in check.found)
    assert check.remedy.endswith(f"socialbridge connect NAME --url {again}")
    assert Health.RED is found(way, None, url, SILENT)["address"].health


def test_the_login_page_of_the_lms_itself_is_no_redirect() -> None:
    """Many show nothing else to visitors; the web services answer."""
    assert Health.GREEN is found(Way(f"{URL}/login/index.php", GOOD.expires))["address"].health


def test_a_single_sign_on_before_the_lms_is_told() -> None:
    """It is not an address to connect."""
    check = found(Way("https://id.example/saml/login?x=1", GOOD.expires), None)["address"]
    assert (Health.RED, False) == (check.health, "--url" in check.remedy)
    assert "a login page elsewhere" in check.found


@pytest.mark.parametrize(
    ("way", "health", "said", "remedy"),
    [
        (Way(expires=NOW + timedelta(days=13)), Health.AMBER, "2026-12-08", "Renew"),
        (Way(expires=NOW + timedelta(days=1)), Health.RED, "2026-11-26", "Renew"),
        (Way(distrust="certificate has expired"), Health.RED, "has expired", "Renew"),
        (Way(distrust="self-signed certificate"), Health.RED, "self-signed", "REQUESTS_CA_BUNDLE"),
        (
            Way(distrust="Hostname mismatch, certificate is not valid for 'moodle.example'."),
            Health.RED,
            "Hostname mismatch",
            "by a name that stands in its certificate",
        ),
        (Way(), Health.AMBER, "no certificate was seen", "can be reached"),
    ],
)
def test_a_certificate_is_judged(way: Way, health: Health, said: str, remedy: str) -> None:
    """Before it ends, and by why it is not believed."""
    check = found(way)["certificate"]
    assert health is check.health
    assert said in check.found
    assert remedy in check.remedy


def test_a_proxy_is_named_and_blamed_only_if_nothing_comes_through() -> None:
    """With the variable that says so, and how to go around it."""
    way = Way(proxy="proxy.example:3128", variable="HTTPS_PROXY", expires=GOOD.expires)
    check = found(way)["proxy"]
    assert Health.GREEN is check.health
    assert "go through proxy.example:3128 (HTTPS_PROXY)" in check.found
    check = found(way, None, error=SILENT)["proxy"]
    assert (Health.AMBER, True) == (check.health, "add moodle.example to NO_PROXY" in check.remedy)


def test_a_page_instead_of_data_shows_who_stands_between() -> None:
    """By how it names itself; a network that lets data through is no fault."""
    way = Way(between="CF-RAY: 1234", expires=GOOD.expires)
    assert Health.GREEN is found(way)["proxy"].health
    check = found(way, None, error=NotAnLms("A web page came."))["proxy"]
    assert Health.AMBER is check.health
    assert "something else answers in place of the LMS (CF-RAY: 1234)" == check.found


@pytest.mark.parametrize(
    ("arrived", "health", "said"),
    [
        (Carried(603, 603), Health.GREEN, "arrives whole"),
        (Carried(603, 280), Health.AMBER, "of a form of 603 fields only some 280 arrived"),
        (None, Health.AMBER, "too few people"),
    ],
)
def test_a_long_form_is_judged(arrived: Carried | None, health: Health, said: str) -> None:
    """Whole, cut, or not to be told."""
    check = carried(arrived)
    assert (health, True) == (check.health, said in check.found)


def test_the_pace_is_told() -> None:
    """How much was asked, how long an answer took, and whether the LMS asked for patience."""
    assert "41 requests; an answer took 0.12 seconds (median)" == pace(Traffic(41, 0.123)).found
    asked = pace(Traffic(1, 0.1, 1, 0))
    assert Health.AMBER is asked.health
    assert asked.found.endswith("asked once to come back later, in 1 request")


@pytest.mark.parametrize(
    ("own", "health", "remedy"),
    [
        (Own("https://social.example", 1), Health.GREEN, ""),
        (Own("http://127.0.0.1:8000", 0), Health.GREEN, ""),
        (
            Own("https://social.example", 0),
            Health.AMBER,
            "SOCIALBRIDGE_TRUSTED_PROXIES to how many",
        ),
        (Own("http://127.0.0.1:8000", 1), Health.AMBER, "SOCIALBRIDGE_TRUSTED_PROXIES to 0"),
        (Own("http://social.example", 1), Health.AMBER, "a certificate"),
    ],
)
def test_the_bridges_own_address_fits_its_proxies(own: Own, health: Health, remedy: str) -> None:
    """What people reach it by, and whom it believes."""
    check = own_side(own)
    assert (health, True) == (check.health, remedy in check.remedy)


def test_the_manifest_names_the_pages_that_refusals_name() -> None:
    """An admin is sent to one place, whoever sends them."""
    for kind, pages in (("moodle", MOODLE), ("totara", TOTARA)):
        site = manifest.lms(kind)
        named = (site.roles_page, site.services_page, site.teams_page)
        assert (pages.roles, pages.services, pages.teams) == named
        assert set(named) <= set(astuple(pages))
