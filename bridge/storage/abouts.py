"""The activities that shares and suggestions are about: whether each is there, and what it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import FromClause, and_, case, func, or_, select

from bridge.model import About, Audience, Kind
from bridge.storage import tables as t
from bridge.storage.statements import chunks

_FIELDS = ("id", "uid", "connection_id", "kind", "audience", "actor_id", "behalf_of_id")


class Joined:
    """An activity that something is about, with its course and discussion, as a statement has it.

    The names of its columns begin with ``about_``.
    """

    def __init__(self) -> None:
        self.activity = t.activities.alias("about")
        self.course = t.courses.alias("about_course")
        self.discussion = t.discussions.alias("about_discussion")

    def beside(self, start: Any, about_id: Any) -> Any:
        """``start`` with the activity of that id beside it, or nothing."""
        b, c, d = self.activity, self.course, self.discussion
        return (
            start.outerjoin(b, b.c.id == about_id)
            .outerjoin(c, c.c.id == b.c.course_id)
            .outerjoin(d, d.c.id == b.c.discussion_id)
        )

    def columns(self) -> list[Any]:
        """What :func:`about` and :func:`touched_by` read."""
        b = self.activity.c
        return [
            *(b[name].label(f"about_{name}") for name in _FIELDS),
            b.course_id.label("about_course_id"),
            b.discussion_id.label("about_discussion_id"),
            func.coalesce(self.course.c.name, "").label("about_course"),
            case((self.there(), 1), else_=0).label("about_there"),
        ]

    def there(self) -> Any:
        """Whether it stands: not gone, and nothing that it tells of is hidden in the LMS.

        A share tells of nothing but its own words, and stands without its course.
        """
        b, c, d = self.activity.c, self.course.c, self.discussion.c
        course = and_(c.visible.is_(True), c.gone.is_(False))
        return and_(
            b.gone.is_(False),
            or_(b.course_id.is_(None), b.kind == Kind.SHARE.value, course),
            or_(b.discussion_id.is_(None), and_(d.gone.is_(False), d.ours.is_(False))),
        )


def about(row: Any) -> About | None:
    """What the row is about; ``None`` if that is not there."""
    if row.about_id is None or not row.about_there:
        return None
    values = {name: getattr(row, f"about_{name}") for name in _FIELDS}
    values |= {"kind": Kind(row.about_kind), "audience": Audience.of(row.about_audience)}
    return About(**values, course=row.about_course)


def touched_by(row: Any) -> tuple[str, ...]:
    """What changes :func:`about`, in the words of ``touches``."""
    found = {
        "activity": row.about_id,
        "course": row.about_course_id,
        "discussion": row.about_discussion_id,
    }
    return tuple(f"{kind}:{ident}" for kind, ident in found.items() if ident is not None)


class AboutRepository:
    """Reads what things are about; keeps the titles of shares in step with it."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def one(self, activity_id: int) -> About | None:
        """The activity as something to be shared about; ``None`` if it is not there."""
        joined = Joined()
        b = joined.activity
        start: FromClause = joined.beside(t.activities, t.activities.c.id)
        query = select(*joined.columns()).select_from(start).where(b.c.id == activity_id)
        row = self.sql.execute(query).first()
        return None if row is None else about(row)

    def there(self, activity_ids: Collection[int]) -> set[int]:
        """Which of the activities are there."""
        joined, found = Joined(), set[int]()
        b = joined.activity
        start = joined.beside(t.activities, t.activities.c.id)
        for some in chunks(sorted(activity_ids)):
            query = select(b.c.id).select_from(start).where(b.c.id.in_(some), joined.there())
            found.update(self.sql.execute(query).scalars())
        return found

    def follow(self, activity_ids: Sequence[int], now: datetime) -> list[int]:
        """Tell the shares about these activities whether they are there; the ids of those that look
        different now.

        Like a share of a course that is hidden, it keeps its words and loses what stood beside
        them. Its title says what was told.
        """
        a, joined, changed = t.activities, Joined(), []
        start = joined.beside(a, a.c.about_id)
        for some in chunks(activity_ids):
            rows = self.sql.execute(
                select(a.c.id, a.c.title, *joined.columns())
                .select_from(start)
                .where(a.c.about_id.in_(some), a.c.gone.is_(False))
                .order_by(a.c.id)
            ).all()
            for row in rows:
                found = about(row)
                title = found.what if found else ""
                if title == row.title:
                    continue
                values = {"title": title, "revision": a.c.revision + 1, "updated": now}
                self.sql.execute(a.update().where(a.c.id == row.id).values(**values))
                changed.append(row.id)
        return changed
