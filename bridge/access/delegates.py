"""Who may prepare for a leader, and who may post on their behalf.

It is the leader's word, given and taken by themselves (or by an admin), and it is asked at every
act: a leader who leads nobody any more has no delegates that act, and who left acts for nobody.
"""

from __future__ import annotations

from datetime import datetime

from bridge.access import audit
from bridge.access.people import present
from bridge.access.search import typed
from bridge.errors import InputError, NotAllowed, NotFound
from bridge.model import Viewer
from bridge.storage import Work
from bridge.storage.delegates import Help
from bridge.visibility import check_may_write

MOST = 10
"""Delegates of a leader: who needs more wants a team, not helpers."""


def name(
    work: Work, leader_id: int, person_id: int, may_post: bool, now: datetime, by: int | None
) -> None:
    """The person may prepare for the leader and, with ``may_post``, post on their behalf.

    :param by: who says so; ``None`` for the command line.
    :raises NotFound: if either is not there.
    :raises NotAllowed: if either is suspended, or the leader leads no team.
    :raises InputError: if it is the leader, somebody of another LMS, or one too many.
    """
    leader, person = present(work, leader_id), present(work, person_id)
    viewer = work.access.viewer(person_id=leader.id)
    if viewer is None or not viewer.is_leader:
        raise NotAllowed(f"{leader.name} leads no team.", "Only a leader has delegates.")
    if person.id == leader.id:
        raise InputError("Nobody is their own delegate.", "Name somebody else.")
    if person.connection_id != leader.connection_id:
        raise InputError("They are in another LMS.", "Name somebody of the same one.")
    others = [help for help in work.delegates.of(leader.id) if help.person_id != person.id]
    if len(others) >= MOST:
        raise InputError(f"There are {MOST} delegates already.", "End one of them first.")
    work.delegates.put(leader.id, person.id, may_post, now)
    audit.note(work, by, "delegate named", str(person.id), now)


def find(work: Work, viewer: Viewer, text: str) -> int:
    """The id of a colleague by their whole name or e-mail address: whoever knows neither learns
    nobody's here.

    :raises NotFound: if nobody is called so.
    :raises InputError: if several are.
    """
    wanted = typed(text)
    if not wanted:
        raise InputError("Nobody is named.", "Write a colleague's name or e-mail address.")
    folded = wanted.casefold()
    found = {
        one.person.id
        for one in work.access.people_like(wanted, viewer.connection_id, whole=True)
        if folded in ((one.person.email or "").casefold(), one.person.name.casefold())
    }
    if not found:
        raise NotFound(
            "Nobody here is called so.", "Write the whole name as the LMS has it, or the address."
        )
    if len(found) > 1:
        raise InputError("Several people are called so.", "Write the e-mail address.")
    return found.pop()


def helping(work: Work, leader_id: int, person_id: int) -> Help:
    """What somebody who helps the leader may do.

    :raises NotFound: if they do not, or have laid it down: nobody is named by an id alone.
    """
    found = work.delegates.one(leader_id, person_id)
    if found is None:
        raise NotFound("There is no such delegate.", "It may have been ended already.")
    return found


def end(work: Work, leader_id: int, person_id: int, now: datetime, by: int | None) -> None:
    """The person acts for the leader no more; what they prepared stays with the leader.

    :raises NotFound: if they did not.
    """
    if not work.delegates.end(leader_id, person_id):
        raise NotFound("There is no such delegate.", "It may have been ended already.")
    audit.note(work, by, "delegate ended", str(person_id), now)


def acting_for(work: Work, viewer: Viewer, leader_id: int) -> tuple[Viewer, Help]:
    """The leader for whom the viewer acts, and what the viewer may do.

    :raises NotFound: if the viewer is no delegate of theirs, or they lead nobody (any more).
    """
    found = work.delegates.one(leader_id, viewer.person_id)
    leader = work.access.viewer(person_id=leader_id) if found else None
    if found is None or leader is None or not leader.is_leader:
        raise NotFound("There is no such desk for you.", "Ask the leader to name you again.")
    return leader, found


def posting_for(work: Work, viewer: Viewer, leader_id: int) -> Viewer:
    """The leader on whose behalf the viewer posts.

    :raises NotFound: as :func:`acting_for`.
    :raises NotAllowed: if the viewer may only prepare, or one of the two is never named.
    """
    leader, found = acting_for(work, viewer, leader_id)
    if not found.may_post:
        raise NotAllowed(
            f"You may prepare for {leader.name}, and not post in their name.",
            f"Keep it as a draft: {leader.name} finds it at the desk. Or ask them to let you post.",
        )
    check_may_write(viewer)
    check_may_write(leader)
    return leader
