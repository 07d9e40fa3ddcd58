"""Enrolments and discussions as an LMS says they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select, tuple_

from bridge.model import DiscussionFact, EnrolmentFact, Tally
from bridge.storage import tables as t
from bridge.storage.statements import chunks, converge, put


class LearningRepository:
    """Reads and writes ``enrolments`` and ``discussions``."""

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
        """All people of one course; ``people`` maps LMS ids to ours.

        Who is not among ``people`` was erased, and is in no course.
        """
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
                "unjudged_since": now if f.staff else None,
            }
            for f in facts
            if f.person_lms_id in people
        ]
        tally = Tally()
        for staff in (True, False):
            # Who moved is asked about again, however long it takes until that is possible; the LMS
            # may judge them now, unless they only teach.
            moved = {"checked": False} if staff else {"checked": False, "unjudged_since": None}
            tally += converge(
                self.sql,
                t.enrolments,
                [row for row in rows if (row["unjudged_since"] is not None) is staff],
                before,
                ("course_id", "person_id"),
                ("last_access_at", "gone"),
                on_insert={"first_seen_at": now},
                on_change=moved,
            )
        said = {row["person_id"] for row in rows}
        lost = [p for p, row in before.items() if p not in said and not row.gone]
        for some in chunks(lost):
            self.sql.execute(
                t.enrolments.update()
                .where(e.course_id == course_id, e.person_id.in_(some))
                .values(gone=True)
            )
        if lost:
            self._counted_anew([course_id])
        return tally + Tally(changed=len(lost))

    def _counted_anew(self, course_ids: Sequence[int]) -> None:
        """Numbers that were told of these courses are of a group that is smaller now."""
        self.sql.execute(
            t.courses.update().where(t.courses.c.id.in_(course_ids)).values(pending=True)
        )

    def add_enrolments(self, pairs: Sequence[tuple[int, int]], now: datetime) -> int:
        """These people are in these courses, by our ids (course, person); how many were not yet."""
        e = t.enrolments.c
        there: set[tuple[int, int]] = set()
        for some in chunks(pairs):
            rows = self.sql.execute(
                select(e.course_id, e.person_id).where(
                    tuple_(e.course_id, e.person_id).in_(some), e.gone.is_(False)
                )
            )
            there |= {(row.course_id, row.person_id) for row in rows}
        new = [
            {
                "course_id": course,
                "person_id": person,
                "first_seen_at": now,
                "gone": False,
                "checked": False,
            }
            for course, person in dict.fromkeys(pairs)
            if (course, person) not in there
        ]
        put(self.sql, t.enrolments, new, ["course_id", "person_id"], ["gone", "checked"])
        return len(new)

    def held_courses(self, connection_id: int, held_since: datetime) -> list[int]:
        """LMS ids of courses that would not say who is in them since then, the oldest first."""
        c = t.courses.c
        rows = self.sql.execute(
            select(c.lms_id)
            .where(
                c.connection_id == connection_id,
                c.gone.is_(False),
                c.people_refused_at >= held_since,
            )
            .order_by(c.people_refused_at, c.id)
        )
        return list(rows.scalars())

    def hold_courses(self, refused: Sequence[int], answered: Sequence[int], now: datetime) -> None:
        """These courses, by our ids, would not say who is in them; these others did."""
        c = t.courses.c
        for some in chunks(refused):
            self.sql.execute(t.courses.update().where(c.id.in_(some)).values(people_refused_at=now))
        for some in chunks(answered):
            self.sql.execute(
                t.courses.update()
                .where(c.id.in_(some), c.people_refused_at.is_not(None))
                .values(people_refused_at=None)
            )

    def courses_of(self, person_id: int) -> list[int]:
        """The courses that the person is in, by our ids."""
        e = t.enrolments.c
        rows = self.sql.execute(
            select(e.course_id).where(e.person_id == person_id, e.gone.is_(False))
        )
        return list(rows.scalars())

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
