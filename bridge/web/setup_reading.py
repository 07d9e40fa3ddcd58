"""The first reading of the LMS, while the setup goes on: begun on a page, and watched there.

It runs in a thread of the web process, as there may be no worker yet. It holds the connection as a
worker would: of two that begin at once, one reads. Should the process end, the reading goes on from
where it stopped when somebody presses the button again, or when a worker comes by.
"""

from __future__ import annotations

import logging
import threading
import uuid
from contextlib import closing
from dataclasses import dataclass

from flask import current_app, make_response, render_template, request
from werkzeug.wrappers import Response

from bridge import flow
from bridge.access import audit
from bridge.bootstrap import Bridge
from bridge.errors import BridgeError
from bridge.model import Connection, Stream
from bridge.storage.setups import Counts
from bridge.sync.holding import lease_name
from bridge.web.acting import acting
from bridge.web.here import back, bridge, now

log = logging.getLogger(__name__)

SHOWN = (
    Stream.COURSES,
    Stream.TEAMS,
    Stream.ENROLMENTS,
    Stream.PEOPLE,
    Stream.COMPLETIONS,
    Stream.DISCUSSIONS,
)
"""In the order in which they are read."""


@dataclass(frozen=True)
class Reading:
    """How far the first reading is."""

    running: bool
    error: str
    """Why the last one ended early; empty if it did not."""
    read: frozenset[Stream]
    """What was read to its end."""
    counts: Counts
    whole: bool
    """Whether it was read through, as far as it can be read."""

    @property
    def mark(self) -> str:
        """Changes when a page that waits has something new to show."""
        got = "".join("y" if stream in self.read else "n" for stream in SHOWN[:4])
        return f"{got}{'r' if self.running else 'e'}{'w' if self.whole else ''}"


def reading() -> Reading:
    """How far it is now."""
    ident = acting().connection_id
    with bridge().store.reading() as work:
        runs = work.runs.latest(ident, 1)
        held = work.leases.is_held(lease_name(ident), now())
        read = frozenset(work.runs.last_read(ident))
        counts = work.setups.counts(ident)
        through = flow.is_read_through(work, ident)
    running = held or _thread(ident) is not None
    ended = bool(runs) and not running
    error = (runs[0].error or _stopped(runs[0].outcome)) if ended else ""
    return Reading(running, error, read, counts, whole=through and not running)


def _stopped(outcome: str) -> str:
    return "It was stopped before its end." if outcome in ("running", "stopped") else ""


def show() -> Response:
    """How far it is, for the page that waits; when there is something new, the page anew."""
    state = reading()
    response = make_response(render_template("_setup_reading.html", reading=state, shown=SHOWN))
    if request.args.get("seen") not in (None, state.mark):
        response.headers["HX-Refresh"] = "true"
    return response


def begin() -> Response:
    """Read, or go on reading."""
    _begin()
    return back("/setup")


def begin_unless_read() -> None:
    """Read for the first time; what has been read is not read anew."""
    state = reading()
    if not state.running and not state.whole:
        _begin()


def _begin() -> None:
    ident = acting().connection_id
    if _thread(ident) is not None:
        return
    with bridge().store.work() as work:
        connection = work.connections.by_id(ident)
        audit.note(work, None, "setup reading begun", connection.name, now())
    thread = threading.Thread(
        target=_read, args=(bridge(), connection), name=f"setup-{ident}", daemon=True
    )
    current_app.extensions.setdefault("setup_readings", {})[ident] = thread
    thread.start()


def _thread(ident: int) -> threading.Thread | None:
    """The thread of this process that reads the connection, while it does."""
    found: threading.Thread | None = current_app.extensions.get("setup_readings", {}).get(ident)
    return found if found is not None and found.is_alive() else None


def _read(patient: Bridge, connection: Connection) -> None:
    try:
        with closing(patient.connector(connection)) as connector:
            flow.read_first(patient.store, patient.clock, connection, connector, str(uuid.uuid4()))
    except BridgeError as error:
        # The run says it too, and the page shows it; a retry is one button away.
        log.warning("the first reading of %s ended: %s", connection.name, error)
    except Exception:
        log.exception("the first reading of %s broke off", connection.name)
