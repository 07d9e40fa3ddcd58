"""Is the network alive? Reached, active and engaged are three numbers, counted by week.

* *eligible*: everybody of the group who has not left; the denominator of all three.
* *reached*: was there at all that week (reach = seen ÷ everyone, as SWOOP defines it).
* *active*: did anything there: opened an item, followed a link (active ÷ registered, tyGraph).
* *engaged*: posted, replied, asked, commented, shared or cheered (engaged ÷ active, tyGraph).

Whoever is engaged is active, and whoever is active is reached. Weeks begin on Monday, in UTC.
Groups of fewer than five are not shown: their numbers would point at persons. The room counts; it
makes no claim about why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from bridge.model import Pulse, PulseWeek, Team
from bridge.storage import Work
from bridge.storage.pulse import Seen
from bridge.visibility import FEW


def record(
    work: Work, person_id: int, now: datetime, *, active: bool = False, engaged: bool = False
) -> None:
    """The person was there; writes only if the day has not said as much already."""
    work.pulse.record(person_id, now.date(), active or engaged, engaged)


def pulse(
    work: Work, connection_id: int, now: datetime, team_id: int | None = None, weeks: int = 12
) -> Pulse:
    """The last ``weeks`` weeks, this one included, of everybody or of one team."""
    if team_id is not None:
        found = [
            p for p in teams(work, connection_id, now, weeks) if p.team and p.team.id == team_id
        ]
        return found[0] if found else Pulse(team=None, weeks=(), hidden=True)
    mondays = _mondays(now, weeks)
    eligible = work.pulse.eligible(connection_id)
    return counted(None, eligible, work.pulse.seen(connection_id, mondays[0]), mondays)


def teams(work: Work, connection_id: int, now: datetime, weeks: int = 12) -> tuple[Pulse, ...]:
    """The same of each team, by name."""
    mondays = _mondays(now, weeks)
    eligible = work.pulse.eligible(connection_id)
    seen = work.pulse.seen(connection_id, mondays[0])
    return tuple(
        counted(team, members & eligible, seen, mondays)
        for team, members in work.pulse.teams(connection_id)
    )


def counted(
    team: Team | None,
    eligible: Collection[int],
    seen: Mapping[date, Seen],
    mondays: Collection[date],
) -> Pulse:
    """The weeks of one group; hidden if it has fewer than five people. Pure."""
    if len(eligible) < FEW:
        return Pulse(team=team, weeks=(), hidden=True)
    group = set(eligible)
    return Pulse(
        team=team,
        weeks=tuple(
            PulseWeek(
                week=monday,
                eligible=len(group),
                reached=len(group & seen.get(monday, Seen()).reached),
                active=len(group & seen.get(monday, Seen()).active),
                engaged=len(group & seen.get(monday, Seen()).engaged),
            )
            for monday in mondays
        ),
    )


def _mondays(now: datetime, weeks: int) -> list[date]:
    this = now.date() - timedelta(days=now.weekday())
    return [this - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
