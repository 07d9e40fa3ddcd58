"""What to do next about a delivery, and what it is afterwards: pure, from delivery to delivery.

The three facts that everything is decided from:

* ``wanted``: the revision that the outlet should show, or ``None`` for nothing;
* ``shown`` and ``remote_id``: what it is known to show, and under which id;
* ``sent``: the revision of a publication of which nobody knows whether it arrived.

Editing and deleting can be repeated without harm, so only a publication is ever asked about. A
deletion in doubt (a ``remote_id`` with nothing ``shown``) is repeated before anything else is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.errors import BridgeError, CannotTakeBack, OutcomeUnknown, OutletBusy
from bridge.model import Delivery, DeliveryState, Receipt, Removal
from bridge.ports import Abilities

ATTEMPTS = 15
"""Attempts at one state of things; with the waits between them they last almost two days."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
LONGEST_ASKED_WAIT = timedelta(days=1)
"""An outlet that asks for a longer wait is asked again after this one all the same."""
SETTLING = timedelta(minutes=2)
"""How long a request without an answer may still be at work at the outlet."""

WITHHELD = "Nothing of it may be shown there (any more)."
CORRECTED = "It could not be edited, so it was taken down."
ACCEPTED_REMOVAL = "Taken by the outlet, which does not say that it is gone."
ACCEPTED = "Taken by the outlet, which does not say that it is shown."

STANDING = frozenset({DeliveryState.SHOWN, DeliveryState.ACCEPTED})
"""States in which the outlet has what went out, as far as it says."""
BY_DIGEST = frozenset({DeliveryState.DIGEST, DeliveryState.LISTED})
"""States in which a digest shows it, or will: nothing of its own is to be sent."""


class Step(StrEnum):
    """What is to be done at the outlet."""

    PUBLISH = "publish"
    EDIT = "edit"
    DELETE = "delete"
    ASK = "ask"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Attempt:
    """One thing to do about a delivery as it stood when that was decided."""

    delivery: Delivery
    goal: int | None
    """The revision to reach: what is wanted, or ``None`` if none of it may be shown there."""
    step: Step
    anew: bool = False
    """Whether what is wanted is published as another post once this one is down."""


def in_doubt(delivery: Delivery) -> bool:
    """Whether a publication went out of which nobody knows whether it arrived."""
    return delivery.remote_id is None and delivery.sent is not None


# --- what is wanted -----------------------------------------------------------------------------


def want(
    delivery: Delivery,
    wanted: int | None,
    now: datetime,
    *,
    key: str,
    not_before: datetime | None = None,
    urgent: bool = False,
    rests_until: datetime | None = None,
) -> Delivery:
    """The delivery, now that the outlet should show ``wanted``.

    :param key: the idempotency key for the case that it begins anew, after it was gone.
    :param rests_until: when the quiet hours end, if it is quiet now: until then nothing new leaves
        and nothing grows, and what is urgent or to go passes.
    """
    held = max(filter(None, [delivery.not_before, not_before]), default=None)
    new = delivery.remote_id is None and delivery.sent is None
    passes = wanted is None or (urgent and not new)
    due_at = _due(delivery, now, held, None if passes else rests_until)
    if wanted == delivery.wanted:
        hurried = replace(delivery, urgent=True, due_at=due_at)
        return hurried if urgent and delivery.pending else delivery
    if delivery.state in BY_DIGEST and wanted is not None:
        return replace(delivery, wanted=wanted)
    changed = replace(
        delivery,
        wanted=wanted,
        pending=True,
        urgent=urgent or delivery.urgent,
        not_before=held,
        due_at=due_at,
    )
    match delivery.state:
        case DeliveryState.GONE:
            changed = replace(changed, key=key, state=DeliveryState.WAITING, attempts=0, reason="")
        case DeliveryState.SHOWN | DeliveryState.ACCEPTED | DeliveryState.KEPT:
            changed = replace(changed, attempts=0)
        case DeliveryState.RETRY if not urgent and wanted is not None and delivery.due_at:
            # An outlet that has trouble is not asked more often because more happens here.
            changed = replace(changed, due_at=max(delivery.due_at, due_at))
        case DeliveryState.DEAD if not urgent:
            changed = replace(changed, state=DeliveryState.RETRY, attempts=ATTEMPTS - 1)
        case DeliveryState.DEAD:
            changed = replace(changed, state=DeliveryState.RETRY)
    if urgent:
        changed = replace(changed, attempts=0)
    return _settled(changed)


