"""The place in a feed at which its next page begins, as a word that a page's address may hold.

A position is the time and the id of the last activity looked at. It says nothing that its reader
could not see, and opens nothing: what lies behind it is filtered like every page.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime

from bridge.errors import InputError
from bridge.model import Activity

Position = tuple[datetime, int]
"""``(published, id)`` of an activity."""

_FORM = re.compile(rb"(0|[1-9][0-9]{0,10})\.([1-9][0-9]{0,9})")
_LARGEST_ID = 2**31 - 1


def write(position: Position) -> str:
    """The cursor that stands for a position."""
    published, ident = position
    plain = f"{int(published.timestamp())}.{ident}".encode()
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def read(cursor: str | None) -> Position | None:
    """The position that a cursor stands for; ``None`` stands for the newest.

    :raises InputError: if :func:`write` never wrote it.
    """
    if cursor is None:
        return None
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _unusable() from error
    found = _FORM.fullmatch(plain)
    if found is None or int(found[2]) > _LARGEST_ID:
        raise _unusable()
    position = (datetime.fromtimestamp(int(found[1]), UTC), int(found[2]))
    if write(position) != cursor:
        raise _unusable()
    return position


def after(activity: Activity) -> Position:
    """The position behind an activity: the next page begins with what is older."""
    return activity.published, activity.id


def _unusable() -> InputError:
    return InputError("This page of the feed is not known.", "Start again with the newest.")
