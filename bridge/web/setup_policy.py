"""The setup's third step: what is shared, in words, and what is not."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.access import audit
from bridge.errors import InputError
from bridge.setup.wizard import Step
from bridge.web import setup, setup_reading
from bridge.web.acting import acting
from bridge.web.admin import ANNOUNCE
from bridge.web.here import bridge, now


def show() -> Any:
    """Which categories are announced, which not and why; and what consent is at first."""
    elsewhere = setup.not_connected()
    if elsewhere:
        return elsewhere
    with bridge().store.reading() as work:
        policies = work.facts.policies(acting().connection_id)
    return setup.page(
        "setup_shared.html",
        Step.SHARED,
        policies=policies,
        reading=setup_reading.reading(),
        shown=setup_reading.SHOWN,
    )


def choose(category_id: int) -> Any:
    """Say whether completions of a category's courses are told, or leave it to the rule."""
    wanted = request.form.get("announce", "")
    ours = flow.own_category(bridge().store, acting().connection_id, category_id)
    if wanted not in ANNOUNCE:
        raise InputError("Choose yes, no, or the rule.")
    flow.set_policy(bridge().store, bridge().clock, category_id, ANNOUNCE[wanted])
    with bridge().store.work() as work:
        audit.note(work, None, "policy set", f"category {category_id}: {wanted}", now())
    flash(gettext("Saved: %(name)s.", name=ours.name))
    return redirect(url_for("setup_policy.show", _anchor="categories"), 303)
