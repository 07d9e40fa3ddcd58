"""What was taken back, and what became of it: for the person, by a secret link, and in numbers."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from bridge.errors import NotFound
from bridge.model import (
    Cause,
    Choice,
    Delivery,
    FatedItem,
    Viewer,
    Withdrawal,
    WithdrawalReceipt,
)
from bridge.storage import Work

LATEST = 50
"""How many receipts a list shows."""
A_PAGE = 200
"""Things of a receipt a page lists one by one."""

_REACH = (None, Choice.NOBODY, Choice.TEAMS, Choice.EVERYONE, Choice.PUBLIC)


def narrows(before: Choice | None, after: Choice) -> bool:
    """Whether fewer people may see the person's name than before."""
    return _REACH.index(after) < max(_REACH.index(before), 1)


def keep(
    work: Work,
    connection_id: int,
    person_id: int | None,
    cause: Cause,
    touched: Collection[Delivery],
    now: datetime,
    *,
    token_hash: str | None = None,
) -> Withdrawal:
    """Keep that something was taken back, with the deliveries that it touched.

    One without an id is new, so that nothing of it can have left yet.
    """
    withdrawal = Withdrawal(str(uuid.uuid4()), connection_id, person_id, cause, now)
    ids = {delivery.id for delivery in touched if delivery.id}
    work.withdrawals.keep(withdrawal, ids, token_hash)
    return withdrawal


def mine(work: Work, viewer: Viewer, limit: int = LATEST) -> list[WithdrawalReceipt]:
    """What the viewer took back, newest first, as it stands."""
    return work.withdrawals.receipts(work.withdrawals.of_person(viewer.person_id, limit))


def of_connection(work: Work, connection_id: int, limit: int = LATEST) -> list[WithdrawalReceipt]:
    """What people of the connection took back, in numbers that name nobody."""
    return work.withdrawals.receipts(work.withdrawals.of_connection(connection_id, limit))


def one(work: Work, viewer: Viewer, uid: str) -> WithdrawalReceipt:
    """A receipt of the viewer's own.

    :raises NotFound: if it is none.
    """
    return _receipt(work, _its(work, viewer, uid))


def items(work: Work, viewer: Viewer, uid: str, after: int = 0) -> list[FatedItem]:
    """What one of the viewer's own withdrawals touched, one by one.

    :param after: the delivery that the page before ended with.
    :raises NotFound: if the withdrawal is not the viewer's.
    """
    return work.withdrawals.items(_its(work, viewer, uid).uid, after, A_PAGE)


def by_token(work: Work, token_hash: str) -> WithdrawalReceipt:
    """The receipt of a person who was erased, by the hash of the secret that they were given.

    :raises NotFound: if it opens none.
    """
    return _receipt(work, work.withdrawals.by_token(token_hash))


def by_uid(work: Work, uid: str) -> WithdrawalReceipt:
    """Any receipt, in numbers that name nobody, for who runs the bridge.

    :raises NotFound: if there is none of that uid.
    """
    return _receipt(work, work.withdrawals.one(uid))


def _its(work: Work, viewer: Viewer, uid: str) -> Withdrawal:
    found = work.withdrawals.one(uid)
    if found is None or found.person_id != viewer.person_id:
        raise _none()
    return found


def _receipt(work: Work, found: Withdrawal | None) -> WithdrawalReceipt:
    if found is None:
        raise _none()
    return work.withdrawals.receipts([found])[0]


def _none() -> NotFound:
    return NotFound("There is no such receipt.", "Receipts are kept for a time and then forgotten.")
