"""The feeds for other programs, each in every form of :mod:`bridge.web.feed_forms`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from bridge.errors import NotFound
from bridge.feed import read, withdrawn
from bridge.feed import topics as topic_room
from bridge.model import Activity, Audience, AudienceKind, FeedPage
from bridge.storage import Work
from bridge.web import surroundings
from bridge.web.feed_forms import FORMS, Channel
from bridge.web.here import bridge, now, viewer


@dataclass(frozen=True)
class Told:
    """A page of some feed, the feed's own name, and what was taken back from the page."""

    page: FeedPage
    name: str = ""
    gone: Callable[[], list[Activity]] = list


def home(form: str) -> Any:
    """My home feed."""

    def told(work: Work, before: str | None) -> Told:
        page = read.home(work, viewer(), before)
        return Told(page, gone=_gone(work, page, before))

    return _feed(form, "/", told)


def course(course_id: int, form: str) -> Any:
    """A course's feed."""

    def told(work: Work, before: str | None) -> Told:
        page = read.course_feed(work, viewer(), course_id, before)
        name = surroundings.course(work, viewer(), course_id).name
        return Told(page, name, _gone(work, page, before, course_ids=[course_id]))

    return _feed(form, url_for("feed.course", course_id=course_id), told)


def team(team_id: int, form: str) -> Any:
    """A team's feed."""

    def told(work: Work, before: str | None) -> Told:
        page = read.team_feed(work, viewer(), team_id, before)
        name = surroundings.team(work, team_id).name
        only = Audience(AudienceKind.TEAM, team_id)
        return Told(page, name, _gone(work, page, before, only=only))

    return _feed(form, url_for("feed.team", team_id=team_id), told)


def topics(form: str) -> Any:
    """The feed of the topics that I follow."""

    def told(work: Work, before: str | None) -> Told:
        page, ids = topic_room.feed(work, viewer(), before)
        return Told(page, gettext("My topics"), _gone(work, page, before, course_ids=ids))

    return _feed(form, url_for("topics.show"), told)


def category(category_id: int, form: str) -> Any:
    """The feed of a category's courses."""
    about = url_for("topics.category", category_id=category_id)
    return _topic(f"category:{category_id}", form, about)


def tag(word: str, form: str) -> Any:
    """The feed of the courses that bear a tag."""
    return _topic(f"tag:{word}", form, url_for("topics.tag", word=word))


def _topic(key: str, form: str, about: str) -> Response:
    def told(work: Work, before: str | None) -> Told:
        topic, page, ids = topic_room.feed_of(work, viewer(), key, before)
        return Told(page, topic.name, _gone(work, page, before, course_ids=ids))

    return _feed(form, about, told)


def _gone(
    work: Work,
    page: FeedPage,
    before: str | None,
    *,
    only: Audience | None = None,
    course_ids: Collection[int] | None = None,
) -> Callable[[], list[Activity]]:
    return lambda: withdrawn.beside(work, viewer(), page, before, only=only, course_ids=course_ids)


def _feed(form: str, about: str, tell: Callable[[Work, str | None], Told]) -> Response:
    """A page of a feed in the form that was asked for; 304 where the reader has it already."""
    if form not in FORMS:
        known = ", ".join(f".{name}" for name in FORMS)
        raise NotFound("There is no feed of that form.", f"Use one of {known}.")
    before = request.args.get("before")
    with bridge().store.reading() as work:
        told = tell(work, before)
        gone = told.gone() if form == "json" else []
        connection = work.connections.by_id(viewer().connection_id)
    site = connection.site_name or connection.name
    channel = Channel(
        title=f"{told.name} · {site}" if told.name else site,
        site=site,
        about=bridge().link(about),
        address=_address,
        link=bridge().link,
        page=told.page,
        now=now(),
        before=before,
        numbered="page" in request.args,
        gone=gone,
    )
    media, write = FORMS[form]
    response = Response(write(channel))
    response.content_type = media
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(_mark(channel))
    return response.make_conditional(request.environ)


def _mark(channel: Channel) -> str:
    """Changes whenever the answer would: also when only a title, or what is gone, is another."""
    said = replace(channel.page, before=f"{channel.title} {channel.gone} {channel.page.before}")
    return read.mark(said)


def _address(before: str | None = None, page: str | None = None) -> str:
    """The address of this feed, or of one of its pages; a private key stays in it."""
    asked = {"key": request.args.get("key"), "before": before, "page": page}
    query = urlencode({name: value for name, value in asked.items() if value})
    return bridge().link(request.path) + (f"?{query}" if query else "")
