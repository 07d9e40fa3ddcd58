"""What an outlet would be told, before it is: each post as the outlet shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from typing import Any

import nh3
from babel.dates import format_date, format_time
from flask import render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from bridge import flow
from bridge.delivery import outlets as stored
from bridge.delivery import preview as dry
from bridge.delivery.plan import Step
from bridge.delivery.preview import Scene, Scenes
from bridge.errors import BridgeError, NotFound
from bridge.flow import OutletPreview
from bridge.model import Kind, Outlet, Rendering
from bridge.web.here import bridge, now, viewer

SPANS = (1, 7, 14, 31)
TRIED = (Kind.COMPLETION, Kind.COURSE, Kind.DISCUSSION, Kind.POST)
SHOWN_TAGS = {"p", "br", "a"}
"""What the bridge's own HTML is made of; whatever else stood in it would be shown as text."""


@dataclass(frozen=True)
class Face:
    """One scene as the page shows it."""

    scene: Scene
    time: str
    """By the outlet's clock."""
    words: Rendering | None
    refused: str
    markup: Markup | None
    """What a browser makes of it, where the outlet takes HTML."""
    body: str
    """The whole request."""
    stays: bool
    """Whether it cannot be taken back."""


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
    days = request.args.get("days", type=int)
    days = days if days in SPANS else flow.DAYS
    tried = _tried(outlet)
    (one,) = flow.preview(
        bridge().store,
        bridge().clock,
        outlet.connection_id,
        [tried],
        bridge().publisher,
        link=bridge().link,
        viewer=viewer(),
        days=days,
    )
    zone = bridge().zone
    today, span = now().astimezone(zone).date(), timedelta(days=days)
    return render_template(
        "preview.html",
        known=known,
        one=one,
        changed=tried != outlet,
        days=days,
        spans=SPANS,
        tried=TRIED,
        coming=_part(one, one.coming, zone, today, today + span),
        replayed=_part(one, one.replayed, zone, today - span, today),
    )


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


def _tried(outlet: Outlet) -> Outlet:
    """The outlet with the kinds that are ticked, where the form was sent; unknown ones are left."""
    if "try" not in request.args:
        return outlet
    others = [k for k in outlet.settings.get("kinds", ()) if k not in set(TRIED)]
    ticked = [kind.value for kind in TRIED if kind.value in request.args.getlist("kinds")]
    return replace(outlet, settings={**outlet.settings, "kinds": [*ticked, *others]})


def _part(one: OutletPreview, part: Scenes, zone: tzinfo, first: date, last: date) -> Part:
    found = part.by_day(zone)
    span = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    days = []
    for day in sorted(span | set(found)):
        scenes = found.get(day, ())
        faces = tuple(_face(scene, one, zone) for scene in scenes)
        name, short = (_named(day, form) for form in ("EEE d MMM", "EEE d"))
        days.append(Day(day, name, short, faces, dry.counts(scenes)[Step.PUBLISH]))
    return Part(tuple(days), part.why, part.cut)


def _named(day: date, form: str) -> str:
    return str(format_date(day, form, locale=get_locale()))


def _face(scene: Scene, one: OutletPreview, zone: tzinfo) -> Face:
    found = dry.worded(scene, one.publisher)
    words = None if isinstance(found, BridgeError) else found
    stays = one.publisher is not None and not one.publisher.abilities.delete
    return Face(
        scene=scene,
        time=str(format_time(scene.at.astimezone(zone), "HH:mm", locale=get_locale())),
        words=words,
        refused="" if words else str(found),
        markup=_markup(words.text) if words and words.form == "html" else None,
        body=dry.body(words) if words else "",
        stays=stays and scene.step is Step.PUBLISH,
    )


def _markup(text: str) -> Markup:
    # It was escaped for the outlet; here it is cleaned once more, because it is now our page.
    clean = nh3.clean(
        text, tags=SHOWN_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}
    )
    return Markup(clean)
