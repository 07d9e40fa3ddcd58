"""Personal tokens of the JSON API: making one, seeing what they are, and revoking one."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext

from bridge.access import api_tokens
from bridge.web.gate import roles_of
from bridge.web.here import attempt, bridge, now, viewer


def show(made: str = "") -> Any:
    """My tokens, and a form for one more."""
    with bridge().store.reading() as work:
        mine = work.api.tokens(viewer().person_id, now())
    return render_template(
        "tokens.html",
        tokens=mine,
        made=made,
        offered=api_tokens.offered(roles_of(viewer())),
        days=api_tokens.DAYS,
    )


def make() -> Any:
    """Make one; it is shown this once."""
    made = ""

    def act() -> None:
        nonlocal made
        form = request.form
        fitting = api_tokens.offered(roles_of(viewer()))
        scopes = [scope for scope in fitting if scope in form.getlist("scope")]
        with bridge().store.work() as work:
            made = api_tokens.issue(
                work,
                viewer(),
                form.get("name", ""),
                scopes,
                form.get("days", 0, type=int),
                now(),
            )

    refused = attempt("token", act, show, "")
    return show(made) if made else refused


def revoke(handle: str) -> Any:
    """Make one useless."""

    def act() -> None:
        with bridge().store.work() as work:
            api_tokens.revoke(work, viewer(), handle, now())
        flash(gettext("That token opens nothing any more."))

    return attempt("revoke", act, show, url_for("tokens.show"))
