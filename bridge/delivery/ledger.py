"""What became of what was to be sent, and an admin's word to try again.

It names no person: consent binds an admin's pages too.
"""

from __future__ import annotations

from datetime import datetime

from bridge.delivery.plan import again, in_doubt
from bridge.errors import InputError, NotFound
from bridge.model import DeliveryState, Kind, LedgerRow
from bridge.storage import Work
from bridge.storage.delivery import LedgerLine

_TRIED_AGAIN = frozenset(
    {DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.KEPT, DeliveryState.RETRY}
)


def page(
    work: Work,
    connection_id: int,
    before: int | None = None,
    limit: int = 50,
    state: DeliveryState | None = None,
    outlet_id: int | None = None,
) -> tuple[LedgerRow, ...]:
    """The newest deliveries of a connection's outlets.

    :param before: the id of the last delivery of the page before this one.
    :param state: only those in this state. :param outlet_id: only those to this outlet.
    """
    return tuple(
        LedgerRow(
            delivery=line.delivery,
            outlet_name=line.outlet_name,
            outlet_kind=line.outlet_kind,
            what=_what(line),
        )
        for line in work.delivery.ledger(connection_id, before, limit, state, outlet_id)
    )


def counts(
    work: Work, connection_id: int, outlet_id: int | None = None
) -> dict[DeliveryState, int]:
    """How many deliveries (to the outlet) are in each state; only states with any."""
    found = work.delivery.counts(connection_id, outlet_id)
    return {state: found[state] for state in DeliveryState if state in found}


def retry_all(work: Work, connection_id: int, now: datetime, outlet_id: int | None = None) -> int:
    """Have everything tried again that was given up (to the outlet); how many that is.

    What is in doubt is left alone: it wants a look first, one by one (:func:`retry`).
    """
    dead = work.delivery.in_state(connection_id, DeliveryState.DEAD, outlet_id)
    work.delivery.save([again(one, now, anyway=False) for one in dead])
    return len(dead)


def retry(
    work: Work,
    delivery_id: int,
    now: datetime,
    *,
    connection_id: int | None = None,
    anyway: bool = False,
) -> None:
    """Have a delivery tried again at once.

    One that is in doubt is asked about or sent with the same key, where the outlet allows that.
    Where it does not, only ``anyway`` sends it once more, at the risk of its standing there twice.

    :raises NotFound: if there is no such delivery (in the connection).
    :raises InputError: if there is nothing to try again, or ``anyway`` is needed for it.
    """
    delivery = work.delivery.by_id(delivery_id, connection_id)
    if delivery is None:
        raise NotFound("There is no such delivery.")
    if delivery.state not in _TRIED_AGAIN:
        raise InputError(f"This delivery is {delivery.state.value}: there is nothing to try again.")
    stuck = delivery.state is DeliveryState.UNKNOWN and not delivery.pending
    if stuck and in_doubt(delivery) and not anyway:
        raise InputError(
            "It was sent and no answer came, and this outlet cannot be asked about it.",
            "Look whether it stands there. If it does not, confirm that it shall be sent again.",
        )
    # Anything else in doubt may be in flight, or is asked about: to forget it could post it twice.
    work.delivery.save([again(delivery, now, anyway=anyway and stuck)])


KINDS = {
    Kind.COMPLETION: "Completions",
    Kind.RENEWAL: "Renewals",
    Kind.MILESTONE: "Milestone",
    Kind.COURSE: "New course",
    Kind.DISCUSSION: "Discussion",
    Kind.SHARE: "Share",
    Kind.POST: "Post",
    Kind.REPLY: "Answer",
    Kind.DIGEST: "Digest",
}


def _what(line: LedgerLine) -> str:
    # A discussion's title is for the people of its course; an admin need not be one of them.
    about = line.course_name
    return f"{KINDS[line.kind]}: {about}" if about else KINDS[line.kind]
