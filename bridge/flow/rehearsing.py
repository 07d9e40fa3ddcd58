"""How a share would look, here and at each outlet, found out by sharing it for nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bridge.delivery import outlets as stored
from bridge.delivery import preview as dry
from bridge.delivery.preview import Scene
from bridge.delivery.routing import reaches
from bridge.errors import BridgeError
from bridge.feed import read
from bridge.flow.sharing import UNDO, shared_by
from bridge.model import Activity, Audience, FeedItem, Kind, Outlet, Viewer
from bridge.ports import Abilities, Clock, Publisher
from bridge.storage import Store
from bridge.storage.contents import Content
from bridge.storage.trial import Trial, trying

LOOKED = timedelta(days=2)
"""So far ahead is looked for the moment at which an outlet would get it."""


@dataclass(frozen=True)
class AtOutlet:
    """One outlet that was chosen, and what it would be told."""

    outlet: Outlet
    read_by: str
    abilities: Abilities
    publisher: Publisher | None
    scene: Scene | None
    problem: str = ""
    """Why it would not be told; empty if it would."""


@dataclass(frozen=True)
class ShareRehearsal:
    """The share in the feed, and at each chosen outlet."""

    item: FeedItem
    outlets: tuple[AtOutlet, ...]


def rehearse_share(
    store: Store,
    clock: Clock,
    viewer: Viewer,
    publisher_of: Callable[[Outlet], Publisher],
    abilities_of: Callable[[Outlet], Abilities],
    *,
    course_id: int | None,
    text: str,
    audience: Audience,
    outlet_ids: Sequence[int],
    suggestion_id: int | None,
    link: Callable[[str], str],
    about_id: int | None = None,
    by: Viewer | None = None,
) -> ShareRehearsal:
    """What would become of the share; nothing is stored and nothing is sent.

    :raises NotAllowed: if the viewer may not share.
    :raises InputError: if the text, the audience or the course cannot be taken.
    :raises StorageError: if the database cannot be used at the moment.
    """

    def share(trial: Trial, to: Sequence[int]) -> Activity:
        with trial.work() as work:
            return shared_by(
                work,
                viewer,
                course_id=course_id,
                about_id=about_id,
                text=text,
                audience=audience,
                outlet_ids=to,
                suggestion_id=suggestion_id,
                now=clock.now(),
                by=by,
            )

    with trying(store, _as_it_is) as trial:
        activity = share(trial, [])
        with trial.reading() as work:
            # As the leader sees it, in whose name it is.
            item = read.one(work, viewer, activity.uid)
    with store.reading() as reading:
        known = stored.of(reading, viewer.connection_id)
        readers = stored.read_by(reading, viewer.connection_id)
    found = []
    for outlet in (o for o in known if o.id in outlet_ids or _takes_it_anyway(o, audience)):
        seen = AtOutlet(outlet, readers[outlet.id], abilities_of(outlet), None, None)
        if not reaches(Kind.SHARE, audience, outlet, chosen=True):
            problem = "It is read by people whom you did not choose, so it would not be sent there."
            found.append(replace(seen, problem=problem))
            continue
        try:
            publisher = publisher_of(outlet)
        except BridgeError as error:
            found.append(replace(seen, problem=str(error)))
            continue
        # One after another, so that nobody who writes is kept waiting for long.
        with trying(store, _as_it_is) as trial:
            dry.set_up(trial, outlet, clock.now())
            uid = share(trial, [outlet.id]).uid
            now = clock.now()
            script = dry.coming(trial, outlet, seen.abilities, now, now + UNDO + LOOKED, link)
        scene = next((s for s in script.scenes if s.post.url.endswith(f"/a/{uid}")), None)
        problem = "" if scene else "It waits there: for the end of quiet hours, or for a digest."
        found.append(replace(seen, publisher=publisher, scene=scene, problem=problem))
    return ShareRehearsal(item, tuple(found))


def _takes_it_anyway(outlet: Outlet, audience: Audience) -> bool:
    """Whether the outlet's own rules take every share of the audience, ticked or not."""
    takes = Kind.SHARE.value in outlet.settings.get("kinds", ())
    return takes and outlet.enabled and reaches(Kind.SHARE, audience, outlet, chosen=False)


def _as_it_is(content: Content) -> Content:
    """The words are the leader's own, and the course is one that they see."""
    return content
