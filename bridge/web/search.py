"""Searching what one may read."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from bridge.feed import search
from bridge.web import surroundings
from bridge.web.here import bridge, viewer


def show() -> Any:
    """What was found, newest first, below the courses of that name."""
    query, before = request.args.get("q", ""), request.args.get("before")
    asked = search.words(query)
    with bridge().store.reading() as work:
        named = search.courses(work, viewer(), asked)
        page = search.find(work, viewer(), asked, named, before)
        around = surroundings.surroundings(work, viewer())
    return render_template(
        "search.html",
        page=page,
        query=query[: search.LONGEST].replace("\0", ""),
        asked=asked,
        courses=[] if before else named,
        around=around,
    )
