"""The geometry of the pulse's chart: numbers in, places on a drawing out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bridge.model import PulseWeek

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
    percent: int
    """Its share of the eligible people in the last week."""


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
        shares = [_share(getattr(week, name), week.eligible) for week in weeks]
        points = tuple((round(x, 1), y(share)) for x, share in zip(xs, shares, strict=True))
        path = "M" + " L".join(f"{px} {py}" for px, py in points) if points else ""
        area = f"{path} L{points[-1][0]} {bottom} L{points[0][0]} {bottom} Z" if points else ""
        percent = round(100 * shares[-1]) if shares else 0
        lines.append(Line(name, path, area, points, points[-1][1] if points else bottom, percent))
    step = max(1, -(-len(weeks) // dates)) if dates else len(weeks) + 1
    named = [n for n in range(len(weeks) - 1, -1, -step)] if dates else []
    return Chart(
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        lines=_apart(lines, bottom),
        ticks=tuple((y(percent / 100), percent) for percent in (0, 25, 50, 75, 100)),
        half_y=y(HALF),
        dates=tuple((round(xs[n], 1), weeks[n].week, "middle") for n in reversed(named)),
    )


def _share(count: int, eligible: int) -> float:
    return count / eligible if eligible else 0.0


def _apart(lines: Sequence[Line], bottom: int) -> tuple[Line, ...]:
    """The lines with their labels moved so far apart that none covers another."""
    order = sorted(lines, key=lambda line: line.label_y, reverse=True)
    places: dict[str, float] = {}
    limit = float(bottom)
    for line in order:
        places[line.name] = min(line.label_y, limit)
        limit = places[line.name] - LABEL
    return tuple(
        Line(ln.name, ln.path, ln.area, ln.points, places[ln.name], ln.percent) for ln in lines
    )
