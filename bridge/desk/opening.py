"""Whether an opened item counts as the opening of a leader's share."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.model import Activity, Kind, Viewer
from bridge.storage import Work


def counts(viewer: Viewer, activity: Activity) -> bool:
    """A share that somebody else made: who shared it opens it to see what became of it."""
    theirs = viewer.person_id in (activity.actor_id, activity.behalf_of_id)
    return activity.kind is Kind.SHARE and not theirs


def opened(work: Work, viewer: Viewer, activity: Activity, now: datetime) -> None:
    """Keep that the viewer opened the share; once each, however often they do."""
    if counts(viewer, activity):
        work.opens.note(activity.id, viewer.person_id, now.astimezone(UTC).date())
