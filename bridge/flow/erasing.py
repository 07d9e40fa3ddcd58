"""Erasing a person, everywhere, and letting somebody back in."""

from __future__ import annotations

from dataclasses import dataclass

from bridge import consent
from bridge.access import audit
from bridge.access.secrecy import hashed, new_token
from bridge.errors import NotFound
from bridge.feed import project
from bridge.flow.spread import take_back
from bridge.model import Cause, Choice
from bridge.ports import Clock
from bridge.storage import Store


@dataclass(frozen=True)
class Erasure:
    """What is left of somebody: a receipt, and the secret that opens it, which is shown once."""

    uid: str
    token: str


def erase(store: Store, clock: Clock, person_id: int, *, by: int | None = None) -> Erasure:
    """Erase a person from every table, and have every outlet take down what names them.

    It is one transaction: afterwards the bridge knows nobody of that id, and the outlets follow
    with the urgency of a withdrawal. What stays is a keyed hash, by which no sync brings the person
    back, and a receipt that names nobody.

    :param by: the admin who does it, or the person themselves; ``None`` for the command line.
    :raises NotFound: if there is no such person.
    """
    now, token = clock.now(), new_token()
    with store.work() as work:
        person = work.access.person(person_id)
        if person is None:
            raise NotFound("That person is not there.")
        theirs = work.withdrawals.naming(person_id)
        unfinished = work.withdrawals.unfinished(person_id)
        consent.choose(work, person_id, Choice.NOBODY, now, "erasure")
        work.erasure.revoke_completions(person_id)
        changed = project.project_person(work, person.connection_id, person_id, now)
        changed += work.erasure.retire(person_id, now)
        work.erasure.close_discussions(person_id)
        work.erasure.free_answers(person_id)
        work.erasure.close_team(person)
        work.erasure.forget_statements(person)
        work.erasure.forget_logins(person)
        work.erasure.end_letters(person)
        work.erasure.leave_log(person)
        work.erased.keep(person, now)
        withdrawal = take_back(
            work,
            person.connection_id,
            None,
            Cause.ERASURE,
            sorted(set(changed)),
            theirs,
            now,
            unfinished=unfinished,
            token_hash=hashed(token),
        )
        work.erasure.leave_groups(person_id)
        work.erasure.delete(person_id)
        who = 0 if by == person_id else by
        audit.note(work, who, "person erased", f"receipt {withdrawal.uid}", now)
    return Erasure(withdrawal.uid, token)


def lift_erasure(
    store: Store, clock: Clock, connection_id: int, lms_id: int, *, by: int | None = None
) -> None:
    """Let somebody who was erased be taken up again by the next sync, as if they were new.

    :raises NotFound: if nobody of that LMS id was erased.
    """
    with store.work() as work:
        if not work.erased.lift(connection_id, lms_id):
            raise NotFound(
                f"Nobody with the LMS id {lms_id} was erased from this connection.",
                "The id is the number in the address of their page in the LMS.",
            )
        audit.note(work, by, "erasure lifted", "", clock.now())
