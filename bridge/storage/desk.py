"""What the desk reads and writes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    literal,
    select,
)

from bridge.model import (
    Activity,
    Audience,
    Course,
    Discussion,
    Kind,
    Standing,
    Viewer,
)
from bridge.storage import tables as t
from bridge.storage.rows import activity, activity_columns, columns, entity
from bridge.storage.shares import Shares


@dataclass(frozen=True)
class SuggestionRow:
    """What a decision about a suggestion depends on."""

    id: int
    leader_id: int
    course_id: int | None
    about_id: int | None
    state: str
    activity_id: int | None


@dataclass(frozen=True)
class Asked:
    """A discussion that stands in the LMS, with its course."""

    discussion: Discussion
    course: Course


class DeskRepository(Shares):
    """Writes shares, replies and decisions; reads what became of shares."""

    def hold_person(self, person_id: int) -> None:
        """One act at a time: another transaction of this person waits until this one ends.

        SQLite has one writer at a time anyway, and takes this for a plain read.
        """
        p = t.people
        self.sql.execute(
            select(p.c.id).where(p.c.id == person_id).with_for_update(key_share=True)
        ).first()

    def hold_discussion(self, discussion_id: int) -> Asked | None:
        """The discussion, held as :meth:`hold_person` does, unless it is gone or the bridge's."""
        d = t.discussions
        row = self.sql.execute(
            select(
                *columns(d, Discussion, "d_"),
                # Whether the author may be named plays no part in an answer.
                literal("").label("d_author_name"),
                *columns(t.courses, Course, "c_"),
            )
            .select_from(d)
            .join(t.courses, t.courses.c.id == d.c.course_id)
            .where(d.c.id == discussion_id, d.c.gone.is_(False), d.c.ours.is_(False))
            .with_for_update(key_share=True, of=d)
        ).first()
        if row is None:
            return None
        return Asked(entity(Discussion, row, "d_"), entity(Course, row, "c_"))

    def answered(self, discussion_id: int, now: datetime) -> None:
        """The discussion has its answer; the time of an earlier one stays."""
        d = t.discussions
        self.sql.execute(
            d.update()
            .where(d.c.id == discussion_id, d.c.answered_at.is_(None))
            .values(answered_at=now)
        )

    def course(self, course_id: int) -> Course | None:
        row = self.sql.execute(
            select(*columns(t.courses, Course)).where(t.courses.c.id == course_id)
        ).first()
        return None if row is None else entity(Course, row)

    def activity(self, uid: str) -> Activity | None:
        row = self.sql.execute(select(*activity_columns()).where(t.activities.c.uid == uid)).first()
        return None if row is None else activity(row)

    def same(
        self,
        kind: Kind,
        actor_id: int,
        *,
        audience: Audience,
        text: str,
        since: datetime,
        course_id: int | None = None,
        about_id: int | None = None,
        discussion_id: int | None = None,
        behalf_of_id: int | None = None,
    ) -> Activity | None:
        """The first activity since then in which the person said this, and that still stands."""
        a = t.activities
        about = (
            a.c.discussion_id == discussion_id
            if discussion_id is not None
            else a.c.about_id == about_id
            if about_id is not None
            else a.c.course_id == course_id
        )
        row = self.sql.execute(
            select(*activity_columns())
            .where(
                a.c.kind == kind.value,
                a.c.actor_id == actor_id,
                a.c.behalf_of_id.is_(None)
                if behalf_of_id is None
                else a.c.behalf_of_id == behalf_of_id,
                a.c.audience == audience.key,
                about,
                a.c.text == text,
                a.c.published >= since,
                a.c.gone.is_(False),
            )
            .order_by(a.c.published, a.c.id)
            .limit(1)
        ).first()
        return None if row is None else activity(row)

    def write(
        self,
        kind: Kind,
        viewer: Viewer,
        *,
        audience: Audience,
        text: str,
        now: datetime,
        course_id: int | None = None,
        about_id: int | None = None,
        discussion_id: int | None = None,
        title: str = "",
        behalf_of_id: int | None = None,
    ) -> Activity:
        """A new activity of the viewer's, in its first revision."""
        row = self.sql.execute(
            t.activities.insert()
            .values(
                uid=str(uuid.uuid4()),
                connection_id=viewer.connection_id,
                kind=kind.value,
                audience=audience.key,
                actor_id=viewer.person_id,
                behalf_of_id=behalf_of_id,
                course_id=course_id,
                about_id=about_id,
                discussion_id=discussion_id,
                title=title,
                text=text,
                published=now,
                updated=now,
            )
            .returning(*activity_columns())
        ).one()
        return activity(row)

    def take_back(self, activity_id: int, now: datetime) -> Activity | None:
        """The activity is gone from now on, in a revision of its own; ``None`` if it was before."""
        a = t.activities
        row = self.sql.execute(
            a.update()
            .where(a.c.id == activity_id, a.c.standing != Standing.REMOVED.value)
            .values(
                gone=True,
                standing=Standing.REMOVED.value,
                revision=a.c.revision + 1,
                updated=now,
            )
            .returning(*activity_columns())
        ).first()
        return None if row is None else activity(row)

    def suggestion(self, suggestion_id: int) -> SuggestionRow | None:
        s = t.suggestions
        row = self.sql.execute(
            select(*columns(s, SuggestionRow)).where(s.c.id == suggestion_id)
        ).first()
        return None if row is None else entity(SuggestionRow, row)

    def decide(
        self,
        suggestion_id: int,
        state: str,
        now: datetime | None,
        *,
        why: str = "",
        kind: str = "",
        activity_id: int | None = None,
    ) -> None:
        """What the leader decided about the suggestion."""
        s = t.suggestions
        self.sql.execute(
            s.update()
            .where(s.c.id == suggestion_id)
            .values(
                state=state,
                decided_at=now,
                decided_why=why,
                decided_kind=kind,
                activity_id=activity_id,
            )
        )

    def reopen(self, activity_id: int) -> None:
        """The suggestion that became this activity, if any, waits for a decision again."""
        s = t.suggestions
        self.sql.execute(
            s.update()
            .where(s.c.activity_id == activity_id)
            .values(
                state="open", decided_at=None, decided_why="", decided_kind="", activity_id=None
            )
        )
