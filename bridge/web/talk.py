"""Putting one's own words into others, reporting others', and whom one can mention."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, render_template, request, url_for
from flask_babel import gettext

from bridge import flow
from bridge.errors import InputError
from bridge.feed import moderate, write
from bridge.feed.named import worded
from bridge.mentions import spoken
from bridge.model import Audience
from bridge.web import here
from bridge.web.here import attempt, bridge, now, viewer

TYPED = 60
"""Characters of a name that are looked for."""


def edit(uid: str) -> Any:
    """My own post or share, to be put into other words."""
    with bridge().store.reading() as work:
        before = write.own_post(work, viewer(), uid)
        text = worded(work, viewer(), before.id, None, before.text)
    return render_template(
        "edit.html",
        text=text,
        audience=before.audience.key,
        action=url_for("talk.change", uid=uid),
        back=url_for("feed.activity", uid=uid),
    )


def change(uid: str) -> Any:
    """Put it into other words; where it was delivered to follows."""

    def act() -> None:
        text = request.form.get("text", "")
        flow.edit_post(bridge().store, bridge().clock, viewer(), uid, text, chosen=here.mentioned())

    return attempt("edit", act, lambda: edit(uid), url_for("feed.activity", uid=uid))


def edit_comment(comment_id: int) -> Any:
    """My own comment, to be put into other words."""
    with bridge().store.reading() as work:
        before = write.own_comment(work, viewer(), comment_id)
        text = worded(work, viewer(), before.activity.id, before.id, before.text)
    return render_template(
        "edit.html",
        text=text,
        audience=before.activity.audience.key,
        action=url_for("talk.change_comment", comment_id=comment_id),
        back=_place(before.activity.uid, comment_id),
    )


def change_comment(comment_id: int) -> Any:
    """Put my comment into other words."""
    with bridge().store.reading() as work:
        uid = write.own_comment(work, viewer(), comment_id).activity.uid

    def act() -> None:
        text = request.form.get("text", "")
        with bridge().store.work() as work:
            write.edit_comment(work, viewer(), comment_id, text, now(), chosen=here.mentioned())

    return attempt("edit", act, lambda: edit_comment(comment_id), _place(uid, comment_id))


def why(uid: str) -> Any:
    """Why I report an item, or with ``?comment=`` a comment on it."""
    comment_id = request.args.get("comment", type=int)
    with bridge().store.reading() as work:
        words = moderate.reportable(work, viewer(), uid, comment_id)
        text = worded(work, viewer(), words.activity_id, comment_id, words.text)
    return render_template("report.html", words=words, text=text)


def report(uid: str) -> Any:
    """Tell the moderators."""
    comment_id = request.args.get("comment", type=int)

    def act() -> None:
        reason = request.form.get("reason", "")
        with bridge().store.work() as work:
            moderate.report(work, viewer(), uid, comment_id, reason, now())
        flash(gettext("Thank you. A moderator will look at it, and will not learn who told them."))

    done = url_for("feed.activity", uid=uid)
    return attempt("report", act, lambda: why(uid), done)


def names() -> Any:
    """Whom I can mention to an audience, of those whose name begins with what I typed."""
    typed = " ".join(request.args.get("q", "").split())[:TYPED]
    with bridge().store.reading() as work:
        audience = _audience()
        may = typed and write.may_address(work, viewer(), audience)
        people = work.mentions.offered(viewer(), audience, typed) if may else []
    return jsonify([{"id": card.id, "name": spoken(card.name)} for card in people])


def _audience() -> Audience:
    try:
        return Audience.of(request.args.get("audience", ""))
    except ValueError as error:
        raise InputError("That audience is not one of yours.") from error


def _place(uid: str, comment_id: int) -> str:
    return url_for("feed.activity", uid=uid, _anchor=f"c-{comment_id}")
