"""Records what people chose to have shown of them, and shows it to themselves.

It does not decide who sees what: that is :mod:`bridge.visibility`; nor does it change the feed or
any outlet: the flow hands a choice on to them in the same transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.errors import InputError
from bridge.model import Choice, Sharing, Viewer
from bridge.storage import Work
from bridge.storage.consent import HIDDEN, SHOWN, UNDONE

ITEMS = 100
"""How many of their own completions a person is shown."""
RECENT = 30
"""How many of the decisions about naming them."""
UNDO = timedelta(minutes=15)
"""How long a choice can be undone as if it had not been made."""

_CHOICES = frozenset({*Choice, UNDONE})


def choose(
    work: Work, person_id: int, choice: Choice, now: datetime, origin: str, address: str = ""
) -> None:
    """Record the choice and where it came from (``person``, ``admin``, ``profile``, ``demo``).

    :param address: the network address it was made from, where there is one.
    """
    work.consent.choose(person_id, choice, now, origin, address)


def hide(
    work: Work,
    viewer: Viewer,
    completion_id: int,
    hidden: bool,
    now: datetime,
    address: str = "",
) -> None:
    """Record the viewer's word on one completion of their own.

    :raises NotFound: if it is not theirs.
    """
    work.consent.hide(viewer.person_id, completion_id, hidden)
    what = HIDDEN if hidden else SHOWN
    work.consent.note(viewer.person_id, what, now, "person", address, completion_id)


def put_aside(work: Work, viewer: Viewer, now: datetime) -> None:
    """The viewer does not want to be asked now: they are not asked again by themselves."""
    work.consent.put_aside(viewer.person_id, now)


def undo(work: Work, viewer: Viewer, now: datetime, address: str = "") -> Choice | None:
    """Take the viewer's last choice back as if it had not been made; what counts now.

    :raises InputError: if it was not made within :data:`UNDO`.
    """
    decided = [e for e in work.consent.log(viewer.person_id, RECENT) if e.what in _CHOICES]
    last = decided[0] if decided else None
    if last is None or last.what == UNDONE or last.origin != "person" or now - last.at > UNDO:
        raise InputError(
            "There is nothing to undo any more.", "Choose on your page what others may see."
        )
    before = decided[1] if len(decided) > 1 and decided[1].what != UNDONE else None
    if before is None:
        work.consent.forget(viewer.person_id)
    else:
        work.consent.choose(viewer.person_id, Choice(before.what), now, before.origin, "")
    work.consent.note(viewer.person_id, UNDONE, now, "person", address)
    return None if before is None else Choice(before.what)


def mine(work: Work, viewer: Viewer) -> Sharing:
    """The viewer's choice, and their completions with what becomes of each."""
    return Sharing(
        choice=work.consent.choice(viewer.person_id),
        items=tuple(work.consent.items(viewer.person_id, ITEMS)),
        never_named=viewer.never_named,
        seeded=work.consent.seeded(viewer.person_id),
        public=work.consent.public(viewer.connection_id),
        log=tuple(work.consent.log(viewer.person_id, RECENT)),
    )
