"""core_course_*: courses and categories."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api import tag
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.records import SITE_COURSE_ID
from bridge.demo.lms.refusals import bad_course_context, bad_parameter
from bridge.demo.lms.wording import title
from bridge.demo.world import Category, Course

_FILTERS = ("displayh5p", "activitynames", "mathjaxloader", "emoticon", "urltolink", "mediaplugin")


def get_courses(call: Call, params: dict[str, Any]) -> Any:
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
        answer.append(
            {
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
                "showactivitydates": False,
                "showcompletionconditions": True,
            }
        )
    return answer


def _site(call: Call) -> dict[str, Any]:
    return {
        "id": SITE_COURSE_ID,
        "shortname": "larkfield",
        "categoryid": 0,
        "fullname": title(call.store.site_name),
        "displayname": title(call.store.site_name),
        "summary": "",
        "summaryformat": 0,
        "format": "site",
        "startdate": 0,
        "enddate": 0,
        "numsections": 1,
        "showactivitydates": False,
        "showcompletionconditions": None,
    }


def get_courses_by_field(call: Call, params: dict[str, Any]) -> Any:
    field, value = params["field"], params["value"]
    if field and field not in _FIELDS:
        raise bad_parameter()
    answer = []
    if not field or (field in ("id", "ids") and str(SITE_COURSE_ID) in value.split(",")):
        answer.append(_site_by_field(call))
    if field == "ids" or (field == "id" and value.isdecimal()):
        courses = [call.store.courses[i] for i in _ids(value) if i in call.store.courses]
    else:
        courses = list(call.store.courses.values())
        if field:
            courses = [course for course in courses if _FIELDS[field](course) == value]
    for course in courses:
        if course.visible or call.can(can.VIEW_HIDDEN_COURSES):
            answer.append(_public(call, course) | _inside(call, course))
    return {"courses": answer, "warnings": []}


def search_courses(call: Call, params: dict[str, Any]) -> Any:
    """Courses by a word or by a tag's id, as the catalogue shows them."""
    kind, value = params["criterianame"], params["criteriavalue"]
    if kind not in ("search", "tagid") or (kind == "tagid" and not value.isdecimal()):
        raise bad_parameter()
    names = tag.names(call)
    place = int(value) - 1 if kind == "tagid" else -1
    wanted = names[place] if 0 <= place < len(names) else None
    found = [
        course
        for course in call.store.courses.values()
        if (course.visible or call.can(can.VIEW_HIDDEN_COURSES))
        and (wanted in course.tags if kind == "tagid" else value.lower() in course.name.lower())
    ]
    size = params["perpage"]
    start = params["page"] * size
    page = found[start : start + size] if size else found
    return {
        "total": len(found),
        "courses": [_public(call, course) for course in page],
        "warnings": [],
    }


_FIELDS: dict[str, Callable[[Course], str]] = {
    "id": lambda course: str(course.id),
    "ids": lambda course: str(course.id),
    "shortname": lambda course: course.short_name,
    "idnumber": lambda _: "",
    "category": lambda course: str(course.category_id),
}


def _ids(value: str) -> list[int]:
    """The ids of a list such as ``9,4``, each once.

    :raises Refusal: ``invalidparameter`` if it is no such list.
    """
    if not re.fullmatch(r"\d+(,\d+)*", value):
        raise bad_parameter()
    return list(dict.fromkeys(int(one) for one in value.split(",")))


def _public(call: Call, course: Course) -> dict[str, Any]:
    """What everybody may know who finds the course in the catalogue."""
    category = call.store.categories[course.category_id]
    contacts = call.store.teachers_of(course.id)
    return {
        "id": course.id,
        "fullname": title(course.name),
        "displayname": title(course.name),
        "shortname": title(course.short_name),
        "courseimage": call.cover(course.id),
        "categoryid": course.category_id,
        "categoryname": title(category.name),
        "sortorder": course.category_id * 10_000 + course.id,
        "summary": course.summary_html,
        "summaryformat": 1,
        "summaryfiles": [],
        "overviewfiles": [],
        "showactivitydates": False,
        "showcompletionconditions": True,
        "contacts": [{"id": person.id, "fullname": person.name} for person in contacts],
        "enrollmentmethods": ["manual", "self"] if course.self_enrol else ["manual"],
    }


