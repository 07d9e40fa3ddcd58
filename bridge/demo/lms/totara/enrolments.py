"""core_enrol_*: who is enrolled where. No access by course, no progress, no verdict."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Table
from bridge.demo.lms.parameters import OPTIONS, Record, Type, Value
from bridge.demo.lms.records import SITE_COURSE_ID
from bridge.demo.lms.refusals import bad_parameter
from bridge.demo.lms.totara.call import TotaraCall, function
from bridge.demo.lms.totara.people import details
from bridge.demo.lms.totara.words import refused
from bridge.demo.lms.wording import title
from bridge.demo.world import STUDENT, TEACHER, Course, Person

_ROLE_IDS = {TEACHER: 3, STUDENT: 5}
_FIELDS = """
    id username fullname firstname lastname email address phone1 phone2 icq skype yahoo aim msn
    department institution interests firstaccess lastaccess idnumber lang timezone description
    descriptionformat city url country profileimageurlsmall profileimageurl customfields groups
    roles preferences enrolledcourses
"""
_USER_FIELDS = frozenset(_FIELDS.split())
_TEACHES = "moodle/course:manageactivities"


def get_enrolled_users(call: TotaraCall, params: dict[str, Any]) -> Any:
    """Options that Totara does not know are passed over, a field that it does not know is not."""
    wanted = {option["name"]: option["value"] for option in params["options"]}
    fields = _userfields(wanted.get("userfields", ""))
    if wanted.get("sortby", "id") not in ("id", "firstname", "lastname", "siteorder"):
        raise bad_parameter()
    course_id = params["courseid"]
    if course_id == SITE_COURSE_ID:
        people = [call.store.people[number] for number in sorted(call.store.people)]
        course = None
    else:
        course = call.enter_context(course_id)
        call.require(can.VIEW_PARTICIPANTS)
        people = _people(call, course, wanted)
    start, count = int(wanted.get("limitfrom", 0)), int(wanted.get("limitnumber", 0))
    rows = [_participant(call, p, course) for p in people[start : start + count if count else None]]
    return [{k: v for k, v in row.items() if not fields or k in fields} for row in rows]


def _userfields(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    for name in sorted(names - _USER_FIELDS):
        raise refused("invaliduserfield", f"Invalid user field: {name}")
    return names | {"id", "fullname"} if names else names


def _people(call: TotaraCall, course: Course, wanted: dict[str, str]) -> list[Person]:
    """Those with a suspended enrolment and suspended accounts are listed as the others are."""
    enrolments = call.store.enrolled(course.id)
    if wanted.get("onlyactive", "0") != "0":
        enrolments = [e for e in enrolments if call.totara.is_active(course.id, e.person_id)]
    if wanted.get("withcapability") == _TEACHES:
        enrolments = [e for e in enrolments if e.role == TEACHER]
    return [call.store.people[e.person_id] for e in enrolments]


def _participant(call: TotaraCall, person: Person, course: Course | None) -> dict[str, Any]:
    row = details(call, person)
    if call.can(can.ALL_GROUPS):
        groups = call.store.groups_of(course.id, person.id) if course else []
        row["groups"] = [
            {"id": g.id, "name": title(g.name), "description": "", "descriptionformat": 1}
            for g in groups
        ]
    enrolment = call.store.enrolment(course.id, person.id) if course else None
    row["roles"] = [] if enrolment is None else [_role(enrolment.role)]
    if course is not None:
        row["enrolledcourses"] = [
            {"id": c.id, "fullname": title(c.name), "shortname": title(c.short_name)}
            for c in call.store.courses_of(person.id)
        ]
    return row


def _role(name: str) -> dict[str, Any]:
    return {"roleid": _ROLE_IDS[name], "name": "", "shortname": name, "sortorder": 0}


def get_users_courses(call: TotaraCall, params: dict[str, Any]) -> Any:
    """What audience visibility hides from the person is not there, whoever asks."""
    person_id = params["userid"]
    everything = call.can(can.VIEW_PARTICIPANTS) and call.can(can.VIEW_COURSE)
    return [
        _course_of(call, course)
        for course in call.store.courses_of(person_id)
        if call.totara.is_shown(course, person_id)
        and (everything or person_id == call.user_id or call.is_in(course.id))
    ]


def _course_of(call: TotaraCall, course: Course) -> dict[str, Any]:
    return {
        "id": course.id,
        "shortname": title(course.short_name),
        "fullname": title(course.name),
        "enrolledusercount": len(call.store.enrolled(course.id)),
        "idnumber": f"CRS-{course.id}",
        "visible": int(course.visible),
        "summary": course.summary_html,
        "summaryformat": 1,
        "format": "topics",
        "showgrades": True,
        "lang": "",
        "enablecompletion": course.tracked,
        "category": course.category_id,
        "startdate": course.starts_at,
        "enddate": course.ends_at,
    }


FUNCTIONS: Table = {
    "core_enrol_get_enrolled_users": function(
        get_enrolled_users, Record({"courseid": Value(Type.INT), "options": OPTIONS})
    ),
    "core_enrol_get_users_courses": function(
        get_users_courses, Record({"userid": Value(Type.INT)})
    ),
}
