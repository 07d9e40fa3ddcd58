"""What a person decides about what others see of them."""

from __future__ import annotations

from bridge import consent
from bridge.consent import receipts
from bridge.feed import project
from bridge.flow.spread import spread, take_back
from bridge.model import Cause, Choice, Viewer
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

    A narrower one leaves a receipt.

    :returns: how many activities look different now.
    :raises NotFound: if there is no such person.
    """
    now = clock.now()
    with store.work() as work:
        connection_id = work.people.connection_of(person_id)
        narrower = receipts.narrows(work.consent.choice(person_id), choice)
        theirs = work.withdrawals.naming(person_id) if narrower else set()
        consent.choose(work, person_id, choice, now, origin, address)
        changed = project.project_person(work, connection_id, person_id, now)
        if narrower:
            take_back(work, connection_id, person_id, Cause.CHOICE, changed, theirs, now)
        else:
            spread(work, changed, now, urgent=True)
    return len(changed)


def undo_choice(store: Store, clock: Clock, viewer: Viewer, *, address: str = "") -> int:
    """Undo the viewer's last choice, just made; the feed and the outlets follow.

    :returns: how many activities look different now.
    :raises InputError: if there is nothing to undo any more.
    """
    now, me, connection_id = clock.now(), viewer.person_id, viewer.connection_id
    with store.work() as work:
        before, theirs = work.consent.choice(me), work.withdrawals.naming(me)
        after = consent.undo(work, viewer, now, address)
        changed = project.project_person(work, connection_id, me, now)
        if receipts.narrows(before, after or Choice.NOBODY):
            take_back(work, connection_id, me, Cause.CHOICE, changed, theirs, now)
        else:
            spread(work, changed, now, urgent=True)
    return len(changed)


def hide_item(
    store: Store,
    clock: Clock,
    viewer: Viewer,
    completion_id: int,
    hidden: bool,
    *,
    address: str = "",
) -> int:
    """Record a person's word on one completion, and correct the feed and the outlets with it.

    Hiding leaves a receipt.

    :raises NotFound: if it is not theirs.
    """
    now, me, connection_id = clock.now(), viewer.person_id, viewer.connection_id
    with store.work() as work:
        theirs = work.withdrawals.naming(me) if hidden else set()
        consent.hide(work, viewer, completion_id, hidden, now, address)
        changed = project.project_items(work, connection_id, me, now)
        if hidden:
            take_back(work, connection_id, me, Cause.ITEM, changed, theirs, now)
        else:
            spread(work, changed, now, urgent=True)
    return len(changed)
