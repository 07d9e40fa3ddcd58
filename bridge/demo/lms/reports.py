"""Custom reports, as an administrator makes them with Moodle's report builder.

Only the source "Course participants" is here: a row for each enrolment, with its completion.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from enum import Enum

NAME = "Social bridge completions"
SOURCE = "core_course\\reportbuilder\\datasource\\participants"
SOURCE_NAME = "Course participants"

ASCENDING = 4
DESCENDING = 3
"""PHP's ``SORT_ASC`` and ``SORT_DESC``."""

TIME_COMPLETED = "completion:timecompleted"
WANTED = (
    "course:coursefullnamewithlink",
    "user:fullnamewithlink",
    "course:shortname",
    "user:username",
    "completion:completed",
    TIME_COMPLETED,
    "completion:progresspercent",
)
"""The columns of the report that stands in the demo company."""


class Preparation(Enum):
    """What stands in the LMS before anybody connects it."""

    READY = "ready"
    """The report with its columns, newest completion first."""
    BARE = "bare"
    """The report as an administrator leaves it: no column, no order."""
    NONE = "none"
    """No report at all."""


@dataclass(frozen=True)
class Column:
    """A column of a report. One that is added twice stands there twice."""

    id: int
    identifier: str
    order: int
    """Its place among those that sort, counted from 1; Moodle's ``sortorder``."""
    direction: int = ASCENDING
    sorts: bool = False


@dataclass(frozen=True)
class Report:
    id: int
    name: str
    made_at: int
    maker_id: int
    columns: tuple[Column, ...] = ()

    @property
    def sorting(self) -> tuple[Column, ...]:
        """The columns that sort the rows, the weightiest first; each identifier once."""
        chosen = sorted((c for c in self.columns if c.sorts), key=lambda column: column.order)
        return tuple({column.identifier: column for column in reversed(chosen)}.values())[::-1]


class Reports:
    """The custom reports of the site. Ids that are not there raise ``KeyError``."""

    def __init__(self) -> None:
        self.by_id: dict[int, Report] = {}
        self._report_ids, self._column_ids = itertools.count(1), itertools.count(1)

    def prepare(self, how: Preparation, maker_id: int, now: int) -> None:
        """Let the LMS be as somebody left it."""
        if how is Preparation.NONE:
            return
        report_id = self.add(NAME, maker_id, now)
        if how is Preparation.READY:
            columns = {identifier: self.add_column(report_id, identifier) for identifier in WANTED}
            self.sort(report_id, columns[TIME_COMPLETED], True, DESCENDING)

    def add(self, name: str, maker_id: int, now: int) -> int:
        """A new report without columns; its id."""
        report = Report(next(self._report_ids), name, now, maker_id)
        self.by_id[report.id] = report
        return report.id

    def add_column(self, report_id: int, identifier: str) -> int:
        """One more column at the end, whether it is there already or not; its id."""
        report = self.by_id[report_id]
        column = Column(next(self._column_ids), identifier, len(report.columns) + 1)
        self.by_id[report_id] = replace(report, columns=(*report.columns, column))
        return column.id

    def sort(self, report_id: int, column_id: int, enabled: bool, direction: int) -> None:
        """Let a column sort the rows, or let it be."""
        report = self.by_id[report_id]
        columns = {column.id: column for column in report.columns}
        columns[column_id] = replace(columns[column_id], sorts=enabled, direction=direction)
        self.by_id[report_id] = replace(report, columns=tuple(columns.values()))
