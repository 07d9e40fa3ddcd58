"""Notices: who is told of what others said or cheered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, literal, or_, select
from sqlalchemy import Connection as SqlConnection

from bridge.model import PersonCard
from bridge.storage import tables as t
from bridge.storage.nameable import nameable
from bridge.storage.statements import insert
from bridge.storage.types import Instant


@dataclass(frozen=True)
class Notice:
    """One thing that somebody is told of."""

    id: int
    kind: str
    """``comment``, ``answer``, ``mention`` or ``cheer``."""
    activity_id: int
    actor: PersonCard
    at: datetime
    read: bool
    comment_id: int | None = None
    text: str = ""
    """What the comment says."""


class NoticeRepository:
    """Reads and writes ``notices``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- writing -------------------------------------------------------------------------------

    def tell_of_comment(
        self, activity_id: int, comment_id: int, actor_id: int, now: datetime
    ) -> None:
        """Tell whom the comment mentions, whom it answers, and whom its item is of; each once."""
        c, m = t.comments, t.mentions
        answered = c.alias()
        mentioned = select(m.c.person_id).where(m.c.comment_id == comment_id)
        author = (
            select(answered.c.person_id)
            .join(c, c.c.parent_id == answered.c.id)
            .where(c.c.id == comment_id, answered.c.gone.is_(False))
        )
        self._tell("mention", mentioned, activity_id, comment_id, actor_id, now)
        self._tell("answer", author, activity_id, comment_id, actor_id, now)
        self._tell("comment", _of_item(activity_id), activity_id, comment_id, actor_id, now)

    def tell_of_post(self, activity_id: int, actor_id: int, now: datetime) -> None:
        """Tell whom the activity's own text mentions."""
        m = t.mentions
        mentioned = select(m.c.person_id).where(
            m.c.activity_id == activity_id, m.c.comment_id.is_(None)
        )
        self._tell("mention", mentioned, activity_id, None, actor_id, now)

    def tell_of_cheer(self, activity_id: int, actor_id: int, now: datetime) -> None:
        """Tell whom the item is of."""
        self._tell("cheer", _of_item(activity_id), activity_id, None, actor_id, now)

    def untell_cheer(self, activity_id: int, actor_id: int) -> None:
        """The cheer was taken back."""
        n = t.notices
        self.sql.execute(
            n.delete().where(
                n.c.activity_id == activity_id, n.c.actor_id == actor_id, n.c.kind == "cheer"
            )
        )

    def mark(
        self,
        person_id: int,
        now: datetime,
        *,
        up_to: int | None = None,
        activity_id: int | None = None,
    ) -> None:
        """The person has read their notices up to one, or those of an item."""
        n = t.notices
        which: list[ColumnElement[bool]] = [] if up_to is None else [n.c.id <= up_to]
        which += [] if activity_id is None else [n.c.activity_id == activity_id]
        self.sql.execute(
            n.update()
            .where(n.c.person_id == person_id, n.c.read_at.is_(None), *which)
            .values(read_at=now)
        )

    def _tell(
        self,
        kind: str,
        people: Select[Any],
        activity_id: int,
        comment_id: int | None,
        actor_id: int,
        now: datetime,
    ) -> None:
        whom = people.subquery()
        p = t.people
        rows = (
            select(
                p.c.id,
                literal(kind, String),
                literal(activity_id),
                literal(comment_id, t.notices.c.comment_id.type),
                literal(actor_id),
                literal(now, Instant),
            )
            .where(p.c.id.in_(select(whom)), p.c.id != actor_id, p.c.gone.is_(False))
            .order_by(p.c.id)
        )
        names = ["person_id", "kind", "activity_id", "comment_id", "actor_id", "at"]
        statement = insert(self.sql, t.notices).from_select(names, rows)
        self.sql.execute(statement.on_conflict_do_nothing())

    # --- reading -------------------------------------------------------------------------------

    def of(
        self,
        person_id: int,
        limit: int,
        *,
        unread: bool = False,
        between: tuple[datetime, datetime] | None = None,
    ) -> list[Notice]:
        """The person's newest notices of what still stands, newest first; one statement.

        :param unread: only those that they have not read.
        :param between: only those from the one moment on and before the other.
        """
        n, p, c = t.notices, t.people, t.comments
        query = (
            select(
                n.c.id.label("notice_id"),
                n.c.kind.label("told"),
                n.c.at,
                n.c.read_at,
                n.c.comment_id,
                c.c.text.label("comment"),
                p.c.id.label("person_id"),
                p.c.name,
                p.c.photo_url,
                n.c.activity_id,
            )
            .join(p, p.c.id == n.c.actor_id)
            .join(t.activities, t.activities.c.id == n.c.activity_id)
            .outerjoin(c, c.c.id == n.c.comment_id)
            .where(n.c.person_id == person_id, standing(), *nameable(p))
            .order_by(n.c.id.desc())
            .limit(limit)
        )
        if unread:
            query = query.where(n.c.read_at.is_(None))
        if between is not None:
            query = query.where(n.c.at >= between[0], n.c.at < between[1])
        return [
            Notice(
                id=row.notice_id,
                kind=row.told,
                activity_id=row.activity_id,
                actor=PersonCard(row.person_id, row.name, row.photo_url),
                at=row.at,
                read=row.read_at is not None,
                comment_id=row.comment_id,
                text=row.comment or "",
            )
            for row in self.sql.execute(query)
        ]


def standing() -> ColumnElement[bool]:
    """That what the notice is of still stands: a row of notices, activities and maybe comments."""
    c, a = t.comments.c, t.activities.c
    return and_(a.gone.is_(False), or_(c.id.is_(None), c.gone.is_(False)))


def _of_item(activity_id: int) -> Select[Any]:
    """Whose item it is: who did it, for whom, and who is named in it."""
    a, m = t.activities.c, t.activity_members.c
    return (
        select(a.actor_id.label("person_id"))
        .where(a.id == activity_id, a.actor_id.is_not(None))
        .union(
            select(a.behalf_of_id).where(a.id == activity_id, a.behalf_of_id.is_not(None)),
            select(m.person_id).where(m.activity_id == activity_id),
        )
        .subquery()
        .select()
    )
