"""core_reportbuilder_*: custom reports, on the source "Course participants"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.languages import ENGLISH, LANGUAGES, Language, zone_of
from bridge.demo.lms.parameters import Record, Type, Value
from bridge.demo.lms.refusals import Refusal, bad_parameter, no_record
from bridge.demo.lms.reports import (
    ASCENDING,
    DESCENDING,
    SOURCE,
    SOURCE_NAME,
    TIME_COMPLETED,
    Column,
    Report,
)
from bridge.demo.lms.wording import title
from bridge.demo.world import TEACHER, Completion, Course, Enrolment, Person

_PAGE = {"page": Value(Type.INT, default=0), "perpage": Value(Type.INT, default=10)}
_REPORT = Record({"reportid": Value(Type.INT)})
_HELP = (
    "You can set the initial sort order of columns in the report, which can then be changed by "
    "users by clicking on column names."
)


@dataclass(frozen=True)
class Reader:
    """In which words and at which hours the token's user is told things."""

    language: Language
    zone: tzinfo

    @staticmethod
    def of(call: Call) -> Reader:
        user = call.store.people[call.user_id]
        return Reader(LANGUAGES.get(user.language, ENGLISH), zone_of(user.timezone))


@dataclass(frozen=True)
class Row:
    """An enrolment, with all that a column may tell of it."""

    call: Call
    reader: Reader
    enrolment: Enrolment
    course: Course
    person: Person
    completion: Completion | None

    @staticmethod
    def of(call: Call, reader: Reader, enrolment: Enrolment) -> Row:
        course = call.store.courses[enrolment.course_id]
        person = call.store.people[enrolment.person_id]
        completion = call.store.completion(course.id, person.id)
        return Row(call, reader, enrolment, course, person, completion)


def _course_link(row: Row) -> str:
    return (
        f'<a href="{row.call.url}/course/view.php?id={row.course.id}">{title(row.course.name)}</a>'
    )


def _person_link(row: Row) -> str:
    return f'<a href="{row.call.url}/user/profile.php?id={row.person.id}">{row.person.name}</a>'


def _completed(row: Row) -> str:
    return row.reader.language.no if row.completion is None else row.reader.language.yes


def _time_completed(row: Row) -> str:
    at = row.completion.completed_at if row.completion else 0
    return row.reader.language.when(at, row.reader.zone)


def _progress(row: Row) -> str:
    """Empty for who teaches, and where there is nothing to finish."""
    criteria = row.call.store.criteria(row.course.id)
    if not criteria or not row.course.tracked or row.enrolment.role == TEACHER:
        return ""
    done = sum((a.id, row.person.id) in row.call.store.marks for a in criteria)
    return row.reader.language.percent(100 * done / len(criteria))


_CELLS: Mapping[str, Callable[[Row], str]] = {
    "course:coursefullnamewithlink": _course_link,
    "course:fullname": lambda row: title(row.course.name),
    "course:shortname": lambda row: title(row.course.short_name),
    "course:idnumber": lambda _: "",
    "user:fullnamewithlink": _person_link,
    "user:fullname": lambda row: row.person.name,
    "user:username": lambda row: row.person.username,
    "user:email": lambda row: row.person.email,
    "completion:completed": _completed,
    TIME_COMPLETED: _time_completed,
    "completion:progresspercent": _progress,
    "completion:grade": lambda _: "",
}
_KEYS: Mapping[str, Callable[[Row], Any]] = {
    "course:coursefullnamewithlink": lambda row: row.course.name,
    "user:fullnamewithlink": lambda row: row.person.name,
    "completion:completed": lambda row: row.completion is not None,
    TIME_COMPLETED: lambda row: row.completion.completed_at if row.completion else 0,
}
"""What rows are sorted by, where it is not the text of the cell."""
_UNSORTABLE = frozenset({"completion:progresspercent"})


# --- who may -----------------------------------------------------------------------------------


