"""The weekly note to a leader, and what stands instead of it after weeks of silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoteChannel(StrEnum):
    """How a leader wants the weekly note."""

    UNASKED = "unasked"
    """They have not chosen: they get one first word, and then nothing until they do."""
    OFF = "off"
    MESSAGE = "message"
    """A message of the LMS."""
    MAIL = "mail"


class NoteKind(StrEnum):
    """What a note is."""

    FIRST = "first"
    """The one that nobody asked for: it says that there is a desk."""
    WEEKLY = "weekly"
    NUDGE = "nudge"
    """After three silent weeks: one draft to start from."""


@dataclass(frozen=True)
class NoteWish:
    """When a leader wants the weekly note and how, and how the last one went."""

    person_id: int
    channel: NoteChannel = NoteChannel.UNASKED
    hour: int = 8
    """By the leader's own clock, 0 to 23."""
    weekday: int = 0
    """0 is Monday."""
    next_at: datetime | None = None
    begun_at: datetime | None = None
    """When they chose it, or got it again after leading no team: silence counts from then on."""
    left_at: datetime | None = None
    """When the last note left, or may have left."""
    left_as: str = ""
    """What that one was: a :class:`NoteKind`."""
    doubt_at: datetime | None = None
    """When a note was handed over without an answer: nobody knows whether it arrived."""
    nudged_at: datetime | None = None
    nudges: int = 0
    """How many nudges in a row they have not answered."""
    failures: int = 0
    """In a row, since a note left."""
    problem: str = ""
    """Why the last one was not taken, and what can be done about it."""
    remedy: str = ""
    attempt: str | None = None
    attempted_at: datetime | None = None
    """Since when a note is on its way, if one is."""
    attempted_as: str = ""


@dataclass(frozen=True)
class PersonalMessage:
    """A message of the LMS to one person, in plain text."""

    connection_id: int
    person_lms_id: int
    text: str
