"""The custom report of who completed what, newest first: one request instead of thousands.

Its columns are recognised by what their cells hold. Their order is the admin's, their headings are
in the token user's language, and adding one that is there adds it again. A moment is worded for
that user; it is compared, never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from bridge.errors import LmsError, Missing, UnexpectedAnswer
from bridge.lms.moodle import schemas, text
from bridge.lms.moodle.site import MoodleSite
from bridge.model import ReportPage, ReportRow

LIST = "core_reportbuilder_list_reports"
RETRIEVE = "core_reportbuilder_retrieve_report"
ADD_COLUMN = "core_reportbuilder_columns_add"
SORTABLE = "core_reportbuilder_columns_sort_get"
SORT = "core_reportbuilder_columns_sort_toggle"

NAME = "Social bridge completions"
"""The report that is looked for unless the admin names another one."""
SOURCE = "participants"
_DESCENDING = 3
_SAMPLE = 50
_REPORTS_A_PAGE = 100
_COLUMNS = {
    "course": "course:coursefullnamewithlink",
    "person": "user:fullnamewithlink",
    "moment": "completion:timecompleted",
}
_REPORTS = "Site administration → Reports → Report builder → Custom reports"
CLICKS = (
    f"1. {_REPORTS} → New report.",
    f'2. Name: {NAME}; report source: Course participants; untick "Include default setup".',
    "3. Save. The bridge adds the columns and the sorting by itself.",
    "4. Run `socialbridge connect` again with the same name and address.",
)
"""The four clicks that make the report: the one thing that no web service does."""

_COURSE_LINK = re.compile(r"""href=["'][^"']*/course/view\.php\?(?:[^"']*&(?:amp;)?)?id=(\d+)""")
_PERSON_LINK = re.compile(
    r"""href=["'][^"']*/user/(?:profile|view)\.php\?(?:[^"']*?&(?:amp;)?)?id=(\d+)"""
)
_TIME_OF_DAY = re.compile(r"\d{1,2}\s?[:.hH٫]\s?\d{2}")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Columns:
    """Where in a row the course, the person and the moment of completion stand."""

    course: int
    person: int
    moment: int


class CompletionReport:
    """The report of one site by its id."""

    def __init__(self, site: MoodleSite, report_id: int) -> None:
        self._site = site
        self._id = report_id
        self._columns: Columns | None = None

    def page(self, page: int, size: int) -> ReportPage:
        """A page of it, from 0.

        :raises LmsError: if it is not there, may not be read, is not sorted by the moment of
            completion, or its columns are not recognised.
        """
        rows, headers, total = self._read(page, size)
        if not rows:
            return ReportPage((), total)
        if self._columns is None or not _fits(rows, self._columns):
            self._columns = self._recognised(rows, headers)
        columns = self._columns
        moments = [bool(row[columns.moment]) for row in rows]
        if moments != sorted(moments, reverse=True):
            raise LmsError(
                "The report is not sorted by the time completed, newest first.",
                f"Sort it so under {_REPORTS}, or let `socialbridge connect` do it.",
                function=RETRIEVE,
            )
        return ReportPage(tuple(_row(row, columns) for row in rows), total)

    def prepare(self) -> list[str]:
        """Add the columns that are missing, and sort by the moment of completion, newest first.

        :returns: a sentence for each thing that was done.
        :raises LmsError: if the token's user may not edit the report.
        """
        done = self._link()
        rows, headers, _ = self._read(0, _SAMPLE)
        sorting = [column for column in self._sortable() if column["sortenabled"]]
        headings = {headers[number] for number in _moments(rows)} if rows else set()
        if not (
            len(sorting) == 1
            and sorting[0]["sortdirection"] == _DESCENDING
            and (sorting[0]["heading"] in headings or not rows)
        ):
            self._sort_by_moment(sorting)
            done.append("The time completed was added, and the report sorted by it, newest first.")
        self._columns = None
        return done

    def _link(self) -> list[str]:
        """Add the columns that link to the course and to the person, where they are missing."""
        rows, _, _ = self._read(0, _SAMPLE)
        done = []
        # Without a row nothing can be recognised; without a sortable column there is none at all.
        bare = not rows and not self._sortable()
        for what, link in (("course", _COURSE_LINK), ("person", _PERSON_LINK)):
            if bare or (rows and not _linking(rows, link)):
                self._add(what)
                done.append(f"The column {_COLUMNS[what]} was added.")
        return done

    def _sort_by_moment(self, sorting: Sequence[dict[str, Any]]) -> None:
        before = {column["id"] for column in self._sortable()}
        self._add("moment")
        added = [column["id"] for column in self._sortable() if column["id"] not in before]
        if not added:
            raise UnexpectedAnswer(
                "The report did not take the column of the time completed.",
                f"Add it by hand under {_REPORTS}, and sort by it, newest first.",
                function=ADD_COLUMN,
            )
        for column in sorting:
            self._sort(column["id"], enabled=False)
        self._sort(added[-1], enabled=True)

    def _sort(self, column_id: int, *, enabled: bool) -> None:
        self._site.write(
            SORT,
            {
                "reportid": self._id,
                "columnid": column_id,
                "enabled": enabled,
                "direction": _DESCENDING,
            },
        )

    def _read(self, page: int, size: int) -> tuple[list[list[str]], list[str], int]:
        """The cells of a page, the headings above them, and how many rows there are in all."""
        asked = {"reportid": self._id, "page": page, "perpage": size}
        data = self._site.read_as(schemas.Report, RETRIEVE, asked)["data"]
        return [row["columns"] for row in data["rows"]], data["headers"], data["totalrowcount"]

    def _sortable(self) -> list[dict[str, Any]]:
        asked = {"reportid": self._id}
        return list(self._site.read_as(schemas.SortableColumns, SORTABLE, asked)["sortablecolumns"])

    def _add(self, what: str) -> None:
        self._site.write(ADD_COLUMN, {"reportid": self._id, "uniqueidentifier": _COLUMNS[what]})

    def _recognised(self, rows: Sequence[Sequence[str]], headers: Sequence[str]) -> Columns:
        """The columns, by their cells.

        :raises LmsError: saying which is missing, or that two of moments cannot be told apart.
        """
        places = {}
        for what, link in (("course", _COURSE_LINK), ("person", _PERSON_LINK)):
            found = _linking(rows, link)
            if not found:
                raise LmsError(
                    f"The report has no column that links to the {what}.",
                    f"Add {_COLUMNS[what]} under {_REPORTS}, or let `socialbridge connect` do it.",
                    function=RETRIEVE,
                )
            places[what] = found[0]
        moments = self._told_apart(rows, headers)
        if len(moments) != 1:
            raise LmsError(
                "The report has several columns of dates, and that of the time completed cannot be"
                " told from the others."
                if moments
                else "The report shows no time completed.",
                f"Remove the other dates under {_REPORTS}."
                if moments
                else "Nobody may have completed anything yet; else let `socialbridge connect` add"
                " the column.",
                function=RETRIEVE,
            )
        return Columns(places["course"], places["person"], moments[0])

    def _told_apart(self, rows: Sequence[Sequence[str]], headers: Sequence[str]) -> list[int]:
        # A column that was added twice holds the same twice.
        moments = list({tuple(row[n] for row in rows): n for n in _moments(rows)}.values())
        if len(moments) > 1:
            # What is not completed comes last, and has no time completed.
            moments = [n for n in moments if _filled_first(rows, n)] or moments
        if len(moments) > 1 and SORTABLE in self._site.functions:
            try:
                sorting = [c["heading"] for c in self._sortable() if c["sortenabled"]]
            except LmsError:
                # Only who may edit the report is told what it is sorted by.
                return moments
            moments = [n for n in moments if headers[n] in sorting] or moments
        return moments


def find(site: MoodleSite, wanted: str | int | None) -> int | None:
    """The id of the report that ``wanted`` names, or is the id of; by default that of :data:`NAME`.

    :raises Missing: if one was named, and it is not there or the token may not see it.
    """
    if wanted is None and LIST not in site.functions:
        return None
    if isinstance(wanted, int) or (wanted or "").isdigit():
        return int(wanted or 0)
    name = wanted or NAME
    for report in _listed(site):
        same = text.name(report["name"]).casefold() == name.casefold()
        if same and report["source"].endswith(SOURCE):
            return int(report["id"])
    if wanted is None:
        return None
    raise Missing(
        f"There is no custom report {name!r} on the source Course participants that the token"
        " may see.",
        "Give the role of the token's user moodle/reportbuilder:viewall, or name the report as"
        f" {_REPORTS} does.",
        function=LIST,
    )


def _listed(site: MoodleSite) -> Iterator[dict[str, Any]]:
    for page in count():
        asked = {"page": page, "perpage": _REPORTS_A_PAGE}
        reports = site.read_as(schemas.Reports, LIST, asked)["reports"]
        yield from reports
        if len(reports) < _REPORTS_A_PAGE:
            return


def _linking(rows: Sequence[Sequence[str]], link: re.Pattern[str]) -> list[int]:
    """The columns of which every filled cell, and one at least, holds such a link."""
    return [
        number
        for number in range(min(map(len, rows)))
        if any(row[number] for row in rows)
        and all(link.search(row[number]) for row in rows if row[number])
    ]


def _moments(rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns of which every filled cell, and one at least, reads like a moment."""
    return [
        number
        for number in range(min(map(len, rows)))
        if any(row[number] for row in rows)
        and all(_like_a_moment(row[number]) for row in rows if row[number])
    ]


