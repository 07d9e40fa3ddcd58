"""What stands in several answers: people, courses, items of a feed, pages."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from bridge.activitystreams import headline
from bridge.model import CommentPage, CommentView, FeedItem, FeedPage, Kind
from bridge.web.api.fields import Asked, IdentInJson, Moment, Shape, Whole, Words, shape
from bridge.web.here import bridge

A_PAGE = 20
MOST = 100


class Person(Shape):
    """Somebody who may be named to you."""

    id = fields.Integer(required=True, metadata={"example": 12})
    name = fields.String(required=True, metadata={"example": "Bob Brown"})


class CourseShape(Shape):
    """A course of the LMS."""

    id = fields.Integer(required=True, metadata={"example": 5})
    name = fields.String(required=True, metadata={"example": "Giving feedback"})
    url = fields.String(required=True, metadata={"description": "Its page in the LMS."})
    category = fields.String(required=True)


class Item(Shape):
    """Something that was told to an audience, as you may see it."""

    uid = fields.String(required=True, metadata={"format": "uuid"})
    kind = fields.String(required=True, metadata={"enum": [str(kind) for kind in Kind]})
    headline = fields.String(
        required=True, metadata={"example": "Bob Brown and 7 others finished Giving feedback"}
    )
    text = fields.String(required=True)
    url = fields.String(required=True, metadata={"description": "Its page here."})
    audience = fields.String(required=True, metadata={"example": "team:3"})
    audience_name = fields.String(required=True)
    published = Moment(required=True)
    updated = Moment(required=True)
    edited = Moment(required=True, allow_none=True)
    question = fields.Boolean(required=True)
    actor = fields.Nested(Person, required=True, allow_none=True)
    behalf_of = fields.Nested(Person, required=True, allow_none=True)
    names = fields.List(fields.Nested(Person), required=True)
    others = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many more did the same; null where a rule hides it."},
    )
    course = fields.Nested(CourseShape, required=True, allow_none=True)
    cheers = fields.Integer(required=True)
    cheered = fields.Boolean(required=True)
    comments = fields.Integer(required=True)
    about_me = fields.Boolean(required=True)
    my_completion_id = fields.Integer(required=True, allow_none=True)


class Comment(Shape):
    """What somebody said about an item; without words where it was taken away."""

    id = fields.Integer(required=True)
    author = fields.Nested(Person, required=True, allow_none=True)
    text = fields.String(required=True)
    at = Moment(required=True, allow_none=True)
    edited = Moment(required=True, allow_none=True)
    mine = fields.Boolean(required=True)
    answers_to = fields.Integer(required=True, allow_none=True)
    replies = fields.List(fields.Nested(lambda: Comment()), required=True)
    earlier = fields.Integer(required=True, metadata={"description": "Replies before these."})


class Comments(Shape):
    """Threads in the order in which they began, the newest last."""

    items = fields.List(fields.Nested(Comment), required=True)
    before = fields.Integer(
        required=True, allow_none=True, metadata={"description": "For the page of earlier ones."}
    )


class CommentsAsked(Asked):
    """Which comments."""

    before = Whole(metadata={"description": "What the page before gave."})
    thread = Whole(metadata={"description": "The comment whose replies are asked for."})


class Paged(Asked):
    """Which page of a feed."""

    before = Words(most=200, metadata={"description": "What the page before gave as `before`."})
    limit = Whole(most=MOST, load_default=A_PAGE)


class Items(Shape):
    """A page of a feed, the newest first."""

    items = fields.List(fields.Nested(Item), required=True)
    before = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The next page's `before`; null on the last."},
    )


class Saying(Shape):
    """Words, and whom they mention."""

    text = Words(required=True, least=1, metadata={"example": "How did you settle it?"})
    mentions = fields.List(IdentInJson(), load_default=list, validate=validate.Length(max=100))


@cache
def list_of(one: type[Schema]) -> type[Schema]:
    """A list as an object, so that more can be said beside it one day."""
    its = fields.List(fields.Nested(one), required=True)
    return shape(f"{one.__name__}List", str(one.__doc__), items=its)


# --- as what it is answered ----------------------------------------------------------------------


def item(found: FeedItem) -> dict[str, Any]:
    """An item of a feed."""
    activity, course = found.activity, found.course
    return {
        "uid": activity.uid,
        "kind": str(activity.kind),
        "headline": headline(
            activity,
            actor=found.actor,
            names=found.names,
            named=found.named,
            others=found.others,
            course=course,
            discussion=found.discussion,
            site_name="",
            behalf_of=found.behalf_of,
            about=found.about,
        ),
        "text": activity.text or (found.discussion.text if found.discussion else ""),
        "url": bridge().link(f"/a/{activity.uid}"),
        "audience": activity.audience.key,
        "audience_name": found.audience_name,
        "published": activity.published,
        "updated": activity.updated,
        "edited": activity.edited_at,
        "question": activity.question,
        "actor": found.actor,
        "behalf_of": found.behalf_of,
        "names": found.names,
        "others": found.others,
        "course": course,
        "cheers": found.reactions,
        "cheered": found.reacted,
        "comments": found.comments,
        "about_me": found.about_me,
        "my_completion_id": found.my_completion_id,
    }


def items(page: FeedPage) -> dict[str, Any]:
    """A page of a feed."""
    return {"items": [item(one) for one in page.items], "before": page.before}


def comment(found: CommentView) -> dict[str, Any]:
    """A comment, with the replies to it."""
    return {
        "id": found.id,
        "author": found.author,
        "text": found.text,
        "at": found.at,
        "edited": found.edited_at,
        "mine": found.mine,
        "answers_to": found.parent_id,
        "replies": [comment(one) for one in found.replies],
        "earlier": found.earlier,
    }


def comments(page: CommentPage) -> dict[str, Any]:
    """Threads."""
    return {"items": [comment(one) for one in page.threads], "before": page.before}
