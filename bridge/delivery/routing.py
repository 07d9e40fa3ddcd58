"""Where an activity goes: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bridge.model import Activity, Kind, Outlet
from bridge.visibility import covers

FROM_THE_LMS = frozenset(
    {Kind.COMPLETION, Kind.RENEWAL, Kind.MILESTONE, Kind.COURSE, Kind.DISCUSSION}
)
"""Kinds that nobody wrote in the bridge: they never go where they are not covered."""


def may_go(activity: Activity, outlet: Outlet, *, chosen: bool) -> bool:
    """Whether the activity may be at the outlet at all.

    What people wrote goes where they chose to send it. Everything else goes only where everybody
    who reads the outlet may see it.
    """
    if activity.gone:
        return False
    if chosen and activity.kind not in FROM_THE_LMS:
        return True
    return covers(outlet.audience, activity.audience)


def route(
    activity: Activity,
    outlets: Iterable[Outlet],
    *,
    chosen: Collection[int],
    there: Collection[int],
) -> dict[int, int | None]:
    """Outlet id → the revision that it should show, for every outlet that has to hear of it.

    :param chosen: the outlets that somebody picked for this activity.
    :param there: the outlets that have a delivery of it already.
    """
    wanted: dict[int, int | None] = {}
    for outlet in outlets:
        picked = outlet.id in chosen or outlet.id in there
        by_itself = (
            outlet.enabled
            and outlet.purpose == "share"
            and activity.kind.value in outlet.settings.get("kinds", ())
        )
        if may_go(activity, outlet, chosen=picked) and (picked or by_itself):
            wanted[outlet.id] = activity.revision
        elif outlet.id in there:
            wanted[outlet.id] = None
    return wanted