def for_digest(delivery: Delivery, edition: datetime) -> Delivery:
    """The delivery of what is more than the outlet's budget: it waits for that edition."""
    waits = replace(delivery, state=DeliveryState.DIGEST, pending=False, urgent=False)
    return replace(waits, due_at=edition, counted_on=None)


def listed(delivery: Delivery) -> Delivery:
    """The delivery of what stands again in the digest that listed it."""
    line = replace(delivery, state=DeliveryState.LISTED, pending=False, urgent=False)
    return replace(line, counted_on=None)


def _due(
    delivery: Delivery,
    now: datetime,
    held: datetime | None,
    rests_until: datetime | None = None,
) -> datetime:
    """When it can next be looked at: after the undo minute and the quiet hours, and not while a
    request settles."""
    moments = [now, held, rests_until]
    if in_doubt(delivery) and delivery.attempted_at is not None:
        moments.append(delivery.attempted_at + SETTLING)
    return max(filter(None, moments))


# --- what to do --------------------------------------------------------------------------------


def next_step(delivery: Delivery, abilities: Abilities, *, may_show: bool) -> Attempt:
    """What brings the outlet nearer to what is wanted."""
    goal = delivery.wanted if may_show else None
    step = _step(delivery, goal, abilities)
    corrects = step is Step.DELETE and goal is not None and delivery.shown is not None
    return Attempt(delivery, goal, step, anew=corrects and _may_edit(delivery, abilities))


def _step(delivery: Delivery, goal: int | None, abilities: Abilities) -> Step:
    if delivery.attempts >= ATTEMPTS:
        return Step.NOTHING
    if in_doubt(delivery):
        if abilities.find:
            return Step.ASK
        if abilities.idempotent:
            return Step.PUBLISH if goal is not None else Step.DELETE
        return Step.NOTHING
    if delivery.remote_id is None:
        return Step.NOTHING if goal is None else Step.PUBLISH
    if goal is None or delivery.shown is None:
        return Step.DELETE if abilities.delete else Step.NOTHING
    if goal == delivery.shown:
        return Step.NOTHING
    if _may_edit(delivery, abilities) and not (delivery.urgent and abilities.remembers):
        return Step.EDIT
    # A correction that cannot be made, or that leaves what it corrects to be read, is made by
    # taking all of it down.
    return Step.DELETE if delivery.urgent and abilities.delete else Step.NOTHING


def _may_edit(delivery: Delivery, abilities: Abilities) -> bool:
    return abilities.edit and not (delivery.urgent and delivery.state is DeliveryState.KEPT)


def rests(attempt: Attempt) -> bool:
    """Whether the attempt is not made in quiet hours: what is new waits, and what only grows.

    A withdrawal, an urgent correction and a question never wait; nor does what may be there already
    and has to be corrected. What its author puts into other words is an edit like any other.
    """
    urgent = attempt.delivery.urgent
    if attempt.step is Step.PUBLISH:
        return not (urgent and in_doubt(attempt.delivery))
    return attempt.step is Step.EDIT and not urgent


# --- what it is afterwards ---------------------------------------------------------------------


def begun(attempt: Attempt, now: datetime) -> Delivery:
    """The delivery as it has to be written down before anything goes out."""
    sends = attempt.step is Step.PUBLISH
    return replace(
        attempt.delivery,
        state=DeliveryState.UNKNOWN,
        sent=_first_sent(attempt) if sends else attempt.delivery.sent,
        shown=None if attempt.step is Step.DELETE else attempt.delivery.shown,
        attempts=attempt.delivery.attempts + 1,
        attempted_at=now,
        reason="An attempt was begun and no outcome was written down.",
    )


