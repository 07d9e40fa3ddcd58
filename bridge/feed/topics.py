"""Topics: what a person follows, and what is told about it.

A topic is a course, a category of courses, or a tag. Following one opens nothing: its feed holds
what is told to the viewer's audiences about courses that the LMS shows, like every feed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bridge.errors import InputError, NotFound
from bridge.feed.look import looked_up
from bridge.model import FeedPage, Viewer
from bridge.storage import Work
from bridge.visibility import may_see_course, visible_keys

MOST = 200
"""Topics that a person may follow."""
COURSES = 1_000
"""Courses that one feed of topics is read from, the newest of them."""
LONGEST_TAG = 100
_LARGEST_ID = 2**31 - 1
_KINDS = ("course", "category", "tag")


@dataclass(frozen=True)
class Topic:
    """A course, a category or a tag that can be followed."""

    key: str
    """``course:5``, ``category:3``, ``tag:onboarding``."""
    name: str

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]

    @property
    def value(self) -> str:
        """What stands behind the kind: an id, or a tag's word."""
        return self.key.partition(":")[2]


def follow(work: Work, viewer: Viewer, key: str, now: datetime) -> Topic:
    """Follow a topic; once is as good as twice.

    :raises NotFound: if there is no such topic that the viewer may see.
    :raises InputError: if they follow :data:`MOST` already.
    """
    (topic, _) = _shown(work, viewer, key)
    followed = work.topics.followed(viewer.person_id)
    if key not in followed and len(followed) >= MOST:
        raise InputError(f"You follow {MOST} topics already.", "Stop following one of them first.")
    work.topics.follow(viewer.person_id, topic.key, now)
    return topic


def unfollow(work: Work, viewer: Viewer, key: str) -> None:
    """Follow it no more, whether or not it is still there."""
    work.topics.unfollow(viewer.person_id, key)


def followed(work: Work, viewer: Viewer) -> list[Topic]:
    """The topics that the viewer follows, as far as they may see them, by kind and name."""
    keys = work.topics.followed(viewer.person_id)
    of = _sorted_out(keys)
    courses = work.feed.courses(of.courses) if of.courses else {}
    found = [
        Topic(f"course:{course.id}", course.name)
        for course in courses.values()
        if may_see_course(viewer, course)
    ]
    if of.categories:
        names = work.topics.categories(viewer.connection_id, of.categories)
        found += [Topic(f"category:{ident}", name) for ident, name in names.items()]
    found += [Topic(f"tag:{word}", word) for word in of.tags]
    return sorted(found, key=lambda topic: (_KINDS.index(topic.kind), topic.name.casefold()))


def over(work: Work, course_id: int) -> list[Topic]:
    """The topics that a course stands under: its category and its tags."""
    return [Topic(key, name) for key, name in work.topics.over(course_id)]


def feed(
    work: Work, viewer: Viewer, before: str | None = None, limit: int = 20
) -> tuple[FeedPage, list[int]]:
    """What is told about everything that the viewer follows, and the ids of the courses it is.

    :raises InputError: if ``before`` is no cursor.
    """
    of = _sorted_out(work.topics.followed(viewer.person_id))
    ids = _courses(work, viewer, of)
    return _page(work, viewer, ids, before, limit), ids


def feed_of(
    work: Work, viewer: Viewer, key: str, before: str | None = None, limit: int = 20
) -> tuple[Topic, FeedPage, list[int]]:
    """A topic, what is told about it, and the ids of its courses.

    :raises NotFound: if there is no such topic that the viewer may see.
    :raises InputError: if ``before`` is no cursor.
    """
    topic, ids = _shown(work, viewer, key)
    return topic, _page(work, viewer, ids, before, limit), ids


def _page(work: Work, viewer: Viewer, ids: list[int], before: str | None, limit: int) -> FeedPage:
    keys = visible_keys(viewer)
    return looked_up(
        work,
        viewer,
        lambda at, size: work.feed.courses_feed(ids, keys, at, size, viewer.person_id),
        before,
        limit,
    )


def _shown(work: Work, viewer: Viewer, key: str) -> tuple[Topic, list[int]]:
    """The topic with its courses: one without a course that the viewer sees is not there."""
    of = _sorted_out([key])
    ids = _courses(work, viewer, of)
    name = ""
    if ids and of.tags:
        name = of.tags[0]
    elif ids and of.categories:
        names = work.topics.categories(viewer.connection_id, of.categories)
        name = names.get(of.categories[0], "")
    elif ids:
        name = work.feed.courses(ids)[ids[0]].name
    if not name:
        raise NotFound("There is no such topic.", "It may have been hidden in the LMS.")
    return Topic(key, name), ids


def _courses(work: Work, viewer: Viewer, of: _Sorted) -> list[int]:
    if not (of.courses or of.categories or of.tags):
        return []
    return work.topics.courses(viewer.connection_id, of.courses, of.categories, of.tags, COURSES)


@dataclass(frozen=True)
class _Sorted:
    """Keys by their kind; what is no key is left out."""

    courses: list[int]
    categories: list[int]
    tags: list[str]


def _sorted_out(keys: Collection[str]) -> _Sorted:
    parts = [(kind, value) for kind, _, value in (key.partition(":") for key in sorted(keys))]

    def ids(wanted: str) -> list[int]:
        numbers = [int(v) for k, v in parts if k == wanted and re.fullmatch(r"[1-9][0-9]{0,9}", v)]
        return [number for number in numbers if number <= _LARGEST_ID]

    tags = [v for k, v in parts if k == "tag" and 0 < len(v) <= LONGEST_TAG and v.isprintable()]
    return _Sorted(ids("course"), ids("category"), tags)