def _refused(code: str, message: str) -> Refusal:
    kind = "core_reportbuilder\\exception\\report_access_exception"
    return Refusal(kind, code, message, "reportbuilder")


def _require_list(call: Call) -> None:
    """:raises Refusal: ``errorreportview`` without any right to reports."""
    rights = (can.VIEW_REPORTS, can.VIEW_ALL_REPORTS, can.EDIT_REPORTS, can.EDIT_ALL_REPORTS)
    if not any(call.can(right) for right in rights):
        raise _refused("errorreportview", "You cannot view this report")


def _may_edit(call: Call, report: Report) -> bool:
    own = call.can(can.EDIT_REPORTS) and report.maker_id == call.user_id
    return own or call.can(can.EDIT_ALL_REPORTS)


def _may_view(call: Call, report: Report) -> bool:
    """Whoever may edit a report sees it; it is shown to no audience here."""
    return call.can(can.VIEW_ALL_REPORTS) or _may_edit(call, report)


def _report(call: Call, report_id: int) -> Report:
    """:raises Refusal: ``invalidrecord`` if there is none."""
    report = call.store.reports.by_id.get(report_id)
    if report is None:
        raise no_record("reportbuilder_report")
    return report


def _own_to_edit(call: Call, report_id: int) -> Report:
    """:raises Refusal: ``invalidrecord``, or ``errorreportedit`` without the right to edit it."""
    report = _report(call, report_id)
    if not _may_edit(call, report):
        raise _refused("errorreportedit", "You cannot edit this report")
    return report


# --- reading -----------------------------------------------------------------------------------


def list_reports(call: Call, params: dict[str, Any]) -> Any:
    """Reports that the user may not see are left out in silence."""
    _require_list(call)
    seen = [report for report in call.store.reports.by_id.values() if _may_view(call, report)]
    seen.sort(key=lambda report: (report.name, report.id))
    return {
        "reports": [_details(call, report) for report in _page(seen, params)],
        "warnings": [],
    }


def _page(rows: Sequence[Any], params: dict[str, Any]) -> Sequence[Any]:
    """As SQL cuts it: no size is no limit."""
    size = params["perpage"]
    start = max(params["page"], 0) * size
    return rows[start : start + size] if size > 0 else rows[:]


def _details(call: Call, report: Report) -> dict[str, Any]:
    maker = call.store.people[report.maker_id]
    return {
        "name": title(report.name),
        "source": SOURCE,
        "type": 0,
        "uniquerows": False,
        "conditiondata": None,
        "settingsdata": None,
        "contextid": 1,
        "component": "",
        "area": "",
        "itemid": 0,
        "usercreated": maker.id,
        "id": report.id,
        "timecreated": report.made_at,
        "timemodified": report.made_at,
        "usermodified": maker.id,
        "sourcename": SOURCE_NAME,
        "tags": [],
        "modifiedby": {
            "id": maker.id,
            "email": maker.email,
            "idnumber": "",
            "phone1": "",
            "phone2": "",
            "department": maker.department,
            "institution": "",
            "fullname": maker.name,
            "identity": maker.email,
            "profileurl": f"{call.url}/user/profile.php?id={maker.id}",
            "profileimageurl": call.picture(1),
            "profileimageurlsmall": call.picture(2),
        },
    }


def retrieve_report(call: Call, params: dict[str, Any]) -> Any:
    report = _report(call, params["reportid"])
    _require_list(call)
    if not _may_view(call, report):
        raise _refused("errorreportview", "You cannot view this report")
    reader = Reader.of(call)
    found = _sorted(call, reader, report)
    cells = [_CELLS[column.identifier] for column in report.columns]
    rows = [Row.of(call, reader, one) for one in _page(found, params)] if cells else []
    return {
        "details": _details(call, report),
        "data": {
            "headers": [reader.language.headings[c.identifier] for c in report.columns],
            "rows": [{"columns": [cell(row) for cell in cells]} for row in rows],
            "totalrowcount": len(found) if cells else 0,
        },
        "warnings": [],
    }


