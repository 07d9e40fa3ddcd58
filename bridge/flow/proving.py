"""What proves the reasons of a suggestion."""

from __future__ import annotations

from bridge import curation, listening
from bridge.curation.evidence import Evidence
from bridge.model import OpenQuestion, Viewer
from bridge.ports import Clock
from bridge.storage import Store


def why(
    store: Store, clock: Clock, viewer: Viewer, course_id: int
) -> tuple[Evidence, tuple[OpenQuestion, ...]]:
    """The figures behind a course's suggestion, counted now, and the questions that wait there.

    :raises NotFound: if there is no such course that could be suggested to the viewer.
    """
    now = clock.now()
    with store.reading() as work:
        found = curation.evidence(work, viewer, course_id, now)
        questions = listening.unanswered(work, viewer, now)
    return found, tuple(q for q in questions if q.course.id == course_id)
