"""What an outlet would be told, before it is: each post as the outlet shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from flask import g, redirect, render_template, request, url_for
from flask_babel import get_locale

from bridge import flow
from bridge.delivery import outlets as stored
from bridge.delivery import pace, settings
from bridge.delivery import preview as dry
from bridge.delivery.plan import Step
from bridge.delivery.preview import Scenes
from bridge.errors import InputError, NotFound
from bridge.flow import OutletPreview
from bridge.model import Outlet
from bridge.storage import Work
from bridge.web.faces import Face, face
from bridge.web.here import Problem, bridge, now, viewer

SPANS = (1, 7, 14, 31)
PACE = ("budget", "edition", "at", "weekday", "quiet", "zone", "per_minute")
KINDS = "kinds"
"""What the form of this page says that it tries."""


@dataclass(frozen=True)
class Day:
    """One day of the outlet's own clock."""

    date: date
    name: str
    """*Mon 23 Nov*."""
    short: str
    """*Mon 23*."""
    faces: tuple[Face, ...]
    posts: int
    by_itself: int
    """How many of them the outlet's budget counts."""


@dataclass(frozen=True)
class Part:
    """What is coming, or what the last days would have looked like."""

    days: tuple[Day, ...]
    """Every day of the span, those without a post too."""
    why: str
    cut: bool

    @property
    def count(self) -> int:
        """How many things it shows."""
        return sum(len(day.faces) for day in self.days)


def show() -> Any:
    """One outlet's posts of the coming days, and of the last ones as they would have looked."""
    with bridge().store.reading() as work:
        known = stored.of(work, viewer().connection_id)
    outlet = _asked_for(known)
    if outlet is None:
        return render_template("preview.html", known=known, one=None)
    if "csrf_token" in request.args:  # A form of changes sends it; it stands in no address.
        asked = {k: v for k, v in request.args.to_dict(flat=False).items() if k != "csrf_token"}
        return redirect(f"{url_for('preview.show')}?{urlencode(asked, doseq=True)}", 303)
    days = request.args.get("days", type=int)
    days = days if days in SPANS else flow.DAYS
    try:
        one = look(outlet, days, _what_if(outlet) if "try" in request.args else None)
    except InputError as error:
        # What is tried cannot be taken: the page says so, and shows the outlet as it is.
        g.problem = Problem("trial", error, {})
        return _page(known, outlet, look(outlet, days, None), days), 422
    return _page(known, outlet, one, days)


def _page(known: Sequence[Outlet], outlet: Outlet, one: OutletPreview, days: int) -> str:
    zone = one.pace.zone
    today, span = now().astimezone(zone).date(), timedelta(days=days)
    return render_template(
        "preview.html",
        known=known,
        one=one,
        changed=(one.outlet.settings, one.outlet.audience) != (outlet.settings, outlet.audience),
        pace=pace.in_words(one.pace),
        days=days,
        spans=SPANS,
        routed=settings.ROUTED,
        carried=_carried(),
        coming=part_of(one, one.coming, zone, today, today + span),
        replayed=part_of(one, one.replayed, zone, today - span, today),
    )


def look(outlet: Outlet, days: int, what_if: flow.WhatIf | None = None) -> OutletPreview:
    """What the outlet would be told, to whoever looks."""
    (one,) = flow.preview(
        bridge().store,
        bridge().clock,
        outlet.connection_id,
        bridge().publisher,
        bridge().abilities,
        link=bridge().link,
        outlet_ids=[outlet.id],
        what_if=what_if,
        viewer=g.get("viewer"),
        days=days,
    )
    return one


def _asked_for(known: Sequence[Outlet]) -> Outlet | None:
    """The outlet that the address names; without one, the first.

    :raises NotFound: if it is none of the connection's.
    """
    ident = request.args.get("outlet", type=int)
    if ident is None:
        shares = [outlet for outlet in known if outlet.purpose == "share"]
        return next(iter([*shares, *known]), None)
    for outlet in known:
        if outlet.id == ident:
            return outlet
    raise NotFound("There is no such outlet.")


def _what_if(outlet: Outlet) -> flow.WhatIf:
    """What the address says that is to be tried, by the functions that would store it.

    The form of this page sends the kinds, that of an outlet's rules also its lines, and that of its
    pace the pace; whatever is not sent stays as it is.
    """
    given = request.args
    sends_kinds = given["try"] == KINDS or "kinds" in given or "only" in given
    paces = {name: given[name] for name in PACE if name in given}
    if not paces.get("budget", "x").strip():
        paces["budget"] = settings.NO_LIMIT
    if "quiet" in given:  # A box that is not ticked is not sent.
        paces["weekends"] = "yes" if "weekends" in given else "no"

    def change(work: Work) -> None:
        settings.set_rules(
            work,
            outlet.connection_id,
            outlet.id,
            kinds=given.getlist("kinds") if sends_kinds else None,
            only=given["only"].splitlines() if "only" in given else None,
            never=given["never"].splitlines() if "never" in given else None,
        )
        settings.set_pace(work, outlet.connection_id, outlet.id, paces, now())

    return change


def _carried() -> list[tuple[str, str]]:
    """What else is tried than what the form of this page shows."""
    names = ("only", "never", *PACE, "weekends")
    return [(name, request.args[name]) for name in names if name in request.args]


def part_of(one: OutletPreview, part: Scenes, zone: tzinfo, first: date, last: date) -> Part:
    """What is told from one day to another, day by day."""
    found = part.by_day(zone)
    span = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    days = []
    for day in sorted(span | set(found)):
        scenes = found.get(day, ())
        faces = tuple(face(scene, one.publisher, one.abilities, zone) for scene in scenes)
        name, short = (_named(day, form) for form in ("EEE d MMM", "EEE d"))
        posts, by_itself = dry.counts(scenes)[Step.PUBLISH], sum(s.by_itself for s in scenes)
        days.append(Day(day, name, short, faces, posts, by_itself))
    return Part(tuple(days), part.why, part.cut)


def _named(day: date, form: str) -> str:
    return str(format_date(day, form, locale=get_locale()))
