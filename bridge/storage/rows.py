"""Rows into the model's dataclasses, where the columns bear the names of the fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import FromClause, Label

from bridge.model import Activity, Audience, Kind, Standing
from bridge.storage import tables as t

T = TypeVar("T")


def columns(table: FromClause, kind: type[Any], prefix: str = "") -> list[Label[Any]]:
    """The columns of ``table`` that the dataclass ``kind`` has a field for, labelled by it."""
    names = [field.name for field in fields(kind)]
    return [table.c[name].label(prefix + name) for name in names if name in table.c]


def entity(kind: type[T], row: Any, prefix: str = "") -> T:
    """The dataclass ``kind`` from a row that was selected with :func:`columns`."""
    made: T = reader(kind, row._fields, prefix)(row)  # type: ignore[arg-type]
    return made


@lru_cache(maxsize=256)
def reader(kind: type[Any], keys: tuple[str, ...], prefix: str = "") -> Callable[[Any], Any]:
    """What makes the dataclass ``kind`` of each row of a result with these keys."""
    names, values = _picked([field.name for field in fields(kind)], keys, prefix)
    return lambda row: kind(**dict(zip(names, values(row), strict=True)))


def activity_columns(prefix: str = "") -> list[Label[Any]]:
    """The columns of an activity, for :func:`activity`."""
    named = columns(t.activities, Activity, prefix)
    return [*named, t.activities.c.group_size.label(prefix + "group")]


def activity(row: Any, prefix: str = "") -> Activity:
    """The activity of a row that was selected with :func:`activity_columns`."""
    return activity_reader(row._fields, prefix)(row)


@lru_cache(maxsize=256)
def activity_reader(keys: tuple[str, ...], prefix: str = "") -> Callable[[Sequence[Any]], Activity]:
    """What makes the activity of each row of a result with these keys."""
    names, values = _picked([field.name for field in fields(Activity)], keys, prefix)

    def read(row: Sequence[Any]) -> Activity:
        found = dict(zip(names, values(row), strict=True))
        found["kind"] = Kind(found["kind"])
        found["standing"] = Standing(found["standing"])
        found["audience"] = _audience(found["audience"])
        return Activity(**found)

    return read


# The same few audiences stand on every page.
_audience = lru_cache(maxsize=4096)(Audience.of)


def _picked(
    names: Sequence[str], keys: tuple[str, ...], prefix: str
) -> tuple[list[str], Callable[[Sequence[Any]], tuple[Any, ...]]]:
    """Those of the names that a result has a column for, and what takes their values from a row."""
    there = [name for name in names if prefix + name in keys]
    return there, itemgetter(*(keys.index(prefix + name) for name in there))
