"""What comes out of Moodle's custom profile fields."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.errors import UnexpectedAnswer
from bridge.lms.moodle import facts, schemas


def _person(customfields: Any) -> dict[str, str]:
    row = {"id": 3, "fullname": "Ana", "customfields": customfields}
    return dict(facts.person(schemas.load(schemas.User, row, "people"), {"f"}).profile)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "text", "value": " North "}, "North"),
        ({"type": "menu", "value": "R&amp;D"}, "R&D"),
        ({"type": "checkbox", "value": "1"}, "1"),
        ({"type": "checkbox", "value": 1}, "1"),
        ({"type": "checkbox", "value": '<input type="checkbox" checked="checked" />'}, "1"),
        ({"type": "checkbox", "value": '<input disabled="disabled" type="checkbox" />'}, "0"),
        ({"type": "textarea", "value": "<p>Works<br>council</p>"}, "Works council"),
        ({"type": "text", "value": None}, ""),
    ],
)
def test_a_field_is_a_word(field: dict[str, Any], value: str) -> None:
    """Whatever its type, and however an older site draws it."""
    assert {"f": value} == _person([{"shortname": "f", "name": "F", **field}])


@pytest.mark.parametrize("customfields", [None, [], [{"shortname": "g", "value": "x"}], [{}]])
def test_what_is_not_there_is_not_kept(customfields: Any) -> None:
    """No field, no value."""
    assert {} == _person(customfields)


@pytest.mark.parametrize("customfields", ["f", 7, [["f"]], [{"shortname": {}}]])
def test_nonsense_is_named(customfields: Any) -> None:
    """It is an answer that is not understood, not a crash."""
    with pytest.raises(UnexpectedAnswer):
        _person(customfields)
