"""core_course_*: courses and categories, with what Totara adds to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api.course import get_categories as moodle_categories
from bridge.demo.lms.call import Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.records import SITE_COURSE_ID
from bridge.demo.lms.refusals import bad_course_context, bad_parameter
from bridge.demo.lms.totara.call import TotaraCall, function
from bridge.demo.lms.wording import title
from bridge.demo.world import Course

_FILTERS = ("mathjaxloader", "activitynames", "mediaplugin")
_ELEARNING = 0


def get_courses(call: TotaraCall, params: dict[str, Any]) -> Any:
    """One that the user may not enter fails the whole call; unknown ids are left out."""
    ids = params["options"]["ids"] or [SITE_COURSE_ID, *call.store.courses]
    answer = []
    for course_id in ids:
        if course_id == SITE_COURSE_ID:
            answer.append(_site(call))
            continue
        course = call.store.courses.get(course_id)
        if course is None:
            continue
        if not call.may_enter(course):
            raise bad_course_context(course_id)
        call.require(can.VIEW_COURSE)
        answer.append(_course(call, course))
    return answer


def _course(call: TotaraCall, course: Course) -> dict[str, Any]:
    """Who may not edit the course is not told who sees it."""
    sections = {"numsections": 3}
    row = {
        "id": course.id,
        "shortname": title(course.short_name),
        "categoryid": course.category_id,
        "fullname": title(course.name),
        "displayname": title(course.name),
        "summary": course.summary_html,
        "summaryformat": 1,
        "format": "topics",
        "startdate": course.starts_at,
        "enddate": course.ends_at,
        **sections,
    }
    if not call.can(can.UPDATE_COURSE):
        return row
    return (
        row
        | _settings(
            idnumber=f"CRS-{course.id}",
            sortorder=course.category_id * 10_000 + course.id,
            visible=int(course.visible),
            enablecompletion=int(course.tracked),
            changed_at=course.changed_at,
            audiencevisible=call.totara.shown_to(course.id),
            options=(("numsections", 3), ("hiddensections", 0), ("coursedisplay", 0)),
        )
        | {"hiddensections": 0}
    )


def _site(call: TotaraCall) -> dict[str, Any]:
    row = {
        "id": SITE_COURSE_ID,
        "shortname": "larkfield",
        "categoryid": 0,
        "fullname": title(call.store.site_name),
        "displayname": title(call.store.site_name),
        "summary": "",
        "summaryformat": 1,
        "format": "site",
        "startdate": 0,
        "enddate": 0,
        "numsections": 1,
    }
    if not call.can(can.UPDATE_COURSE):
        return row
    return row | _settings("", 1, 1, 0, 0, 2, options=(("numsections", 1),))


def _settings(
    idnumber: str,
    sortorder: int,
    visible: int,
    enablecompletion: int,
    changed_at: int,
    audiencevisible: int,
    options: tuple[tuple[str, int], ...],
) -> dict[str, Any]:
    return {
        "categorysortorder": sortorder,
        "idnumber": idnumber,
        "showgrades": 1,
        "newsitems": 5,
        "maxbytes": 0,
        "showreports": 0,
        "visible": visible,
        "groupmode": 0,
        "groupmodeforce": 0,
        "defaultgroupingid": 0,
        "timecreated": changed_at,
        "timemodified": changed_at,
        "enablecompletion": enablecompletion,
        "completionstartonenrol": enablecompletion,
        "completionnotify": 0,
        "lang": "",
        "forcetheme": "",
        "courseformatoptions": [{"name": name, "value": value} for name, value in options],
        "audiencevisible": audiencevisible,
        "coursetype": _ELEARNING,
        "completionprogressonview": 0,
    }


def get_courses_by_field(call: TotaraCall, params: dict[str, Any]) -> Any:
    """The catalogue of the token's user."""
    field, value = params["field"], params["value"]
    if field and field not in _FIELDS:
        raise bad_parameter()
    ids = _ids(value) if field in ("id", "ids") else []
    answer = []
    if not field or SITE_COURSE_ID in ids:
        answer.append(_site_in_catalogue(call))
    for course in call.store.courses.values():
        wanted = course.id in ids if ids else not field or _FIELDS[field](course) == value
        if wanted and call.sees(course):
            answer.append(_public(call, course) | _inside(call, course))
    return {"courses": answer, "warnings": []}


