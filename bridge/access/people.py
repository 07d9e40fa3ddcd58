"""Finding the person that a few typed words stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bridge.errors import InputError, NotFound
from bridge.model import Person
from bridge.storage import Work

T = TypeVar("T")


def find(work: Work, text: str, connection_id: int | None = None) -> Person:
    """The person whose e-mail address, user name, LMS id or full name is ``text``.

    The case of letters does not count.

    :raises NotFound: if there is none. :raises InputError: if there are several.
    """
    found = work.access.people_like(connection_id, text.strip())
    return chosen(found, "person", text, lambda person: f"{person.name} (LMS id {person.lms_id})")


def chosen(found: Sequence[T], what: str, text: str, name: Callable[[T], str]) -> T:
    """The one that was found.

    :raises NotFound: if there is none. :raises InputError: naming them, if there are several.
    """
    if not found:
        raise NotFound(
            f"There is no {what} {text!r}.", "Names are known after a sync: `socialbridge sync`."
        )
    if len(found) > 1:
        names = ", ".join(name(one) for one in found[:5])
        raise InputError(f"{text!r} could be {names}.", "Give the LMS id.")
    return found[0]
