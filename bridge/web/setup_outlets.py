"""The setup's fifth step: where shares and the feed go besides, and what would be sent there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request, url_for

from bridge import flow
from bridge.delivery import outlets as stored
from bridge.errors import NotFound
from bridge.model import Outlet
from bridge.outlets.kinds import promise
from bridge.setup.wizard import Step
from bridge.web import outlet_adding, preview, setup
from bridge.web.acting import acting
from bridge.web.here import attempt, bridge, now


def show(made: Outlet | None = None) -> Any:
    """The outlets that there are, the dry run of one of them, and how one is added."""
    elsewhere = setup.not_connected()
    if elsewhere:
        return elsewhere
    ident = acting().connection_id
    with bridge().store.reading() as work:
        found = stored.of(work, ident)
        readers = stored.read_by(work, ident)
    shares = [outlet for outlet in found if outlet.purpose == "share"]
    return setup.page(
        "setup_outlets.html",
        Step.OUTLETS,
        outlets=[(o, readers[o.id], promise(bridge().abilities(o))) for o in shares],
        made=made,
        dry=_dry_run({outlet.id for outlet in shares}),
        **outlet_adding.offered(),
    )


def add() -> Any:
    """Add one. It is on, and nothing leaves by it before the setup is finished."""
    elsewhere = setup.not_connected()
    if elsewhere:
        return elsewhere
    return outlet_adding.adding(
        True, show, lambda ident: url_for("setup_outlets.show", outlet=ident, _anchor="dry")
    )


def remove(outlet_id: int) -> Any:
    """Take one out again."""
    act = outlet_adding.removing(outlet_id)
    return attempt("remove", act, show, url_for("setup_outlets.show"))


def _dry_run(known: set[int]) -> dict[str, Any] | None:
    """What the outlet that the address names would be told, once the setup is finished."""
    wanted = request.args.get("outlet", type=int)
    if wanted is None:
        return None
    if wanted not in known:
        raise NotFound("There is no such outlet.")
    with bridge().store.reading() as work:
        outlet = stored.get(work, acting().connection_id, wanted)
    one = preview.look(outlet, flow.DAYS)
    zone, span = one.pace.zone, timedelta(days=flow.DAYS)
    today = now().astimezone(zone).date()
    return {
        "one": one,
        "coming": preview.part_of(one, one.coming, zone, today, today + span),
    }
