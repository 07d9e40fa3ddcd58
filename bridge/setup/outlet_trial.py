"""Outlets tried by a message that says it is a test, and is taken away again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bridge.errors import (
    CannotTakeBack,
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
)
from bridge.model import Outlet, Post, Receipt, Removal
from bridge.ports import Abilities, Publisher
from bridge.setup.around import Check, Health
from bridge.setup.phrases import phrase

TITLE = "A test of the social bridge"
BRIEFLY = "This message tests whether the bridge can post here. It goes away again by itself."
STAYING = (
    "This message tests whether the bridge can post here. It cannot be taken back from here: please"
    " delete it."
)


def try_outlet(
    outlet: Outlet,
    publisher: Callable[[Outlet], Publisher],
    *,
    page: str,
    now: datetime,
    send: bool = False,
) -> Check:
    """Publish a test there and delete it again; nothing is kept of it here.

    Where nothing can be deleted nothing is sent, unless ``send`` is given.

    :param publisher: makes the way to an outlet. :param page: the bridge's own, for the message.
    """
    name = f"outlet {outlet.name}"
    try:
        way = publisher(outlet)
    except ConfigError as error:
        return Check(name, Health.RED, phrase(error.message), error.remedy)
    if not way.abilities.delete and not send:
        return Check(
            name,
            Health.AMBER,
            f"not tried: what is sent there stays{_why(way.abilities)}",
            "Send a test that stays with `socialbridge doctor --outlets --send`.",
        )
    post = test_post(way.abilities, page, now)
    try:
        receipt = _published(way, post)
    except OutletError as error:
        return _not_taken(name, error)
    if not way.abilities.delete:
        return Check(
            name,
            Health.GREEN if receipt.shown else Health.AMBER,
            "a test was sent, and stays there",
            "Delete it there." if receipt.shown else "See whether it arrived, and delete it there.",
        )
    return _taken_back(name, way, receipt, post)


def test_post(abilities: Abilities, page: str, now: datetime) -> Post:
    """The message; about nobody, and about nothing that anybody learned."""
    return Post(
        key=str(uuid.uuid4()),
        revision=1,
        title=TITLE,
        text=BRIEFLY if abilities.delete else STAYING,
        url=page,
        published=now,
        activity={"type": "Note", "id": page, "summary": TITLE},
    )


def _published(way: Publisher, post: Post) -> Receipt:
    """Where it is; one without an answer is looked for, and never sent again.

    :raises OutletError: if it was not taken, or nobody knows.
    """
    try:
        return way.publish(post)
    except OutcomeUnknown:
        found = way.find(post) if way.abilities.find else None
        if found is None:
            raise
        return found


def _taken_back(name: str, way: Publisher, receipt: Receipt, post: Post) -> Check:
    try:
        # Newer than what it takes away, and with nothing to read in it, as any withdrawal is.
        gone = replace(post, revision=post.revision + 1, title="", text="", activity={})
        removal = way.delete(receipt.remote_id, gone)
    except CannotTakeBack as error:
        return Check(
            name,
            Health.AMBER,
            f"a test was published, and cannot be taken back: {phrase(error.message)}",
            f"Delete it there. {error.remedy}".strip(),
        )
    except OutletError as error:
        return Check(
            name,
            Health.AMBER,
            f"a test was published, and was not taken back: {phrase(error.message)}",
            f"Look whether it is still there, and delete it. {error.remedy}".strip(),
        )
    if removal is Removal.ACCEPTED:
        return Check(
            name,
            Health.GREEN,
            "a test was sent and its removal too; the outlet does not say whether it is gone",
        )
    return Check(name, Health.GREEN, "a test was published and taken away again")


def _not_taken(name: str, error: OutletError) -> Check:
    if isinstance(error, OutletRefused):
        return Check(name, Health.RED, phrase(error.message), error.remedy)
    if isinstance(error, OutletBusy):
        later = error.remedy or "Try it again later."
        return Check(name, Health.AMBER, phrase(error.message), later)
    return Check(
        name,
        Health.AMBER,
        f"a test was sent and no answer came: {phrase(error.message)}",
        f"Look whether it is there, and delete it. {error.remedy}".strip(),
    )


def _why(abilities: Abilities) -> str:
    return f" ({phrase(abilities.stays)})" if abilities.stays else ""
