"""The pulse: is the network alive?"""

from __future__ import annotations

from typing import Any

from flask import render_template

from bridge import pulse
from bridge.model import Role
from bridge.visibility import FEW
from bridge.web.chart import chart
from bridge.web.here import bridge, now, viewer

EVERY_TEAM = frozenset({Role.ADMIN, Role.COMMUNITY_MANAGER})


def show() -> Any:
    """Eligible, reached, active and engaged, week by week: in all, and by team.

    A leader who is neither admin nor community manager sees the teams they lead.
    """
    with bridge().store.reading() as work:
        total = pulse.pulse(work, viewer().connection_id, now())
        teams = pulse.teams(work, viewer().connection_id, now())
    if not viewer().roles & EVERY_TEAM:
        teams = tuple(p for p in teams if p.team and p.team.id in viewer().led_team_ids)
    return render_template("pulse.html", total=total, teams=teams, chart=chart, few=2 * FEW)


def definitions() -> Any:
    """What each of the numbers means, and what none of them says."""
    return render_template("definitions.html")