def _inside(call: Call, course: Course) -> dict[str, Any]:
    """What only those may know who may enter the course."""
    if not call.may_enter(course):
        return {}
    return _settings(
        form="topics",
        startdate=course.starts_at,
        enddate=course.ends_at,
        visible=int(course.visible),
        enablecompletion=int(course.tracked),
    ) | {
        "courseformatoptions": [
            {"name": "hiddensections", "value": 1},
            {"name": "coursedisplay", "value": 0},
            {"name": "indentation", "value": "1"},
        ],
    }


def _site_by_field(call: Call) -> dict[str, Any]:
    site = _site(call)
    del site["numsections"]
    return (
        site
        | {
            "courseimage": call.cover(SITE_COURSE_ID),
            "categoryname": "",
            "sortorder": 1,
            "summaryfiles": [],
            "overviewfiles": [],
            "contacts": [],
            "enrollmentmethods": [],
        }
        | _settings("site", 0, 0, visible=1, enablecompletion=0, newsitems=3)
    )


def _settings(
    form: str,
    startdate: int,
    enddate: int,
    visible: int,
    enablecompletion: int,
    newsitems: int = 0,
) -> dict[str, Any]:
    return {
        "format": form,
        "showgrades": 1,
        "newsitems": newsitems,
        "startdate": startdate,
        "enddate": enddate,
        "maxbytes": 0,
        "showreports": 0,
        "visible": visible,
        "groupmode": 0,
        "groupmodeforce": 0,
        "defaultgroupingid": 0,
        "enablecompletion": enablecompletion,
        "completionnotify": 0,
        "lang": "",
        "theme": "",
        "marker": 0,
        "filters": [{"filter": name, "localstate": 0, "inheritedstate": 1} for name in _FILTERS],
    }


def get_categories(call: Call, params: dict[str, Any]) -> Any:
    """Categories that the user may not look into are left out in silence."""
    if not call.can(can.VIEW_CATEGORIES):
        return []
    paths = {c.id: _path(call, c) for c in call.store.categories.values()}
    kept = []
    for category in sorted(call.store.categories.values(), key=lambda c: paths[c.id]):
        if all(_fits(category, rule["key"], rule["value"]) for rule in params["criteria"]):
            kept.append(category)
    if params["criteria"] and params["addsubcategories"]:
        chosen = [paths[category.id] for category in kept]
        kept = [
            category
            for category in sorted(call.store.categories.values(), key=lambda c: paths[c.id])
            if any(f"{paths[category.id]}/".startswith(f"{path}/") for path in chosen)
        ]
    counts = Counter(course.category_id for course in call.store.courses.values())
    return [
        {
            "id": category.id,
            "name": title(category.name),
            "description": category.description_html,
            "descriptionformat": 1,
            "parent": category.parent_id,
            "sortorder": category.id * 10_000,
            "coursecount": counts[category.id],
            "depth": paths[category.id].count("/"),
            "path": paths[category.id],
        }
        for category in kept
    ]


def _path(call: Call, category: Category) -> str:
    above = call.store.categories.get(category.parent_id)
    return f"{_path(call, above) if above else ''}/{category.id}"


def _fits(category: Category, key: str, value: str) -> bool:
    """:raises Refusal: ``invalidparameter`` for a criterion that is not known."""
    match key:
        case "id":
            return str(category.id) == value
        case "ids":
            return category.id in _ids(value)
        case "name":
            return category.name == value
        case "parent":
            return str(category.parent_id) == value
        case _:
            raise bad_parameter()


FUNCTIONS: Table = {
    "core_course_get_courses": Function(
        get_courses,
        Record(
            {"options": Record({"ids": Many(Value(Type.INT), default=())}, default={"ids": ()})}
        ),
    ),
    "core_course_get_courses_by_field": Function(
        get_courses_by_field,
        Record({"field": Value(Type.WORD, default=""), "value": Value(default="")}),
    ),
    "core_course_search_courses": Function(
        search_courses,
        Record(
            {
                "criterianame": Value(Type.WORD),
                "criteriavalue": Value(),
                "page": Value(Type.INT, default=0),
                "perpage": Value(Type.INT, default=0),
            }
        ),
    ),
    "core_course_get_categories": Function(
        get_categories,
        Record(
            {
                "criteria": Many(Record({"key": Value(Type.WORD), "value": Value()}), default=()),
                "addsubcategories": Value(Type.BOOL, default=True),
            }
        ),
    ),
}
