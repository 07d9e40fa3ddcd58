"""The admin's pages: what is read, and what became of what was sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from bridge import flow
from bridge.delivery import ledger as deliveries
from bridge.delivery import outlets
from bridge.errors import InputError
from bridge.model import DeliveryState
from bridge.sync import health
from bridge.web.here import attempt, bridge, now, viewer
from bridge.web.table import LARGEST_ID

ANNOUNCE = {"yes": True, "no": False, "rule": None}
RUNS = 5
RUNS_A_PAGE = 30
ENDED: dict[str, tuple[str, ...]] = {
    "": (),
    "failed": ("failed", "stopped"),
    "partial": ("partial",),
}
"""How the runs of a page ended, by its word in the address."""
PAGE = 50


def show() -> Any:
    """The connection, its last sync runs by stream, and what is announced."""
    with bridge().store.reading() as work:
        connection = work.connections.by_id(viewer().connection_id)
        runs = work.runs.latest(connection.id, RUNS)
        policies = work.facts.policies(connection.id)
        tags = work.policy.tag_policies(connection.id)
        rules = work.policy.rule_policies(connection.id)
    return render_template(
        "admin.html",
        connection=connection,
        runs=runs,
        policies=policies,
        tags=tags,
        rules=rules,
    )


def set_policy(category_id: int) -> Any:
    """Say whether completions of a category's courses are told, or leave it to the rule."""
    wanted = request.form.get("announce", "")
    flow.own_category(bridge().store, viewer().connection_id, category_id)
    if wanted not in ANNOUNCE:
        raise InputError("Choose yes, no, or the rule.")
    by, wish = viewer().person_id, ANNOUNCE[wanted]
    flow.set_policy(bridge().store, bridge().clock, category_id, wish, by=by)
    flash(gettext("Saved. The feed has followed."))
    return redirect(url_for("admin.show", _anchor="policy"), 303)


def runs() -> Any:
    """Every sync run that is kept, and how the connection stands."""
    before, ended = request.args.get("before", type=int), request.args.get("ended", "")
    before = None if before is None else max(0, min(before, LARGEST_ID))
    ended = ended if ended in ENDED else ""
    mine, config = viewer().connection_id, bridge().config
    every = timedelta(minutes=config.sync_minutes)
    with bridge().store.reading() as work:
        connection = work.connections.by_id(mine)
        stands = health.overview(work, mine, now(), config.sync_quiet_hours, bridge().zone, every)
        rows = work.runs.page(mine, RUNS_A_PAGE, before=before, outcomes=ENDED[ended])
        waiting = work.xapi.waiting_by_reason(mine)
    more = rows[-1][0] if len(rows) == RUNS_A_PAGE else None
    return render_template(
        "runs.html",
        connection=connection,
        stands=stands,
        runs=rows,
        waiting=waiting,
        before=before,
        ended=ended,
        more=more,
        config=config,
    )


def ledger() -> Any:
    """Every delivery: what it should show, what it shows, and why not."""
    before, state = request.args.get("before", type=int), request.args.get("state", "")
    before = None if before is None else max(0, min(before, LARGEST_ID))
    wanted = DeliveryState(state) if state in set(DeliveryState) else None
    mine = viewer().connection_id
    with bridge().store.reading() as work:
        known = outlets.of(work, mine)
        outlet = next((o for o in known if o.id == request.args.get("outlet", type=int)), None)
        only = outlet.id if outlet else None
        rows = deliveries.page(work, mine, before, PAGE, wanted, only)
        counts = deliveries.counts(work, mine, only)
    more = rows[-1].delivery.id if len(rows) == PAGE else None
    return render_template(
        "ledger.html",
        rows=rows,
        more=more,
        state=wanted,
        counts=counts,
        outlet=outlet,
        outlets=known,
    )


def retry(delivery_id: int) -> Any:
    """Try a delivery again now; one in doubt only when the admin has confirmed it."""

    def act() -> None:
        store, clock, me = bridge().store, bridge().clock, viewer()
        anyway = request.form.get("anyway") == "yes"
        flow.retry_delivery(
            store, clock, me.connection_id, delivery_id, anyway=anyway, by=me.person_id
        )
        flash(gettext("It will be tried again with the next run."))

    return attempt(f"delivery-{delivery_id}", act, ledger, _same_ledger())


def retry_all() -> Any:
    """Try everything again that was given up, of the outlet that the page shows, or of all."""
    outlet_id = request.args.get("outlet", type=int)
    store, clock, me = bridge().store, bridge().clock, viewer()
    count = flow.retry_deliveries(store, clock, me.connection_id, outlet_id, by=me.person_id)
    flash(
        ngettext(
            "%(num)d delivery will be tried again with the next run.",
            "%(num)d deliveries will be tried again with the next run.",
            count,
        )
    )
    return redirect(url_for("admin.ledger", outlet=outlet_id), 303)


def _same_ledger() -> str:
    asked: dict[str, Any] = {n: request.args.get(n) for n in ("before", "state", "outlet")}
    return url_for("admin.ledger", **asked)
