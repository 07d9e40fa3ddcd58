"""What curation reads and writes, a whole connection at a time.

What there is much of (completions, enrolments, memberships) comes out as arrays of numbers, not as
objects: a large site has a million rows of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, Select, and_, func, or_, select
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import type_coerce as as_type

from bridge.model import Course, Kind, Reason, Suggestion, Unfit
from bridge.storage import tables as t
from bridge.storage.abouts import Joined, about
from bridge.storage.rows import columns, entity
from bridge.storage.statements import change, chunks, put

LEADS = np.dtype([("leader", "i8"), ("team", "i8"), ("person", "i8")])
COMPLETED = np.dtype([("person", "i8"), ("course", "i8"), ("at", "i8"), ("dated", "?")])
PAIRS = np.dtype([("person", "i8"), ("course", "i8")])


@dataclass(frozen=True)
class Offer:
    """A course that can be seen in the LMS; ``history``: it was there at the first sync."""

    course: Course
    history: bool


@dataclass(frozen=True)
class Decided:
    """What became of a suggestion, or a share that a leader made without one."""

    leader_id: int
    course_id: int | None
    state: str
    week: date
    at: datetime | None
    kind: Unfit = Unfit.OTHER
    """Why it was dismissed."""
    about_id: int | None = None
    about_kind: Kind | None = None
    """Of an activity; ``None`` where that is forgotten by now."""


@dataclass(frozen=True)
class StoredSuggestion:
    """A suggestion of one week, as it stands in the table."""

    id: int
    leader_id: int
    course_id: int | None
    team_id: int | None
    position: int
    score: float
    reasons: Mapping[str, Any]
    prompt: str
    state: str
    about_id: int | None = None


class CurationRepository:
    """Reads what the scores are made of; reads and writes ``suggestions``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def leaders(self, connection_id: int, leader_id: int | None = None) -> list[int]:
        """Who leads a team that is there, by id; only ``leader_id``, if it is given and does."""
        m, p = t.leaders, t.people
        rows = self.sql.execute(
            select(m.c.person_id)
            .distinct()
            .select_from(m)
            .join(p, p.c.id == m.c.person_id)
            .join(t.teams, t.teams.c.id == m.c.team_id)
            .where(_here(connection_id), t.teams.c.gone.is_(False), _only(m.c.person_id, leader_id))
            .order_by(m.c.person_id)
        )
        return list(rows.scalars())

    def audiences(self, connection_id: int, leader_id: int | None = None) -> np.ndarray:
        """A :data:`LEADS` row for each leader, team of theirs and other person in it."""
        m, p = t.memberships, t.people
        return self._array(
            select(t.leaders.c.person_id, m.c.team_id, m.c.person_id)
            .select_from(t.leaders)
            .join(m, m.c.team_id == t.leaders.c.team_id)
            .join(t.teams, t.teams.c.id == m.c.team_id)
            .join(p, p.c.id == m.c.person_id)
            .where(
                _here(connection_id),
                t.teams.c.gone.is_(False),
                m.c.person_id != t.leaders.c.person_id,
                _only(t.leaders.c.person_id, leader_id),
            )
            .order_by(t.leaders.c.person_id, m.c.team_id, m.c.person_id),
            LEADS,
        )

    def offers(self, connection_id: int) -> tuple[Offer, ...]:
        """The courses of the catalogue, by id: visible, not gone, not mandatory."""
        c = t.courses
        rows = self.sql.execute(
            select(*columns(c, Course), c.c.history)
            .where(
                c.c.connection_id == connection_id,
                c.c.visible.is_(True),
                c.c.gone.is_(False),
                c.c.mandatory.is_(False),
            )
            .order_by(c.c.id)
        )
        return tuple(Offer(entity(Course, row), row.history) for row in rows)

    def people(self, connection_id: int) -> np.ndarray:
        """The ids of everybody who is neither gone nor suspended, in order."""
        rows = self.sql.execute(
            select(t.people.c.id).where(_here(connection_id)).order_by(t.people.c.id)
        )
        return np.fromiter(rows.scalars(), np.int64)

    def completions(self, connection_id: int) -> np.ndarray:
        """A :data:`COMPLETED` row for each completion that stands; ``at`` in seconds since 1970."""
        c = t.completions
        return self._array(
            select(
                c.c.person_id, c.c.course_id, as_type(c.c.completed_at, BigInteger), c.c.dated
            ).where(c.c.connection_id == connection_id, c.c.revoked.is_(False)),
            COMPLETED,
        )

    def enrolments(self, connection_id: int) -> np.ndarray:
        """A :data:`PAIRS` row for each enrolment that stands."""
        e, c = t.enrolments, t.courses
        return self._array(
            select(e.c.person_id, e.c.course_id)
            .join(c, c.c.id == e.c.course_id)
            .where(c.c.connection_id == connection_id, e.c.gone.is_(False)),
            PAIRS,
        )

    def open_questions(self, connection_id: int, since: datetime) -> np.ndarray:
        """A :data:`PAIRS` row for each discussion since then that nobody replied to."""
        d = t.discussions
        return self._array(
            select(d.c.author_id, d.c.course_id).where(
                d.c.connection_id == connection_id,
                d.c.author_id.is_not(None),
                d.c.created_at >= since,
                d.c.replies == 0,
                d.c.answered_at.is_(None),
                d.c.ours.is_(False),
                d.c.gone.is_(False),
            ),
            PAIRS,
        )

    def decided(
        self, connection_id: int, since: datetime, leader_id: int | None = None
    ) -> tuple[Decided, ...]:
        """Suggestions of weeks since then, and shares that stand, with or without a suggestion.

        A share is in the state ``shared``; a suggestion that was shared is not listed itself.
        """
        s, a, p = t.suggestions, t.activities, t.people
        told = t.activities.alias("told")
        suggested = self.sql.execute(
            select(
                s.c.leader_id,
                s.c.course_id,
                s.c.about_id,
                told.c.kind.label("about_kind"),
                s.c.state,
                s.c.week,
                s.c.decided_at.label("at"),
                s.c.decided_kind,
            )
            .join(p, p.c.id == s.c.leader_id)
            .outerjoin(told, told.c.id == s.c.about_id)
            .where(
                _here(connection_id),
                s.c.week >= since.date(),
                s.c.state != "shared",
                _only(s.c.leader_id, leader_id),
            )
            .order_by(s.c.id)
        )
        leader = func.coalesce(a.c.behalf_of_id, a.c.actor_id)
        shared = self.sql.execute(
            select(
                leader.label("leader_id"),
                a.c.course_id,
                a.c.about_id,
                told.c.kind.label("about_kind"),
                a.c.published,
            )
            .outerjoin(told, told.c.id == a.c.about_id)
            .where(
                a.c.connection_id == connection_id,
                a.c.kind == Kind.SHARE.value,
                a.c.gone.is_(False),
                or_(a.c.course_id.is_not(None), a.c.about_id.is_not(None)),
                a.c.published >= since,
                _only(leader, leader_id),
            )
            .order_by(a.c.id)
        )
        return (
            *(
                Decided(
                    r.leader_id,
                    r.course_id,
                    r.state,
                    r.week,
                    r.at,
                    Unfit(r.decided_kind),
                    **_about_of(r),
                )
                for r in suggested
            ),
            *(
                Decided(
                    r.leader_id,
                    r.course_id,
                    "shared",
                    r.published.date(),
                    r.published,
                    **_about_of(r),
                )
                for r in shared
            ),
        )

    def week(
        self, connection_id: int, week: date, leader_id: int | None = None
    ) -> tuple[StoredSuggestion, ...]:
        """The suggestions of that week, in every state."""
        s, p = t.suggestions, t.people
        rows = self.sql.execute(
            select(*columns(s, StoredSuggestion))
            .join(p, p.c.id == s.c.leader_id)
            .where(
                p.c.connection_id == connection_id,
                s.c.week == week,
                _only(s.c.leader_id, leader_id),
            )
            .order_by(s.c.leader_id, s.c.position, s.c.id)
        )
        return tuple(entity(StoredSuggestion, row) for row in rows)

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """New suggestions; one that is there already stays as it is."""
        for of, key in ((True, "course_id"), (False, "about_id")):
            some = [row for row in rows if (row["course_id"] is not None) is of]
            put(self.sql, t.suggestions, some, key=("leader_id", "week", key), update=())

    def rewrite(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Suggestions by ``id`` with what is to stand in them, as long as they are open."""
        keyed = [{**row, "state": "open"} for row in rows]
        change(self.sql, t.suggestions, keyed, key=("id", "state"))

    def withdraw(self, ids: Sequence[int]) -> None:
        """Take suggestions away, unless they were shared or dismissed meanwhile."""
        s = t.suggestions
        for some in chunks(ids):
            self.sql.execute(s.delete().where(s.c.id.in_(some), s.c.state.in_(("open", "later"))))

    def suggestions(self, leader_id: int, week: date) -> tuple[Suggestion, ...]:
        """The leader's suggestions of that week that were not dismissed, best first.

        One whose course or activity is hidden or gone by now is left out.
        """
        s, c, joined = t.suggestions, t.courses, Joined()
        course = and_(c.c.visible.is_(True), c.c.gone.is_(False))
        told = [column for column in joined.columns() if column.name != "about_id"]
        rows = self.sql.execute(
            select(s, *columns(c, Course, "c_"), *told)
            .select_from(joined.beside(s, s.c.about_id).outerjoin(c, c.c.id == s.c.course_id))
            .where(
                s.c.leader_id == leader_id,
                s.c.week == week,
                s.c.state != "dismissed",
                or_(course, joined.there()),
            )
            .order_by(s.c.position, s.c.id)
        )
        return tuple(
            Suggestion(
                id=row.id,
                leader_id=row.leader_id,
                course=None if row.c_id is None else entity(Course, row, "c_"),
                score=row.score,
                why_this=_reason(row.reasons, "this"),
                why_you=_reason(row.reasons, "you"),
                why_now=_reason(row.reasons, "now"),
                prompt=row.prompt,
                week=row.week,
                state=row.state,
                team_id=row.team_id,
                ways=row.reasons.get("ways", {}),
                about=about(row),
            )
            for row in rows
        )

    def _array(self, statement: Select[Any], kind: np.dtype[Any]) -> np.ndarray:
        rows = self.sql.execute(statement, execution_options={"yield_per": 20_000})
        return np.fromiter(map(tuple, rows), kind)


def _about_of(row: Any) -> dict[str, Any]:
    kind = None if row.about_kind is None else Kind(row.about_kind)
    return {"about_id": row.about_id, "about_kind": kind}


def _here(connection_id: int) -> Any:
    p = t.people.c
    return and_(p.connection_id == connection_id, p.suspended.is_(False), p.gone.is_(False))


def _only(column: Any, ident: int | None) -> Any:
    return column.is_not(None) if ident is None else column == ident


def _reason(reasons: Mapping[str, Any], name: str) -> Reason:
    found = reasons.get(name, {})
    return Reason(found.get("text", ""), found.get("link", ""))
