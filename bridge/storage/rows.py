"""Rows into the model's dataclasses, where the columns bear the names of the fields."""

from __future__ import annotations

from dataclasses import fields
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
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    values = row._mapping
    return kind(**{name: values[prefix + name] for name in names if prefix + name in values})


def activity_columns(prefix: str = "") -> list[Label[Any]]:
    """The columns of an activity, for :func:`activity`."""
    named = columns(t.activities, Activity, prefix)
    return [*named, t.activities.c.group_size.label(prefix + "group_size")]


def activity(row: Any, prefix: str = "") -> Activity:
    """The activity of a row that was selected with :func:`activity_columns`."""
    values = row._mapping
    names = [f.name for f in fields(Activity) if prefix + f.name in values]
    return Activity(
        **{
            **{name: values[prefix + name] for name in names},
            "kind": Kind(values[prefix + "kind"]),
            "standing": Standing(values[prefix + "standing"]),
            "audience": Audience.of(values[prefix + "audience"]),
            "group": values[prefix + "group_size"],
        }
    )
