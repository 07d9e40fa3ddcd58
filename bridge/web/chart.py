"""The geometry of the pulse's chart: numbers in, places on a drawing out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bridge.model import PulseWeek
from bridge.visibility import FEW, shown_count

SERIES = ("reached", "active", "engaged")
HALF = 0.5
LABEL = 17
"""The least distance between two labels, in the drawing's units."""


@dataclass(frozen=True)
class Line:
    """One number through the weeks; ``path`` and ``area`` are SVG path data."""

    name: str
    path: str
    area: str
    points: tuple[tuple[float, float], ...]
    label_y: float
    percent: int | None
    """Its share of the eligible people in the last week; ``None`` where it may not be said."""


@dataclass(frozen=True)
class Chart:
    """A drawing of ``width`` by ``height``; the plot is inside of the margins."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, int], ...]
    """Heights of the grid's lines, with the percentage that each stands for."""
    half_y: float
    half_label_y: float
    dates: tuple[tuple[float, date, str], ...]
    """Places of the weeks' names, with the anchor of the text."""


def chart(
    weeks: Sequence[PulseWeek], width: int, height: int, *, labels: int = 0, dates: int = 6
) -> Chart:
    """Draw ``weeks`` as shares of the eligible people.

    ``labels`` is the room kept on the right for the lines' names, 0 for none; ``dates`` how many
    weeks are named at most.
    """
    small = labels == 0
    left, right = (0 if small and dates == 0 else 36), width - max(labels, 6)
    top, bottom = 10, height - (26 if dates else 6)
    xs = [
        left + 8 + (right - left - 16) * (n / (len(weeks) - 1) if len(weeks) > 1 else 0.5)
        for n in range(len(weeks))
    ]

    def y(share: float) -> float:
        return round(bottom - (bottom - top) * min(1.0, max(0.0, share)), 1)

    lines = []
    for name in SERIES:
        shares = [share(getattr(week, name), week.eligible) for week in weeks]
        points = tuple((round(x, 1), y(share)) for x, share in zip(xs, shares, strict=True))
        path = "M" + " L".join(f"{px} {py}" for px, py in points) if points else ""
        area = f"{path} L{points[-1][0]} {bottom} L{points[0][0]} {bottom} Z" if points else ""
        last = weeks[-1] if weeks else None
        told = last and shown_count(getattr(last, name), last.eligible) is not None
        percent = round(100 * shares[-1]) if told else None
        lines.append(Line(name, path, area, points, points[-1][1] if points else bottom, percent))
    places = _apart({"half": y(HALF)} | {line.name: line.label_y for line in lines}, bottom)
    step = max(1, -(-len(weeks) // dates)) if dates else len(weeks) + 1
    named = list(range(len(weeks) - 1, -1, -step)) if dates else []
    return Chart(
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        lines=tuple(replace(line, label_y=places[line.name]) for line in lines),
        ticks=tuple((y(percent / 100), percent) for percent in (0, 25, 50, 75, 100)),
        half_y=y(HALF),
        half_label_y=places["half"],
        dates=tuple((round(xs[n], 1), weeks[n].week, "middle") for n in reversed(named)),
    )


def share(count: int, eligible: int) -> float:
    """The share that is drawn: where the rule of five hides the number, no exact one.

    All numbers too small to be shown stand at the same height, and so do all that leave too few.
    """
    if eligible < 2 * FEW:
        return 0.0
    if count < FEW:
        return FEW / 2 / eligible
    if eligible - count < FEW:
        return 1 - FEW / 2 / eligible
    return count / eligible


def _apart(wanted: Mapping[str, float], bottom: int) -> dict[str, float]:
    """Heights for the labels, as near to the wanted ones as lets none cover another."""
    places: dict[str, float] = {}
    limit = float(bottom)
    for name, height in sorted(wanted.items(), key=lambda item: -item[1]):
        places[name] = min(height, limit)
        limit = places[name] - LABEL
    return places
