"""LTI platforms, for admins: what is registered, how to register, and taking it away."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext

from bridge import flow
from bridge.access import lti
from bridge.web.here import attempt, bridge, now, viewer


def show(invitation: str = "") -> Any:
    """The platforms of this connection, and how one more is added."""
    with bridge().store.reading() as work:
        connection = work.connections.by_id(viewer().connection_id)
        platforms = work.lti.platforms(connection.id)
    return render_template(
        "platforms.html",
        connection=connection,
        platforms=platforms,
        tool=bridge().tool,
        invitation=invitation,
        hours=int(lti.INVITED.total_seconds() // 3600),
    )


def invite() -> Any:
    """Make an address to register by, and show it this once."""
    store, clock, me = bridge().store, bridge().clock, viewer()
    token = flow.invite_platform(store, clock, me.connection_id, by=me.person_id)
    return show(bridge().link(f"/lti/register/{token}"))


def remove(platform_id: int) -> Any:
    """Let nobody in from this platform any more."""

    def act() -> None:
        with bridge().store.work() as work:
            mine, me = viewer().connection_id, viewer().person_id
            lti.remove(work, mine, platform_id, now(), me)
        flash(gettext("Nobody comes in from there any more. Who did is signed out."))

    return attempt("remove", act, show, url_for("platforms.show"))
