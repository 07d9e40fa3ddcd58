"""What profile fields of the LMS decide about naming people."""

from __future__ import annotations

from bridge.consent import profiles
from bridge.feed import project
from bridge.flow.spread import spread, take_out
from bridge.model import ProfileRules
from bridge.ports import Clock
from bridge.storage import Store


def set_profile_rules(store: Store, clock: Clock, connection_id: int, rules: ProfileRules) -> int:
    """Read these profile fields from now on, and correct what was told by fields that are not.

    :returns: how many activities look different now.
    :raises NotFound: if there is no such connection.
    """
    now = clock.now()
    with store.work() as work:
        profiles.set_rules(work, connection_id, rules, now)
        forbidden = take_out(work, connection_id, now)
        changed = project.project(work, connection_id, now)
        spread(work, changed, now)
    return len({*forbidden, *changed})
