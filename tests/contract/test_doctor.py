"""The doctor before a demo LMS: rights one by one, long forms, a limit, and what stands between."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.demo.lms.faults import Kind
from bridge.demo.lms.server import running_lms
from bridge.lms.moodle.form_fields import LONGEST
from bridge.lms.totara.connector import TotaraConnector
from bridge.setup import manifest, preset
from bridge.setup.around import Check, Health
from bridge.setup.doctor import Doctor, Findings
from tests.doctored import NOW, STANDS_IN, amiss, examined, rights_page, without

ROLES = manifest.lms("moodle").roles_page
PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "rights.md"


def named(found: Findings, name: str) -> Check:
    """The one check of that name."""
    (check,) = [check for check in found.checks if check.feature == name]
    return check


def test_with_the_preset_everything_is_green() -> None:
    """Nothing is missing from the role and the functions that are printed, nor in excess."""
    found = without()
    assert [] == amiss(found)
    assert found.traffic.requests == int(named(found, "pace").found.split()[0])


@pytest.mark.parametrize("capability", sorted(set(preset.capabilities("moodle"))))
def test_each_right_that_is_missing_is_named_with_its_page(capability: str) -> None:
    """Each of the preset's; one that another stands in for when that is missing as well."""
    alone = amiss(without(capability))
    missing = {capability}
    if capability in STANDS_IN:
        assert [] == alone
        missing.add(STANDS_IN[capability])
    checks = amiss(without(*missing))
    said = [check for check in checks if any(right in check.remedy for right in missing)]
    assert said
    assert all(ROLES in check.remedy for check in said)


def test_the_page_of_missing_rights_is_what_the_doctor_says() -> None:
    """It is made from the program: `python -m tests.reference` writes it."""
    assert rights_page() == PAGE.read_text("utf-8")


@pytest.mark.parametrize(("limit", "arrives"), [(1000, True), (LONGEST, True), (300, False)])
def test_a_form_that_php_cuts_is_told(limit: int, arrives: bool) -> None:
    """By who is named in the answer; PHP itself says nothing."""
    with running_lms() as lms:
        lms.service.input_vars = limit
        check = named(examined(lms), "batches")
    assert arrives == (check.health is Health.GREEN)
    if not arrives:
        arrived = int(check.found.split("only some ")[1].split()[0])
        assert limit - LONGEST // 19 <= arrived <= limit
        assert "max_input_vars" in check.remedy


def test_an_lms_that_asks_for_patience_is_told() -> None:
    """Though the bridge waited, asked again, and got its answer."""
    with running_lms() as lms, lms.faults.during(Kind.TOO_MANY, times=2, seconds=7):
        found = examined_when_ready(lms.url, lms.token)
    check = named(found, "pace")
    assert (2, 7.0) == (found.traffic.waits, found.traffic.after)
    assert "asked 2 times to come back later (the longest: 7 seconds)" in check.found
    assert "SOCIALBRIDGE_LMS_REQUESTS_PER_SECOND" in check.remedy


def examined_when_ready(url: str, token: str) -> Findings:
    """Without looking for a report before."""
    connector = TotaraConnector(url, token, pause=lambda seconds: None)
    try:
        return Doctor(connector, "moodle", url, NOW).examine()
    finally:
        connector.close()


def test_a_totara_is_told_its_own_pages() -> None:
    """Nothing of its menu is Moodle's, and what it lacks is not asked for."""
    with running_lms(flavour="totara-12", capabilities=preset.capabilities("totara")) as lms:
        connector = TotaraConnector(lms.url, lms.token)
        found = Doctor(connector, "totara", lms.url, NOW).examine()
        connector.close()
    assert ["rights"] == [check.feature for check in amiss(found)]
    capabilities = set(preset.capabilities("totara")) - {"moodle/user:viewdetails"}
    with running_lms(flavour="totara-12", capabilities=capabilities) as lms:
        connector = TotaraConnector(lms.url, lms.token)
        check = named(Doctor(connector, "totara", lms.url, NOW).examine(), "people")
        connector.close()
    assert "moodle/user:viewdetails" in check.remedy
    assert manifest.lms("totara").roles_page in check.remedy
