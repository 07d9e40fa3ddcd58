"""Comments in threads, and putting what was said into other words, away and back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import and_, case, func, or_, select

from bridge.model import Activity, PersonCard, Standing
from bridge.storage import tables as t
from bridge.storage.nameable import nameable
from bridge.storage.rows import activity, activity_columns
from bridge.storage.statements import chunks

REPLIES = 5
"""Replies to a comment that are shown with it, the newest; more are on a page of their own."""


@dataclass(frozen=True)
class Spoken:
    """A comment with what decides who may do something about it."""

    id: int
    activity: Activity
    author_id: int
    parent_id: int | None
    text: str
    standing: Standing


@dataclass(frozen=True)
class Line:
    """A comment or the place of one, as a thread shows it."""

    id: int
    parent_id: int | None
    author: PersonCard | None
    """``None`` for somebody who left."""
    text: str
    at: datetime
    edited_at: datetime | None
    standing: Standing
    total: int
    """Of a reply: how many the comment has in all."""


@dataclass(frozen=True)
class Wording:
    """How something was worded until it was edited."""

    activity_id: int
    comment_id: int | None
    text: str
    until: datetime


class Talk:
    """Reads threads; keeps comments, edits and who put something away."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- reading -------------------------------------------------------------------------------

    def threads(self, activity_id: int, before: int | None, limit: int) -> list[int]:
        """The newest threads in which something can be read: ids of their first comments.

        :param before: only threads that began before that one.
        """
        c, p = t.comments.c, t.people
        thread = func.coalesce(c.parent_id, c.id)
        query = (
            select(thread.label("thread"))
            .join_from(t.comments, p, p.c.id == c.person_id)
            .where(c.activity_id == activity_id, c.gone.is_(False), *nameable(p))
            .group_by(thread)
            .order_by(thread.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(thread < before)
        return list(self.sql.execute(query).scalars())

    def lines(
        self, activity_id: int, threads: Collection[int], *, replies: int, before: int | None = None
    ) -> list[Line]:
        """What stands in these threads, as it was said: their first comments, even where one is
        gone, and of each the newest replies.

        :param before: only replies before that one.
        """
        c, p = t.comments.c, t.people
        readable = and_(c.gone.is_(False), p.c.id.is_not(None))
        first = c.parent_id.is_(None)
        thread = func.coalesce(c.parent_id, c.id)
        rank = func.row_number().over(partition_by=(thread, first), order_by=c.id.desc())
        total = func.count().over(partition_by=(thread, first))
        reply = and_(c.parent_id.in_(threads), readable)
        if before is not None:
            reply = and_(reply, c.id < before)
        every = (
            select(
                c.id,
                c.parent_id,
                p.c.id.label("person_id"),
                p.c.name,
                p.c.photo_url,
                case((c.gone, ""), else_=c.text).label("text"),
                c.at,
                c.edited_at,
                c.standing,
                total.label("total"),
                rank.label("place"),
            )
            .outerjoin_from(t.comments, p, and_(p.c.id == c.person_id, *nameable(p)))
            .where(c.activity_id == activity_id, or_(and_(first, c.id.in_(threads)), reply))
            .subquery()
        )
        rows = self.sql.execute(
            select(every)
            .where(or_(every.c.parent_id.is_(None), every.c.place <= replies))
            .order_by(every.c.id)
        )
        return [
            Line(
                id=row.id,
                parent_id=row.parent_id,
                author=None
                if row.person_id is None
                else PersonCard(row.person_id, row.name, row.photo_url),
                text=row.text if row.person_id is not None else "",
                at=row.at,
                edited_at=row.edited_at,
                standing=Standing(row.standing),
                total=row.total,
            )
            for row in rows
        ]

    def comment(self, comment_id: int) -> Spoken | None:
        """A comment, whether it is shown or not."""
        c = t.comments.c
        row = self.sql.execute(
            select(
                c.id.label("comment_id"),
                c.person_id.label("author_id"),
                c.parent_id,
                c.text.label("said"),
                c.standing.label("stands"),
                *activity_columns(),
            )
            .join_from(t.comments, t.activities, t.activities.c.id == c.activity_id)
            .where(c.id == comment_id)
        ).first()
        if row is None:
            return None
        return Spoken(
            id=row.comment_id,
            activity=activity(row),
            author_id=row.author_id,
            parent_id=row.parent_id,
            text=row.said,
            standing=Standing(row.stands),
        )

    def wordings(
        self, activity_ids: Collection[int], comment_ids: Collection[int]
    ) -> list[Wording]:
        """How the activities' own texts and these comments were worded before, oldest first."""
        w = t.wordings.c
        rows = self.sql.execute(
            select(w.activity_id, w.comment_id, w.text, w.until)
            .where(
                or_(
                    and_(w.activity_id.in_(activity_ids), w.comment_id.is_(None)),
                    w.comment_id.in_(comment_ids),
                )
            )
            .order_by(w.until, w.id)
        )
        return [Wording(*row) for row in rows]

    # --- writing -------------------------------------------------------------------------------

    def add(
        self, activity_id: int, person_id: int, text: str, now: datetime, parent_id: int | None
    ) -> int:
        """Keep a comment; its id."""
        row = {
            "activity_id": activity_id,
            "person_id": person_id,
            "parent_id": parent_id,
            "text": text,
            "at": now,
        }
        return self.sql.execute(t.comments.insert().returning(t.comments.c.id), row).scalar_one()

    def edit_comment(self, comment: Spoken, text: str, now: datetime) -> None:
        """The comment says this now; what it said before is kept for a while."""
        self._keep_wording(comment.activity.id, comment.id, comment.text, now)
        c = t.comments
        change = c.update().where(c.c.id == comment.id)
        self.sql.execute(change.values(text=text, edited_at=now))

    def edit_activity(self, before: Activity, text: str, now: datetime) -> None:
        """The activity says this now, which is a revision; what it said before is kept."""
        self._keep_wording(before.id, None, before.text, now)
        a = t.activities
        self.sql.execute(
            a.update()
            .where(a.c.id == before.id)
            .values(text=text, edited_at=now, updated=now, revision=a.c.revision + 1)
        )

    def _keep_wording(
        self, activity_id: int, comment_id: int | None, text: str, now: datetime
    ) -> None:
        row = {"activity_id": activity_id, "comment_id": comment_id, "text": text, "until": now}
        self.sql.execute(t.wordings.insert(), row)

    def stand_comment(self, comment_id: int, standing: Standing) -> None:
        """The comment is shown, or not, by whose word that is."""
        c = t.comments
        gone = standing is not Standing.SHOWN
        self.sql.execute(
            c.update().where(c.c.id == comment_id).values(standing=standing.value, gone=gone)
        )

    def stand_activity(self, activity_id: int, standing: Standing, now: datetime) -> None:
        """The activity is shown, or not, which is a revision of its own."""
        a = t.activities
        self.sql.execute(
            a.update()
            .where(a.c.id == activity_id)
            .values(
                standing=standing.value,
                gone=standing is not Standing.SHOWN,
                revision=a.c.revision + 1,
                updated=now,
            )
        )

    def retold(self, activity_ids: Sequence[int], now: datetime) -> None:
        """These look different now."""
        a = t.activities
        for some in chunks(activity_ids):
            self.sql.execute(
                a.update().where(a.c.id.in_(some)).values(revision=a.c.revision + 1, updated=now)
            )
