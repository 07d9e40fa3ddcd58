"""The feeds for other programs: Atom, and ActivityStreams 2.0 JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import urlencode

from feedgen.feed import FeedGenerator
from flask import request, url_for
from werkzeug.wrappers import Response

from bridge.activitystreams import CONTEXT, MEDIA_TYPE, activity_object, headline
from bridge.errors import NotFound
from bridge.feed import read
from bridge.model import FeedItem, FeedPage
from bridge.storage import Work
from bridge.web import surroundings
from bridge.web.here import bridge, now, viewer

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, however it is escaped."""


def home(form: str) -> Any:
    """My home feed."""
    return _feed(form, "/", lambda work, before: (read.home(work, viewer(), before), ""))


def course(course_id: int, form: str) -> Any:
    """A course's feed."""

    def pages(work: Work, before: str | None) -> tuple[FeedPage, str]:
        page = read.course_feed(work, viewer(), course_id, before)
        return page, surroundings.course(work, viewer(), course_id).name

    return _feed(form, url_for("feed.course", course_id=course_id), pages)


def team(team_id: int, form: str) -> Any:
    """A team's feed."""

    def pages(work: Work, before: str | None) -> tuple[FeedPage, str]:
        page = read.team_feed(work, viewer(), team_id, before)
        return page, surroundings.team(work, team_id).name

    return _feed(form, url_for("feed.team", team_id=team_id), pages)


def _feed(
    form: str, about: str, pages: Callable[[Work, str | None], tuple[FeedPage, str]]
) -> Response:
    """A page of a feed in the form that was asked for; 304 where the reader has it already."""
    if form not in FORMS:
        raise NotFound("There is no feed of that form.", "Use .atom or .json.")
    with bridge().store.reading() as work:
        page, name = pages(work, request.args.get("before"))
        connection = work.connections.by_id(viewer().connection_id)
    site = connection.site_name or connection.name
    media, write = FORMS[form]
    response = Response(write(page, f"{name} · {site}" if name else site, site, about))
    response.content_type = media
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(read.mark(page))
    return response.make_conditional(request.environ)


def _atom(page: FeedPage, title: str, site: str, about: str) -> bytes:
    feed = FeedGenerator()
    feed.id(bridge().link(about))
    feed.title(_xml(title))
    feed.link(href=bridge().link(about), rel="alternate")
    feed.link(href=_address(), rel="self")
    if page.before:
        feed.link(href=_address(page.before), rel="next")
    feed.updated(max((item.activity.updated for item in page.items), default=now()))
    feed.generator("Socialbridge")
    for item in page.items:
        url = bridge().link(url_for("feed.activity", uid=item.activity.uid))
        entry = feed.add_entry(order="append")
        entry.id(url)
        entry.title(_xml(_said(item, site)))
        entry.link(href=url)
        entry.published(item.activity.published)
        entry.updated(item.activity.updated)
        entry.author(name=_xml(_author(item, site)))
        entry.content(_xml(_content(item, site)), type="html")
    return bytes(feed.atom_str())


def _activities(page: FeedPage, title: str, site: str, about: str) -> str:
    items = []
    for item in page.items:
        as_object = activity_object(
            item.activity,
            link=bridge().link,
            actor=item.actor,
            names=item.names,
            named=item.named,
            others=item.others,
            course=item.course,
            discussion=item.discussion,
            site_name=site,
            behalf_of=item.behalf_of,
        )
        items.append({k: v for k, v in as_object.items() if k != "@context"})
    collection = {
        "@context": CONTEXT,
        "type": "OrderedCollectionPage",
        "id": _address(request.args.get("before")),
        "partOf": _address(),
        "name": title,
        "url": bridge().link(about),
        "orderedItems": items,
    }
    return json.dumps(collection | ({"next": _address(page.before)} if page.before else {}))


FORMS: dict[str, tuple[str, Callable[[FeedPage, str, str, str], Any]]] = {
    "atom": ("application/atom+xml; charset=utf-8", _atom),
    "json": (MEDIA_TYPE, _activities),
}


def _address(before: str | None = None) -> str:
    """The address of this feed, or of its page that begins after ``before``."""
    asked = {"key": request.args.get("key"), "before": before}
    query = urlencode({name: value for name, value in asked.items() if value})
    return bridge().link(request.path) + (f"?{query}" if query else "")


def _said(item: FeedItem, site: str) -> str:
    return headline(
        item.activity,
        actor=item.actor,
        names=item.names,
        named=item.named,
        others=item.others,
        course=item.course,
        discussion=item.discussion,
        site_name=site,
        behalf_of=item.behalf_of,
    )


def _author(item: FeedItem, site: str) -> str:
    if item.actor:
        return item.actor.name
    return item.names[0].name if item.names else site


def _content(item: FeedItem, site: str) -> str:
    parts = [item.activity.text or (item.discussion.text if item.discussion else "")]
    parts.append(item.course.summary if item.course and not parts[0] else "")
    words = [part for part in parts if part] or [_said(item, site)]
    return "".join(f"<p>{escape(part)}</p>".replace("\n", "<br>") for part in words)


def _xml(text: str) -> str:
    return _NO_XML.sub("", text)