def _like_a_moment(cell: str) -> bool:
    """Whether a day, a year, an hour and a minute stand there, in whatever language."""
    return bool(
        "<" not in cell
        and _TIME_OF_DAY.search(cell)
        and _YEAR.search(cell)
        and len(_DIGITS.findall(cell)) >= 4
    )


def _filled_first(rows: Sequence[Sequence[str]], number: int) -> bool:
    filled = [bool(row[number]) for row in rows]
    return not all(filled) and filled == sorted(filled, reverse=True)


def _fits(rows: Sequence[Sequence[str]], columns: Columns) -> bool:
    most = max(columns.course, columns.person, columns.moment)
    return all(
        len(row) > most
        and _COURSE_LINK.search(row[columns.course])
        and _PERSON_LINK.search(row[columns.person])
        and (not row[columns.moment] or _like_a_moment(row[columns.moment]))
        for row in rows
    )


def _row(row: Sequence[str], columns: Columns) -> ReportRow:
    course, person = (
        _COURSE_LINK.search(row[columns.course]),
        _PERSON_LINK.search(row[columns.person]),
    )
    if not course or not person:
        raise UnexpectedAnswer(
            "A row of the report has no link to its course or person.", function=RETRIEVE
        )
    return ReportRow(
        course_lms_id=int(course[1]),
        person_lms_id=int(person[1]),
        person_name=text.name(row[columns.person]),
        dated_as=text.name(row[columns.moment]),
    )