def unsent(delivery: Delivery, attempt: Attempt, due_at: datetime, reason: str) -> Delivery:
    """The delivery after an attempt that was begun and then not made."""
    before = attempt.delivery
    return _settled(
        replace(
            delivery,
            state=before.state,
            sent=before.sent,
            shown=before.shown,
            attempts=before.attempts,
            attempted_at=before.attempted_at,
            reason=reason or before.reason,
            due_at=due_at,
        )
    )


def succeeded(
    delivery: Delivery,
    attempt: Attempt,
    answer: Receipt | Removal | None,
    now: datetime,
    *,
    key: str,
) -> Delivery:
    """The delivery (as it stands now) after the outlet took what was sent, or answered.

    :param answer: what it said; ``None`` if it was asked for a post and has it not.
    :param key: the idempotency key for the case that it begins anew, after it was taken down.
    """
    after = replace(_aimed(delivery, attempt), sent=None, reason="", due_at=now)
    if isinstance(answer, Removal):
        gone = _down(after, attempt, key)
        if answer is Removal.ACCEPTED and gone.wanted is None:
            gone = replace(gone, reason=ACCEPTED_REMOVAL, accepted_at=now)
        return _settled(gone)
    if answer is None:  # Asked, and it is not there; asking does not count as trying.
        attempts = attempt.delivery.attempts
        return _settled(replace(after, state=DeliveryState.RETRY, attempts=attempts))
    shown = attempt.delivery.sent if attempt.step is Step.ASK else attempt.goal
    if attempt.step is Step.PUBLISH:
        shown = _first_sent(attempt)
    after = replace(
        after,
        state=DeliveryState.SHOWN if answer.shown else DeliveryState.ACCEPTED,
        shown=shown,
        remote_id=answer.remote_id,
        accepted_at=now,
        reason="" if answer.shown else ACCEPTED,
    )
    return _settled(after)


def _first_sent(attempt: Attempt) -> int | None:
    """The revision that stands there if the publication arrived.

    A key that was sent before may have shown its first text already, and then the outlet leaves it
    at that: only an edit afterwards makes sure.
    """
    return attempt.delivery.sent if in_doubt(attempt.delivery) else attempt.goal


def _down(delivery: Delivery, attempt: Attempt, key: str) -> Delivery:
    nothing = replace(
        delivery, shown=None, remote_id=None, state=DeliveryState.WAITING, accepted_at=None
    )
    moved_on = delivery.wanted != attempt.goal
    only_finished = attempt.goal is not None and attempt.delivery.shown is None
    if moved_on or only_finished or attempt.anew:  # It is published anew, as another post.
        return replace(nothing, key=key)
    why = _withheld(attempt) if attempt.goal is None else CORRECTED
    return replace(nothing, wanted=None, reason=why)


def _withheld(attempt: Attempt) -> str:
    return WITHHELD if attempt.goal is None and attempt.delivery.wanted is not None else ""


def failed(
    delivery: Delivery,
    attempt: Attempt,
    error: BridgeError,
    abilities: Abilities,
    now: datetime,
    jitter: float,
) -> Delivery:
    """The delivery (as it stands now) after an attempt that did not succeed.

    :param jitter: a random number from 0 to 1, so that outlets are not asked in step.
    """
    moved_on = delivery.wanted != attempt.delivery.wanted
    after = replace(_aimed(delivery, attempt), reason=str(error))
    wait = _wait(delivery.attempts, error, jitter)
    if isinstance(error, OutcomeUnknown):
        after = replace(after, state=DeliveryState.UNKNOWN)
        repeatable = attempt.step is not Step.PUBLISH or abilities.find or abilities.idempotent
        if not repeatable:
            return _given_up(after, DeliveryState.UNKNOWN, moved_on, now)
        wait = max(wait, SETTLING) if abilities.find else wait
    elif attempt.step is not Step.ASK:
        after = replace(after, sent=attempt.delivery.sent, shown=attempt.delivery.shown)
    if isinstance(error, CannotTakeBack):
        if attempt.step is Step.EDIT and delivery.urgent and abilities.delete:
            return replace(after, state=DeliveryState.KEPT, due_at=now)
        return _given_up(after, DeliveryState.KEPT, moved_on, now)
    passing = error.retry or isinstance(error, OutcomeUnknown)
    if not passing or delivery.attempts >= ATTEMPTS:
        return _given_up(after, DeliveryState.DEAD, moved_on, now)
    if not in_doubt(after) and not isinstance(error, OutcomeUnknown):
        after = replace(after, state=DeliveryState.RETRY)
    return _settled(replace(after, due_at=now + wait))


