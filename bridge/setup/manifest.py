"""``plugin_manifest.json``, read and checked."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bridge.errors import InputError


@dataclass(frozen=True)
class Feature:
    """One thing that the bridge does with an LMS, and what it needs for it."""

    name: str
    meaning: str
    required: bool
    functions: tuple[str, ...]
    optional_functions: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...]
    """Of each group, one function is enough."""
    capabilities: tuple[str, ...]
    optional_capabilities: tuple[str, ...]
    setting: tuple[str, str] | None = None
    """The setting of the bridge, and the word in it, without which the feature is off."""

    def missing(self, functions: frozenset[str]) -> list[str]:
        """What the feature needs and ``functions`` has not; of a group, its first."""
        alone = [f for f in self.functions if f not in functions]
        return alone + [group[0] for group in self.one_of if not functions.intersection(group)]

    @property
    def all_functions(self) -> frozenset[str]:
        """Every function that it may call."""
        grouped = {f for group in self.one_of for f in group}
        return frozenset(self.functions) | frozenset(self.optional_functions) | grouped


@dataclass(frozen=True)
class Lms:
    """What is so of one kind of LMS."""

    kind: str
    minimum: str
    """The earliest release that is spoken to."""
    minimum_said: str
    """What that one says over the wire: Totara names the Moodle that it was made of."""
    role_shortname: str
    role_name: str
    role_context: str
    beyond: Mapping[str, Mapping[str, Any]]
    """By feature: what it needs there and not elsewhere."""
    without: frozenset[str]
    """Capabilities that are better left out there."""
    lacks: frozenset[str]
    """Functions and capabilities that it has not."""
    roles_page: str
    """Where in its menu roles are given rights and, next, where services are given functions."""
    services_page: str
    teams_page: str

    def functions_of(self, feature: str) -> tuple[str, ...]:
        """What the feature calls there besides."""
        return tuple(self.beyond.get(feature, {}).get("functions", ()))

    def capabilities_of(self, feature: str) -> tuple[str, ...]:
        """What the feature needs there besides."""
        return tuple(self.beyond.get(feature, {}).get("capabilities", ()))


def kinds() -> tuple[str, ...]:
    """The kinds of LMS that are spoken to."""
    return tuple(_manifest()["lms"])


def lms(kind: str) -> Lms:
    """What is so of that kind of LMS.

    :raises InputError: if it is not spoken to.
    """
    row = _manifest()["lms"].get(kind)
    if row is None:
        raise InputError(
            f"{kind} is no LMS that is spoken to.", f"These are: {', '.join(kinds())}."
        )
    return Lms(
        kind=kind,
        minimum=row["minimum"],
        minimum_said=row.get("minimum_said", row["minimum"]),
        role_shortname=row["role"]["shortname"],
        role_name=row["role"]["name"],
        role_context=row["role"]["context"],
        beyond=row.get("beyond_moodle", {}),
        without=frozenset(row.get("without", ())),
        lacks=frozenset(row.get("lacks", ())),
        roles_page=row["pages"]["roles"],
        services_page=row["pages"]["services"],
        teams_page=row["pages"]["teams"],
    )


@cache
def features() -> tuple[Feature, ...]:
    """The features, in the order of the manifest."""
    return tuple(_feature(name, row) for name, row in _manifest()["features"].items())


def switched_off(settings: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The names of the features that these settings leave out: setting → the words in it."""
    return frozenset(
        feature.name
        for feature in features()
        if feature.setting and feature.setting[1] not in settings.get(feature.setting[0], ())
    )


def declared_functions() -> frozenset[str]:
    """Every web-service function that the bridge may call."""
    return frozenset().union(*(feature.all_functions for feature in features()))


def every_function() -> frozenset[str]:
    """:func:`declared_functions`, and what is called on one kind of LMS besides."""
    beyond = {
        function
        for kind in kinds()
        for feature in lms(kind).beyond
        for function in lms(kind).functions_of(feature)
    }
    return declared_functions() | beyond


@cache
def _manifest() -> dict[str, Any]:
    text = (resources.files("bridge.setup") / "plugin_manifest.json").read_text("utf-8")
    return dict(json.loads(text))


def _feature(name: str, row: dict[str, Any]) -> Feature:
    functions, capabilities = row["functions"], row["capabilities"]
    setting = row.get("setting")
    return Feature(
        name=name,
        meaning=row["meaning"],
        required=row["required"],
        functions=tuple(functions["required"]),
        optional_functions=tuple(functions["optional"]),
        one_of=tuple(tuple(group) for group in functions.get("one_of", [])),
        capabilities=tuple(capabilities["required"]),
        optional_capabilities=tuple(capabilities["optional"]),
        setting=(setting["name"], setting["word"]) if setting else None,
    )


def grant(site: Lms, *capabilities: str) -> str:
    """What an admin is told to do about missing capabilities, and where."""
    *first, last = capabilities
    named = f"{', '.join(first)} and {last}" if first else last
    return f"Give the role of the token's user {named} under {site.roles_page}."
