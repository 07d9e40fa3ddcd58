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

    def act() -> None:
        drops = request.form.get("announce") == DROP
        say_of_tag(request.form.get("tag", ""), None if drops else ANNOUNCE[_wanted()], drops)
        flash(gettext("Saved. The feed has followed."))

    return attempt("tag", act, show, url_for("admin.show", _anchor="policy"))


def say_of_tag(name: str, announce: bool | None, drops: bool) -> None:
    """Say whether courses with a tag are announced, or read it no more.

    :param announce: ``None`` leaves it to the rules. :param drops: whether it is read no more.
    :raises InputError: if the LMS does not say which courses have it.
    """
    store, clock, me = bridge().store, bridge().clock, viewer()
    if drops:
        flow.drop_tag_policy(store, clock, me.connection_id, name, by=me.person_id)
        return
    with store.reading() as work:
        connection = work.connections.by_id(me.connection_id)
    try:
        with closing(bridge().connector(connection)) as connector:
            flow.set_tag_policy(
                store, clock, connector, connection.id, name, announce, by=me.person_id
            )
    except LmsError as error:
        raise InputError(error.message, error.remedy) from error


def _wanted() -> str:
    wanted = request.form.get("announce", "")
    if wanted not in ANNOUNCE:
        raise InputError("Choose yes, no, or the rule.")
    return wanted


def _saved() -> Any:
    flash(gettext("Saved. The feed has followed."))
    return redirect(url_for("admin.show", _anchor="policy"), 303)
