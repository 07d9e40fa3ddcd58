"""The setup's fourth step: who leads which team, and who becomes the first admin."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.setup.wizard import Step
from bridge.web import acting, leaders, setup, setup_reading
from bridge.web.here import attempt, bridge


def show() -> Any:
    """The first admin, and the teams with their leaders."""
    elsewhere = setup.not_connected()
    if elsewhere:
        return elsewhere
    with bridge().store.reading() as work:
        admin = flow.chosen_admin(work, acting.setup())
    return setup.page(
        "setup_people.html",
        Step.PEOPLE,
        admin=admin,
        reading=setup_reading.reading(),
        shown=setup_reading.SHOWN,
        **leaders.known(),
    )


def choose_admin() -> Any:
    """Somebody of the LMS becomes the first admin, once the setup is finished."""

    def act() -> None:
        said = request.form.get("person", "")
        found = flow.choose_admin(bridge().store, bridge().clock, acting.setup(), said)
        flash(gettext("%(name)s becomes the admin.", name=found.name))

    return attempt("admin", act, show, url_for("setup_people.show"))


def add() -> Any:
    """Have somebody lead a team, by hand."""
    return attempt("add", leaders.let_lead, show, url_for("setup_people.show"))


def end(team_id: int, person_id: int) -> Any:
    """End that somebody leads a team, if it was begun by hand."""
    return attempt("end", leaders.ending(team_id, person_id), show, url_for("setup_people.show"))


def take_file() -> Any:
    """Have people lead teams as pasted lines say; tried first, if so wished."""
    done = url_for("setup_people.show")
    return leaders.tried_first("file", leaders.take_lines, show, done)


def set_rules() -> Any:
    """Follow rules about cohorts from now on; tried first, if so wished."""
    done = url_for("setup_people.show")
    return leaders.tried_first("rules", leaders.follow_rules, show, done)
