"""The shape of an answer: which keys each object has, and of which types the values are.

A shape is taken from recorded answers and held against another answer; what the two differ in comes
out as sentences. Lists are taken together: a key that only some of a list's objects have is an
optional one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parent.parent / "payloads" / "moodle-4.5.6"


@dataclass
class Shape:
    types: set[str] = field(default_factory=set)
    keys: dict[str, Shape] = field(default_factory=dict)
    always: set[str] = field(default_factory=set)
    """The keys that every object had."""
    items: Shape | None = None
    """What stood in the lists; ``None`` where they all were empty."""


def recorded(name: str) -> dict[str, Any]:
    """The transcript of that name: function, params, response."""
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def transcripts() -> dict[str, dict[str, Any]]:
    """Every transcript, by name."""
    return {path.stem: recorded(path.stem) for path in sorted(PAYLOADS.glob("*.json"))}


def opened(value: Any) -> Any:
    """The same with the JSON texts of a batch as values."""
    if isinstance(value, dict):
        return {
            key: json.loads(one) if key in ("data", "exception") and _is_json(one) else opened(one)
            for key, one in value.items()
        }
    return [opened(one) for one in value] if isinstance(value, list) else value


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value[:1] in ("{", "[")


def shape_of(values: list[Any]) -> Shape:
    """The one shape that all of the values have."""
    shape = Shape(types={_type(value) for value in values})
    objects = [value for value in values if isinstance(value, dict)]
    for key in dict.fromkeys(key for one in objects for key in one):
        shape.keys[key] = shape_of([one[key] for one in objects if key in one])
    shape.always = {key for key in shape.keys if all(key in one for one in objects)}
    members = [member for value in values if isinstance(value, list) for member in value]
    shape.items = shape_of(members) if members else None
    return shape


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
    return "object"


def differences(expected: Shape, actual: Shape, where: str = "answer") -> list[str]:
    """What ``actual`` has too much, too little or otherwise."""
    found = [f"{where} is {kind} now" for kind in sorted(actual.types - expected.types)]
    found += [f"{where}.{key} is new" for key in actual.keys if key not in expected.keys]
    for key, shape in expected.keys.items():
        if key not in actual.keys:
            found.append(f"{where}.{key} is gone")
            continue
        if key in expected.always and key not in actual.always:
            found.append(f"{where}.{key} is gone in places")
        found += differences(shape, actual.keys[key], f"{where}.{key}")
    if expected.items:
        if actual.items:
            found += differences(expected.items, actual.items, f"{where}[]")
        else:
            found.append(f"{where} is empty")
    return found


def template(response: dict[str, Any]) -> dict[str, Any]:
    """A refusal with the numbers in its words left open."""
    return {**response, "message": re.sub(r"\d+", "N", response["message"])}
