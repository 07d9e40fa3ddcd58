"""core_tag_*: the page of a tag."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import Record, Value
from bridge.demo.lms.refusals import Refusal


def names(call: Call) -> list[str]:
    """Every tag that a course carries, in the order of the courses; its place is its id."""
    return list(dict.fromkeys(t for c in call.store.courses.values() for t in c.tags))


def get_tagindex_per_area(call: Call, params: dict[str, Any]) -> Any:
    """The page of a tag, by its name: here only the area of courses has any."""
    wanted, tags = params["tagindex"]["tag"].lower(), names(call)
    if wanted not in tags:
        raise Refusal("moodle_exception", "notagsfound", f'No tags matching "{wanted}" found')
    return [
        {
            "tagid": tags.index(wanted) + 1,
            "ta": 3,
            "component": "core",
            "itemtype": "course",
            "nextpageurl": None,
            "prevpageurl": None,
            "exclusiveurl": None,
            "exclusivetext": None,
            "title": "Courses",
            "content": "<ul></ul>",
            "hascontent": 1,
            "anchor": "core-course",
        }
    ]


FUNCTIONS: Table = {
    "core_tag_get_tagindex_per_area": Function(
        get_tagindex_per_area,
        Record({"tagindex": Record({"tag": Value()})}),
    ),
}
