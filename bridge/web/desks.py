"""Whose desk somebody works at: their own, or that of a leader whom they help."""

from __future__ import annotations

from bridge.access import delegates
from bridge.errors import NotFound
from bridge.model import Viewer
from bridge.storage.delegates import Help
from bridge.web.here import bridge, viewer
from bridge.web.table import LARGEST_ID


def desk_of(
    leader_id: int | None, *, posts: bool = False
) -> tuple[Viewer, Viewer | None, Help | None]:
    """The leader; and if that is not the viewer, the viewer and what they may do there.

    :param leader_id: ``None`` for the viewer's own desk.
    :raises NotFound: if the viewer is no delegate of that leader.
    :raises NotAllowed: if ``posts`` and they may only prepare.
    """
    if leader_id is None or leader_id == viewer().person_id:
        return viewer(), None, None
    if not 0 < leader_id <= LARGEST_ID:
        raise NotFound("There is no such desk for you.")
    with bridge().store.reading() as work:
        leader, helps = delegates.acting_for(work, viewer(), leader_id)
        if posts:
            delegates.posting_for(work, viewer(), leader_id)
    return leader, viewer(), helps
