"""What the feed room reads and writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.model import Activity, Team
from bridge.storage import feed_entries, feed_ranges, feed_steps, touched
from bridge.storage import tables as t
from bridge.storage.feed_beside import NAMES, Beside, Named, Said
from bridge.storage.feed_entries import Entry
from bridge.storage.feed_ranges import Position
from bridge.storage.feed_steps import Step, Steps
from bridge.storage.ready import Ready
from bridge.storage.rows import activity, activity_columns
from bridge.storage.statements import insert

KEPT = 10_000
"""Touches that stay: every process that serves pages has heard of those before."""


@dataclass(frozen=True)
class NewPost:
    """What a post is before it has an id."""

    uid: str
    connection_id: int
    audience: str
    actor_id: int
    text: str
    question: bool
    at: datetime


class FeedRepository(Beside):
    """Reads activities and all that stands beside them; keeps what people say there."""

    def __init__(self, sql: SqlConnection, ready: Ready) -> None:
        super().__init__(sql)
        self.ready = ready

    # --- which activities ----------------------------------------------------------------------

    def home(
        self, audiences: Sequence[str], before: Position | None, limit: int, viewer_id: int
    ) -> Steps:
        """The newest activities of any of the audiences."""
        return feed_steps.home(self.sql, self.ready, audiences, before, limit, viewer_id)

    def forget_touches(self, keep: int = KEPT) -> int:
        """Forget what was touched long ago: how many rows; see :func:`touched.forget`."""
        return touched.forget(self.sql, keep)

    def course(
        self,
        course_id: int,
        audiences: Sequence[str],
        before: Position | None,
        limit: int,
        viewer_id: int,
    ) -> list[Entry]:
        """The newest of the audiences' activities that are about a course or told to its people."""
        ids = feed_ranges.course(course_id, audiences, before, limit)
        return feed_entries.read(self.sql, ids, viewer_id)

    def courses_feed(
        self,
        course_ids: Sequence[int],
        audiences: Sequence[str],
        before: Position | None,
        limit: int,
        viewer_id: int,
    ) -> list[Entry]:
        """The newest of the audiences' activities about any of the courses, or to their people."""
        if not course_ids:
            return []
        ids = feed_ranges.courses(self.sql, course_ids, audiences, before, limit)
        return feed_entries.read(self.sql, ids, viewer_id)

    def person(
        self,
        person_id: int,
        audiences: Sequence[str],
        before: Position | None,
        limit: int,
        viewer_id: int,
    ) -> list[Entry]:
        """The newest of the audiences' activities in which a person is named, or is the actor."""
        ids = feed_ranges.person(person_id, audiences, before, limit)
        return feed_entries.read(self.sql, ids, viewer_id)

    def team(
        self,
        team: Team,
        everyone: str,
        before: Position | None,
        limit: int,
        viewer_id: int,
        *,
        large: bool,
    ) -> list[Entry]:
        """The newest activities told to a team, or to ``everyone`` naming one of its people."""
        ids = feed_ranges.team(team.id, everyone, before, limit, large=large)
        return feed_entries.read(self.sql, ids, viewer_id)

    def entry(self, uid: str, viewer_id: int) -> Entry | None:
        """The activity with what stands beside it, gone or not."""
        return feed_entries.one(self.sql, uid, viewer_id)

    def entries(self, activity_ids: Collection[int], viewer_id: int) -> list[Entry]:
        """The activities of these ids with what stands beside them, gone or not, newest first."""
        a = t.activities.c
        return feed_entries.read(self.sql, select(a.id).where(a.id.in_(activity_ids)), viewer_id)

    def by_uid(self, uid: str) -> Activity | None:
        """The activity, gone or not."""
        row = self.sql.execute(select(*activity_columns()).where(t.activities.c.uid == uid)).first()
        return None if row is None else activity(row)

    # --- what people say -----------------------------------------------------------------------

    def cheer(self, activity_id: int, person_id: int, now: datetime) -> None:
        """Keep one cheer a person; a second changes nothing."""
        row = {"activity_id": activity_id, "person_id": person_id, "at": now}
        self.sql.execute(insert(self.sql, t.reactions).on_conflict_do_nothing(), row)

    def uncheer(self, activity_id: int, person_id: int) -> None:
        """Take the person's cheer away, if there is one."""
        r = t.reactions
        self.sql.execute(
            r.delete().where(r.c.activity_id == activity_id, r.c.person_id == person_id)
        )

    def add(self, post: NewPost) -> Activity:
        """Keep a post as a new activity."""
        row = {
            "uid": post.uid,
            "connection_id": post.connection_id,
            "kind": "post",
            "audience": post.audience,
            "actor_id": post.actor_id,
            "text": post.text,
            "question": post.question,
            "published": post.at,
            "updated": post.at,
        }
        new = self.sql.execute(t.activities.insert().returning(*activity_columns()), row).one()
        return activity(new)


__all__ = ["NAMES", "Entry", "FeedRepository", "Named", "NewPost", "Position", "Said", "Step"]
