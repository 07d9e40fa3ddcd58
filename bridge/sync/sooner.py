"""Courses that are read before their turn, because a platform says that somebody is new there."""

from __future__ import annotations

from bridge.model import Connection
from bridge.ports import Clock, Connector
from bridge.storage import Store
from bridge.sync.run import run
from bridge.sync.scope import Scope

COURSES = 5
"""So many a round, each in a run of its own."""


def catch_up(store: Store, connector: Connector, connection: Connection, clock: Clock) -> int:
    """Read the courses that are behind; how many those were.

    One whose people were read with everybody's since is not behind any more.

    :raises LmsError: if the connection as a whole is at fault.
    """
    with store.reading() as work:
        behind = work.rosters.behind(connection.id, COURSES)
    for course_id, lms_id in behind:
        with store.work() as work:
            # Once is enough: whoever is not found then is asked about again in a day.
            work.rosters.caught_up(course_id)
        run(store, connector, connection, clock, scope=Scope(course_lms_id=lms_id))
    return len(behind)
