"""Deciding which one is meant by what somebody typed: pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bridge.errors import InputError, NotFound

T = TypeVar("T")

NAMED = 5
"""So many are named where several are meant."""


def typed(text: str) -> str:
    """``text`` without the space around it, and without NUL, which no PostgreSQL takes."""
    return text.replace("\0", "").strip()


def only(
    wanted: str,
    look_up: Callable[[bool], Sequence[T]],
    meanings: Sequence[Callable[[T], bool]],
    describe: Callable[[T], str],
    *,
    what: str,
) -> T:
    """The one that ``wanted`` means.

    :param look_up: finds those that match as a whole (``True``) or in part (``False``).
    :param meanings: from the most exact to the least; the first that fits anybody counts.
    :raises NotFound: if it means none.
    :raises InputError: if it means several; the message names up to :data:`NAMED` of them.
    """
    if not wanted:
        raise InputError(f"No {what} is named.", "Give an id or a name.")
    whole = look_up(True)
    fitting: list[T] = []
    for means in meanings:
        fitting = fitting or [one for one in whole if means(one)]
    if not fitting:
        fitting = list(look_up(False))
    if not fitting:
        raise NotFound(f"No {what} is found by {wanted!r}.", "Check the spelling; a sync may help.")
    if len(fitting) > 1:
        names = ", ".join(describe(one) for one in fitting[:NAMED])
        more = ", …" if len(fitting) > NAMED else ""
        raise InputError(
            f"{wanted!r} may be {names}{more}.", "Say which, by something that only one has."
        )
    return fitting[0]
