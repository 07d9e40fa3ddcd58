"""Reading: feeds, items, comments, people, topics and what is found."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from bridge.errors import InputError
from bridge.feed import places, read, search, threads, topics, write
from bridge.mentions import spoken
from bridge.model import Audience, PersonCard
from bridge.web.api import shapes
from bridge.web.api.fields import Asked, Shape, Words, one_of
from bridge.web.gate import roles_of
from bridge.web.here import bridge, now, viewer


class TeamShape(Shape):
    """A team of yours."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    leads = fields.Boolean(required=True, metadata={"description": "Whether you lead it."})


class Me(Shape):
    """Whose token it is."""

    id = fields.Integer(required=True, metadata={"example": 12})
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    teams = fields.List(fields.Nested(TeamShape), required=True)
    timezone = fields.String(required=True, allow_none=True)


class Topic(Shape):
    """A course, a category or a tag that can be followed."""

    topic = fields.String(required=True, metadata={"example": "course:5"})
    name = fields.String(required=True)


class Found(shapes.Items):
    """What was found, below the courses of that name."""

    courses = fields.List(fields.Nested(shapes.CourseShape), required=True)


class SearchAsked(shapes.Paged):
    """What is looked for."""

    q = Words(required=True, most=search.LONGEST)


class NamesAsked(Asked):
    """The beginning of a name, and who would read it."""

    q = Words(required=True, least=1, most=60)
    audience = Words(required=True, most=40, metadata={"example": "team:3"})


class FollowSaid(Shape):
    """A topic, and whether you follow it."""

    topic = Words(required=True, least=1, most=80)
    follow = one_of(["yes", "no"], required=True)


class PlaceSaid(Shape):
    """How far you have read."""

    to = Words(required=True, most=200)


def me() -> Any:
    """Whose token it is."""
    looking = viewer()
    with bridge().store.reading() as work:
        teams = work.feed.teams(sorted(looking.team_ids | looking.led_team_ids))
    return {
        "id": looking.person_id,
        "name": looking.name,
        "roles": sorted(roles_of(looking)),
        "teams": [
            {"id": team.id, "name": team.name, "leads": team.id in looking.led_team_ids}
            for team in teams.values()
        ],
        "timezone": looking.timezone,
    }


def home(asked: dict[str, Any]) -> Any:
    """The home feed."""
    with bridge().store.reading() as work:
        return shapes.items(read.home(work, viewer(), **_page(asked)))


def course(course_id: int, asked: dict[str, Any]) -> Any:
    """What is told about a course."""
    with bridge().store.reading() as work:
        return shapes.items(read.course_feed(work, viewer(), course_id, **_page(asked)))


def team(team_id: int, asked: dict[str, Any]) -> Any:
    """What a team tells."""
    with bridge().store.reading() as work:
        return shapes.items(read.team_feed(work, viewer(), team_id, **_page(asked)))


def person(person_id: int, asked: dict[str, Any]) -> Any:
    """What a person tells, as far as you may see it."""
    with bridge().store.reading() as work:
        return shapes.items(read.person_feed(work, viewer(), person_id, **_page(asked)))


def category(category_id: int, asked: dict[str, Any]) -> Any:
    """What is told about a category's courses."""
    return _topic(f"category:{category_id}", asked)


def tag(word: str, asked: dict[str, Any]) -> Any:
    """What is told about the courses that bear a tag."""
    return _topic(f"tag:{word}", asked)


def followed_feed(asked: dict[str, Any]) -> Any:
    """What is told about everything that you follow."""
    with bridge().store.reading() as work:
        return shapes.items(topics.feed(work, viewer(), **_page(asked))[0])


def followed() -> Any:
    """What you follow."""
    with bridge().store.reading() as work:
        return {"items": [_said(topic) for topic in topics.followed(work, viewer())]}


def follow(said: dict[str, Any]) -> Any:
    """Follow a topic, or follow it no more."""
    with bridge().store.work() as work:
        if said["follow"] == "no":
            topics.unfollow(work, viewer(), said["topic"])
        else:
            topics.follow(work, viewer(), said["topic"], now())
        return {"items": [_said(topic) for topic in topics.followed(work, viewer())]}


def activity(uid: str) -> Any:
    """One item."""
    with bridge().store.reading() as work:
        return shapes.item(read.one(work, viewer(), uid))


def comments(uid: str, asked: dict[str, Any]) -> Any:
    """What was said about an item."""
    with bridge().store.reading() as work:
        found = threads.comments(work, viewer(), uid, asked.get("before"), asked.get("thread"))
        return shapes.comments(found)


def find(asked: dict[str, Any]) -> Any:
    """Search."""
    words, before = search.words(asked["q"]), asked.get("before")
    with bridge().store.reading() as work:
        named = search.courses(work, viewer(), words)
        page = search.find(work, viewer(), words, named, before, asked["limit"])
        return {**shapes.items(page), "courses": [] if before else named}


def names(asked: dict[str, Any]) -> Any:
    """Whom you can mention to an audience."""
    typed = " ".join(asked["q"].split())
    try:
        audience = Audience.of(asked["audience"])
    except ValueError as error:
        raise InputError("That audience is not one of yours.") from error
    with bridge().store.reading() as work:
        may = typed and write.may_address(work, viewer(), audience)
        people = work.mentions.offered(viewer(), audience, typed) if may else []
    return {"items": [PersonCard(card.id, spoken(card.name)) for card in people]}


def mark_read(said: dict[str, Any]) -> None:
    """Note how far you have read."""
    with bridge().store.work() as work:
        places.mark(work, viewer(), said["to"], now())


def _page(asked: dict[str, Any]) -> dict[str, Any]:
    return {"before": asked.get("before"), "limit": asked["limit"]}


def _topic(key: str, asked: dict[str, Any]) -> Any:
    with bridge().store.reading() as work:
        return shapes.items(topics.feed_of(work, viewer(), key, **_page(asked))[1])


def _said(topic: topics.Topic) -> dict[str, str]:
    return {"topic": topic.key, "name": topic.name}
