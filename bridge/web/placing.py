"""Deep linking 2.0: somebody who makes a course chooses which feed stands in it."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request, session
from flask_babel import gettext

from bridge.access import lti_placing
from bridge.access.lti_placing import Choice
from bridge.errors import InputError
from bridge.model.lti import Placing, Platform
from bridge.web.here import bridge, now, viewer


def show() -> Any:
    """What can be placed: the course's feed, a team's, or the desk."""
    placing, platform, _ = _asked()
    g.framed_by = platform.origin
    return render_template("lti_place.html", choices=_choices(), several=placing.several)


def choose() -> Any:
    """What was chosen, signed, and the button that takes it to the platform."""
    placing, platform, deployment = _asked()
    g.framed_by = g.posts_to = platform.origin
    wanted = request.form.getlist("place")
    chosen = [choice for choice in _choices() if choice.place in wanted]
    with bridge().store.work() as work:
        token = lti_placing.answer(
            work, platform, deployment, placing, chosen, bridge().tool.launch_url, now()
        )
    session.pop("placing", None)
    return render_template("lti_placed.html", to=placing.return_url, token=token, chosen=chosen)


def _choices() -> list[Choice]:
    looking = viewer()
    with bridge().store.reading() as work:
        teams = [work.access.team(one) for one in looking.team_ids | looking.led_team_ids]
    found = [Choice("course", gettext("The feed of this course"))]
    named = sorted((team for team in teams if team is not None), key=lambda team: team.name)
    found += [
        Choice(f"team:{team.id}", gettext("The feed of %(team)s", team=team.name)) for team in named
    ]
    return [*found, Choice("desk", gettext("Suggestions for leaders: the desk"))]


def _asked() -> tuple[Placing, Platform, str]:
    kept = session.get("placing")
    with bridge().store.reading() as work:
        platform = work.lti.platform(kept["platform"]) if kept else None
    if not kept or platform is None:
        raise InputError(
            gettext("Nothing is to be placed any more."),
            gettext("Begin once more in your course: add an activity, then choose the feed."),
        )
    return Placing(kept["to"], kept["data"], kept["several"]), platform, kept["deployment"]
