"""Topics: courses, categories and tags that people follow, and the courses under them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, and_, or_, select

from bridge.storage import tables as t
from bridge.storage.statements import insert


class TopicRepository:
    """Reads and writes ``follows``, and reads what stands under a topic."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def followed(self, person_id: int) -> frozenset[str]:
        """The keys of the topics that the person follows."""
        f = t.follows.c
        return frozenset(self.sql.scalars(select(f.topic).where(f.person_id == person_id)))

    def follow(self, person_id: int, topic: str, now: datetime) -> None:
        """Keep that the person follows the topic; a second time changes nothing."""
        row = {"person_id": person_id, "topic": topic, "since": now}
        self.sql.execute(insert(self.sql, t.follows).on_conflict_do_nothing(), row)

    def unfollow(self, person_id: int, topic: str) -> None:
        """Delete that the person follows the topic."""
        f = t.follows
        self.sql.execute(f.delete().where(f.c.person_id == person_id, f.c.topic == topic))

    def courses(
        self,
        connection_id: int,
        course_ids: Collection[int],
        category_ids: Collection[int],
        tags: Collection[str],
        limit: int,
    ) -> list[int]:
        """The visible courses that are among these, in these categories, or bear these tags."""
        c = t.courses.c
        query = (
            select(c.id)
            .where(
                c.connection_id == connection_id,
                c.visible.is_(True),
                c.gone.is_(False),
                or_(
                    c.id.in_(course_ids),
                    c.category_lms_id.in_(_within(connection_id, category_ids)),
                    c.id.in_(
                        select(t.course_tags.c.course_id).where(t.course_tags.c.tag.in_(tags))
                    ),
                ),
            )
            .order_by(c.id.desc())
            .limit(limit)
        )
        return list(self.sql.scalars(query))

    def categories(self, connection_id: int, ids: Collection[int]) -> dict[int, str]:
        """The names of the categories that are still there, by our id."""
        c = t.categories.c
        query = select(c.id, c.name).where(
            c.connection_id == connection_id, c.id.in_(ids), c.gone.is_(False)
        )
        return {row.id: row.name for row in self.sql.execute(query)}

    def over(self, course_id: int) -> list[tuple[str, str]]:
        """Key and name of the course's category, and of its tags by name; one statement each."""
        c, k, tag = t.courses.c, t.categories.c, t.course_tags.c
        categories = self.sql.execute(
            select(k.id, k.name)
            .join(
                t.courses,
                and_(k.connection_id == c.connection_id, k.lms_id == c.category_lms_id),
            )
            .where(c.id == course_id, k.gone.is_(False))
        )
        found = [(f"category:{row.id}", row.name) for row in categories]
        tags = self.sql.scalars(select(tag.tag).where(tag.course_id == course_id).order_by(tag.tag))
        return found + [(f"tag:{word}", word) for word in tags]


def _within(connection_id: int, category_ids: Collection[int]) -> Select[Any]:
    """The LMS's ids of the categories and of all that are under them."""
    k, top = t.categories, t.categories.alias()
    under = and_(top.c.path != "", k.c.path.like(top.c.path + "/%"))
    return (
        select(k.c.lms_id)
        .join(top, or_(k.c.id == top.c.id, under))
        .where(
            top.c.id.in_(category_ids),
            top.c.connection_id == connection_id,
            k.c.connection_id == connection_id,
            k.c.gone.is_(False),
        )
    )
