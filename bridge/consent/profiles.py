"""What an admin has read out of the LMS's profile fields: who is never named, and first choices."""

from __future__ import annotations

from datetime import datetime

from bridge.model import Choice, ProfileRules
from bridge.storage import Work


def set_rules(work: Work, connection_id: int, rules: ProfileRules, now: datetime) -> None:
    """Read these fields from now on.

    What a field said that is not read any more ends with it: nobody is kept from being named, and
    what it chose for somebody becomes *nobody*. What the new ones say counts as soon as people's
    records are read again, which the next sync does.

    :raises NotFound: if there is no such connection.
    """
    before = ProfileRules.of(work.connections.by_id(connection_id).settings)
    work.connections.set(connection_id, rules.settings)
    if not rules.never_field:
        work.profile.allow(work.profile.never_named(connection_id), now)
    if not rules.seed_field:
        seeds = work.profile.seeded(connection_id)
        ended = {p: Choice.NOBODY for p, choice in seeds.items() if choice is not Choice.NOBODY}
        work.people.look_first(work.profile.seed(ended, now))
    if rules.fields and rules != before:
        work.profile.read_again(connection_id)
