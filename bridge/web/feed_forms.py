"""The forms that a page of a feed is written in: Atom, RSS 2.0, JSON Feed 1.1, ActivityStreams 2.0.

RFC 4287 is Atom; RFC 5005 is how a feed goes on, by ``first`` and ``next``, which RSS carries as
Atom's links. JSON Feed is https://www.jsonfeed.org/version/1.1/, and a collection that goes on page
by page is https://www.w3.org/TR/activitystreams-core/#paging.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from bridge.activitystreams import CONTEXT, MEDIA_TYPE, activity_object, headline
from bridge.model import Activity, FeedItem, FeedPage

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, however it is escaped."""
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Channel:
    """A page of a feed, and what is said of the feed as a whole."""

    title: str
    site: str
    about: str
    """The page that people read it on."""
    address: Callable[..., str]
    """The feed's own address; with ``before=…`` or ``page=…`` that of one of its pages."""
    link: Callable[[str], str]
    """The absolute address of a path of the bridge."""
    page: FeedPage
    now: datetime
    before: str | None = None
    """The cursor that the page begins after; ``None`` on the first."""
    numbered: bool = False
    """Whether the first page was asked for as a page, and not the collection."""
    gone: Sequence[Activity] = field(default=())
    """What stood on this page and was taken back."""

    @property
    def updated(self) -> datetime:
        """When anything on the page last changed; an empty one is of now."""
        return max((item.activity.updated for item in self.page.items), default=self.now)

    def url(self, item: FeedItem) -> str:
        """The item's own page, which is its id as well."""
        return self.link(f"/a/{item.activity.uid}")


# --- XML -----------------------------------------------------------------------------------------


def atom(channel: Channel) -> bytes:
    """The page in Atom."""
    return bytes(_generated(channel).atom_str())


def rss(channel: Channel) -> bytes:
    """The page in RSS 2.0; who wrote an item stands there as ``dc:creator``, without an address."""
    feed = _generated(channel)
    feed.load_extension("dc")
    feed.register_extension("paging", _Paging, atom=False)
    feed.paging.links = _paging(channel)
    for entry, item in zip(feed.entry(), channel.page.items, strict=True):
        entry.dc.dc_creator(_xml(_author(item, channel)))
        entry.guid(channel.url(item), permalink=True)
    return bytes(feed.rss_str())


class _Paging(BaseExtension):
    """The links between pages, which the library writes into Atom alone."""

    links: Sequence[tuple[str, str]] = ()

    def extend_ns(self) -> dict[str, str]:
        return {"atom": _ATOM}

    def extend_rss(self, root: Any) -> Any:
        channel = root.find("channel")
        for rel, href in self.links:
            xml_elem(f"{{{_ATOM}}}link", channel, rel=rel, href=href)
        return root


def _generated(channel: Channel) -> FeedGenerator:
    feed = FeedGenerator()
    feed.id(channel.about)
    feed.title(_xml(channel.title))
    feed.description(_xml(channel.title))
    feed.link(href=channel.address(before=channel.before), rel="self")
    for rel, href in _paging(channel):
        feed.link(href=href, rel=rel)
    feed.link(href=channel.about, rel="alternate")  # RSS has one link, and takes the last.
    feed.updated(channel.updated)
    feed.generator("Socialbridge")
    for item in channel.page.items:
        url = channel.url(item)
        entry = feed.add_entry(order="append")
        entry.id(url)
        entry.title(_xml(_said(item, channel)))
        entry.link(href=url)
        entry.published(item.activity.published)
        entry.updated(item.activity.updated)
        entry.author(name=_xml(_author(item, channel)))
        entry.content(_xml(_content(item, channel)), type="html")
    return feed


def _paging(channel: Channel) -> list[tuple[str, str]]:
    first = [("first", channel.address())] if channel.before else []
    before = channel.page.before
    return first + ([("next", channel.address(before=before))] if before else [])


