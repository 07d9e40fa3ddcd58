"""core_course_get_contents: without groups, and what the user may not open is not there."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Table
from bridge.demo.lms.parameters import OPTIONS, Record, Type, Value, options
from bridge.demo.lms.totara.call import TotaraCall, function
from bridge.demo.lms.wording import title
from bridge.demo.world import Activity

_OPTIONS = (
    "excludemodules",
    "excludecontents",
    "sectionid",
    "sectionnumber",
    "cmid",
    "modname",
    "modid",
)
_SECTIONS = ("General", "Topic 1", "Topic 2", "Topic 3")
_PLURALS = {"page": "Pages", "url": "URLs", "forum": "Forums"}


def get_contents(call: TotaraCall, params: dict[str, Any]) -> Any:
    wanted = options(params["options"], _OPTIONS)
    course = call.enter_context(params["courseid"])
    bare = wanted.get("excludecontents", "0") not in ("", "0")
    modules = [
        _module(call, activity, bare)
        for activity in call.store.activities_of(course.id)
        if call.may_use(activity) and wanted.get("modname", activity.kind) == activity.kind
    ]
    return [
        {
            "id": course.id * len(_SECTIONS) + number,
            "name": name,
            "visible": 1,
            "summary": "",
            "summaryformat": 1,
            "section": number,
            "hiddenbynumsections": 0,
            "modules": modules if number == 0 else [],
        }
        for number, name in enumerate(_SECTIONS)
    ]


def _module(call: TotaraCall, activity: Activity, bare: bool) -> dict[str, Any]:
    module: dict[str, Any] = {
        "id": activity.id,
        "url": f"{call.url}/mod/{activity.kind}/view.php?id={activity.id}",
        "name": title(activity.name),
        "instance": activity.instance,
        "visible": int(activity.visible),
        "modicon": f"{call.url}/theme/image.php/basis/{activity.kind}/1/icon",
        "modname": activity.kind,
        "modplural": _PLURALS[activity.kind],
        "indent": 0,
    }
    if call.can(can.VIEW_HIDDEN_ACTIVITIES) or call.can(can.UPDATE_COURSE):
        module["availability"] = activity.availability or None
    if activity.kind != "forum":
        module["contents"] = [] if bare else [_file(call, activity)]
    return module


def _file(call: TotaraCall, activity: Activity) -> dict[str, Any]:
    page = activity.kind == "page"
    inside = f"{call.url}/webservice/pluginfile.php/{activity.id}/mod_page/content/index.html"
    return {
        "type": "file" if page else "url",
        "filename": "index.html" if page else activity.name,
        "filepath": "/" if page else None,
        "filesize": 0,
        "fileurl": f"{inside}?forcedownload=1" if page else "https://videos.larkfield.example/v",
        "timecreated": None,
        "timemodified": activity.changed_at,
        "sortorder": 1 if page else None,
        "userid": None,
        "author": None,
        "license": None,
    }


FUNCTIONS: Table = {
    "core_course_get_contents": function(
        get_contents, Record({"courseid": Value(Type.INT), "options": OPTIONS})
    ),
}
