"""What would leave for the outlets, found out by letting it leave for nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bridge.delivery import preview as dry
from bridge.delivery import veil
from bridge.delivery.preview import Scenes
from bridge.errors import BridgeError, InputError
from bridge.flow.rounds import tell
from bridge.model import Audience, AudienceKind, Outlet, Viewer
from bridge.ports import Abilities, Clock, Publisher
from bridge.storage import Store, Work
from bridge.storage.contents import Content
from bridge.storage.trial import trying

DAYS = 7
LONGEST = 31
UNKNOWN = Abilities(edit=True, delete=True, find=False, idempotent=False)
"""What is assumed of an outlet whose settings cannot be used, so that its posts can be read."""


@dataclass(frozen=True)
class OutletPreview:
    """One outlet as it would be, and what it would be told."""

    outlet: Outlet
    audience_name: str
    """Of the team or the course that reads it; empty for everyone and the public."""
    publisher: Publisher | None
    """Words what is told, without the network; ``None`` where the outlet's settings cannot be
    used, as ``problem`` says."""
    problem: str
    coming: Scenes
    """What is on its way: exact, unless something changes."""
    replayed: Scenes
    """As the last days would have looked, had the outlet been as it is here."""


def preview(
    store: Store,
    clock: Clock,
    connection_id: int,
    outlets: Sequence[Outlet],
    publisher_of: Callable[[Outlet], Publisher],
    *,
    link: Callable[[str], str],
    viewer: Viewer | None = None,
    days: int = DAYS,
) -> tuple[OutletPreview, ...]:
    """What the outlets would be told in so many days, were they as they are given, and on.

    Nothing is stored and nothing is sent: the flow and the worker run in a transaction that is
    rolled back. What the viewer may not see is veiled.

    :param outlets: stored ones of the connection; they may look otherwise than they are stored.
    :param viewer: who looks; ``None`` for somebody signed in who is in no team.
    :raises InputError: if ``days`` is not from 1 to 31.
    :raises StorageError: if the database cannot be used at the moment.
    """
    if not 1 <= days <= LONGEST:
        raise InputError(f"A preview has 1 to {LONGEST} days.")
    now, span = clock.now(), timedelta(days=days)
    publishers = {outlet.id: _publisher(outlet, publisher_of) for outlet in outlets}
    players = {
        ident: UNKNOWN if isinstance(found, BridgeError) else found.abilities
        for ident, found in publishers.items()
    }

    def seen(content: Content) -> Content:
        return veil.veiled(content, viewer)

    with trying(store, seen) as trial:
        dry.set_up(trial, outlets, now)
        tell(trial, clock, connection_id)
        coming = dry.coming(trial, players, now, now + span, link)
    with trying(store, seen) as trial:
        dry.set_up(trial, outlets, now)
        replayed = dry.replayed(trial, outlets, players, now - span, now, link)
        with trial.reading() as work:
            names = _audience_names(work, outlets)
    return tuple(
        OutletPreview(
            outlet=outlet,
            audience_name=names.get(outlet.audience, ""),
            publisher=None if isinstance(found, BridgeError) else found,
            problem=str(found) if isinstance(found, BridgeError) else "",
            coming=coming[outlet.id],
            replayed=replayed[outlet.id],
        )
        for outlet in outlets
        for found in (publishers[outlet.id],)
    )


def _audience_names(work: Work, outlets: Sequence[Outlet]) -> dict[Audience, str]:
    audiences = {outlet.audience for outlet in outlets}
    teams = work.feed.teams({a.id for a in audiences if a.kind is AudienceKind.TEAM})
    courses = work.feed.courses({a.id for a in audiences if a.kind is AudienceKind.COURSE})
    names = {Audience(AudienceKind.TEAM, ident): team.name for ident, team in teams.items()}
    # Not even an admin reads here what the LMS hides.
    return names | {
        Audience(AudienceKind.COURSE, ident): course.name
        for ident, course in courses.items()
        if course.visible and not course.gone
    }


def _publisher(
    outlet: Outlet, publisher_of: Callable[[Outlet], Publisher]
) -> Publisher | BridgeError:
    try:
        return publisher_of(outlet)
    except BridgeError as error:
        return error
