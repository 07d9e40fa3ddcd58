"""The setup's fifth step: where shares and the feed go besides, and what would be sent there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request

from bridge import flow
from bridge.delivery import outlets as stored
from bridge.errors import NotFound
from bridge.outlets.kinds import KINDS, promise
from bridge.setup.wizard import Step
from bridge.web import preview, setup
from bridge.web.acting import acting
from bridge.web.here import bridge, now

COMMANDS: dict[str, str] = {
    "moodle_forum": "--forum 7",
    "mahara": "--url https://mahara.example.com --journal 10",
    "mastodon": "--url https://mastodon.example.com",
    "matrix": "--url https://matrix.example.com --room '!abc:matrix.example.com'",
    "slack": "--channel C0123456789",
    "teams": "",
    "email": "--to anna@example.com",
    "webhook": "--url https://example.com/hook",
    "apprise": "",
}
"""What the command that adds one is told, by kind; a token is never among it."""

SECRETS: dict[str, str] = {
    "mahara": "its token",
    "mastodon": "its token",
    "matrix": "its token",
    "slack": "its token",
    "teams": "the address of the workflow",
    "apprise": "the address of the service",
}
"""What stands in ``SOCIALBRIDGE_OUTLET_SECRET`` while the command runs."""


def show() -> Any:
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
        kinds=[(name, kind, COMMANDS[name], SECRETS.get(name, "")) for name, kind in KINDS.items()],
        dry=_dry_run({outlet.id for outlet in shares}),
    )


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
