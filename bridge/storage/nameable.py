"""Who may be named at all, as a condition: every statement that reads a name for a page asks it."""

from __future__ import annotations

from typing import Any


def nameable(people: Any) -> tuple[Any, ...]:
    """Conditions on ``people`` or an alias of it: neither suspended, nor gone, nor never named.

    What a person chose is not asked here: that depends on who is to read it.
    """
    return (
        people.c.suspended.is_(False),
        people.c.gone.is_(False),
        people.c.never_named.is_(False),
    )
