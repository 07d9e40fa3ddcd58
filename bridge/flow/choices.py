"""What a person decides about what others see of them."""

from __future__ import annotations

from bridge import consent
from bridge.feed import project
from bridge.flow.spread import spread
from bridge.model import Choice, Viewer
from bridge.ports import Clock
from bridge.storage import Store


def change_consent(
    store: Store,
    clock: Clock,
    person_id: int,
    choice: Choice,
    *,
    origin: str = "person",
    address: str = "",
) -> int:
    """Record a choice, correct the feed and mark every outlet, in one transaction.

    :returns: how many activities look different now.
    :raises NotFound: if there is no such person.
    """
    now = clock.now()
    with store.work() as work:
        connection_id = work.people.connection_of(person_id)
        consent.choose(work, person_id, choice, now, origin, address)
        changed = project.project_person(work, connection_id, person_id, now)
        spread(work, changed, now, urgent=True)
    return len(changed)


def hide_item(store: Store, clock: Clock, viewer: Viewer, completion_id: int, hidden: bool) -> int:
    """Record a person's word on one completion, and correct the feed and the outlets with it.

    :raises NotFound: if it is not theirs.
    """
    now = clock.now()
    with store.work() as work:
        consent.hide(work, viewer, completion_id, hidden)
        changed = project.project_items(work, viewer.connection_id, viewer.person_id, now)
        spread(work, changed, now, urgent=True)
    return len(changed)
