"""The configured outlets of a connection. Their secrets are sealed where they are stored.

It does not know which settings an outlet of a kind needs: its publisher says so when it is made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from bridge.delivery.routing import reaches, readers
from bridge.errors import InputError, NotFound
from bridge.model import Audience, AudienceKind, Kind, Outlet
from bridge.storage import Work

LONGEST_NAME = 80
PURPOSES = ("share", "reply")


def of(work: Work, connection_id: int) -> tuple[Outlet, ...]:
    """The outlets of a connection, in the order of their names."""
    return work.delivery.outlets([connection_id])


def get(work: Work, connection_id: int, outlet_id: int) -> Outlet:
    """One of the connection's outlets.

    :raises NotFound: if it is none.
    """
    for outlet in of(work, connection_id):
        if outlet.id == outlet_id:
            return outlet
    raise NotFound("There is no such outlet.")


def named(work: Work, connection_id: int, name: str) -> Outlet:
    """The connection's outlet of that name.

    :raises NotFound: if there is none, naming those that there are.
    """
    known = of(work, connection_id)
    for outlet in known:
        if outlet.name == name:
            return outlet
    names = ", ".join(outlet.name for outlet in known)
    raise NotFound(
        f"There is no outlet called {name}.", f"There are: {names}." if names else "Add one first."
    )


def read_by(work: Work, connection_id: int) -> dict[int, str]:
    """Outlet id → who reads there, in a word or by the name of their team or course."""
    known = of(work, connection_id)
    names = work.delivery.names_of({outlet.audience for outlet in known})
    return {o.id: names.get(o.audience, o.audience.kind.value) for o in known}


def check_readers(
    work: Work, connection_id: int, outlet_ids: Collection[int], kind: Kind, audience: Audience
) -> None:
    """What people wrote goes where they chose to send it, and no further than whom they chose.

    :raises InputError: naming an outlet that is read by others than the audience.
    """
    for outlet in of(work, connection_id):
        if outlet.id in outlet_ids and not reaches(kind, audience, outlet, chosen=True):
            raise InputError(
                f"{outlet.name} is read by people whom you did not choose.",
                "Leave it out, or share with everyone.",
            )


def add(
    work: Work,
    connection_id: int,
    name: str,
    kind: str,
    audience: Audience,
    settings: Mapping[str, Any],
    secret: str,
    purpose: str = "share",
) -> Outlet:
    """Configure an outlet.

    :param audience: who reads it; it cannot be changed later, because what stands there was sent
        for those readers.
    :raises InputError: if the name is empty, too long or taken, the purpose is unknown, or the
        audience is not one of the connection's.
    """
    name = _name(name, of(work, connection_id))
    if purpose not in PURPOSES:
        raise InputError(f"{purpose!r} is no purpose.", f"Use one of: {', '.join(PURPOSES)}.")
    if not _is_ours(work, connection_id, audience):
        raise InputError(
            "The outlet's audience is not one of this connection.",
            "Choose everyone, the public, or one of its teams or courses.",
        )
    outlet = Outlet(
        id=0,
        connection_id=connection_id,
        name=name,
        kind=kind,
        audience=audience,
        settings=dict(settings),
        secret=secret,
        purpose=purpose,
    )
    return work.delivery.add_outlet(outlet)


def change(
    work: Work,
    connection_id: int,
    outlet_id: int,
    *,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    secret: str | None = None,
    enabled: bool | None = None,
) -> Outlet:
    """Change what is given, and leave the rest. One that is switched off still takes things back.

    :raises NotFound: if it is not an outlet of the connection.
    :raises InputError: if the name cannot be taken.
    """
    before = get(work, connection_id, outlet_id)
    others = [o for o in of(work, connection_id) if o.id != outlet_id]
    after = replace(
        before,
        name=before.name if name is None else _name(name, others),
        settings=before.settings if settings is None else dict(settings),
        secret=before.secret if secret is None else secret,
        enabled=before.enabled if enabled is None else enabled,
    )
    work.delivery.change_outlet(after)
    return after


def remove(work: Work, connection_id: int, outlet_id: int) -> None:
    """Forget an outlet and its part of the ledger.

    :raises NotFound: if it is not an outlet of the connection.
    :raises InputError: if something may still stand there: it could never be taken back.
    """
    outlet = get(work, connection_id, outlet_id)
    if standing := work.delivery.standing(outlet_id):
        raise InputError(
            f"{outlet.name} may still show {standing} of the bridge's posts, which could then not"
            " be taken back any more.",
            "Switch it off instead; it still takes back what has to go.",
        )
    work.delivery.remove_digests(readers(outlet))
    work.delivery.remove_outlet(outlet_id)


def _name(name: str, others: tuple[Outlet, ...] | list[Outlet]) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InputError(f"An outlet's name has 1 to {LONGEST_NAME} characters.")
    if any(o.name == name for o in others):
        raise InputError(f"There is an outlet called {name} already.", "Choose another name.")
    return name


def _is_ours(work: Work, connection_id: int, audience: Audience) -> bool:
    if audience.kind in (AudienceKind.EVERYONE, AudienceKind.PUBLIC):
        return audience.id == connection_id
    told_to_people = audience.kind in (AudienceKind.TEAM, AudienceKind.COURSE)
    return told_to_people and work.delivery.has_audience(connection_id, audience)
