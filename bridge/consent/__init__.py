"""Records what people chose to have shown of them, and shows it to themselves.

It does not decide who sees what: that is :mod:`bridge.visibility`; nor does it change the feed or
any outlet: the flow hands a choice on to them in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from bridge.model import Choice, Sharing, Viewer
from bridge.storage import Work

ITEMS = 100
"""How many of their own completions a person is shown."""


def choose(
    work: Work, person_id: int, choice: Choice, now: datetime, origin: str, address: str = ""
) -> None:
    """Record the choice and where it came from (``person``, ``admin``, ``profile``, ``demo``).

    :param address: the network address it was made from, where there is one.
    """
    work.consent.choose(person_id, choice, now, origin, address)


def hide(work: Work, viewer: Viewer, completion_id: int, hidden: bool) -> None:
    """Record the viewer's word on one completion of their own.

    :raises NotFound: if it is not theirs.
    """
    work.consent.hide(viewer.person_id, completion_id, hidden)


def mine(work: Work, viewer: Viewer) -> Sharing:
    """The viewer's choice, and their completions with what becomes of each."""
    return Sharing(
        choice=work.consent.choice(viewer.person_id),
        items=tuple(work.consent.items(viewer.person_id, ITEMS)),
    )
