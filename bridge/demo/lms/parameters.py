"""Parameters as Moodle takes them: from a form to nested values, then held against a description.

Moodle is strict: a parameter that it does not know, one that is missing, and one that changes when
it is cleaned are all ``invalidparameter``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from bridge.demo.lms.refusals import bad_parameter, refused

_KEY = re.compile(r"\A([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")


class Required(Enum):
    """The mark of a parameter that has no default."""

    REQUIRED = "required"


REQUIRED: Final = Required.REQUIRED


class Type(Enum):
    INT = "int"
    BOOL = "bool"
    TEXT = "text"
    """Plain text: markup in it is refused."""
    RAW = "raw"
    WORD = "alphanum"
    """Letters and digits."""


@dataclass(frozen=True)
class Value:
    type: Type = Type.RAW
    default: Any = REQUIRED


@dataclass(frozen=True)
class Many:
    of: Value | Record
    default: Any = REQUIRED


@dataclass(frozen=True)
class Record:
    fields: Mapping[str, Value | Many | Record]
    default: Any = REQUIRED


OPTIONS = Many(Record({"name": Value(Type.WORD), "value": Value()}), default=())
"""The list of names and values that many functions end with."""


def unfold(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The nested values of form fields such as ``a[0][b]=c``, as PHP reads them."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        match = _KEY.match(name)
        if not match:
            result[name] = value
            continue
        keys = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        place = result
        for key in keys[:-1]:
            child = place.setdefault(key or str(len(place)), {})
            if not isinstance(child, dict):
                child = place[key] = {}
            place = child
        place[keys[-1] or str(len(place))] = value
    return result


def check(spec: Record, given: Any) -> dict[str, Any]:
    """The values of a function's parameters, each of its type, defaults filled in.

    :raises Refusal: ``invalidparameter``.
    """
    if not isinstance(given, Mapping) or given.keys() - spec.fields.keys():
        raise bad_parameter()
    values = {}
    for name, field in spec.fields.items():
        if name in given:
            values[name] = _checked(field, given[name])
        elif field.default is REQUIRED:
            raise bad_parameter()
        else:
            values[name] = field.default
    return values


def _checked(spec: Value | Many | Record, given: Any) -> Any:
    match spec:
        case Record():
            return check(spec, given)
        case Many():
            if isinstance(given, Mapping):
                given = list(given.values())
            if not isinstance(given, list):
                raise bad_parameter()
            return [_checked(spec.of, one) for one in given]
        case Value():
            return _scalar(spec.type, given)


def _scalar(kind: Type, given: Any) -> Any:
    if isinstance(given, (Mapping, list)) or given is None:
        raise bad_parameter()
    if kind is Type.BOOL:
        if given in (True, False, "0", "1"):
            return given in (True, "1")
        raise bad_parameter()
    text = str(int(given)) if isinstance(given, bool) else str(given)
    match kind:
        case Type.INT:
            if not re.fullmatch(r"0|-?[1-9]\d{0,18}", text):
                raise bad_parameter()
            return int(text)
        case Type.TEXT:
            # PHP's strip_tags takes "<" and a character that is not a space for a tag.
            if re.search(r"<\S|\0", text):
                raise bad_parameter()
        case Type.WORD:
            if not re.fullmatch(r"[A-Za-z0-9]*", text):
                raise bad_parameter()
    return text


def options(given: Iterable[Mapping[str, str]], allowed: Iterable[str]) -> dict[str, str]:
    """The options by name; the first of two with one name holds.

    :raises Refusal: ``errorinvalidparam`` for one that is not allowed.
    """
    names = set(allowed)
    values: dict[str, str] = {}
    for option in given:
        name = option["name"]
        if name not in names:
            raise refused("errorinvalidparam", f'The param "{name}" is invalid.', "webservice")
        values.setdefault(name, option["value"])
    return values
