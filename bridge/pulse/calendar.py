"""Weeks, and who is counted in them: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from bridge.errors import InputError
from bridge.model import Pulse, PulseWeek, Team
from bridge.storage.pulse import Count
from bridge.visibility import FEW

MOST_WEEKS = 53


def mondays(now: datetime, weeks: int) -> list[date]:
    """The Mondays of the last ``weeks`` ISO weeks in UTC, oldest first; the last one runs still.

    :raises InputError: if ``weeks`` is not between 1 and :data:`MOST_WEEKS`.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise InputError(f"The pulse cannot show {weeks} weeks.", f"Ask for 1 to {MOST_WEEKS}.")
    today = now.astimezone(UTC).date()
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]


def counted(
    team: Team | None, eligible: int, weeks: Sequence[date], counts: Mapping[date, Count]
) -> Pulse:
    """The pulse of one group: hidden, with no week, if it has fewer than five people."""
    if eligible < FEW:
        return Pulse(team=team, weeks=(), hidden=True)
    nobody = Count(0, 0, 0)
    found = [(week, counts.get(week, nobody)) for week in weeks]
    return Pulse(
        team=team,
        weeks=tuple(
            PulseWeek(
                week=week,
                eligible=eligible,
                reached=count.reached,
                active=count.active,
                engaged=count.engaged,
            )
            for week, count in found
        ),
    )
