"""The admin's page of outlets: who reads each, what can be done there, and whether it is on."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.delivery import outlets
from bridge.errors import InputError
from bridge.outlets.kinds import KINDS, doubt, promise
from bridge.web import outlet_adding
from bridge.web.here import attempt, bridge, viewer

SWITCHED = {"yes": True, "no": False}


def show() -> Any:
    """Every outlet, with what is to be known before it is switched on."""
    mine = viewer().connection_id
    with bridge().store.reading() as work:
        found = outlets.of(work, mine)
        readers = outlets.read_by(work, mine)
    rows = []
    for outlet in found:
        abilities = bridge().abilities(outlet)
        rows.append(
            {
                "outlet": outlet,
                "kind": KINDS.get(outlet.kind),
                "read_by": readers[outlet.id],
                "can": abilities,
                "promise": promise(abilities),
                "doubt": doubt(abilities),
            }
        )
    return render_template("outlets.html", rows=rows)


def switch(outlet_id: int) -> Any:
    """Switch an outlet on or off. One that is off still takes back what has to go."""

    def act() -> None:
        enabled = SWITCHED.get(request.form.get("on", ""))
        if enabled is None:
            raise InputError("Choose on or off.")
        store, clock, me = bridge().store, bridge().clock, viewer()
        outlet = flow.switch_outlet(
            store, clock, me.connection_id, outlet_id, enabled, by=me.person_id
        )
        said = gettext("%(name)s is on.") if enabled else gettext("%(name)s is off.")
        flash(said % {"name": outlet.name})

    done = url_for("outlets.show", _anchor=f"outlet-{outlet_id}")
    return attempt(f"outlet-{outlet_id}", act, show, done)


def remove(outlet_id: int) -> Any:
    """Take one out where nothing of it stands any more."""
    form, done = f"outlet-{outlet_id}", url_for("outlets.show")
    return attempt(form, outlet_adding.removing(outlet_id), show, done)
