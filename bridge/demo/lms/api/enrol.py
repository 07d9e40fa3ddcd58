"""core_enrol_*: who is enrolled where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api.user import details
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import OPTIONS, Record, Type, Value
from bridge.demo.lms.refusals import bad_parameter, refused
from bridge.demo.lms.wording import title
from bridge.demo.world import TEACHER, Course, Enrolment, Person

_ROLE_IDS = {TEACHER: 3, "student": 5}
_FIELDS = """
    id username fullname firstname lastname email address phone1 phone2 department institution
    idnumber interests firstaccess lastaccess lastcourseaccess auth confirmed lang theme timezone
    mailformat description descriptionformat city country profileimageurlsmall profileimageurl
    customfields groups roles preferences enrolledcourses suspended trackforums
"""
_USER_FIELDS = frozenset(_FIELDS.split())
_LEAN = frozenset({"id", "fullname", "lastcourseaccess"})
_SORTS: Mapping[str, Callable[[Person], Any]] = {
    "id": lambda person: person.id,
    "firstname": lambda person: (person.first_name, person.id),
    "lastname": lambda person: (person.last_name, person.id),
    "siteorder": lambda person: (person.last_name, person.first_name, person.id),
}


def get_enrolled_users(call: Call, params: dict[str, Any]) -> Any:
    wanted = {option["name"]: option["value"] for option in params["options"]}
    sort = wanted.get("sortby", "id")
    if sort not in _SORTS:
        raise bad_parameter()
    descending = wanted.get("sortdirection", "ASC").upper() == "DESC"
    start, count = _number(wanted, "limitfrom"), _number(wanted, "limitnumber")
    fields = _userfields(wanted.get("userfields", ""))
    course = call.enter_context(params["courseid"])
    call.require(can.VIEW_PARTICIPANTS)
    if wanted.get("onlyactive", "0") != "0" or wanted.get("onlysuspended", "0") != "0":
        call.require(can.REVIEW_ENROLMENTS)
    if not call.can(can.VIEW_DETAILS):
        return []
    enrolled = call.store.enrolled(course.id)
    if sort != "id":
        enrolled = sorted(enrolled, key=lambda one: _SORTS[sort](call.store.people[one.person_id]))
    if descending:
        enrolled = enrolled[::-1]
    chosen = enrolled[start : start + count if count else None]
    if fields and fields <= _LEAN:
        return [_lean(call, enrolment, fields) for enrolment in chosen]
    rows = (_participant(call, enrolment, fields) for enrolment in chosen)
    return [
        {name: value for name, value in row.items() if name in fields} if fields else row
        for row in rows
    ]


def _number(wanted: dict[str, str], name: str) -> int:
    text = wanted.get(name, "0")
    if not text.isdigit():
        raise bad_parameter()
    return int(text)


def _userfields(text: str) -> frozenset[str]:
    """The fields asked for; id and full name come in any case."""
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    for name in names - _USER_FIELDS:
        raise refused("invaliduserfield", f"Invalid user field: {name}", "error")
    return names | {"id", "fullname"} if names else names


def _lean(call: Call, enrolment: Enrolment, fields: frozenset[str]) -> dict[str, Any]:
    """The same as :func:`_participant` for the fields that cost Moodle next to nothing."""
    row = {"id": enrolment.person_id, "fullname": call.store.name_of(enrolment.person_id)}
    if "lastcourseaccess" in fields:
        row["lastcourseaccess"] = enrolment.last_access
    return row


def _participant(call: Call, enrolment: Enrolment, fields: frozenset[str]) -> dict[str, Any]:
    person = call.store.people[enrolment.person_id]
    row = details(call, person) | {"lastcourseaccess": enrolment.last_access}
    if call.can(can.USER_EMAIL) or call.can(can.VIEW_IDENTITY):
        row["email"] = person.email
    row["roles"] = [
        {
            "roleid": _ROLE_IDS[enrolment.role],
            "name": "",
            "shortname": enrolment.role,
            "sortorder": 0,
        }
    ]
    if not fields or "enrolledcourses" in fields:
        row["enrolledcourses"] = [
            {"id": c.id, "fullname": title(c.name), "shortname": title(c.short_name)}
            for c in call.store.courses_of(person.id)
            if call.may_enter(c)
        ]
    groups = call.store.groups_of(enrolment.course_id, person.id)
    if groups and call.can(can.ALL_GROUPS):
        row["groups"] = [
            {"id": g.id, "name": title(g.name), "description": "", "descriptionformat": 1}
            for g in groups
        ]
    return row


def get_users_courses(call: Call, params: dict[str, Any]) -> Any:
    if not call.can(can.VIEW_PARTICIPANTS):
        return []
    person_id = params["userid"]
    return [
        _course_of(call, course, person_id, params["returnusercount"])
        for course in call.store.courses_of(person_id)
        if call.may_enter(course)
    ]


def _course_of(call: Call, course: Course, person_id: int, with_count: bool) -> dict[str, Any]:
    enrolment = call.store.enrolment(course.id, person_id)
    assert enrolment is not None, "courses_of gives the courses with an enrolment"
    count = {"enrolledusercount": len(call.store.enrolled(course.id))} if with_count else {}
    return {
        "id": course.id,
        "shortname": title(course.short_name),
        "fullname": title(course.name),
        "displayname": title(course.name),
        **count,
        "idnumber": "",
        "visible": int(course.visible),
        "summary": course.summary_html,
        "summaryformat": 1,
        "format": "topics",
        "courseimage": call.cover(course.id),
        "showgrades": True,
        "lang": "",
        "enablecompletion": course.tracked,
        **_progress(call, course, enrolment),
        "category": course.category_id,
        "startdate": course.starts_at,
        "enddate": course.ends_at,
        "marker": 0,
        "lastaccess": enrolment.last_access or None,
        "isfavourite": False,
        "hidden": False,
        "overviewfiles": [],
        "showactivitydates": False,
        "showcompletionconditions": True,
        "timemodified": course.changed_at,
    }


def _progress(call: Call, course: Course, enrolment: Enrolment) -> dict[str, Any]:
    """How far the person is, or ``null`` without the right to see that."""
    if not (course.tracked and call.can(can.VIEW_COMPLETION)):
        return {
            "completionhascriteria": False,
            "completionusertracked": False,
            "progress": None,
            "completed": None,
        }
    criteria = call.store.criteria(course.id)
    done = sum((a.id, enrolment.person_id) in call.store.marks for a in criteria)
    share = 100 * done / len(criteria) if criteria else None
    return {
        "completionhascriteria": bool(criteria),
        "completionusertracked": enrolment.role != TEACHER,
        "progress": int(share) if share in (0, 50, 100) else share,
        "completed": call.store.completion(course.id, enrolment.person_id) is not None,
    }


FUNCTIONS: Table = {
    "core_enrol_get_enrolled_users": Function(
        get_enrolled_users, Record({"courseid": Value(Type.INT), "options": OPTIONS})
    ),
    "core_enrol_get_users_courses": Function(
        get_users_courses,
        Record({"userid": Value(Type.INT), "returnusercount": Value(Type.BOOL, default=True)}),
    ),
}
