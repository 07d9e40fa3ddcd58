"""core_user_*: people, as far as the token's user may know them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bridge.demo.catalogue import COMPANY
from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.totara.call import TotaraCall, function
from bridge.demo.lms.totara.store import GUEST
from bridge.demo.lms.totara.words import missing, not_supported, refused
from bridge.demo.lms.wording import title
from bridge.demo.world import Person


def details(call: TotaraCall, person: Person) -> dict[str, Any]:
    """The person's fields that do not depend on a course."""
    close = call.can(can.VIEW_ALL_DETAILS) or person.id == call.user_id
    fields: dict[str, Any] = {"id": person.id}
    if close:
        fields["username"] = person.username
    if call.can(can.VIEW_ALL_DETAILS):
        fields |= {"firstname": person.first_name, "lastname": person.last_name}
    fields |= {"fullname": title(person.name), "email": person.email}
    if close:
        fields["department"] = person.department
        if number := call.totara.employee_number(person):
            fields |= {"institution": COMPANY, "idnumber": number}
    fields |= {"firstaccess": person.first_access, "lastaccess": person.last_access}
    if person.id == GUEST:
        fields |= {"description": "A user that allows looking around.", "descriptionformat": 1}
    if person.city:
        fields["city"] = person.city
    if person.country:
        fields["country"] = person.country
    fields |= {"profileimageurlsmall": call.picture(2), "profileimageurl": call.picture(1)}
    if call.totara.employee_number(person):
        fields["customfields"] = [
            {
                "type": "text",
                "value": "North" if person.id % 2 else "South",
                "name": "Region",
                "shortname": "region",
            }
        ]
    if person.id == call.user_id:
        loaded: list[dict[str, Any]] = [{"name": "_lastloaded", "value": call.now}]
        if call.can(can.UPDATE_COURSE):
            loaded.append({"name": "auth_manual_passwordupdatetime", "value": str(call.now)})
        fields["preferences"] = loaded
    return fields


def profile(call: TotaraCall, person: Person) -> dict[str, Any]:
    """The person's own record."""
    fields = details(call, person)
    if call.can(can.VIEW_ALL_DETAILS) or person.id == call.user_id:
        fields |= {
            "auth": "manual",
            "confirmed": True,
            "lang": person.language,
            "theme": "",
            "timezone": person.timezone,
            "mailformat": 1,
        }
    return fields | {"suspended": person.suspended}


def get_users_by_field(call: TotaraCall, params: dict[str, Any]) -> Any:
    """One deleted id fails the whole call; ids that never were are left out."""
    field, values = params["field"], params["values"]
    if field not in ("id", "idnumber", "username", "email"):
        raise not_supported("invalid field parameter")
    people = call.store.people
    if field == "id":
        ids = [int(value) for value in values]
        if any(call.totara.is_deleted(person_id) for person_id in ids):
            raise missing()
        found = [people[person_id] for person_id in ids if person_id in people]
    else:
        wanted = {value.lower() for value in values}
        found = [p for p in people.values() if _field(call, p, field).lower() in wanted]
    return [profile(call, person) for person in found if call.knows(person)]


def _field(call: TotaraCall, person: Person, name: str) -> str:
    fields: dict[str, Callable[[], str]] = {
        "id": lambda: str(person.id),
        "username": lambda: person.username,
        "email": lambda: person.email,
        "idnumber": lambda: call.totara.employee_number(person),
        "firstname": lambda: person.first_name,
        "lastname": lambda: person.last_name,
        "auth": lambda: "manual",
    }
    return fields[name]()


_KEYS = ("id", "lastname", "firstname", "idnumber", "username", "email", "auth")


def get_users(call: TotaraCall, params: dict[str, Any]) -> Any:
    """A key that Totara does not know is a warning, and no condition: everybody is found."""
    asked: dict[str, str] = {}
    warnings = []
    for criterion in params["criteria"]:
        key = criterion["key"]
        if key in asked:
            raise refused("keyalreadyset", "error/keyalreadyset")
        if key in _KEYS:
            asked[key] = criterion["value"]
        else:
            warnings.append(
                {
                    "item": key,
                    "warningcode": "invalidfieldparameter",
                    "message": f"The search key '{key}' is not supported, look at the web service"
                    " documentation",
                }
            )
    found = [
        person
        for person in call.store.people.values()
        if all(_like(_field(call, person, key), value) for key, value in asked.items())
    ]
    users = [profile(call, person) for person in found if call.knows(person)]
    return {"users": users, "warnings": warnings}


def _like(text: str, pattern: str) -> bool:
    """SQL's LIKE, with ``%`` for any letters."""
    parts = (re.escape(part) for part in pattern.split("%"))
    return re.fullmatch(".*".join(parts), text, re.IGNORECASE) is not None


FUNCTIONS: Table = {
    "core_user_get_users_by_field": function(
        get_users_by_field, Record({"field": Value(Type.WORD), "values": Many(Value())})
    ),
    "core_user_get_users": function(
        get_users,
        Record({"criteria": Many(Record({"key": Value(Type.WORD), "value": Value()}))}),
    ),
}
