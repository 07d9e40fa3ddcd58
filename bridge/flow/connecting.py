"""Connecting an LMS: nothing is stored before it has answered. For a command and for a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from bridge.access import audit
from bridge.errors import InputError, LmsError
from bridge.flow.rounds import connect
from bridge.model import Connection, Site
from bridge.ports import Clock, Connector
from bridge.setup.address import connection_name, front_page
from bridge.setup.manifest import features
from bridge.storage import Store

GUARDED = "guarded"
"""The setting that says that a page gave the address: only public ones are reached, and those that
``OUTLET_ALLOW_PRIVATE`` lists."""


@dataclass(frozen=True)
class Wanted:
    """What somebody typed."""

    name: str
    url: str
    token: str = field(repr=False)
    kind: str = "auto"
    oauth_client: Mapping[str, str] = field(default_factory=dict, repr=False)
    report: str | None = None
    """The name or id of the custom report; ``None`` looks for the one of the usual name."""
    guarded: bool = False


@dataclass(frozen=True)
class Connected:
    """What came of it."""

    connection: Connection
    site: Site
    report: tuple[str, ...]
    """What was found of the custom report, and what is to be clicked for one."""
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """By feature: the functions that the token's service lacks."""


def connect_lms(
    store: Store,
    clock: Clock,
    wanted: Wanted,
    kind_of: Callable[[Wanted], str],
    connector_of: Callable[[Connection], Connector],
    *,
    setup: bool = False,
) -> Connected:
    """Ask the LMS who it is, look for its report, and store the connection.

    :param kind_of: says which kind of LMS it is. :param connector_of: speaks to it.
    :param setup: nothing is told of it before :func:`bridge.flow.finish_setup`.
    :raises InputError: if what was typed cannot be used.
    :raises LmsError: if the LMS does not answer as one.
    """
    name, url = connection_name(wanted.name), front_page(wanted.url)
    if not wanted.token:
        raise InputError(
            "The token is empty.",
            "Copy it from the page of the web services where tokens are managed.",
        )
    wanted = Wanted(**{**vars(wanted), "name": name, "url": url})
    trial = Connection(
        id=0,
        name=name,
        kind=kind_of(wanted),
        url=url,
        site_name="",
        token=wanted.token,
        oauth_client=wanted.oauth_client,
        settings={GUARDED: wanted.guarded},
    )
    with closing(connector_of(trial)) as connector:
        site = connector.site()
        report, settings = _report(connector, wanted.report)
    connection = connect(
        store,
        clock,
        name,
        trial.kind,
        url,
        wanted.token,
        site,
        settings={**settings, **_guard(store, wanted)},
        oauth_client=wanted.oauth_client or None,
        setup=setup,
    )
    if setup:
        with store.work() as work:
            audit.note(work, None, "setup connected", name, clock.now())
    lacking = ((f.name, tuple(f.missing(site.functions))) for f in features())
    return Connected(connection, site, report, tuple((n, m) for n, m in lacking if m))


def _guard(store: Store, wanted: Wanted) -> dict[str, Any]:
    """What is remembered of who gave the address: the command line frees it of the guard."""
    with store.reading() as work:
        kept = next((c for c in work.connections.all() if c.name == wanted.name), None)
    before = kept is not None and bool(kept.settings.get(GUARDED))
    return {GUARDED: wanted.guarded} if wanted.guarded or before else {}


def _report(connector: Connector, wanted: str | None) -> tuple[tuple[str, ...], dict[str, int]]:
    """Find the custom report and make it ready: what is said of it, and what is remembered.

    Nothing is remembered without one: a report that was named before stays.

    :raises LmsError: if it was named, and cannot be used.
    """
    try:
        found = connector.prepare_report(wanted)
    except LmsError as error:
        if wanted is not None or error.retry:
            raise
        return (f"The report is not ready: {error}",), {}
    if found is None:
        return tuple(connector.report_clicks()), {}
    report_id, done = found
    return tuple(done), {"report_id": report_id}
