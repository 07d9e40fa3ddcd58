"""What a leader means to share: kept words, and the time at which they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.model.entities import About
from bridge.model.words import Audience


class Unfit(StrEnum):
    """Why a leader does not want a suggestion, as far as it teaches what to suggest."""

    KNOWN = "known"
    """The leader's people know it already: it says nothing about other courses of its kind."""
    NOT_OURS = "not ours"
    """It is not for these people: other courses of its kind are suggested less."""
    NOT_NOW = "not now"
    """It may come back sooner than others."""
    OTHER = ""
    """The leader's own words, or none: as *not ours*, for whoever says nothing means that most."""


class PlanState(StrEnum):
    """How far it got."""

    DRAFT = "draft"
    PLANNED = "planned"
    SHARED = "shared"
    WITHDRAWN = "withdrawn"
    """It could not be shared any more when its time came, or before; the leader has to be told."""
    DROPPED = "dropped"
    """The leader does not want it any more."""


@dataclass(frozen=True)
class Plan:
    """A share that has not left yet. The words are the leader's, and nobody else sees them."""

    id: int
    leader_id: int
    course_id: int | None
    course_name: str
    """As it is called now; empty where the LMS does not show it any more."""
    suggestion_id: int | None
    audience: Audience
    text: str
    outlet_ids: tuple[int, ...]
    at: datetime | None
    """When it leaves; ``None`` for a draft."""
    state: PlanState
    reason: str = ""
    """Why it was withdrawn."""
    by_id: int | None = None
    """The delegate who prepared it; ``None`` for the leader."""
    by_name: str = ""
    about_id: int | None = None
    about: About | None = None
    """The activity that it is about, if it is about one and that is still there."""
