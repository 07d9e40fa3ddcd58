"""Interactions and items, read from CSV: who had what, when."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from bridge.curation.ranking.history import History, history
from bridge.curation.ranking.split import Split, by_time
from bridge.errors import InputError

REQUIRED = ("user", "item", "timestamp")
TRAIN, VALID, TEST, DROP = PARTS = ("train", "valid", "test", "drop")
MANY = 1_000_000
"""Rows after which it is said how far the reading is."""

LATEST = 253_402_300_799.0
"""The last second of the year 9999."""


@dataclass(frozen=True)
class Interactions:
    """The rows of a file. People and items are numbered in the order in which they first stand."""

    person: np.ndarray
    item: np.ndarray
    at: np.ndarray
    part: np.ndarray | None
    """For each row the place of its word in :data:`PARTS`, where there is a column for it."""
    people: int
    items: Mapping[str, int]
    """The file's name of each item → its column."""

    def split(self, quantile: float = 0.8) -> Split:
        """By the file's own column, else by time.

        With a column, what is ``train`` or ``valid`` is the past, and each person's first ``test``
        row is what they wanted. The cut is the last moment of the past.

        :raises InputError: if nobody is left to be tried.
        """
        everything = np.ones(len(self.at), bool)
        split = (
            by_time(self._history(everything), quantile)
            if self.part is None
            else self._by_column(self.part)
        )
        if not len(split.people):
            raise InputError(
                "Nobody can be tried: nobody has two items before the cut and a new one after it.",
                "Take a longer time, or a file with a column of train and test.",
            )
        return split

    def _by_column(self, part: np.ndarray) -> Split:
        train = self._history((part == PARTS.index(TRAIN)) | (part == PARTS.index(VALID)))
        wanted = self._history(part == PARTS.index(TEST))
        people, first = np.unique(wanted.person, return_index=True)
        cut = float(train.at[-1]) if len(train.at) else 0.0
        return Split(train, cut, people, wanted.item[first])

    def _history(self, rows: np.ndarray) -> History:
        person, item, at = self.person[rows], self.item[rows], self.at[rows]
        return history(person, item, at, self.people, len(self.items))


def interactions(
    lines: Iterable[str],
    split_column: str = "",
    say: Callable[[str], None] = lambda text: None,
) -> Interactions:
    """Read ``user,item,timestamp`` and, if one is named, a column of :data:`PARTS`.

    People and items are whatever words the file has for them. A timestamp is seconds since 1970, or
    a date as ISO 8601 writes it, in UTC unless it says otherwise.

    :param say: is told how far it is, each :data:`MANY` rows.
    :raises InputError: naming the column that is missing or the line that cannot be read.
    """
    rows = _rows(lines, (*REQUIRED, split_column) if split_column else REQUIRED)
    people: dict[str, int] = {}
    items: dict[str, int] = {}
    person, item, at, part = array("l"), array("l"), array("d"), array("b")
    for line, values in rows:
        person.append(people.setdefault(values[0].strip(), len(people)))
        item.append(items.setdefault(values[1].strip(), len(items)))
        at.append(_seconds(values[2], line))
        if split_column:
            part.append(_part(values[3], split_column, line))
        if not len(at) % MANY:
            say(f"{len(at):,} rows read ...")
    return Interactions(
        person=np.array(person, np.int64),
        item=np.array(item, np.int64),
        at=np.array(at, float),
        part=np.array(part, np.int8) if split_column else None,
        people=len(people),
        items=items,
    )


def texts(lines: Iterable[str], items: Mapping[str, int]) -> list[str]:
    """The words of each item, by its column: its title, which counts twice, and all else.

    The file has a column ``item``; items that no interaction names are left out.

    :raises InputError: if the column is missing.
    """
    found = [""] * len(items)
    reader = csv.reader(lines)
    names = [name.strip().lower() for name in next(reader, [])]
    if "item" not in names:
        raise InputError("The items have no column 'item'.", "Name it in the first line.")
    place = names.index("item")
    titles = [n for n, name in enumerate(names) if name in ("title", "name")]
    for row in reader:
        column = items.get(row[place].strip()) if len(row) > place else None
        if column is not None:
            words = [value for n, value in enumerate(row) if n != place]
            found[column] = " ".join([*words, *(row[n] for n in titles if n < len(row))])
    return found


def _rows(lines: Iterable[str], wanted: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines)
    names = [name.strip().lstrip("\ufeff").lower() for name in next(reader, [])]
    missing = [name for name in wanted if name.lower() not in names]
    if missing:
        raise InputError(
            f"The file has no column {' and no column '.join(repr(name) for name in missing)}.",
            f"Its first line names its columns: {','.join(REQUIRED)}.",
        )
    places = [names.index(name.lower()) for name in wanted]
    last = max(places)
    for row in reader:
        if not row:
            continue
        if len(row) <= last:
            raise InputError(f"Line {reader.line_num} has {len(row)} columns.", "Complete it.")
        yield reader.line_num, [row[place] for place in places]


def _seconds(text: str, line: int) -> float:
    try:
        at = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise _no_moment(text, line) from error
        at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not -LATEST <= at <= LATEST:
        raise _no_moment(text, line)
    return at


def _no_moment(text: str, line: int) -> InputError:
    return InputError(
        f"Line {line}: {text[:40]!r} is no time.",
        "Write seconds since 1970, or a date such as 2026-05-04T09:02.",
    )


def _part(text: str, column: str, line: int) -> int:
    try:
        return PARTS.index(text.strip().lower())
    except ValueError as error:
        raise InputError(
            f"Line {line}: {text[:40]!r} stands in {column}.", f"It takes {', '.join(PARTS)}."
        ) from error
