"""Saying: posts, comments, cheers, reports."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge import flow
from bridge.errors import InputError, NotFound
from bridge.feed import moderate, read, write
from bridge.model import Audience
from bridge.web.api import shapes
from bridge.web.api.fields import Flag, IdentInJson, Shape, Words
from bridge.web.here import bridge, now, viewer


class PostSaid(shapes.Saying):
    """What you say, and to whom."""

    audience = Words(required=True, least=1, most=40, metadata={"example": "team:3"})
    question = Flag(load_default=False)


class CommentSaid(shapes.Saying):
    """What you say about it."""

    reply_to = IdentInJson(
        load_default=None, allow_none=True, metadata={"description": "The comment you answer."}
    )


class CheerSaid(Shape):
    """Whether you cheer."""

    cheer = Flag(required=True)


class ReportSaid(Shape):
    """Why a moderator should look at it."""

    reason = Words(required=True, least=1, most=moderate.LONGEST_REASON)
    comment_id = IdentInJson(load_default=None, allow_none=True)


class Made(Shape):
    """What was made."""

    uid = fields.String(required=True)


class CommentMade(Shape):
    """What was made."""

    id = fields.Integer(required=True)


def audience_of(key: str) -> Audience:
    """The audience of that key.

    :raises InputError: if it is none.
    """
    try:
        return Audience.of(key)
    except ValueError as error:
        raise InputError("That audience is not one of yours.", "Take one from a feed.") from error


def post(said: dict[str, Any]) -> Any:
    """Say something to an audience."""
    made = flow.post(
        bridge().store,
        bridge().clock,
        viewer(),
        said["text"],
        audience_of(said["audience"]),
        said["question"],
        chosen=said["mentions"],
    )
    return {"uid": made.uid}


def change(uid: str, said: dict[str, Any]) -> Any:
    """Put a post or share of yours into other words."""
    store, clock = bridge().store, bridge().clock
    flow.edit_post(store, clock, viewer(), uid, said["text"], chosen=said["mentions"])
    with store.reading() as work:
        return shapes.item(read.one(work, viewer(), uid))


def remove(uid: str) -> None:
    """Take a post of yours away, here and where it was delivered to."""
    flow.remove_post(bridge().store, bridge().clock, viewer(), uid)


def cheer(uid: str, said: dict[str, Any]) -> Any:
    """Cheer, or take your cheer back."""
    with bridge().store.work() as work:
        if said["cheer"]:
            write.cheer(work, viewer(), uid, now())
        else:
            write.uncheer(work, viewer(), uid)
        return shapes.item(read.one(work, viewer(), uid))


def comment(uid: str, said: dict[str, Any]) -> Any:
    """Comment on an item, or answer a comment."""
    with bridge().store.work() as work:
        made = write.comment(
            work,
            viewer(),
            uid,
            said["text"],
            now(),
            reply_to=said["reply_to"],
            chosen=said["mentions"],
        )
    return {"id": made.id}


def change_comment(comment_id: int, said: dict[str, Any]) -> None:
    """Put a comment of yours into other words."""
    with bridge().store.work() as work:
        write.edit_comment(work, viewer(), comment_id, said["text"], now(), chosen=said["mentions"])


def remove_comment(comment_id: int) -> None:
    """Take a comment of yours away."""
    with bridge().store.work() as work:
        write.remove_comment(work, viewer(), comment_id)


def report(uid: str, said: dict[str, Any]) -> None:
    """Tell the moderators; they do not learn who it was."""
    with bridge().store.work() as work:
        moderate.report(work, viewer(), uid, said["comment_id"], said["reason"], now())


def hide(uid: str) -> None:
    """Hide what an item says about you from everybody else."""
    with bridge().store.reading() as work:
        mine = read.one(work, viewer(), uid).my_completion_id
    if mine is None:
        raise NotFound("Nothing in this item is about you.")
    flow.hide_item(bridge().store, bridge().clock, viewer(), mine, True)
