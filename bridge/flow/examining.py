"""The doctor's round: setup examines, access remembers what the LMS refused to deliver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bridge.access import audit
from bridge.config import Config
from bridge.delivery import outlets
from bridge.model import Connection, Outlet
from bridge.ports import Clock, Connector, Publisher
from bridge.setup.around import Check
from bridge.setup.doctor import Doctor, Findings
from bridge.setup.manifest import switched_off
from bridge.setup.outlet_trial import try_outlet
from bridge.setup.way import Own, own_side
from bridge.storage import Store

REMEMBERED = timedelta(days=7)


def examine(
    store: Store, clock: Clock, connector: Connector, connection: Connection, config: Config
) -> Findings:
    """What the doctor finds of a connection, and of how the bridge itself is reached.

    Nothing is written, and no transaction is open while the LMS is asked.
    """
    now = clock.now()
    with store.reading() as work:
        refused = audit.count(work, connection.id, "link refused by message", now - REMEMBERED)
    found = Doctor(
        connector,
        connection.kind,
        connection.url,
        now,
        off=switched_off({"SIGN_IN_LINKS": config.sign_in_links}),
        refused=refused,
        within=REMEMBERED.days,
    ).examine()
    own = own_side(Own(config.base_url, config.trusted_proxies))
    return Findings(found.site, (*found.checks, own), found.traffic)


def try_outlets(
    store: Store,
    clock: Clock,
    connection_id: int,
    publisher: Callable[[Outlet], Publisher],
    page: str,
    *,
    send: bool = False,
) -> tuple[Check, ...]:
    """Each outlet of a connection tried by a message, also one that is switched off.

    Neither the feed nor the ledger knows of it. No transaction is open meanwhile.

    :param send: also where the message cannot be taken back.
    """
    with store.reading() as work:
        known = outlets.of(work, connection_id)
    return tuple(
        try_outlet(outlet, publisher, page=page, now=clock.now(), send=send) for outlet in known
    )
