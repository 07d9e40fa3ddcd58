"""Enrolments, completions and discussions as an LMS says they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy import Connection as SqlConnection

from bridge.model import CompletionFact, DiscussionFact, EnrolmentFact, Tally
from bridge.storage import tables as t
from bridge.storage.statements import change, chunks, converge


@dataclass(frozen=True)
class Due:
    """An enrolment whose verdict should be asked for, in our ids and the LMS's."""

    course_id: int
    person_id: int
    course_lms_id: int
    person_lms_id: int

    @property
    def pair(self) -> tuple[int, int]:
        """As the LMS is asked: (course, person)."""
        return self.course_lms_id, self.person_lms_id


class LearningRepository:
    """Reads and writes ``enrolments``, ``completions`` and ``discussions``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- enrolments ---

    def count_enrolments(self, course_ids: Sequence[int]) -> dict[int, int]:
        """Our course id → how many people it had when the LMS was last asked."""
        e = t.enrolments.c
        found: dict[int, int] = {}
        for some in chunks(course_ids):
            rows = self.sql.execute(
                select(e.course_id, func.count())
                .where(e.course_id.in_(some), e.gone.is_(False))
                .group_by(e.course_id)
            )
            found.update((course_id, count) for course_id, count in rows)
        return found

    def count_present(self, course_ids: Sequence[int]) -> dict[int, int]:
        """Our course id → how many people are in it who are neither suspended nor gone."""
        e, p = t.enrolments.c, t.people.c
        found: dict[int, int] = {}
        for some in chunks(course_ids):
            rows = self.sql.execute(
                select(e.course_id, func.count())
                .select_from(t.enrolments.join(t.people, p.id == e.person_id))
                .where(
                    e.course_id.in_(some),
                    e.gone.is_(False),
                    p.gone.is_(False),
                    p.suspended.is_(False),
                )
                .group_by(e.course_id)
            )
            found.update((course_id, count) for course_id, count in rows)
        return found

    def put_enrolments(
        self,
        course_id: int,
        facts: Sequence[EnrolmentFact],
        people: Mapping[int, int],
        now: datetime,
    ) -> Tally:
        """All people of one course; ``people`` maps LMS ids to ours."""
        e = t.enrolments.c
        before = {
            row.person_id: row
            for row in self.sql.execute(select(t.enrolments).where(e.course_id == course_id))
        }
        rows = [
            {
                "course_id": course_id,
                "person_id": people[f.person_lms_id],
                "last_access_at": f.last_access_at,
                "gone": False,
            }
            for f in facts
        ]
        tally = converge(
            self.sql,
            t.enrolments,
            rows,
            before,
            ("course_id", "person_id"),
            ("last_access_at", "gone"),
            on_insert={"first_seen_at": now},
            # Who moved is asked about again, however long it takes until that is possible.
            on_change={"checked": False},
        )
        said = {row["person_id"] for row in rows}
        lost = [p for p, row in before.items() if p not in said and not row.gone]
        for some in chunks(lost):
            self.sql.execute(
                t.enrolments.update()
                .where(e.course_id == course_id, e.person_id.in_(some))
                .values(gone=True)
            )
        return tally + Tally(changed=len(lost))

    # --- completions ---

    def _due(
        self, connection_id: int, moved_since: datetime | None, unreadable_before: datetime
    ) -> Any:
        e, c, p, k = t.enrolments.c, t.courses.c, t.people.c, t.completions.c
        never: ColumnElement[bool] = e.checked.is_(False)
        moved = never if moved_since is None else or_(never, e.last_access_at >= moved_since)
        return (
            select(
                e.course_id,
                e.person_id,
                c.lms_id.label("course_lms_id"),
                p.lms_id.label("person_lms_id"),
            )
            .select_from(
                t.enrolments.join(t.courses, c.id == e.course_id)
                .join(t.people, p.id == e.person_id)
                .outerjoin(
                    t.completions,
                    and_(
                        k.course_id == e.course_id,
                        k.person_id == e.person_id,
                        k.revoked.is_(False),
                    ),
                )
            )
            .where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.tracked.is_(True),
                or_(c.unreadable_since.is_(None), c.unreadable_since < unreadable_before),
                e.gone.is_(False),
                or_(e.unjudged_since.is_(None), e.unjudged_since < unreadable_before),
                p.gone.is_(False),
                k.id.is_(None),
                moved,
            )
        )

    def verdicts_due(
        self,
        connection_id: int,
        *,
        moved_since: datetime | None,
        unreadable_before: datetime,
        without: Sequence[int],
        after: tuple[int, int],
        limit: int,
    ) -> list[Due]:
        """Enrolments to ask the verdict of, beyond ``after`` in the order of (course, person).

        Due is who is not complete, in a course with completion, and was never asked about or was
        seen in the course since ``moved_since``. Courses without criteria, and people whom the LMS
        does not judge, are left alone until ``unreadable_before`` has caught up with them;
        ``without`` names others to leave out.
        """
        e = t.enrolments.c
        query: Select[Any] = self._due(connection_id, moved_since, unreadable_before)
        if without:
            query = query.where(e.course_id.not_in(without))
        rows = self.sql.execute(
            query.where(tuple_(e.course_id, e.person_id) > tuple_(*after))
            .order_by(e.course_id, e.person_id)
            .limit(limit)
        )
        return [Due(**row._mapping) for row in rows]

    def count_verdicts_due(
        self, connection_id: int, *, moved_since: datetime | None, unreadable_before: datetime
    ) -> int:
        """How many :meth:`verdicts_due` has in all."""
        due = self._due(connection_id, moved_since, unreadable_before).subquery()
        return int(self.sql.execute(select(func.count()).select_from(due)).scalar_one())

    def probes(
        self, connection_id: int, *, moved_since: datetime | None, unreadable_before: datetime
    ) -> list[Due]:
        """One due enrolment of each course of which no verdict was ever read."""
        due = self._due(connection_id, moved_since, unreadable_before).subquery()
        e = t.enrolments.c
        proven = select(e.course_id).where(e.checked.is_(True))
        first = (
            select(due.c.course_id, func.min(due.c.person_id).label("person_id"))
            .where(due.c.course_id.not_in(proven))
            .group_by(due.c.course_id)
            .subquery()
        )
        rows = self.sql.execute(
            select(due)
            .join(
                first,
                and_(due.c.course_id == first.c.course_id, due.c.person_id == first.c.person_id),
            )
            .order_by(due.c.course_id)
        )
        return [Due(**row._mapping) for row in rows]

    def judged(self, connection_id: int) -> bool:
        """Whether the LMS ever gave a verdict on anybody."""
        k = t.completions.c
        e, c = t.enrolments.c, t.courses.c
        asked = select(e.course_id).join(t.courses, c.id == e.course_id)
        return (
            self.sql.execute(select(k.id).where(k.connection_id == connection_id).limit(1)).first()
            or self.sql.execute(
                asked.where(c.connection_id == connection_id, e.checked.is_(True)).limit(1)
            ).first()
        ) is not None

    def mark_unreadable(self, course_ids: Sequence[int], now: datetime) -> None:
        """The LMS has nothing to judge these courses' people by."""
        for some in chunks(course_ids):
            self.sql.execute(
                t.courses.update().where(t.courses.c.id.in_(some)).values(unreadable_since=now)
            )

    def put_verdicts(
        self,
        connection_id: int,
        verdicts: Sequence[tuple[Due, CompletionFact | None]],
        now: datetime,
        *,
        news_since: datetime,
        dateless_is_news: bool,
    ) -> Tally:
        """What the LMS said of the enrolments; ``None`` where it had no verdict.

        Completions before ``news_since`` are history; so are those without any date, which are
        dated ``now``, unless ``dateless_is_news``.
        """
        rows = [
            {
                "connection_id": connection_id,
                "course_id": due.course_id,
                "person_id": due.person_id,
                "completed_at": fact.completed_at or now,
                "dated": fact.completed_at is not None,
                "revoked": False,
                "history": (
                    fact.completed_at < news_since if fact.completed_at else not dateless_is_news
                ),
            }
            for due, fact in verdicts
            if fact is not None and fact.completed
        ]
        said = [due for due, fact in verdicts if fact is not None and fact.completed]
        before = self._completions([(due.course_id, due.person_id) for due in said])
        new = [r for r in rows if (r["course_id"], r["person_id"]) not in before]
        back = [r for r in rows if (r["course_id"], r["person_id"]) in before]
        if new:
            self.sql.execute(t.completions.insert(), [{**row, "seen_at": now} for row in new])
        change(
            self.sql,
            t.completions,
            [{**row, "seen_at": now, "pending": True} for row in back],
            ["course_id", "person_id"],
        )
        self._mark_checked([due for due, fact in verdicts if fact is not None], None)
        self._mark_checked([due for due, fact in verdicts if fact is None], now)
        return Tally(new=len(new), changed=len(back))

    def _completions(self, pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
        k = t.completions.c
        found: set[tuple[int, int]] = set()
        for some in chunks(pairs):
            rows = self.sql.execute(
                select(k.course_id, k.person_id).where(tuple_(k.course_id, k.person_id).in_(some))
            )
            found |= {(row.course_id, row.person_id) for row in rows}
        return found

    def mark_unasked(self, refused: Sequence[Due]) -> None:
        """The LMS would not judge these: they stay due until it does."""
        e = t.enrolments.c
        for some in chunks([(due.course_id, due.person_id) for due in refused]):
            self.sql.execute(
                t.enrolments.update()
                .where(tuple_(e.course_id, e.person_id).in_(some), e.checked.is_(True))
                .values(checked=False)
            )

    def _mark_checked(self, asked: Sequence[Due], unjudged_since: datetime | None) -> None:
        e = t.enrolments.c
        news: ColumnElement[bool] = e.checked.is_(False)
        if unjudged_since is not None:
            news = or_(news, e.unjudged_since.is_(None), e.unjudged_since < unjudged_since)
        for some in chunks([(due.course_id, due.person_id) for due in asked]):
            self.sql.execute(
                t.enrolments.update()
                .where(tuple_(e.course_id, e.person_id).in_(some), news)
                .values(checked=True, unjudged_since=unjudged_since)
            )

    # --- discussions ---

    def put_discussions(
        self,
        connection_id: int,
        facts: Sequence[DiscussionFact],
        *,
        courses: Mapping[int, int],
        people: Mapping[int, int],
        our_lms_id: int | None,
        now: datetime,
        news_since: datetime,
    ) -> Tally:
        """Discussions with news. ``courses`` and ``people`` map LMS ids to ours.

        What ``our_lms_id``, the token's user, started is marked as the bridge's own.
        """
        rows = [
            {
                "connection_id": connection_id,
                "lms_id": f.lms_id,
                "course_id": courses[f.course_lms_id],
                "forum_lms_id": f.forum_lms_id,
                "first_post_lms_id": f.first_post_lms_id,
                "author_id": people.get(f.author_lms_id),
                "title": f.title,
                "text": f.text,
                "url": f.url,
                "created_at": f.created_at,
                "modified_at": f.modified_at,
                "replies": f.replies,
                "ours": f.author_lms_id == our_lms_id,
                "history": f.created_at < news_since,
                "gone": False,
            }
            for f in facts
        ]
        before: dict[int, Any] = {}
        d = t.discussions.c
        for some in chunks([row["lms_id"] for row in rows]):
            query = select(t.discussions).where(
                d.connection_id == connection_id, d.lms_id.in_(some)
            )
            before.update({row.lms_id: row for row in self.sql.execute(query)})
        return converge(
            self.sql,
            t.discussions,
            rows,
            before,
            ("connection_id", "lms_id"),
            ("title", "text", "modified_at", "replies", "course_id", "forum_lms_id", "gone"),
            on_insert={"seen_at": now, "pending": True},
            on_change={"pending": True},
        )

    def drop_discussions(
        self,
        connection_id: int,
        forum_lms_id: int,
        listed: Sequence[int],
        since: datetime | None,
    ) -> Tally:
        """What the forum does not list any more is gone.

        :param listed: the LMS ids of the discussions that it lists.
        :param since: the list holds every discussion with a post since then; ``None``: every one.
        """
        d = t.discussions.c
        query = select(d.id, d.lms_id).where(
            d.connection_id == connection_id,
            d.forum_lms_id == forum_lms_id,
            d.gone.is_(False),
        )
        if since is not None:
            query = query.where(d.modified_at >= since)
        there = set(listed)
        lost = [row.id for row in self.sql.execute(query) if row.lms_id not in there]
        for some in chunks(lost):
            self.sql.execute(
                t.discussions.update().where(d.id.in_(some)).values(gone=True, pending=True)
            )
        return Tally(changed=len(lost))
