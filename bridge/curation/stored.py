"""Reads the suggestions that a refresh has stored."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.curation.choose import monday
from bridge.model import Suggestion
from bridge.storage import Work


def suggestions(work: Work, leader_id: int, now: datetime) -> tuple[Suggestion, ...]:
    """The leader's suggestions of this week, best first: open, put off and shared ones.

    What was dismissed is left out, and so is what was hidden in the LMS since. One statement;
    empty until the week's first refresh.
    """
    return work.curation.suggestions(leader_id, monday(now.astimezone(UTC)))
