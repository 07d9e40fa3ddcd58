"""The manifest names what the code calls, and the code calls what the manifest names."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator

from bridge.lms.moodle.refusals import CAPABILITY_OF
from bridge.model import Stream
from bridge.outlets.kinds import KINDS
from bridge.setup import manifest

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


def test_every_outlet_is_in_it() -> None:
    """With the settings that the command to add one asks for."""
    written = json.loads((ROOT / "plugin_manifest.json").read_text("utf-8"))
    assert set(KINDS) == set(written["outlets"])
