"""Reads the pulse: of everybody, or of teams."""

from __future__ import annotations

from datetime import datetime

from bridge.errors import NotFound
from bridge.model import Pulse
from bridge.pulse.calendar import counted, mondays
from bridge.storage import Work


def pulse(
    work: Work, connection_id: int, now: datetime, team_id: int | None = None, weeks: int = 12
) -> Pulse:
    """The last ``weeks`` weeks, this one included, of everybody or of one team. Two statements.

    :raises NotFound: if the connection has no such team.
    :raises InputError: if ``weeks`` is not between 1 and 53.
    """
    shown = mondays(now, weeks)
    if team_id is None:
        eligible = work.pulse.eligible(connection_id)
        return counted(None, eligible, shown, work.pulse.everybody(connection_id, shown))
    found = work.pulse.teams(connection_id, team_id)
    if not found:
        raise NotFound("There is no such team.", "It may be gone from the LMS.")
    counts = work.pulse.by_team(connection_id, shown, team_id)
    return counted(found[0], found[0].size, shown, counts.get(team_id, {}))


def teams(work: Work, connection_id: int, now: datetime, weeks: int = 12) -> tuple[Pulse, ...]:
    """The same of each team of the connection, by name. Two statements.

    :raises InputError: if ``weeks`` is not between 1 and 53.
    """
    shown = mondays(now, weeks)
    counts = work.pulse.by_team(connection_id, shown)
    return tuple(
        counted(team, team.size, shown, counts.get(team.id, {}))
        for team in work.pulse.teams(connection_id)
    )
