"""Topics: what one follows, a category's page and a tag's, and following them."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext

from bridge.feed import topics
from bridge.web import surroundings
from bridge.web.here import attempt, back, bridge, in_place, now, viewer


def show() -> Any:
    """What is told about everything that I follow."""
    with bridge().store.reading() as work:
        page, _ = topics.feed(work, viewer(), request.args.get("before"))
        followed = topics.followed(work, viewer())
        around = surroundings.surroundings(work, viewer())
    return render_template("topics.html", page=page, followed=followed, around=around)


def category(category_id: int) -> Any:
    """What is told about a category's courses."""
    return _topic(f"category:{category_id}")


def tag(word: str) -> Any:
    """What is told about the courses that bear a tag."""
    return _topic(f"tag:{word}")


def follow() -> Any:
    """Follow a topic, or follow it no more: what the form says, however often it is sent."""
    key = request.form.get("topic", "")

    def act() -> None:
        with bridge().store.work() as work:
            if request.form.get("follow") == "no":
                topics.unfollow(work, viewer(), key)
                return
            name = topics.follow(work, viewer(), key, now()).name
        if not in_place():
            flash(gettext("You follow %(name)s. It is among your topics.", name=name))

    return attempt("follow", act, show, back(url_for("topics.show")).location)


def _topic(key: str) -> Any:
    with bridge().store.reading() as work:
        topic, page, _ = topics.feed_of(work, viewer(), key, request.args.get("before"))
        around = surroundings.surroundings(work, viewer())
    return render_template("topic.html", page=page, topic=topic, around=around)
