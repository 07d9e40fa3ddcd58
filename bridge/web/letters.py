"""Letters about my notices: how often, when, and ending them by the link in one."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.delivery import notice_letters
from bridge.errors import InputError
from bridge.model import Rhythm
from bridge.web import surroundings
from bridge.web.here import attempt, bridge, now, viewer


def show() -> Any:
    """How often I get a letter, and when the next one is due."""
    with bridge().store.reading() as work:
        wish = work.letters.wish(viewer().person_id)
        address = flow.address_of(work, viewer())
        around = surroundings.surroundings(work, viewer())
    can = bridge().writes_letters
    return render_template("letters.html", wish=wish, address=address, can=can, around=around)


def choose() -> Any:
    """Keep how often I want a letter, and when."""

    def act() -> None:
        form = request.form
        try:
            rhythm = Rhythm(form.get("rhythm", ""))
            hour, weekday = int(form.get("hour", "8")), int(form.get("weekday", "0"))
        except ValueError as error:
            raise InputError("There is no such choice.", "Choose from the lists.") from error
        with bridge().store.work() as work:
            notice_letters.choose(work, viewer(), rhythm, hour, weekday, now(), bridge().zone)
        flash(gettext("Saved."))

    return attempt("letters", act, show, url_for("letters.show"))


def offer(token: str) -> Any:
    """Whose letters they are, and a button: mail scanners open links."""
    with bridge().store.reading() as work:
        wish = notice_letters.of(work, token)
    return render_template("letters_end.html", ended=wish.rhythm is Rhythm.OFF, token=token)


def end(token: str) -> Any:
    """End them, at once: RFC 8058. The mail program that asks has neither session nor form token.

    :raises InputError: if it is not said that this is meant.
    """
    if request.form.get("List-Unsubscribe") != "One-Click":
        raise InputError("Nothing says that this is meant.", "Press the button on the page.")
    with bridge().store.work() as work:
        notice_letters.end(work, token, now())
    return render_template("letters_end.html", ended=True, token=token)
