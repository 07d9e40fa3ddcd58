"""Who helps a leader: named, changed and ended by the leader; laid down by whoever helps."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge.access import delegates
from bridge.storage import Work
from bridge.web.here import attempt, bridge, now, viewer


def show() -> Any:
    """Who helps me, and whom I help."""
    with bridge().store.reading() as work:
        mine = work.delegates.of(viewer().person_id)
        others = work.delegates.helped(viewer().person_id)
    return render_template("delegates.html", mine=mine, others=others)


def add() -> Any:
    """Name somebody, by their name or address."""

    def act() -> None:
        with bridge().store.work() as work:
            ident = delegates.find(work, viewer(), request.form.get("person", ""))
            _name(work, ident)
        flash(gettext("Named. They find your desk from now on."))

    return attempt("delegate", act, show, url_for("delegates.show"))


def change(person_id: int) -> Any:
    """Say whether somebody who helps me may post."""
    with bridge().store.work() as work:
        delegates.helping(work, viewer().person_id, person_id)
        _name(work, person_id)
    flash(gettext("Changed."))
    return redirect(url_for("delegates.show"), 303)


def end(person_id: int) -> Any:
    """Somebody helps me no more."""
    with bridge().store.work() as work:
        delegates.end(work, viewer().person_id, person_id, now(), viewer().person_id)
    flash(gettext("Ended. What they prepared is still on your desk."))
    return redirect(url_for("delegates.show"), 303)


def lay_down(leader_id: int) -> Any:
    """I help somebody no more."""
    with bridge().store.work() as work:
        delegates.end(work, leader_id, viewer().person_id, now(), viewer().person_id)
    flash(gettext("You help them no more."))
    return redirect(url_for("people.me"), 303)


def _name(work: Work, person_id: int) -> None:
    may_post = request.form.get("may_post") == "yes"
    me = viewer().person_id
    delegates.name(work, me, person_id, may_post, now(), me)
