"""core_course_get_contents: what stands in a course."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Call, Function, Table, activity_context
from bridge.demo.lms.parameters import OPTIONS, Record, Type, Value, options
from bridge.demo.lms.wording import php_json, title
from bridge.demo.world import Activity

_OPTIONS = (
    "excludemodules",
    "excludecontents",
    "includestealthmodules",
    "sectionid",
    "sectionnumber",
    "cmid",
    "modname",
    "modid",
)
_SECTIONS = ("General", "New section", "New section", "New section")
_KINDS: dict[str, dict[str, Any]] = {
    "page": {"purpose": "content", "modplural": "Pages", "customdata": ""},
    "url": {
        "purpose": "content",
        "modplural": "URLs",
        "customdata": {"display": 4, "filtericon": True},
    },
    "forum": {
        "purpose": "collaboration",
        "modplural": "Forums",
        "customdata": {"trackingtype": "1"},
    },
}


def get_contents(call: Call, params: dict[str, Any]) -> Any:
    wanted = options(params["options"], _OPTIONS)
    course = call.enter_context(params["courseid"])
    answer = []
    for number, name in enumerate(_SECTIONS):
        section_id = course.id * len(_SECTIONS) + number
        if wanted.get("sectionid", str(section_id)) != str(section_id):
            continue
        if wanted.get("sectionnumber", str(number)) != str(number):
            continue
        modules: list[dict[str, Any]] = []
        if number == 0 and not _on(wanted, "excludemodules"):
            modules = [
                _module(call, activity, _on(wanted, "excludecontents"))
                for activity in call.store.activities_of(course.id)
                if _is_listed(call, activity) and _is_wanted(activity, wanted)
            ]
        answer.append(
            {
                "id": section_id,
                "name": name,
                "visible": 1,
                "summary": "",
                "summaryformat": 1,
                "section": number,
                "hiddenbynumsections": 0,
                "uservisible": True,
                "component": None,
                "itemid": None,
                "modules": modules,
            }
        )
    return answer


def _on(wanted: dict[str, str], name: str) -> bool:
    return wanted.get(name, "0") not in ("", "0", "false")


def _is_listed(call: Call, activity: Activity) -> bool:
    """A hidden activity is not there; a restricted one stands there with its condition."""
    return activity.visible or call.may_use(activity)


def _is_wanted(activity: Activity, wanted: dict[str, str]) -> bool:
    return (
        wanted.get("cmid", str(activity.id)) == str(activity.id)
        and wanted.get("modname", activity.kind) == activity.kind
        and wanted.get("modid", str(activity.instance)) == str(activity.instance)
    )


def _module(call: Call, activity: Activity, without_contents: bool) -> dict[str, Any]:
    kind = _KINDS[activity.kind]
    open_to_user = call.may_use(activity)
    module = {
        "id": activity.id,
        "url": f"{call.url}/mod/{activity.kind}/view.php?id={activity.id}",
        "name": title(activity.name),
        "instance": activity.instance,
        "contextid": activity_context(activity.id),
        "visible": int(activity.visible),
        "uservisible": open_to_user,
        "visibleoncoursepage": 1,
        "modicon": f"{call.url}/theme/image.php/boost/{activity.kind}/1/monologo?filtericon=1",
        "modname": activity.kind,
        "purpose": kind["purpose"],
        "branded": False,
        "modplural": kind["modplural"],
        "indent": 0,
        "onclick": "",
        "afterlink": None,
        "customdata": php_json(kind["customdata"]),
        "noviewlink": False,
        "completion": int(activity.criterion),
        "downloadcontent": 1,
        "dates": [],
        "groupmode": activity.group_mode,
    }
    if activity.kind == "forum":
        module["activitybadge"] = []
    if activity.criterion:
        module["completiondata"] = _own_completion()
    if activity.availability and not open_to_user:
        module["availabilityinfo"] = activity.availability_text
    if call.can(can.VIEW_HIDDEN_ACTIVITIES):
        module["availability"] = activity.availability or None
    if activity.kind != "forum" and open_to_user:
        module |= _contents(call, activity, without_contents)
    return module


def _own_completion() -> dict[str, Any]:
    """The token's user learns nothing here."""
    return {
        "state": 0,
        "timecompleted": 0,
        "overrideby": None,
        "valueused": False,
        "hascompletion": True,
        "isautomatic": False,
        "istrackeduser": False,
        "uservisible": True,
        "details": [],
        "isoverallcomplete": False,
    }


def _contents(call: Call, activity: Activity, without: bool) -> dict[str, Any]:
    page = activity.kind == "page"
    context = activity_context(activity.id)
    file = {
        "type": "file" if page else "url",
        "filename": "index.html" if page else activity.name,
        "filepath": "/" if page else None,
        "filesize": 0,
        "fileurl": f"{call.url}/webservice/pluginfile.php/{context}/mod_page/content/index.html"
        "?forcedownload=1"
        if page
        else f"https://videos.larkfield.example/v/{activity.instance}",
        "timecreated": None,
        "timemodified": activity.changed_at,
        "sortorder": 1 if page else None,
        "userid": None,
        "author": None,
        "license": None,
    }
    return {
        "contents": [] if without else [file],
        "contentsinfo": {
            "filescount": 1,
            "filessize": 0,
            "lastmodified": activity.changed_at,
            "mimetypes": [],
            "repositorytype": "",
        },
    }


FUNCTIONS: Table = {
    "core_course_get_contents": Function(
        get_contents, Record({"courseid": Value(Type.INT), "options": OPTIONS})
    ),
}