def _sorted(call: Call, reader: Reader, report: Report) -> Sequence[Enrolment]:
    """All enrolments in the report's order. Only the one by time completed costs no sorting."""
    sorting = report.sorting
    if [column.identifier for column in sorting] == [TIME_COMPLETED]:
        return call.store.by_completion(newest_first=sorting[0].direction == DESCENDING)
    if not sorting:
        return call.store.enrolments()
    rows = [Row.of(call, reader, enrolment) for enrolment in call.store.enrolments()]
    for column in reversed(sorting):
        key = _KEYS.get(column.identifier, _CELLS[column.identifier])
        rows.sort(key=key, reverse=column.direction == DESCENDING)
    return [row.enrolment for row in rows]


# --- columns and their order -------------------------------------------------------------------


def add_column(call: Call, params: dict[str, Any]) -> Any:
    """A column that is there is added again."""
    report = _own_to_edit(call, params["reportid"])
    if params["uniqueidentifier"] not in _CELLS:
        raise bad_parameter()
    call.store.reports.add_column(report.id, params["uniqueidentifier"])
    return _sorting(call, report.id)


def get_sorting(call: Call, params: dict[str, Any]) -> Any:
    return _sorting(call, _own_to_edit(call, params["reportid"]).id)


def toggle_sorting(call: Call, params: dict[str, Any]) -> Any:
    report = _own_to_edit(call, params["reportid"])
    column_id, direction = params["columnid"], params["direction"]
    if column_id not in {column.id for column in report.columns}:
        raise bad_parameter()
    if direction not in (ASCENDING, DESCENDING):
        raise bad_parameter()
    call.store.reports.sort(report.id, column_id, params["enabled"], direction)
    return _sorting(call, report.id)


def _sorting(call: Call, report_id: int) -> dict[str, Any]:
    headings = Reader.of(call).language.headings
    columns = [
        _sortable(column, headings[column.identifier])
        for column in call.store.reports.by_id[report_id].columns
        if column.identifier not in _UNSORTABLE
    ]
    return {
        "hassortablecolumns": bool(columns),
        "sortablecolumns": columns,
        "helpicon": f'<a class="btn btn-link p-0" role="button" data-content="{_HELP}"></a>',
    }


def _sortable(column: Column, heading: str) -> dict[str, Any]:
    ascending = column.direction == ASCENDING
    other = "descending" if ascending else "ascending"
    verb = "Disable" if column.sorts else "Enable"
    return {
        "id": column.id,
        "title": heading,
        "heading": heading,
        "sortdirection": column.direction,
        "sortenabled": column.sorts,
        "sortorder": column.order,
        "sorticon": {
            "key": "t/sort_asc" if ascending else "t/sort_desc",
            "component": "moodle",
            "title": f"Change initial sorting for column '{heading}' to {other}",
        },
        "movetitle": f"Move sorting for column '{heading}'",
        "sortenabledtitle": f"{verb} initial sorting for column '{heading}'",
    }


FUNCTIONS: Table = {
    "core_reportbuilder_list_reports": Function(list_reports, Record(_PAGE)),
    "core_reportbuilder_retrieve_report": Function(
        retrieve_report, Record({"reportid": Value(Type.INT), **_PAGE})
    ),
    "core_reportbuilder_columns_add": Function(
        add_column, Record({"reportid": Value(Type.INT), "uniqueidentifier": Value()})
    ),
    "core_reportbuilder_columns_sort_get": Function(get_sorting, _REPORT),
    "core_reportbuilder_columns_sort_toggle": Function(
        toggle_sorting,
        Record(
            {
                "reportid": Value(Type.INT),
                "columnid": Value(Type.INT),
                "enabled": Value(Type.BOOL),
                "direction": Value(Type.INT, default=ASCENDING),
            }
        ),
    ),
}
