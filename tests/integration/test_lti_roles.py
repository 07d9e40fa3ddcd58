"""Who runs the LMS may be an admin here, if a setting says so: by launches, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bridge.access import roles
from bridge.access.lti_claims import WHOLE_SITE
from bridge.bootstrap import Bridge
from bridge.config_lti import read_roles
from bridge.errors import ConfigError
from bridge.model import Role
from bridge.storage import tables as t
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.lti_platform import CLAIM, LtiPlatform, Tool, lti_platform, recorded
from tests.integration.test_lti import BASE, FRAME, Browser, known, lms_id

SYSTEM, INSTITUTION = WHOLE_SITE
COURSE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
MENTORS = {"Administrator": "admin", "Mentor": "moderator"}


@pytest.fixture
def platform(clock: FrozenClock) -> Iterator[LtiPlatform]:
    """The LMS of Acme, as a platform."""
    with lti_platform() as found:
        found.now = clock.now()
        found.tool = Tool(f"{BASE}/lti/login", f"{BASE}/lti/launch", f"{BASE}/lti/keys")
        yield found


class Acme:
    """The bridge with its setting, and Bob who comes in as whatever the LMS says he is."""

    def __init__(self, cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> None:
        self.cast, self.platform = cast, platform
        self.bridge: Bridge = known(cast, clock, platform)
        self.set(MENTORS)
        platform.signed_in = lms_id(cast, t.people, cast.bob)

    def set(self, wanted: dict[str, str]) -> None:
        """The setting from now on."""
        self.bridge = replace(self.bridge, config=replace(self.bridge.config, lms_roles=wanted))

    def launch(self, said: Any) -> dict[Role, str]:
        """Bob comes in as that; his roles, and where each is from."""
        self.platform.changed = {CLAIM + "roles": said}
        arrived = Browser(create_app(self.bridge), FRAME).arrive(self.platform)
        assert 303 == arrived.status_code, arrived.text
        with self.bridge.store.reading() as work:
            return dict(work.access.roles(self.cast.bob))


@pytest.fixture
def acme(cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Acme:
    """On each database."""
    return Acme(cast, clock, platform)


@pytest.fixture
def lite_acme(lite_cast: Cast, clock: FrozenClock, platform: LtiPlatform) -> Acme:
    """On SQLite."""
    return Acme(lite_cast, clock, platform)


def test_a_role_comes_with_a_launch_and_goes_with_one(acme: Acme) -> None:
    """As the LMS says each time; the log has both, by nobody."""
    said = [SYSTEM + "Administrator", INSTITUTION + "Mentor", COURSE + "Learner"]
    assert {Role.ADMIN: "lms", Role.MODERATOR: "lms"} == acme.launch(said)
    assert {Role.MODERATOR: "lms"} == acme.launch([INSTITUTION + "Mentor"])
    assert {} == acme.launch(None)
    with acme.bridge.store.reading() as work:
        acts = [(entry.act, entry.person_id) for entry in work.access.recent(9)]
    granted = [("granted moderator by lms", None), ("granted admin by lms", None)]
    revoked = [("revoked moderator by lms", None), ("revoked admin by lms", None)]
    assert sorted(granted + revoked) == sorted(acts)


@pytest.mark.parametrize(
    "said",
    [
        [COURSE + "Administrator", COURSE + "Mentor"],
        ["Administrator", "Mentor"],
        ["http://purl.imsglobal.org/vocab/lis/v2/membership/person#Administrator"],
        ["urn:lti:sysrole:ims/lis/Administrator"],
        [SYSTEM + "administrator", SYSTEM + "Administrator ", SYSTEM + "SysAdmin"],
        SYSTEM + "Administrator",
        [[SYSTEM + "Administrator"], 7, None],
        {"0": SYSTEM + "Administrator"},
    ],
)
def test_what_is_no_role_in_the_whole_lms_gives_none(lite_acme: Acme, said: Any) -> None:
    """A role in a course least of all: a teacher gives those."""
    assert {} == lite_acme.launch(said)


def test_what_was_given_by_hand_stays(lite_acme: Acme) -> None:
    """Whatever the LMS says; and without the setting it says nothing."""
    with lite_acme.bridge.store.work() as work:
        roles.grant(work, lite_acme.cast.bob, Role.ADMIN)
    admin = [SYSTEM + "Administrator"]
    assert {Role.ADMIN: "hand"} == lite_acme.launch(admin) == lite_acme.launch([])
    lite_acme.set({})
    assert {Role.ADMIN: "hand"} == lite_acme.launch([SYSTEM + "Mentor"])


def test_an_admin_of_the_recorded_moodle_is_one(lite_acme: Acme) -> None:
    """It says so twice, beside what they are in the course."""
    said = recorded("launch_admin")["claims"][CLAIM + "roles"]
    assert {Role.ADMIN: "lms"} == lite_acme.launch(said)
    learner = recorded("launch")["claims"][CLAIM + "roles"]
    assert {} == lite_acme.launch(learner)


@pytest.mark.parametrize("value", ["Administrator", "=admin", "A=leader", "A=admin, A=moderator"])
def test_a_setting_that_cannot_be_used_is_told(value: str) -> None:
    """With how it is written."""
    with pytest.raises(ConfigError, match="SOCIALBRIDGE_LMS_ROLES"):
        read_roles(value)


def test_the_setting_is_read() -> None:
    """None by default."""
    assert {} == read_roles("")
    assert MENTORS == read_roles(" Administrator=admin, Mentor = moderator,")
