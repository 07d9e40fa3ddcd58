"""How numbers, names and days are said; pure, and under the rule of five.

Where a number may not be said, the words that stand for it do not depend on it within what is
hidden: "a few" is one to four, and nothing at all is said of what a group of fewer than five did.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from bridge.curation import telling
from bridge.visibility import FEW, shown_count

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_LONGEST_NAME = 80

MANY = 20
"""In a group of so many, all but four are nearly all."""


class OfPeople(Protocol):
    """Figures about a leader's people."""

    @property
    def people(self) -> int:
        """How many they are."""


class OfSite(OfPeople, Protocol):
    """The leader's people, and the whole site."""

    @property
    def site(self) -> int:
        """How many people it has."""


def named(name: str) -> str:
    """A course's name within a sentence."""
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"
    return f"“{short}”"


def plural(count: int, one: str, many: str) -> str:
    """The count with its noun: ``1 question``, ``2 questions``."""
    return f"{count:,} {one if count == 1 else many}"


def of_yours(count: int, f: OfPeople) -> str:
    """So many of the leader's people; empty if nothing may be said of them.

    Not to be said of nobody, since "a few" stands for one to four.
    """
    shown = shown_count(count, f.people)
    if shown is not None:
        return f"{shown:,} of your {f.people:,} people"
    if count < 1 or f.people < FEW:
        return ""
    if count < FEW:
        return "a few of your people"
    return f"nearly all of your {f.people:,} people" if f.people >= MANY else "most of your people"


def of_site(count: int, theirs: int, f: OfSite) -> int | None:
    """So many people of the site, if that may be said beside ``theirs`` of the leader's people."""
    return telling.of_site(count, shown_count(theirs, f.people), f.site, f.people)


def on(day: date, today: date) -> str:
    """A day as people say it: ``today``, ``on Friday 4 December``, ``in May``, ``in May 2025``."""
    away = (day - today).days
    if away in (0, 1):
        return ("today", "tomorrow")[away]
    if 1 < away <= 28:
        return f"on {_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    if -31 <= away < 0:
        return f"on {day.day} {_MONTHS[day.month - 1]}"
    if away > 0:
        return f"on {day.day} {_MONTHS[day.month - 1]} {day.year}"
    month = f"in {_MONTHS[day.month - 1]}"
    return month if away > -300 else f"{month} {day.year}"


def since(day: date, today: date) -> str:
    """The beginning of something that still is: ``since today``, ``since 3 November``."""
    return "since today" if day == today else f"since {day.day} {_MONTHS[day.month - 1]}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    return text[:1].upper() + text[1:] + "."
