"""The doctor, for admins: whether the LMS lets the bridge do its work, proven now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from flask import render_template, url_for

from bridge.bootstrap import Bridge
from bridge.errors import InputError, LmsError
from bridge.setup.doctor import Check, Doctor
from bridge.web.here import attempt, bridge, viewer

SECONDS = 5.0
"""How long one answer of the LMS may take here: somebody waits for the page."""


def show(checks: Sequence[Check] = ()) -> Any:
    """What was found, if it was looked for."""
    with bridge().store.reading() as work:
        connection = work.connections.by_id(viewer().connection_id)
    return render_template("checkup.html", connection=connection, checks=checks)


def examine() -> Any:
    """Look, and show what was found."""
    found: list[Check] = []

    def act() -> None:
        found.extend(examined(viewer().connection_id))

    refused = attempt("checkup", act, show, url_for("checkup.show"))
    return show(found) if found else refused


def examined(connection_id: int) -> list[Check]:
    """What the doctor finds at the LMS of that connection.

    :raises InputError: if it does not answer as one.
    """
    with bridge().store.reading() as work:
        connection = work.connections.by_id(connection_id)
    try:
        with closing(impatient(bridge()).connector(connection)) as connector:
            return Doctor(connector, connection.kind, connection.url).examine()[1]
    except LmsError as error:
        raise InputError(error.message, error.remedy) from error


def impatient(patient: Bridge) -> Bridge:
    """The bridge, as it asks an LMS while somebody waits for the page."""
    seconds = min(SECONDS, patient.config.lms_timeout)
    return replace(patient, config=replace(patient.config, lms_timeout=seconds))
