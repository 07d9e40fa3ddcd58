"""core_user_*: people, as far as the token may know them."""

from __future__ import annotations

from typing import Any

from bridge.demo.catalogue import COMPANY, PROFILE_FIELDS
from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.refusals import bad_parameter
from bridge.demo.world import Person


def details(call: Call, person: Person) -> dict[str, Any]:
    """The person's fields that do not depend on a course, e-mail left out."""
    fields: dict[str, Any] = {"id": person.id}
    if call.can(can.VIEW_ALL_DETAILS):
        fields["username"] = person.username
    fields |= {
        "firstname": person.first_name,
        "lastname": person.last_name,
        "fullname": person.name,
        "firstaccess": person.first_access,
        "lastaccess": person.last_access,
        "profileimageurlsmall": call.picture(2),
        "profileimageurl": call.picture(1),
    }
    if call.can(can.VIEW_ALL_DETAILS):
        fields["department"] = person.department
        fields["institution"] = COMPANY
    if person.city:
        fields["city"] = person.city
    if person.country:
        fields["country"] = person.country
    return fields


def get_users_by_field(call: Call, params: dict[str, Any]) -> Any:
    field = params["field"]
    if field not in ("id", "idnumber", "username", "email"):
        raise bad_parameter()
    if not call.can(can.VIEW_DETAILS):
        return []
    found = _found(call, field, params["values"])
    return [_profile(call, person) for person in found]


def _found(call: Call, field: str, values: list[str]) -> list[Person]:
    people = call.store.people
    if field == "id":
        if not all(value.isdigit() for value in values):
            raise bad_parameter()
        ids = sorted({int(value) for value in values})
        return [people[person_id] for person_id in ids if person_id in people]
    wanted = {value.lower() for value in values}
    return [] if field == "idnumber" else call.store.people_by(field, wanted)


def _profile(call: Call, person: Person) -> dict[str, Any]:
    fields = details(call, person)
    if call.can(can.VIEW_IDENTITY):
        fields["email"] = person.email
    if call.can(can.VIEW_ALL_DETAILS):
        fields |= {
            "auth": "manual",
            "confirmed": True,
            "lang": person.language,
            "theme": "",
            "timezone": person.timezone,
            "mailformat": 1,
            "trackforums": 0,
        }
    if custom := _custom_fields(call, person):
        fields["customfields"] = custom
    return fields | {"suspended": person.suspended}


def _custom_fields(call: Call, person: Person) -> list[dict[str, Any]]:
    """Those that are filled in; only who may see all details sees them, as if set so there."""
    if not call.can(can.VIEW_ALL_DETAILS):
        return []
    return [
        {
            "type": "text",
            "value": value,
            "displayvalue": value,
            "name": PROFILE_FIELDS.get(name, name),
            "shortname": name,
        }
        for name, value in person.fields
    ]


FUNCTIONS: Table = {
    "core_user_get_users_by_field": Function(
        get_users_by_field,
        Record({"field": Value(Type.WORD), "values": Many(Value())}),
    ),
}
