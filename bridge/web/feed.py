"""The feed: the home page, a course's, a team's, one activity, and what people do there."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.errors import NotFound
from bridge.feed import places, read, threads, topics, write
from bridge.model import CommentPage
from bridge.storage import Work
from bridge.web import here, opened, present, surroundings
from bridge.web.here import attempt, back, bridge, in_place, now, viewer
from bridge.web.unread import unread


def home() -> Any:
    """The home feed, newest first, with the composer above it."""
    before = request.args.get("before")
    with bridge().store.reading() as work:
        page = read.home(work, viewer(), before)
        around = surroundings.surroundings(work, viewer())
        waiting = unread(work)
    line = places.first_read(page, before, waiting.place, now())
    top = "" if before else places.top_of(page)
    return render_template("home.html", page=page, around=around, line=line, top=top)


def news() -> Any:
    """How many items stand above the place that the page begins at; nothing when none does."""
    with bridge().store.reading() as work:
        count = places.above(work, viewer(), request.args.get("after", ""))
    return render_template("_news.html", count=count) if count else ("", 204)


def mark_read() -> Any:
    """Note how far I have read; a page says so once it was before my eyes for a moment."""
    with bridge().store.work() as work:
        places.mark(work, viewer(), request.form.get("to", ""), now())
    return ("", 204) if in_place() else back(url_for("feed.home"))


def post() -> Any:
    """Say something to an audience."""

    def act() -> None:
        flow.post(
            bridge().store,
            bridge().clock,
            viewer(),
            request.form.get("text", ""),
            here.chosen_audience(),
            "question" in request.form,
            chosen=here.mentioned(),
        )

    return attempt("post", act, home, url_for("feed.home"))


def activity(uid: str) -> Any:
    """One activity, with what was said about it."""
    with bridge().store.reading() as work:
        around = surroundings.surroundings(work, viewer())
        try:
            item = read.one(work, viewer(), uid)
        except NotFound:
            # What an outlet shows of a digest links to the digest itself.
            told, page = read.digest(work, viewer(), uid)
            return render_template("digest.html", told=told, page=page, around=around)
        talk = _talk(work, uid)
    opened.note(item.activity)
    return render_template("activity.html", item=item, talk=talk, around=around)


def go(uid: str) -> Any:
    """To the course of a share, in the LMS: that is how it was opened."""
    with bridge().store.reading() as work:
        item = read.one(work, viewer(), uid)
    address = present.web_url(item.course.url) if item.course else ""
    if not address:
        raise NotFound("It leads nowhere any more.", "The course may have been hidden in the LMS.")
    opened.note(item.activity)
    return redirect(address, 303)


def _talk(work: Work, uid: str) -> CommentPage:
    before, thread = (request.args.get(name, type=int) for name in ("before", "thread"))
    return threads.comments(work, viewer(), uid, before, thread)


def cheer(uid: str) -> Any:
    """Cheer, or take the cheer back: what the form says, however often it is sent."""
    with bridge().store.work() as work:
        if request.form.get("cheer") == "no":
            write.uncheer(work, viewer(), uid)
        else:
            write.cheer(work, viewer(), uid, now())
        item = read.one(work, viewer(), uid)
    if in_place():
        return render_template("_cheer.html", item=item)
    return back(url_for("feed.activity", uid=uid))


def comments(uid: str) -> Any:
    """What was said about an activity, to stand under it in a feed."""
    with bridge().store.reading() as work:
        item = read.one(work, viewer(), uid)
        talk = _talk(work, uid)
    return render_template("_talk.html", item=item, talk=talk, opened=True)


def comment(uid: str) -> Any:
    """Comment on an activity, or answer a comment."""
    reply_to = request.form.get("reply_to", type=int)

    def act() -> None:
        with bridge().store.work() as work:
            write.comment(
                work,
                viewer(),
                uid,
                request.form.get("text", ""),
                now(),
                reply_to=reply_to,
                chosen=here.mentioned(),
            )

    page = comments if in_place() else activity
    name = "feed.comments" if in_place() else "feed.activity"
    done = url_for(name, uid=uid, _anchor=None if in_place() else "comments")
    form = f"comment-{uid}" if reply_to is None else f"reply-{reply_to}"
    return attempt(form, act, lambda: page(uid), done)


def remove_comment(comment_id: int) -> Any:
    """Take one's own comment away."""
    with bridge().store.work() as work:
        write.remove_comment(work, viewer(), comment_id)
    return back(url_for("feed.home"))


def remove(uid: str) -> Any:
    """Take one's own post away, here and where it was delivered to."""
    flow.remove_post(bridge().store, bridge().clock, viewer(), uid)
    return back(url_for("feed.home"), gone=url_for("feed.activity", uid=uid))


def hide(uid: str) -> Any:
    """Hide what this item says about the person who looks, from everybody else."""
    with bridge().store.reading() as work:
        mine = read.one(work, viewer(), uid).my_completion_id
    if mine is None:
        raise NotFound("Nothing in this item is about you.")
    flow.hide_item(bridge().store, bridge().clock, viewer(), mine, True)
    flash(gettext("Hidden. Nobody but you sees that you finished it."))
    return back(url_for("people.sharing"), gone=url_for("feed.activity", uid=uid))


def course(course_id: int) -> Any:
    """What people of a course tell one another, and what was told about it."""
    with bridge().store.reading() as work:
        page = read.course_feed(work, viewer(), course_id, request.args.get("before"))
        shown = surroundings.course(work, viewer(), course_id)
        over = topics.over(work, course_id)
        around = surroundings.surroundings(work, viewer())
    return render_template("course.html", page=page, course=shown, over=over, around=around)


def team(team_id: int) -> Any:
    """What a team tells."""
    with bridge().store.reading() as work:
        page = read.team_feed(work, viewer(), team_id, request.args.get("before"))
        shown = surroundings.team(work, team_id)
        around = surroundings.surroundings(work, viewer())
    return render_template("team.html", page=page, team=shown, around=around)
