"""Who leads which team, as a file says it: comma- or semicolon-separated, with a line of names."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

from bridge.errors import InputError

COLUMNS = ("team", "leader")
MOST = 100_000
"""Rows: a file with more is another one."""


class Row(NamedTuple):
    """One line of the file: what it calls a team, and what it calls who leads it."""

    line: int
    team: str
    leader: str


def read(lines: Iterable[str]) -> list[Row]:
    """The rows of a file; empty lines are left out.

    Its first line names the columns, of which ``team`` and ``leader`` are read. A byte order mark
    is no part of a name, and a semicolon separates as well as a comma, as spreadsheets write it.

    :raises InputError: naming the column that is missing, or the line that is not whole.
    """
    every = iter(lines)
    first = next(every, "").lstrip("\ufeff")
    names, separator = _head(first)
    places = [names.index(column) for column in COLUMNS]
    found = []
    reader = csv.reader(every, delimiter=separator)
    for row in _checked(reader):
        if not any(cell.strip() for cell in row):
            continue
        line = reader.line_num + 1
        cells = [row[place].strip() if len(row) > place else "" for place in places]
        for column, cell in zip(COLUMNS, cells, strict=True):
            if not cell:
                raise InputError(f"Line {line} names no {column}.", "Complete it, or delete it.")
        found.append(Row(line, *cells))
        if len(found) > MOST:
            raise InputError(f"The file has more than {MOST:,} rows.", "Is it the right one?")
    return found


def write(rows: Iterable[tuple[str, str]], to: TextIO) -> None:
    """Write teams and leaders so that :func:`read` reads them."""
    out = csv.writer(to, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(rows)


def _head(line: str) -> tuple[list[str], str]:
    for separator in (",", ";", "\t"):
        head = next(_checked(csv.reader([line], delimiter=separator)), [])
        names = [name.strip().casefold() for name in head]
        if set(COLUMNS) <= set(names):
            return names, separator
    raise InputError(
        "The file does not say which column is the team and which its leader.",
        "Let its first line be: team,leader",
    )


def _checked(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise InputError("The file is no CSV.", "Save it as CSV with UTF-8.") from error
