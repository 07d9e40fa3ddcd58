"""The manifest names what the code calls, and the code calls what the manifest names."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from bridge import config
from bridge.access import lti_claims, vouching
from bridge.identity import registration
from bridge.lms.moodle.refusals import CAPABILITY_OF
from bridge.model import Stream
from bridge.model.lti import Message, Platform
from bridge.outlets.kinds import KINDS
from bridge.outlets.questions import ASKED
from bridge.setup import manifest
from tests.conftest import SECRET_KEY
from tests.contract.lti_platform import recorded

ROOT = Path(__file__).parent.parent.parent
MOODLE = ROOT / "bridge" / "lms" / "moodle"
FUNCTION = re.compile(r'"((?:core|mod|tool)_[a-z]+_[a-z_]+)"')


def test_what_the_connector_calls_is_declared() -> None:
    """Neither more nor less."""
    called = {
        name
        for file in MOODLE.glob("*.py")
        if file.name != "refusals.py"
        for name in FUNCTION.findall(file.read_text("utf-8"))
    }
    assert called == manifest.declared_functions()


def test_a_capability_that_is_asked_for_is_declared() -> None:
    """Where a refusal names a capability, an admin finds it in the manifest."""
    declared = {
        capability
        for feature in manifest.features()
        for capability in (*feature.capabilities, *feature.optional_capabilities)
    }
    called = manifest.declared_functions()
    asked = {c for function, c in CAPABILITY_OF.items() if function in called}
    assert set() == asked - declared


def test_what_is_missing_is_named() -> None:
    """Of alternatives the best one."""
    courses = next(f for f in manifest.features() if f.name == "courses")
    assert ["core_course_get_categories", "core_course_get_courses_by_field"] == courses.missing(
        frozenset()
    )
    assert [] == courses.missing(
        frozenset({"core_course_get_categories", "core_course_get_courses"})
    )


def test_every_stream_is_a_feature() -> None:
    """Enrolments come with the people, and reconciliation with the completions."""
    names = {feature.name for feature in manifest.features()}
    assert set(Stream) - {Stream.ENROLMENTS, Stream.RECONCILIATION} <= names


def test_the_manifest_is_as_its_schema_says() -> None:
    """Whoever reads it elsewhere can rely on that."""
    folder = Path(manifest.__file__).parent
    schema = json.loads((folder / "manifest.schema.json").read_text("utf-8"))
    written = json.loads((ROOT / "plugin_manifest.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [] == [error.message for error in Draft202012Validator(schema).iter_errors(written)]
    # And the schema refuses what it should: a test that cannot fail says nothing.
    written["features"]["courses"]["functions"]["required"] = ["DROP TABLE"]
    assert 1 == len(list(Draft202012Validator(schema).iter_errors(written)))


class Read(dict[str, Any]):
    """Claims that remember which of them were asked for."""

    def __init__(self, claims: dict[str, Any]) -> None:
        super().__init__(claims)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)


def test_every_claim_and_message_of_a_launch_is_in_it() -> None:
    """Neither more nor less than is read of what a Moodle was recorded to send."""
    written = json.loads((ROOT / "plugin_manifest.json").read_text("utf-8"))["lti"]
    asked: set[str] = set()
    for name in ("launch", "launch_LtiDeepLinkingRequest"):
        claims = Read(recorded(name)["claims"])
        made = datetime.fromtimestamp(claims["iat"], UTC)
        platform = Platform(
            connection_id=1,
            issuer=claims["iss"],
            client_id=claims["aud"],
            auth_url="https://moodle.example/mod/lti/auth.php",
            keys_url="",
            token_url="",
            typed=True,
            made_at=made,
            deployments=frozenset({"1"}),
        )
        vouching.check(claims, issuer=claims["iss"], client_id=claims["aud"], nonce="n1", now=made)
        lti_claims.read(claims, platform, "https://bridge.example/launch")
        asked |= claims.asked
    assert set(written["claims"]) == asked
    assert {message.value for message in Message} == set(written["messages"])
    assert lti_claims.VERSION == written["version"]
    tool = registration.Tool("", "", "", "", "", "", "", lti_claims.ABOUT_PEOPLE)
    configuration = registration.Configuration(
        "", "", "", "", "", frozenset(Message), frozenset(written["scopes"])
    )
    sent = registration.request(tool, configuration)
    assert " ".join(written["scopes"]) == sent["scope"]


def test_every_setting_that_is_read_is_in_it() -> None:
    """And every one that is in it is read."""
    written = json.loads((ROOT / "plugin_manifest.json").read_text("utf-8"))["settings"]
    asked: set[str] = set()

    class Kept(dict[str, str]):
        def __getitem__(self, name: str) -> str:
            asked.add(name)
            return super().__getitem__(name)

    given = {"SECRET_KEY": SECRET_KEY, "OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "b"}
    values = {name: one["default"] or "" for name, one in written.items()} | given
    config.checked(Kept(values))
    assert set(written) == asked


def test_every_outlet_is_in_it() -> None:
    """With the settings that whoever adds one is asked for."""
    written = json.loads((ROOT / "plugin_manifest.json").read_text("utf-8"))["outlets"]
    assert set(KINDS) == set(written)
    asked = {kind: {one.name for one in ASKED[kind].questions} for kind in KINDS}
    assert {kind: set(written[kind]["settings"]) for kind in KINDS} == asked
