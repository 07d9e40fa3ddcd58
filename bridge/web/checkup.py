"""The doctor, for admins: whether the LMS lets the bridge do its work, proven now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from flask import render_template

from bridge.access import audit
from bridge.bootstrap import Bridge
from bridge.flow import examining
from bridge.setup.around import Check
from bridge.web.here import bridge, now, viewer

SECONDS = 5.0
"""How long one answer of the LMS or of an outlet may take here: somebody waits for the page."""


def show(checks: Sequence[Check] = (), tried: Sequence[Check] | None = None) -> Any:
    """What was found, if it was looked for."""
    with bridge().store.reading() as work:
        connection = work.connections.by_id(viewer().connection_id)
    return render_template("checkup.html", connection=connection, checks=checks, tried=tried)


def examine() -> Any:
    """Look, and show what was found."""
    return show(checks())


def try_outlets() -> Any:
    """Send each outlet a message that is deleted again, and show what became of it."""
    return show(tried=outlet_checks())


def checks() -> Sequence[Check]:
    """What the doctor finds now; where the LMS does not answer, why."""
    return examined(viewer().connection_id)


def examined(connection_id: int) -> Sequence[Check]:
    """The same, of the LMS of that connection."""
    here = impatient(bridge())
    with here.store.reading() as work:
        connection = work.connections.by_id(connection_id)
    with closing(here.connector(connection)) as connector:
        found = examining.examine(here.store, here.clock, connector, connection, here.config)
    return found.checks


def outlet_checks() -> Sequence[Check]:
    """What becomes now of a test that is sent to each outlet, and deleted again."""
    here, admin = impatient(bridge()), viewer()
    with here.store.work() as work:
        audit.note(work, admin.person_id, "outlets tried", "", now())
    return examining.try_outlets(
        here.store, here.clock, admin.connection_id, here.publisher, here.link("/")
    )


def impatient(patient: Bridge) -> Bridge:
    """The bridge, as it asks others while somebody waits for the page."""
    config = patient.config
    return replace(
        patient,
        config=replace(
            config,
            lms_timeout=min(SECONDS, config.lms_timeout),
            outlet_timeout=min(SECONDS, config.outlet_timeout),
        ),
    )
