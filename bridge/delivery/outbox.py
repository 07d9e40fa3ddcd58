"""Notes what every outlet should show, in the transaction in which an activity changes.

It does not send anything: :mod:`bridge.delivery.worker` does, when the transaction is committed.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bridge.delivery.budget import Room
from bridge.delivery.plan import again, want
from bridge.delivery.routing import NOWHERE, Place, route, rules_of
from bridge.errors import InputError
from bridge.model import Activity, Delivery, DeliveryState, Outlet
from bridge.storage import Work


def enqueue(
    work: Work,
    activity_ids: Sequence[int],
    now: datetime,
    *,
    outlet_ids: Sequence[int] | None = None,
    not_before: datetime | None = None,
    urgent: bool = False,
) -> list[Delivery]:
    """Note that the activities changed; the deliveries that changed with them, as they are now.

    They follow at the outlets where the activities are already, at those in ``outlet_ids``, and at
    those whose rules take it by themselves: as a post where there is room in the outlet's budget,
    else in its next digest. An activity that is gone is to go everywhere; what never left just does
    not leave. Digests that list one of the activities follow. A delivery that is new has no id yet.

    :param not_before: nothing new leaves before this moment.
    :param urgent: a correction or withdrawal, which passes everything else by.
    :raises InputError: if a chosen outlet is not one of the connection's, or is switched off.
    """
    activities = work.delivery.activities(activity_ids)
    if not activities:
        return []
    outlets = work.delivery.outlets(sorted({a.connection_id for a in activities}))
    chosen = _checked(outlets, outlet_ids or ())
    there = work.delivery.of_activities([a.id for a in activities])
    places = _places(work, activities, outlets)
    room = Room(work, outlets, now)
    changed: list[Delivery] = []
    for activity in activities:
        known = there.get(activity.id, {})
        choices = [o for o in outlets if o.connection_id == activity.connection_id]
        place = places.get(activity.course_id or 0, NOWHERE)
        wanted = route(activity, choices, chosen=chosen, there=known, place=place)
        for outlet_id, revision in wanted.items():
            before = known.get(outlet_id) or _new(activity.id, outlet_id, now)
            after = want(
                before,
                revision,
                now,
                key=_key(),
                not_before=not_before,
                urgent=urgent,
                rests_until=room.rests_until(outlet_id),
            )
            begins = not before.id or before.state is DeliveryState.GONE
            if begins and after.wanted is not None and outlet_id not in chosen:
                after = room.fitted(activity, after)
            if after != before:
                changed.append(after)
    work.delivery.save(changed)
    return changed + _follow(work, changed, now, urgent)


def _places(
    work: Work, activities: Sequence[Activity], outlets: Sequence[Outlet]
) -> dict[int, Place]:
    """Course id → what is told of it is about; asked only where a rule wants to know."""
    if not any(rules_of(outlet).about_courses for outlet in outlets):
        return {}
    course_ids = {a.course_id for a in activities if a.course_id is not None}
    return {i: Place(terms) for i, terms in work.delivery.subjects(course_ids).items()}


def _follow(work: Work, changed: Sequence[Delivery], now: datetime, urgent: bool) -> list[Delivery]:
    """Have the digests follow that list, or listed, what has changed."""
    digest_ids = sorted({one.digest_id for one in changed if one.digest_id is not None})
    if not digest_ids:
        return []
    work.delivery.revise(digest_ids, now)
    return enqueue(work, digest_ids, now, urgent=urgent)


def cancel(work: Work, activity_id: int, now: datetime) -> list[Delivery]:
    """Note that no outlet should show the activity; the deliveries that changed with it."""
    there = work.delivery.of_activities([activity_id]).get(activity_id, {})
    changed = [
        after
        for before in there.values()
        if (after := want(before, None, now, key=_key(), urgent=True)) != before
    ]
    work.delivery.save(changed)
    return changed + _follow(work, changed, now, urgent=True)


def try_again(work: Work, delivery_ids: Collection[int], now: datetime) -> list[Delivery]:
    """Have what was given up tried once more, ahead of everything; all of them, as they are now."""
    before = work.delivery.by_ids(delivery_ids)
    after = [
        replace(again(one, now, anyway=False), urgent=True)
        if one.state is DeliveryState.DEAD
        else one
        for one in before
    ]
    work.delivery.save([new for new, old in zip(after, before, strict=True) if new != old])
    return after


def _checked(outlets: Sequence[Outlet], chosen: Sequence[int]) -> set[int]:
    """The chosen outlets.

    :raises InputError: if one of them cannot be chosen.
    """
    usable = {outlet.id for outlet in outlets if outlet.enabled}
    wrong = sorted(set(chosen) - usable)
    if wrong:
        raise InputError(
            "One of the chosen outlets is not there, or is switched off.",
            "Load the page again and choose among those that it shows.",
        )
    return set(chosen)


def _new(activity_id: int, outlet_id: int, now: datetime) -> Delivery:
    return Delivery(
        id=0,
        activity_id=activity_id,
        outlet_id=outlet_id,
        key=_key(),
        wanted=None,
        due_at=now,
        pending=False,
    )


def _key() -> str:
    return str(uuid.uuid4())
