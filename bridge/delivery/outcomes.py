"""What comes of an attempt at an outlet, and of a batch of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields

from bridge.delivery.plan import Attempt, Step
from bridge.errors import BridgeError, OutletBusy
from bridge.model import Delivery, DeliveryState, Post, Receipt, Removal
from bridge.ports import Publisher

TROUBLE = 2
"""Failures in a row after which the rest of an outlet's share waits."""


@dataclass(frozen=True)
class DeliveryReport:
    """What one batch came to, in deliveries."""

    published: int = 0
    edited: int = 0
    deleted: int = 0
    retried: int = 0
    unknown: int = 0
    dead: int = 0
    gone: int = 0
    """Not published after all, because nothing of them is wanted or may be shown any more."""
    kept: int = 0
    """Shown there and not to be taken back."""
    held: int = 0
    """Not attempted, because their outlet is in trouble, or has its quiet hours."""
    claimed: int = 0

    def __add__(self, other: DeliveryReport) -> DeliveryReport:
        names = [f.name for f in fields(self)]
        return DeliveryReport(**{n: getattr(self, n) + getattr(other, n) for n in names})


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: what the outlet said, ``None`` where it has not what it was asked
    for, or an error."""

    attempt: Attempt
    answer: Receipt | Removal | None = None
    error: BridgeError | None = None


def attempted(publisher: Publisher, attempt: Attempt, post: Post) -> Outcome:
    """Go over the network, once."""
    # An outlet that knows posts by their key is told to delete one of which no id came back.
    remote_id = attempt.delivery.remote_id or ""
    try:
        match attempt.step:
            case Step.PUBLISH:
                return Outcome(attempt, publisher.publish(post))
            case Step.EDIT:
                return Outcome(attempt, publisher.edit(remote_id, post))
            case Step.ASK:
                return Outcome(attempt, publisher.find(post))
            case _:
                return Outcome(attempt, publisher.delete(remote_id, post))
    except BridgeError as error:
        return Outcome(attempt, error=error)


def in_trouble(error: BridgeError, troubles: int) -> bool:
    """Whether it is the outlet that fails, and not this one post."""
    asked_to_wait = isinstance(error, OutletBusy) and error.after is not None
    return asked_to_wait or troubles >= TROUBLE


def told(outcome: Outcome, after: Delivery) -> str:
    """The report's word for an outcome."""
    if outcome.error is not None:
        return name_of(after.state)
    match outcome.attempt.step:
        case Step.EDIT:
            return "edited"
        case Step.DELETE:
            return "deleted"
        case Step.ASK if outcome.answer is None:
            return name_of(after.state)
        case _:
            return "published"


def name_of(state: DeliveryState) -> str:
    """The report's word for a state; empty where it has none."""
    return {
        DeliveryState.RETRY: "retried",
        DeliveryState.UNKNOWN: "unknown",
        DeliveryState.DEAD: "dead",
        DeliveryState.GONE: "gone",
        DeliveryState.KEPT: "kept",
    }.get(state, "")


def counted_up(counted: Counter[str]) -> DeliveryReport:
    """The report of so many of each word."""
    return DeliveryReport(**{name: number for name, number in counted.items() if name})
