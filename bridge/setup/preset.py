"""What an admin uploads and pastes into an LMS, made from the manifest: a role and a list; pure."""

from __future__ import annotations

from collections.abc import Collection
from xml.etree import ElementTree

from bridge.errors import InputError
from bridge.setup.manifest import Feature, features, lms


def chosen(names: Collection[str], off: Collection[str] = ()) -> tuple[Feature, ...]:
    """The features of these names, with those that every other one stands on; all without names.

    :param off: names of features that a setting of the bridge leaves out, unless they are named.
    :raises InputError: if the manifest has none of a name.
    """
    known = [feature.name for feature in features()]
    strangers = sorted(set(names) - set(known))
    if strangers:
        raise InputError(
            f"There is no feature {', '.join(strangers)}.", f"The features are: {', '.join(known)}."
        )
    return tuple(f for f in features() if f.required or f.name in (names or set(known) - set(off)))


def capabilities(
    kind: str, names: Collection[str] = (), *, least: bool = False, off: Collection[str] = ()
) -> list[str]:
    """The capabilities that the role needs for these features, in order.

    :param kind: of the LMS: ``moodle`` or ``totara``.
    :param least: leave out those without which a feature does less, or costs the LMS more.
    :param off: as :func:`chosen`.
    :raises InputError: for a kind or a feature that the manifest does not name.
    """
    site = lms(kind)
    wanted: set[str] = set()
    for feature in chosen(names, off):
        wanted |= {*feature.capabilities, *site.capabilities_of(feature.name)}
        wanted |= set() if least else set(feature.optional_capabilities)
    return sorted(wanted - site.without - site.lacks)


def functions(
    kind: str, names: Collection[str] = (), *, least: bool = False, off: Collection[str] = ()
) -> list[str]:
    """The functions that the external service needs for these features, in order.

    Of several that do the same, the first that this LMS has.

    :raises InputError: as :func:`capabilities`.
    """
    site = lms(kind)
    wanted: set[str] = set()
    for feature in chosen(names, off):
        wanted |= {*feature.functions, *site.functions_of(feature.name)}
        wanted |= {next(f for f in g if f not in site.lacks) for g in feature.one_of}
        wanted |= set() if least else set(feature.optional_functions)
    return sorted(wanted - site.lacks)


def role_preset(
    kind: str, names: Collection[str] = (), *, least: bool = False, off: Collection[str] = ()
) -> str:
    """The XML that *Define roles → Add a new role → Use a role preset* imports.

    Capabilities that it does not name stay as they are, so it only ever allows. The shape is that
    of a file which Moodle 4.5 exported.

    :raises InputError: as :func:`capabilities`.
    """
    site = lms(kind)
    role = ElementTree.Element("role")
    ElementTree.SubElement(role, "shortname").text = site.role_shortname
    ElementTree.SubElement(role, "name").text = site.role_name
    for empty in ("description", "archetype"):
        ElementTree.SubElement(role, empty)
    levels = ElementTree.SubElement(role, "contextlevels")
    ElementTree.SubElement(levels, "level").text = site.role_context
    for empty in ("allowassign", "allowoverride", "allowswitch", "allowview"):
        ElementTree.SubElement(role, empty)
    permissions = ElementTree.SubElement(role, "permissions")
    for capability in capabilities(kind, names, least=least, off=off):
        ElementTree.SubElement(permissions, "allow").text = capability
    body = ElementTree.tostring(role, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body.replace(" />", "/>")}\n'
