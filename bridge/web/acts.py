"""The admin's page of what was done with rights, by whom and when."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from bridge.access import audit
from bridge.web.here import bridge, viewer
from bridge.web.table import LARGEST_ID

A_PAGE = 50


def show() -> Any:
    """The log, newest first; of one kind of acts, if so wished."""
    kind, before = request.args.get("kind", ""), request.args.get("before", type=int)
    before = None if before is None else max(0, min(before, LARGEST_ID))
    kind = kind if kind in audit.KINDS else ""
    with bridge().store.reading() as work:
        entries, more = audit.page(work, viewer().connection_id, kind, before, A_PAGE)
    return render_template("acts.html", entries=entries, more=more, kind=kind)
