"""Setting the bridge up: the first reading, and the end, from which on things are told."""

from __future__ import annotations

from bridge.access import audit, people, roles, sessions
from bridge.errors import InputError
from bridge.flow.rounds import suggest, tell
from bridge.model import Connection, Person, Role
from bridge.ports import Clock, Connector
from bridge.storage import Store, Work
from bridge.storage.setups import Setup
from bridge.sync import health
from bridge.sync import run as sync
from bridge.sync.holding import held


def read_first(
    store: Store, clock: Clock, connection: Connection, connector: Connector, holder: str
) -> None:
    """Read the LMS for the first time, or go on where that stopped. Nothing is told of it.

    :param holder: of the connection, in at most 36 characters: one run at a time.
    :raises InputError: if another run does not end soon.
    :raises LmsError: if the LMS cannot be read; what was stored page by page stays.
    """
    with held(store, connection, clock, holder), health.noting(store, connection, clock):
        sync(store, connector, connection, clock)
    suggest(store, clock, connection.id)


def is_read_through(work: Work, connection_id: int) -> bool:
    """Whether a run has read the LMS to its end, as far as the token may read it."""
    return bool(work.runs.page(connection_id, 1, outcomes=("complete", "partial")))


def choose_admin(store: Store, clock: Clock, setup: Setup, said: str) -> Person:
    """Note who becomes the first admin; they have no right by it before the end.

    :param said: an e-mail address, a user name, a name or the number in the LMS.
    :raises InputError: if it means nobody, or several.
    :raises NotAllowed: if the LMS has suspended them.
    """
    with store.work() as work:
        found = people.find(work, said, setup.connection_id)
        person = people.present(work, found.id)
        work.setups.set_admin(setup.connection_id, person.lms_id)
        audit.note(work, None, "setup admin chosen", str(person.id), clock.now())
    return person


def chosen_admin(work: Work, setup: Setup) -> Person | None:
    """Who was chosen as the first admin, if the LMS has them."""
    if setup.admin_lms_id is None:
        return None
    known = work.people.known(setup.connection_id, [setup.admin_lms_id])
    found = known.get(setup.admin_lms_id)
    return None if found is None else work.access.person(found)


def finish_setup(store: Store, clock: Clock, setup: Setup, agent: str) -> str:
    """End the setup: the first admin is one, and is signed in; what is new is told from now on.

    :param agent: what the browser says it is.
    :returns: the token of the admin's session.
    :raises InputError: if no admin was chosen, the LMS is not read through, so that history would
        be taken for news, or the setup was finished by somebody else.
    :raises NotAllowed: if the LMS has suspended the admin since.
    """
    now = clock.now()
    with store.work() as work:
        chosen = chosen_admin(work, setup)
        if chosen is None:
            raise InputError(
                "Nobody is chosen as admin yet.", "Go to “Teams and leaders” and choose yourself."
            )
        if not is_read_through(work, setup.connection_id):
            raise InputError(
                "The LMS is not read through yet.",
                "Wait until it is: this page says how far it is. What was not read by then would be"
                " taken for news.",
            )
        person = people.present(work, chosen.id)
        if not work.setups.end(setup.connection_id):
            raise InputError("The setup was finished meanwhile.", "Sign in by a link.")
        work.setups.forget_keys()
        roles.grant(work, person.id, Role.ADMIN)
        audit.note(work, None, "granted admin", str(person.id), now)
        audit.note(work, None, "setup finished", "", now)
        session = sessions.begin(work, person.id, now, sessions.browser_of(agent))
    tell(store, clock, setup.connection_id)
    return session