def left(attempt: Attempt, now: datetime, stays: str = "") -> Delivery:
    """The delivery after it was looked at and nothing can or has to be done.

    :param stays: why the outlet keeps what it has, where it says so.
    """
    delivery = _aimed(attempt.delivery, attempt)
    if delivery.attempts >= ATTEMPTS:
        return _given_up(delivery, DeliveryState.DEAD, False, now)
    if in_doubt(delivery):
        return _given_up(delivery, DeliveryState.UNKNOWN, False, now)
    if delivery.remote_id is not None and delivery.shown != attempt.goal:
        what = "deleted" if attempt.goal is None else "edited"
        why = stays or f"What is shown at this outlet cannot be {what}."
        kept = replace(delivery, reason=why)
        return _given_up(kept, DeliveryState.KEPT, False, now)
    if delivery.state is DeliveryState.ACCEPTED:
        return _settled(delivery)
    return _settled(replace(delivery, state=DeliveryState.SHOWN, reason=_withheld(attempt)))


def again(delivery: Delivery, now: datetime, *, anyway: bool) -> Delivery:
    """The delivery after an admin's word to try it again.

    :param anyway: also where the outlet may show it already and cannot be asked.
    """
    return replace(
        delivery,
        state=DeliveryState.WAITING if delivery.remote_id is None else DeliveryState.RETRY,
        sent=None if anyway else delivery.sent,
        attempts=0,
        pending=True,
        due_at=_due(delivery, now, delivery.not_before),
    )


def _aimed(delivery: Delivery, attempt: Attempt) -> Delivery:
    """With what the attempt aimed at as what is wanted, unless that has changed meanwhile."""
    if delivery.wanted != attempt.delivery.wanted:
        return delivery
    return replace(delivery, wanted=attempt.goal)


def _given_up(delivery: Delivery, state: DeliveryState, moved_on: bool, now: datetime) -> Delivery:
    """Nobody tries again, unless something else is wanted meanwhile: that is tried once."""
    if not moved_on:
        return _settled(replace(delivery, state=state, pending=False, urgent=False))
    attempts = min(delivery.attempts, ATTEMPTS - 1)
    return _settled(replace(delivery, state=state, attempts=attempts, due_at=now))


def _settled(delivery: Delivery) -> Delivery:
    """With nothing left to do, if the outlet shows what it should."""
    nothing_there = delivery.remote_id is None and delivery.sent is None
    if delivery.wanted is None and nothing_there:
        return replace(delivery, state=DeliveryState.GONE, shown=None, pending=False, urgent=False)
    if delivery.state in STANDING and delivery.shown == delivery.wanted:
        return replace(delivery, pending=False, urgent=False)
    if delivery.state in STANDING:
        return replace(delivery, attempts=0, pending=True)
    return delivery


def _wait(attempts: int, error: BridgeError, jitter: float) -> timedelta:
    """The back-off: doubling, with up to a quarter more or less, and what the outlet asked for."""
    doubled = FIRST_WAIT * 2.0 ** min(max(attempts - 1, 0), 20)
    wait = min(LONGEST_WAIT, doubled) * (0.75 + jitter / 2)
    asked = error.after if isinstance(error, OutletBusy) else None
    if asked is None:
        return wait
    return max(wait, min(timedelta(seconds=asked), LONGEST_ASKED_WAIT))
