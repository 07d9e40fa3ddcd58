"""What has changed reaches everything that shows it: the one way from an activity to outlets.

Every flow hands the ids of the activities that look different now to :func:`spread`, in the
transaction in which they changed. Whatever else has to follow a change belongs here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from bridge.consent import receipts
from bridge.delivery import outbox
from bridge.feed import project
from bridge.model import Cause, Delivery, Withdrawal
from bridge.storage import Work


def spread(
    work: Work,
    activity_ids: Sequence[int],
    now: datetime,
    *,
    outlet_ids: Sequence[int] | None = None,
    not_before: datetime | None = None,
    urgent: bool = False,
) -> list[Delivery]:
    """Note what follows from changed activities; the deliveries that have something to do now.

    Shares about them follow: they lose the link to what is gone, and get it back if it returns.

    :param outlet_ids: outlets that somebody chose for the activities.
    :param not_before: nothing new leaves before this moment.
    :param urgent: a correction or withdrawal, which passes everything else by.
    :raises InputError: if a chosen outlet cannot be chosen.
    """
    followed = work.abouts.follow(activity_ids, now)
    if followed:
        outbox.enqueue(work, followed, now)
    return outbox.enqueue(
        work, activity_ids, now, outlet_ids=outlet_ids, not_before=not_before, urgent=urgent
    )


def take_back(
    work: Work,
    connection_id: int,
    person_id: int | None,
    cause: Cause,
    changed: Sequence[int],
    theirs: Collection[int],
    now: datetime,
    *,
    unfinished: Collection[int] = (),
    token_hash: str | None = None,
) -> Withdrawal:
    """Spread what a withdrawal changed, ahead of everything else, and keep its receipt.

    :param changed: the activities that look different now.
    :param theirs: those that told of the person before: only they stand on the receipt.
    :param unfinished: deliveries of what was taken back before and may stand all the same: they
        are tried once more, and stand on the receipt too.
    :param token_hash: of the secret that opens the receipt, where nobody can sign in to it.
    """
    touched = spread(work, changed, now, urgent=True)
    # Whoever sends a key once more is not told again what they may not read any more.
    work.api.empty(connection_id)
    its = [*_lines(touched, theirs), *outbox.try_again(work, unfinished, now)]
    return receipts.keep(work, connection_id, person_id, cause, its, now, token_hash=token_hash)


def take_out(work: Work, connection_id: int, now: datetime) -> list[int]:
    """Take out the names that may not stand any more, ahead of everything, with receipts.

    :returns: the ids of the activities that changed.
    """
    people = work.projection.forbidden_people(connection_id)
    left = work.people.left(people)
    theirs = {person_id: work.withdrawals.naming(person_id) for person_id in people}
    changed = project.project_forbidden(work, connection_id, now)
    touched = spread(work, changed, now, urgent=True)
    if changed:
        work.api.empty(connection_id)
    for person_id, its in theirs.items():
        mine = _lines(touched, its)
        if mine:
            cause = Cause.LEFT if person_id in left else Cause.PROFILE
            receipts.keep(work, connection_id, person_id, cause, mine, now)
    return changed


def _lines(touched: Sequence[Delivery], theirs: Collection[int]) -> list[Delivery]:
    """The deliveries that a receipt lists.

    Of what is a line of a digest, the digest's own delivery says what became of it.
    """
    lists = {one.digest_id for one in touched if one.activity_id in theirs}
    return [
        one
        for one in touched
        if one.activity_id in lists or (one.activity_id in theirs and one.digest_id is None)
    ]
