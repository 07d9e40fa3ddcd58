"""The admin's page of one outlet: what goes there by itself, how much of it, and when."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import flash, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.delivery import outlets, pace, settings
from bridge.delivery.pace import Edition
from bridge.web.here import attempt, bridge, now, viewer

FIELDS = ("budget", "edition", "at", "weekday", "quiet", "zone", "per_minute")


def show(outlet_id: int) -> Any:
    """The outlet's rules and its pace, to be changed."""
    mine = viewer().connection_id
    with bridge().store.reading() as work:
        outlet = outlets.get(work, mine, outlet_id)
        written = settings.written(work, outlet)
        read_by = outlets.read_by(work, mine)[outlet.id]
    its = pace.of(outlet)
    return render_template(
        "outlet.html",
        outlet=outlet,
        read_by=read_by,
        written=written,
        routed=settings.ROUTED,
        its=its,
        rate=pace.PER_MINUTE.get(outlet.kind),
        editions=list(Edition),
        weekdays=settings.WEEKDAYS,
        zones=sorted(available_timezones()),
        next_edition=pace.next_edition(its, now()),
    )


def set_rules(outlet_id: int) -> Any:
    """Say what the outlet takes by itself."""

    def act() -> None:
        flow.set_outlet_rules(
            bridge().store,
            bridge().clock,
            viewer().connection_id,
            outlet_id,
            kinds=request.form.getlist("kinds"),
            only=request.form.get("only", "").splitlines(),
            never=request.form.get("never", "").splitlines(),
            by=viewer().person_id,
        )
        flash(gettext("Saved. It applies to what comes; what stands there stays."))

    return attempt("rules", act, lambda: show(outlet_id), _page(outlet_id))


def set_pace(outlet_id: int) -> Any:
    """Say how much the outlet takes, and when."""

    def act() -> None:
        said = {name: request.form[name] for name in FIELDS if name in request.form}
        if not said.get("budget", "x").strip():
            said["budget"] = settings.NO_LIMIT
        said["weekends"] = "yes" if "weekends" in request.form else "no"
        store, clock, me = bridge().store, bridge().clock, viewer()
        flow.set_outlet_pace(store, clock, me.connection_id, outlet_id, said, by=me.person_id)
        flash(gettext("Saved. It applies to what comes."))

    return attempt("pace", act, lambda: show(outlet_id), _page(outlet_id))


def _page(outlet_id: int) -> str:
    return url_for("outlet_rules.show", outlet_id=outlet_id)
