"""What a platform says of who is in a course, as a hint that a course should be read sooner.

Nothing that it says is shown, nobody becomes a person by it, and it changes no enrolment: those
come by the sync alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bridge.access import lti_members
from bridge.errors import IdentityError
from bridge.model.lti import Platform
from bridge.ports import Clock
from bridge.storage import Store

log = logging.getLogger(__name__)

ReadMembers = Callable[[Platform, str, str], Collection[int]]
"""Asks a platform who is in a course: where that stands, and the token by which we say who we are;
the LMS's ids of the people."""


@dataclass
class Compared:
    """How many courses were compared, how many of them are behind, and how many were not told."""

    same: int = 0
    behind: int = 0
    refused: int = 0


def compare_rosters(
    store: Store,
    clock: Clock,
    read: ReadMembers,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> Compared:
    """Ask about each course that was launched in, and mark those that the sync is behind with.

    No transaction is open while a platform is asked; one that refuses is asked again a day later.
    """
    done = Compared()
    while not stopping():
        with store.work() as work:
            roster = work.rosters.next(clock.now())
            platform = None if roster is None else work.lti.platform(roster.platform_id)
            if roster is None:
                return done
            if platform is None:
                continue
            ours = lti_members.assertion(work, platform, clock.now())
        try:
            said = set(read(platform, roster.url, ours))
        except IdentityError as error:
            done.refused += 1
            log.warning("a platform does not say who is in a course: %s", error.message)
            continue
        with store.work() as work:
            new = said - work.rosters.enrolled(roster.course_id)
            # Who was erased is named there all the same, and is not to come back.
            if new - work.erased.people(platform.connection_id, new):
                work.rosters.set_behind(roster.course_id, clock.now())
                done.behind += 1
            else:
                done.same += 1
    return done
