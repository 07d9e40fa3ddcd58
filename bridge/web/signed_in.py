"""Where a person is signed in, and ending it: on one device or on all of them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from bridge.access import sessions
from bridge.web import cookies
from bridge.web.here import attempt, bridge, now, viewer


def show() -> Any:
    """Every device that I am signed in on."""
    with bridge().store.reading() as work:
        mine = work.access.open_sessions(viewer().person_id, now())
    this = next((one.handle for one in mine if sessions.is_of(cookies.session_token(), one)), "")
    return render_template("signed_in.html", sessions=mine, this=this)


def end(handle: str) -> Any:
    """Sign out on one device."""

    def act() -> None:
        with bridge().store.work() as work:
            sessions.end_one(work, viewer().person_id, handle, now())
        flash(gettext("Signed out there."))

    return attempt("end", act, show, url_for("signed_in.show"))


def end_all() -> Any:
    """Sign out everywhere, here as well."""
    with bridge().store.work() as work:
        sessions.end_all(work, viewer().person_id, now())
    response: Response = redirect(url_for("access.explain"), 303)
    cookies.drop_session(response)
    return response
