"""A moderator's page: what was reported, what is hidden, and deciding about it."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, g, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.errors import InputError, StorageError
from bridge.feed import moderate
from bridge.web.here import attempt, bridge, viewer


def show() -> Any:
    """What waits for a decision, the longest first, and what is hidden."""
    with bridge().store.reading() as work:
        queue = moderate.queue(work, viewer())
    return render_template("moderation.html", queue=queue)


def reported() -> int:
    """How many things wait for a decision, as the frame of a moderator's pages counts them."""
    if "reported" not in g:
        try:
            with bridge().store.reading() as work:
                g.reported = work.moderation.count_open(viewer().connection_id)
        except StorageError:
            g.reported = 0  # The page that says so has no use for a number.
    count: int = g.reported
    return count


def init_app(app: Flask) -> None:
    """Let the frame of every page ask for it."""
    app.jinja_env.globals["reported"] = reported


def decide() -> Any:
    """Hide it, let it stand, or show it again."""
    form = request.form
    thing = moderate.thing(form.get("activity", ""), form.get("comment", ""))
    said = {
        "hide": (
            flow.hide_words,
            gettext("Hidden, here and where it was sent. Its author is told."),
        ),
        "restore": (flow.restore_words, gettext("It is shown again. Its author is told.")),
        "keep": (flow.keep_words, gettext("It stays as it is.")),
    }
    if form.get("act") not in said:
        raise InputError("Choose what to do: hide it, keep it or restore it.")
    act, done = said[form["act"]]

    def decided() -> None:
        act(bridge().store, bridge().clock, viewer(), thing, form.get("reason", ""))
        flash(done)

    name = f"case-{thing[0]}-{thing[1] or ''}"
    return attempt(name, decided, show, url_for("moderation.show"))