# --- JSON ----------------------------------------------------------------------------------------


def json_feed(channel: Channel) -> str:
    """The page in JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.about,
        "feed_url": channel.address(before=channel.before),
        "items": [_json_item(item, channel) for item in channel.page.items],
    }
    before = channel.page.before
    return json.dumps(feed | ({"next_url": channel.address(before=before)} if before else {}))


def _json_item(item: FeedItem, channel: Channel) -> dict[str, Any]:
    url = channel.url(item)
    tags = [item.course.category] if item.course and item.course.category else []
    return {
        "id": url,
        "url": url,
        "title": _said(item, channel),
        "content_html": _content(item, channel),
        "date_published": item.activity.published.isoformat(),
        "date_modified": item.activity.updated.isoformat(),
        "authors": [{"name": _author(item, channel)}],
        "tags": tags + (["question"] if item.activity.question else []),
    }


def activities(channel: Channel) -> str:
    """ActivityStreams: the collection with its first page in it, or one of its pages.

    What was taken back stands in its place as a ``Tombstone``, so that a program that keeps a copy
    knows what to remove.
    """
    before = channel.page.before
    page = {
        "type": "OrderedCollectionPage",
        "id": channel.address(before=channel.before)
        if channel.before
        else channel.address(page="1"),
        "partOf": channel.address(),
        "orderedItems": _in_order(channel),
    }
    page |= {"next": channel.address(before=before)} if before else {}
    if channel.before or channel.numbered:
        return json.dumps({"@context": CONTEXT} | page)
    collection = {
        "@context": CONTEXT,
        "type": "OrderedCollection",
        "id": channel.address(),
        "name": channel.title,
        "url": channel.about,
        "first": page,
    }
    return json.dumps(collection)


def _in_order(channel: Channel) -> list[dict[str, Any]]:
    told = [(item.activity, _as_object(item, channel)) for item in channel.page.items]
    told += [(activity, activity_object(activity, link=channel.link)) for activity in channel.gone]
    told.sort(key=lambda one: (one[0].published, one[0].id), reverse=True)
    return [{k: v for k, v in thing.items() if k != "@context"} for _, thing in told]


def _as_object(item: FeedItem, channel: Channel) -> dict[str, Any]:
    return activity_object(
        item.activity,
        link=channel.link,
        actor=item.actor,
        names=item.names,
        named=item.named,
        others=item.others,
        course=item.course,
        discussion=item.discussion,
        site_name=channel.site,
        behalf_of=item.behalf_of,
        completed_at=item.completed_at,
        about=item.about,
    )


FORMS: dict[str, tuple[str, Callable[[Channel], Any]]] = {
    "atom": ("application/atom+xml; charset=utf-8", atom),
    "rss": ("application/rss+xml; charset=utf-8", rss),
    "jsonfeed": ("application/feed+json; charset=utf-8", json_feed),
    "json": (MEDIA_TYPE, activities),
}
"""Each form by the end of its address, with its media type."""


# --- words ---------------------------------------------------------------------------------------


def _said(item: FeedItem, channel: Channel) -> str:
    return headline(
        item.activity,
        actor=item.actor,
        names=item.names,
        named=item.named,
        others=item.others,
        course=item.course,
        discussion=item.discussion,
        site_name=channel.site,
        behalf_of=item.behalf_of,
        about=item.about,
    )


def _author(item: FeedItem, channel: Channel) -> str:
    if item.actor:
        return item.actor.name
    return item.names[0].name if item.names else channel.site


def _content(item: FeedItem, channel: Channel) -> str:
    parts = [item.activity.text or (item.discussion.text if item.discussion else "")]
    parts.append(item.course.summary if item.course and not parts[0] else "")
    words = [part for part in parts if part] or [_said(item, channel)]
    return "".join(f"<p>{escape(part)}</p>".replace("\n", "<br>") for part in words)


def _xml(text: str) -> str:
    return _NO_XML.sub("", text)
