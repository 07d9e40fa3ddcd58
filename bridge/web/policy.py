"""The admin's word on what is announced of courses, by tag and by what completes them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.errors import InputError, LmsError, NotFound
from bridge.model import Rule
from bridge.web.admin import ANNOUNCE, show
from bridge.web.here import attempt, bridge, viewer

DROP = "drop"


def rule(name: str) -> Any:
    """Say whether courses that are completed so are announced, or leave it to the default."""
    if name not in set(Rule):
        raise NotFound("There is no such rule.")
    wanted = _wanted()
    flow.set_rule_policy(
        bridge().store,
        bridge().clock,
        viewer().connection_id,
        Rule(name),
        ANNOUNCE[wanted],
        by=viewer().person_id,
    )
    return _saved()


def tag() -> Any:
    """Name a tag, say whether courses with it are announced, or read it no more."""
    connection_id, by, done = (
        viewer().connection_id,
        viewer().person_id,
        url_for("admin.show", _anchor="policy"),
    )

    def act() -> None:
        name = request.form.get("tag", "")
        if request.form.get("announce") == DROP:
            flow.drop_tag_policy(bridge().store, bridge().clock, connection_id, name, by=by)
        else:
            wanted = ANNOUNCE[_wanted()]
            with bridge().store.reading() as work:
                connection = work.connections.by_id(connection_id)
            try:
                with closing(bridge().connector(connection)) as connector:
                    flow.set_tag_policy(
                        bridge().store,
                        bridge().clock,
                        connector,
                        connection_id,
                        name,
                        wanted,
                        by=by,
                    )
            except LmsError as error:
                raise InputError(error.message, error.remedy) from error
        flash(gettext("Saved. The feed has followed."))

    return attempt("tag", act, show, done)


def _wanted() -> str:
    wanted = request.form.get("announce", "")
    if wanted not in ANNOUNCE:
        raise InputError("Choose yes, no, or the rule.")
    return wanted


def _saved() -> Any:
    flash(gettext("Saved. The feed has followed."))
    return redirect(url_for("admin.show", _anchor="policy"), 303)
