"""Letters to a person about what concerns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Rhythm(StrEnum):
    """How often a person wants a letter about their notices."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class LetterWish:
    """When a person wants letters about their notices, and how the last one went."""

    person_id: int
    rhythm: Rhythm = Rhythm.OFF
    hour: int = 8
    """By the person's own clock, 0 to 23."""
    weekday: int = 0
    """0 is Monday."""
    next_at: datetime | None = None
    covered_to: datetime | None = None
    """What came later is for the next letter."""
    failures: int = 0
    problem: str = ""
    """Why the mail server did not take the last one."""
    sent_at: datetime | None = None
    doubt_at: datetime | None = None
    """When a letter was handed over without an answer: nobody knows whether it arrived."""


@dataclass(frozen=True)
class PersonalLetter:
    """A letter to one person, ready but for its id and date."""

    to: str
    subject: str
    plain: str
    html: str
    unsubscribe: str = ""
    """The address that ends these letters, in one click or by a page with a button; empty for one
    that somebody has just asked for."""
