"""One round of everything, and what an admin sets for all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge import curation
from bridge.delivery import outlets
from bridge.delivery import worker as deliverer
from bridge.errors import InputError
from bridge.feed import project
from bridge.flow.leading import follow_leader_rules
from bridge.flow.planning import publish_plans
from bridge.flow.spread import spread, take_out
from bridge.model import Audience, AudienceKind, Connection, Outlet, Site, SyncReport
from bridge.ports import Clock, Connector, Publisher
from bridge.setup.address import place
from bridge.storage import Store, Work
from bridge.sync import Progress, health
from bridge.sync import run as sync


@dataclass(frozen=True)
class RunReport:
    """What one round of everything came to, for one connection."""

    sync: SyncReport
    activities: int
    """Activities that are new or look different."""
    suggestions: int
    deliveries: deliverer.DeliveryReport


def run_once(
    store: Store,
    clock: Clock,
    connection: Connection,
    connector: Connector,
    publisher_of: Callable[[Outlet], Publisher],
    *,
    link: Callable[[str], str],
    worker_id: str,
    progress: Progress | None = None,
    accept_shrink: bool = False,
) -> RunReport:
    """The whole flow in its order: sync, feed, suggestions, deliveries.

    :raises LmsError: if the LMS cannot be read; what was stored page by page stays.
    """
    with health.noting(store, connection, clock):
        report = sync(
            store, connector, connection, clock, progress=progress, accept_shrink=accept_shrink
        )
    changed = tell(store, clock, connection.id)
    made = suggest(store, clock, connection.id)
    publish_plans(store, clock)
    delivered = deliverer.deliver(store, publisher_of, clock, link=link, worker_id=worker_id)
    return RunReport(report, changed, made, delivered)


def connect(
    store: Store,
    clock: Clock,
    name: str,
    kind: str,
    url: str,
    token: str,
    site: Site,
    *,
    settings: Mapping[str, Any] | None = None,
    oauth_client: Mapping[str, str] | None = None,
    setup: bool = False,
) -> Connection:
    """Store a connection that has answered, with the outlet by which answers go back into it.

    One that is there under the name gets the new address and token, and keeps its settings and its
    OAuth client where none are given.

    :param setup: it is being set up: nothing is told of it before :func:`finish_setup`.
    :raises InputError: if it cannot be: it is set up, or another one is being set up.
    """
    with store.work() as work:
        begins = setup and _begins(work, name, url)
        connection = work.connections.put(
            name,
            kind,
            url,
            token,
            site,
            clock.now(),
            settings=settings,
            oauth_client=oauth_client,
        )
        if begins:
            work.setups.begin(connection.id, clock.now())
        if not any(outlet.purpose == "reply" for outlet in outlets.of(work, connection.id)):
            outlets.add(
                work,
                connection.id,
                f"{name}: answers in the forum",
                "moodle_forum",
                Audience(AudienceKind.EVERYONE, connection.id),
                {},
                "",
                purpose="reply",
            )
        health.mended(work, connection)
    return connection


def _begins(work: Work, name: str, url: str) -> bool:
    """Whether the setup of that connection is yet to begin."""
    current = work.setups.current()
    if current is not None:
        other = work.connections.by_id(current.connection_id)
        if other.name != name:
            raise InputError(
                f"{other.name} is being set up.", "Finish that first, or take its name."
            )
        if _elsewhere(other.url, url) and any(vars(work.setups.counts(other.id)).values()):
            # Another LMS gives the same numbers to other people: the first admin is one of them.
            raise InputError(
                f"{name} was read at {other.url} already.",
                f"To set up another LMS, run `socialbridge disconnect {name}` where the bridge"
                " runs, then connect it here.",
            )
        return False
    if any(connection.name == name for connection in work.connections.all()):
        raise InputError(f"{name} is set up already.", "Connect it without --setup.")
    return True


def _elsewhere(one: str, other: str) -> bool:
    """Whether the addresses are not of the same site; https at last makes no other of it."""
    return place(one)[1:] != place(other)[1:]


def tell(store: Store, clock: Clock, connection_id: int) -> int:
    """Turn what is pending into activities with their deliveries; how many changed.

    Names that may not stand any more go first, ahead of everything that waits.
    """
    now = clock.now()
    with store.work() as work:
        forbidden = take_out(work, connection_id, now)
        changed = project.project(work, connection_id, now)
        spread(work, changed, now)
    return len({*forbidden, *changed})


def suggest(store: Store, clock: Clock, connection_id: int, leader_id: int | None = None) -> int:
    """Bring who leads by a rule, and then this week's suggestions, up to date; how many of these
    were written."""
    with store.work() as work:
        follow_leader_rules(work, connection_id, clock)
        return curation.refresh(work, connection_id, clock.now(), leader_id)
