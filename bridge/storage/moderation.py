"""Reports, and what moderators decided about what people wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, null, select
from sqlalchemy import Connection as SqlConnection

from bridge.model import Audience, Decision, Kind, PersonCard, Standing, Words
from bridge.storage import tables as t
from bridge.storage.nameable import nameable
from bridge.storage.statements import insert

Thing = tuple[int, int | None]
"""An activity's own text, or with the second a comment on it, by our ids."""


@dataclass(frozen=True)
class Report:
    """A report of a thing; who reported is nobody's business."""

    thing: Thing
    reason: str
    at: datetime


class Moderation:
    """Reads and writes ``reports`` and ``moderations``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- reports -------------------------------------------------------------------------------

    def report(self, thing: Thing, reporter_id: int, reason: str, now: datetime) -> bool:
        """Keep a report, one a person and thing; whether it is the first of them."""
        row = {
            "activity_id": thing[0],
            "comment_id": thing[1],
            "reporter_id": reporter_id,
            "reason": reason,
            "at": now,
        }
        done = self.sql.execute(insert(self.sql, t.reports).on_conflict_do_nothing(), row)
        return bool(done.rowcount)

    def reported_since(self, reporter_id: int, since: datetime) -> int:
        """How many things a person reported since then."""
        r = t.reports.c
        query = select(func.count()).where(r.reporter_id == reporter_id, r.at >= since)
        return int(self.sql.execute(query).scalar_one())

    def is_reported(self, thing: Thing) -> bool:
        """Whether anybody ever reported it."""
        return (
            self.sql.execute(select(t.reports.c.id).where(_is(t.reports, thing)).limit(1)).first()
            is not None
        )

    def open(self, connection_id: int, limit: int) -> list[Report]:
        """The reports that nobody decided about, the oldest first."""
        r, a = t.reports.c, t.activities.c
        rows = self.sql.execute(
            select(r.activity_id, r.comment_id, r.reason, r.at)
            .join(t.activities, a.id == r.activity_id)
            .where(r.settled_at.is_(None), a.connection_id == connection_id)
            .order_by(r.at, r.id)
            .limit(limit)
        )
        return [Report((row.activity_id, row.comment_id), row.reason, row.at) for row in rows]

    def count_open(self, connection_id: int) -> int:
        """How many things wait for a decision."""
        r, a = t.reports.c, t.activities.c
        things = (
            select(r.activity_id, r.comment_id)
            .join(t.activities, a.id == r.activity_id)
            .where(r.settled_at.is_(None), a.connection_id == connection_id)
            .distinct()
            .subquery()
        )
        return int(self.sql.execute(select(func.count()).select_from(things)).scalar_one())

    def settle(self, thing: Thing, now: datetime) -> None:
        """Somebody decided about all reports of it."""
        open_ones = _is(t.reports, thing), t.reports.c.settled_at.is_(None)
        self.sql.execute(t.reports.update().where(*open_ones).values(settled_at=now))

    # --- decisions -----------------------------------------------------------------------------

    def decide(
        self,
        thing: Thing,
        author_id: int | None,
        moderator_id: int,
        act: str,
        reason: str,
        now: datetime,
    ) -> None:
        """Write down what a moderator decided: ``hidden``, ``restored`` or ``kept``."""
        row = {
            "activity_id": thing[0],
            "comment_id": thing[1],
            "author_id": author_id,
            "moderator_id": moderator_id,
            "act": act,
            "reason": reason,
            "at": now,
        }
        self.sql.execute(t.moderations.insert(), row)

    def hidden(self, connection_id: int, limit: int) -> list[Decision]:
        """Why what is hidden now was hidden, the newest first."""
        return self._decisions(
            t.activities.c.connection_id == connection_id,
            t.moderations.c.act == "hidden",
            func.coalesce(t.comments.c.standing, t.activities.c.standing) == Standing.HIDDEN.value,
            limit=limit,
        )

    def about(self, author_id: int, limit: int) -> list[Decision]:
        """What was decided about a person's own words, the newest first."""
        return self._decisions(
            t.moderations.c.author_id == author_id,
            t.moderations.c.act.in_(["hidden", "restored"]),
            limit=limit,
        )

    def _decisions(self, *where: ColumnElement[bool], limit: int) -> list[Decision]:
        m = t.moderations.c
        rows = self.sql.execute(
            select(m.activity_id, m.comment_id, m.act, m.reason, m.at)
            .join_from(t.moderations, t.activities, t.activities.c.id == m.activity_id)
            .outerjoin(t.comments, t.comments.c.id == m.comment_id)
            .where(*where)
            .order_by(m.at.desc(), m.id.desc())
            .limit(limit)
        )
        return [Decision(*row) for row in rows]

    # --- what it is about ----------------------------------------------------------------------

    def words(self, things: Sequence[Thing]) -> dict[Thing, Words]:
        """What people wrote, whether it is shown or not, with who wrote it if they are there."""
        activity_ids = sorted({ident for ident, comment_id in things if comment_id is None})
        comment_ids = sorted({ident for _, ident in things if ident is not None})
        found = [*self._activities(activity_ids), *self._comments(comment_ids)]
        return {(words.activity_id, words.comment_id): words for words in found}

    def _activities(self, ids: Sequence[int]) -> list[Words]:
        a, d, p = t.activities.c, t.discussions.c, t.people
        asked = a.kind == Kind.DISCUSSION.value
        query = (
            select(
                a.id.label("activity_id"),
                null().label("comment_id"),
                a.actor_id.label("author_id"),
                case((asked, d.title), else_="").label("title"),
                case((asked, d.text), else_=a.text).label("text"),
                a.published.label("at"),
                a.standing,
                *_ABOUT,
            )
            .select_from(t.activities)
            .outerjoin(t.discussions, d.id == a.discussion_id)
            .outerjoin(p, and_(p.c.id == a.actor_id, *nameable(p)))
            .where(a.id.in_(ids))
        )
        return [_words(row) for row in self.sql.execute(query)] if ids else []

    def _comments(self, ids: Sequence[int]) -> list[Words]:
        a, c, p = t.activities.c, t.comments.c, t.people
        query = (
            select(
                a.id.label("activity_id"),
                c.id.label("comment_id"),
                c.person_id.label("author_id"),
                literal("").label("title"),
                c.text,
                c.at,
                c.standing,
                *_ABOUT,
            )
            .join_from(t.comments, t.activities, a.id == c.activity_id)
            .outerjoin(p, and_(p.c.id == c.person_id, *nameable(p)))
            .where(c.id.in_(ids))
        )
        return [_words(row) for row in self.sql.execute(query)] if ids else []


_ABOUT = (
    t.activities.c.uid,
    t.activities.c.kind,
    t.activities.c.audience,
    t.people.c.id.label("person_id"),
    t.people.c.name,
    t.people.c.photo_url,
)


def _is(table: Any, thing: Thing) -> ColumnElement[bool]:
    comment = table.c.comment_id
    same = comment.is_(None) if thing[1] is None else comment == thing[1]
    return and_(table.c.activity_id == thing[0], same)


def _words(row: Any) -> Words:
    author = None if row.person_id is None else PersonCard(row.person_id, row.name, row.photo_url)
    return Words(
        activity_id=row.activity_id,
        comment_id=row.comment_id,
        uid=row.uid,
        kind=Kind(row.kind),
        audience=Audience.of(row.audience),
        author=author,
        author_id=row.author_id,
        title=row.title or "",
        text=row.text or "",
        at=row.at,
        standing=Standing(row.standing),
    )
