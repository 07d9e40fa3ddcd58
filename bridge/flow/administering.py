"""What an admin changes, with its line in the log; the same for a page and for a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bridge.access import audit, leaders, lti, people
from bridge.delivery import ledger, outlets, settings
from bridge.errors import ConfigError, InputError, NotFound
from bridge.model import CategoryPolicy, Outlet, Person, Team
from bridge.ports import Clock, Publisher
from bridge.storage import Store


def let_lead(
    store: Store, clock: Clock, connection_id: int, team: str, person: str, *, by: int | None
) -> tuple[Team, Person]:
    """Have somebody lead a team, by hand.

    :param team: what somebody typed of it, ``person`` of them. :param by: ``None`` in the setup.
    :raises InputError: if either means nothing, or several.
    """
    with store.work() as work:
        its = leaders.find_team(work, connection_id, team)
        found = people.find(work, person, connection_id)
        leaders.add(work, its.id, found.id)
        audit.note(work, by, f"leads {its.name}", str(found.id), clock.now())
    return its, found


def add_outlet(
    store: Store,
    clock: Clock,
    wanted: Outlet,
    publisher: Callable[[Outlet], Publisher],
    *,
    by: int | None,
) -> Outlet:
    """Add an outlet as it is given, but for its id.

    :param publisher: makes the way to an outlet: what cannot be used is said now, and not when the
        first post should go out. :param by: ``None`` in the setup and at the command line.
    :raises InputError: if its name, its readers, its settings or its secret cannot be used.
    """
    try:
        publisher(wanted)
    except ConfigError as error:
        raise InputError(error.message, error.remedy) from error
    with store.work() as work:
        added = outlets.add(
            work,
            wanted.connection_id,
            wanted.name,
            wanted.kind,
            wanted.audience,
            wanted.settings,
            wanted.secret,
        )
        if not wanted.enabled:
            added = outlets.change(work, added.connection_id, added.id, enabled=False)
        audit.note(work, by, "outlet added", added.name, clock.now())
    return added


def remove_outlet(
    store: Store, clock: Clock, connection_id: int, outlet_id: int, *, by: int | None
) -> Outlet:
    """Forget an outlet at which nothing stands; what it was.

    :raises NotFound: if the connection has no such outlet.
    :raises InputError: if something may still stand there.
    """
    with store.work() as work:
        outlet = outlets.get(work, connection_id, outlet_id)
        outlets.remove(work, connection_id, outlet_id)
        audit.note(work, by, "outlet removed", outlet.name, clock.now())
    return outlet


def switch_outlet(
    store: Store, clock: Clock, connection_id: int, outlet_id: int, enabled: bool, *, by: int
) -> Outlet:
    """Switch an outlet on or off. One that is off still takes back what has to go.

    :raises NotFound: if the connection has no such outlet.
    """
    with store.work() as work:
        outlet = outlets.change(work, connection_id, outlet_id, enabled=enabled)
        act = f"outlet switched {'on' if enabled else 'off'}"
        audit.note(work, by, act, outlet.name, clock.now())
    return outlet


def set_outlet_rules(
    store: Store,
    clock: Clock,
    connection_id: int,
    outlet_id: int,
    *,
    kinds: Sequence[str],
    only: Sequence[str],
    never: Sequence[str],
    by: int,
) -> Outlet:
    """Say what an outlet takes by itself; see :func:`bridge.delivery.settings.set_rules`.

    :raises InputError: if a kind or a line cannot be used.
    """
    with store.work() as work:
        outlet = settings.set_rules(
            work, connection_id, outlet_id, kinds=kinds, only=only, never=never
        )
        audit.note(work, by, "outlet rules set", outlet.name, clock.now())
    return outlet


def set_outlet_pace(
    store: Store,
    clock: Clock,
    connection_id: int,
    outlet_id: int,
    said: Mapping[str, str],
    *,
    by: int,
) -> Outlet:
    """Say how much an outlet takes, and when; see :func:`bridge.delivery.settings.set_pace`.

    :raises InputError: if part of it cannot be used.
    """
    with store.work() as work:
        outlet = settings.set_pace(work, connection_id, outlet_id, said, clock.now())
        audit.note(work, by, "outlet pace set", outlet.name, clock.now())
    return outlet


def retry_delivery(
    store: Store, clock: Clock, connection_id: int, delivery_id: int, *, anyway: bool, by: int
) -> None:
    """Try a delivery again with the next run.

    :param anyway: also where the outlet may show it already, and cannot be asked.
    """
    with store.work() as work:
        now = clock.now()
        ledger.retry(work, delivery_id, now, connection_id=connection_id, anyway=anyway)
        audit.note(work, by, "delivery retried", f"delivery {delivery_id}", now)


def retry_deliveries(
    store: Store, clock: Clock, connection_id: int, outlet_id: int | None, *, by: int
) -> int:
    """Try everything again that was given up, of an outlet or of all; how many that is."""
    with store.work() as work:
        now = clock.now()
        count = ledger.retry_all(work, connection_id, now, outlet_id)
        where = f"outlet {outlet_id}" if outlet_id else "every outlet"
        audit.note(work, by, "deliveries retried", f"{count} of {where}", now)
    return count


def invite_platform(store: Store, clock: Clock, connection_id: int, *, by: int) -> str:
    """A token by which the connection's platform can register the bridge, once.

    :raises InputError: if the connection is no Moodle's.
    """
    with store.work() as work:
        token = lti.invite(work, connection_id, clock.now())
        audit.note(work, by, "lti invited", "", clock.now())
    return token


def own_category(store: Store, connection_id: int, category_id: int) -> CategoryPolicy:
    """A category of the connection, with what is announced of its courses.

    :raises NotFound: if it has none of that id.
    """
    with store.reading() as work:
        for one in work.facts.policies(connection_id):
            if one.id == category_id:
                return one
    raise NotFound("There is no such category.")


def own_person(store: Store, connection_id: int, person_id: int) -> Person:
    """A person of the connection.

    :raises NotFound: if it has nobody of that id.
    """
    with store.reading() as work:
        person = work.access.person(person_id)
    if person is None or person.connection_id != connection_id:
        raise NotFound("There is no such person.", "They may have been erased already.")
    return person