_FIELDS: dict[str, Callable[[Course], str]] = {
    "id": lambda course: str(course.id),
    "ids": lambda course: str(course.id),
    "shortname": lambda course: course.short_name,
    "idnumber": lambda course: f"CRS-{course.id}",
    "category": lambda course: str(course.category_id),
}


def _ids(value: str) -> list[int]:
    if not re.fullmatch(r"\d+(,\d+)*", value):
        raise bad_parameter()
    return [int(one) for one in value.split(",")]


def _public(call: TotaraCall, course: Course) -> dict[str, Any]:
    methods = ["manual", "self"] if course.self_enrol else ["manual"]
    return {
        "id": course.id,
        "fullname": title(course.name),
        "displayname": title(course.name),
        "shortname": title(course.short_name),
        "categoryid": course.category_id,
        "categoryname": title(call.store.categories[course.category_id].name),
        "summary": course.summary_html,
        "summaryformat": 1,
        "summaryfiles": [],
        "overviewfiles": [],
        "contacts": [
            {"id": person.id, "fullname": person.name}
            for person in call.store.teachers_of(course.id)
        ],
        "enrollmentmethods": [*methods, "totara_program"],
        "sortorder": course.category_id * 10_000 + course.id,
    }


def _inside(call: TotaraCall, course: Course) -> dict[str, Any]:
    """What only those may know who may enter the course, and who may edit it."""
    if not call.may_enter(course):
        return {}
    row = _catalogue_settings("topics", course.starts_at, course.ends_at) | {
        "visible": int(course.visible),
        "enablecompletion": int(course.tracked),
    }
    return row | _editing(call, f"CRS-{course.id}", course.changed_at)


def _site_in_catalogue(call: TotaraCall) -> dict[str, Any]:
    row = {
        "id": SITE_COURSE_ID,
        "fullname": title(call.store.site_name),
        "displayname": title(call.store.site_name),
        "shortname": "larkfield",
        "categoryid": 0,
        "categoryname": "",
        "summary": "",
        "summaryformat": 1,
        "summaryfiles": [],
        "overviewfiles": [],
        "contacts": [],
        "enrollmentmethods": [],
        "sortorder": 1,
    }
    return row | _catalogue_settings("site", 0, 0) | _editing(call, "", 0)


def _catalogue_settings(form: str, starts_at: int, ends_at: int) -> dict[str, Any]:
    return {
        "format": form,
        "showgrades": 1,
        "newsitems": 5,
        "startdate": starts_at,
        "enddate": ends_at,
        "maxbytes": 0,
        "showreports": 0,
        "visible": 1,
        "groupmode": 0,
        "groupmodeforce": 0,
        "defaultgroupingid": 0,
        "enablecompletion": 0,
        "completionnotify": 0,
        "lang": "",
        "theme": "",
        "marker": 0,
        "filters": [{"filter": name, "localstate": 0, "inheritedstate": 1} for name in _FILTERS],
    }


def _editing(call: TotaraCall, idnumber: str, changed_at: int) -> dict[str, Any]:
    if not call.can(can.UPDATE_COURSE):
        return {}
    return {
        "idnumber": idnumber,
        "legacyfiles": 0,
        "calendartype": "",
        "timecreated": changed_at,
        "timemodified": changed_at,
        "requested": 0,
        "cacherev": changed_at,
    }


def get_categories(call: TotaraCall, params: dict[str, Any]) -> Any:
    rows = moodle_categories(call, params)
    if not call.can(can.UPDATE_COURSE):
        return rows
    own = {"visible": 1, "visibleold": 1, "timemodified": call.now, "theme": ""}
    # The first category is the one that every new site has, without a number.
    first = min(call.store.categories)
    return [
        row | own | {"idnumber": None if row["id"] == first else f"CAT-{row['id']}"} for row in rows
    ]


FUNCTIONS: Table = {
    "core_course_get_courses": function(
        get_courses,
        Record(
            {"options": Record({"ids": Many(Value(Type.INT), default=())}, default={"ids": ()})}
        ),
    ),
    "core_course_get_courses_by_field": function(
        get_courses_by_field,
        Record({"field": Value(Type.WORD, default=""), "value": Value(default="")}),
    ),
    "core_course_get_categories": function(
        get_categories,
        Record(
            {
                "criteria": Many(Record({"key": Value(Type.WORD), "value": Value()}), default=()),
                "addsubcategories": Value(Type.BOOL, default=True),
            }
        ),
    ),
}
