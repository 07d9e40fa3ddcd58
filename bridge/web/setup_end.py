"""The setup's last step: what was set, how people come in, and the end."""

from __future__ import annotations

from typing import Any

from flask import redirect, session, url_for

from bridge import flow
from bridge.delivery import outlets as stored
from bridge.setup.wizard import Step
from bridge.web import acting, cookies, setup, setup_reading
from bridge.web.here import agent, attempt, bridge


def show() -> Any:
    """A summary, the ways in, an invitation to copy, and the button that ends the setup."""
    elsewhere = setup.not_connected()
    if elsewhere:
        return elsewhere
    begun, provider = acting.setup(), bridge().config.oidc
    with bridge().store.reading() as work:
        admin = flow.chosen_admin(work, begun)
        policies = work.facts.policies(begun.connection_id)
        teams = work.access.teams(begun.connection_id)
        led = {one.team_id for one in work.access.leading(begun.connection_id) if not one.away}
        outlets = [o for o in stored.of(work, begun.connection_id) if o.purpose == "share"]
    return setup.page(
        "setup_invite.html",
        Step.INVITE,
        admin=admin,
        reading=setup_reading.reading(),
        quiet=[p.name for p in policies if p.courses and p.mandatory == p.courses],
        teams=len(teams),
        without=len([team for team in teams if team.id not in led]),
        outlets=outlets,
        ways=bridge().link_ways,
        provider=provider.name if provider else "",
        sign_in=bridge().link(url_for("access.explain")),
    )


def finish() -> Any:
    """End the setup: the admin is one, and signed in; what is new is told from now on."""
    begun: list[str] = []

    def act() -> None:
        begun.append(flow.finish_setup(bridge().store, bridge().clock, acting.setup(), agent()))

    refused = attempt("finish", act, show, url_for("admin.show"))
    if not begun:
        return refused
    session.clear()
    response = redirect(url_for("admin.show"), 303)
    cookies.keep_session(response, begun[0])
    cookies.drop_setup_key(response)
    return response
