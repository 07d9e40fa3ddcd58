"""What of the feed a leader could share: activities, who had a part in them, and who answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, Select, String, and_, func, literal, or_, select, union_all
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import type_coerce as as_type

from bridge.model import ABOUT, Audience, AudienceKind, Kind
from bridge.storage import tables as t
from bridge.storage.given import given
from bridge.storage.nameable import nameable
from bridge.storage.statements import chunks

MOST = 500
"""Activities of a kind that are looked at, the newest: a busy day's completions leave room for what
people said."""

LONGEST = 2_000
"""Characters of a text of which the words are read."""

ANSWERS = np.dtype([("activity", "i8"), ("person", "i8"), ("at", "i8"), ("cheer", "?")])
PARTS = np.dtype([("activity", "i8"), ("person", "i8")])
WARMTH = np.dtype([("course", "i8"), ("told", "i8"), ("cheers", "i8")])


@dataclass(frozen=True)
class Happening:
    """An activity that is there, of a kind that may be shared."""

    id: int
    uid: str
    kind: Kind
    audience: Audience
    published: datetime
    actor_id: int | None = None
    behalf_of_id: int | None = None
    course_id: int | None = None
    text: str = ""
    """The words of what somebody wrote, for how alike they are to courses; empty for the rest."""


class CandidateRepository:
    """Reads; writes nothing. What may be suggested to whom, curation decides."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def happenings(
        self, connection_id: int, audiences: Collection[str], since: datetime
    ) -> tuple[Happening, ...]:
        """What was told to any of the audiences since then, newest first, at most :data:`MOST` of
        a kind; one statement over ranges of the feed's index.

        Of discussions those that were answered: the others wait on the desk's own list.
        """
        a, c, d, p = t.activities, t.courses, t.discussions, t.people
        keys = given(self.sql, {"key": String(40)}, [(key,) for key in sorted(audiences)])
        written = a.c.kind.in_([Kind.POST.value, Kind.SHARE.value])
        answered = or_(d.c.replies > 0, d.c.answered_at.is_not(None))
        course = and_(c.c.visible.is_(True), c.c.gone.is_(False), c.c.mandatory.is_(False))
        discussion = and_(answered, d.c.gone.is_(False), d.c.ours.is_(False))
        order = (a.c.published.desc(), a.c.id.desc())
        place = func.row_number().over(partition_by=a.c.kind, order_by=order)
        own = func.substr(a.c.text, 1, LONGEST)
        lms = func.substr(func.coalesce(d.c.title + " " + d.c.text, ""), 1, LONGEST)
        every = (
            select(
                a.c.id,
                a.c.uid,
                a.c.kind,
                a.c.audience,
                a.c.published,
                a.c.actor_id,
                a.c.behalf_of_id,
                a.c.course_id,
                (own + " " + lms).label("text"),
                place.label("place"),
            )
            .select_from(keys.join(a, a.c.audience == keys.c.key))
            .outerjoin(c, c.c.id == a.c.course_id)
            .outerjoin(d, d.c.id == a.c.discussion_id)
            .outerjoin(p, and_(p.c.id == a.c.actor_id, *nameable(p)))
            .where(
                a.c.gone.is_(False),
                a.c.connection_id == connection_id,
                a.c.published >= since,
                a.c.kind.in_([kind.value for kind in ABOUT]),
                or_(a.c.course_id.is_(None), course),
                or_(a.c.kind != Kind.DISCUSSION.value, discussion),
                or_(~written, p.c.id.is_not(None)),
                # A post to a course's people is told to all whom a share of it could reach.
                or_(
                    ~a.c.audience.startswith(f"{AudienceKind.COURSE}:"),
                    a.c.kind == Kind.DISCUSSION.value,
                ),
            )
            .subquery()
        )
        query = select(every).where(every.c.place <= MOST)
        rows = self.sql.execute(query.order_by(every.c.published.desc(), every.c.id.desc()))
        return tuple(
            Happening(
                id=row.id,
                uid=row.uid,
                kind=Kind(row.kind),
                audience=Audience.of(row.audience),
                published=row.published,
                actor_id=row.actor_id,
                behalf_of_id=row.behalf_of_id,
                course_id=row.course_id,
                text=row.text.strip(),
            )
            for row in rows
        )

    def answers(self, activity_ids: Sequence[int]) -> np.ndarray:
        """An :data:`ANSWERS` row for each cheer and each comment that stands; ``at`` in seconds
        since 1970."""
        r, k = t.reactions, t.comments
        ids = given(self.sql, {"id": BigInteger()}, [(ident,) for ident in activity_ids])

        def of(table: Any, cheer: bool) -> Select[Any]:
            at = as_type(table.c.at, BigInteger)
            return select(
                table.c.activity_id, table.c.person_id, at, literal(int(cheer)).label("cheer")
            ).join(ids, ids.c.id == table.c.activity_id)

        every = union_all(of(r, True), of(k, False).where(k.c.gone.is_(False)))
        return np.fromiter(map(tuple, self.sql.execute(every)), ANSWERS)

    def parts(self, activity_ids: Sequence[int]) -> np.ndarray:
        """A :data:`PARTS` row for everybody whom an aggregate may name."""
        m = t.activity_members
        ids = given(self.sql, {"id": BigInteger()}, [(ident,) for ident in activity_ids])
        query = select(m.c.activity_id, m.c.person_id).join(ids, ids.c.id == m.c.activity_id)
        return np.fromiter(map(tuple, self.sql.execute(query)), PARTS)

    def warmth(self, connection_id: int, since: datetime) -> np.ndarray:
        """A :data:`WARMTH` row for each course: how often it was told of since then, and how many
        cheers there were for that."""
        a, r = t.activities, t.reactions
        cheers = func.count(r.c.person_id)
        query = (
            select(a.c.course_id, func.count(a.c.id.distinct()), cheers)
            .outerjoin(r, r.c.activity_id == a.c.id)
            .where(
                a.c.connection_id == connection_id,
                a.c.course_id.is_not(None),
                a.c.published >= since,
                a.c.gone.is_(False),
                a.c.kind.in_([Kind.SHARE.value, Kind.COMPLETION.value, Kind.RENEWAL.value]),
            )
            .group_by(a.c.course_id)
        )
        return np.fromiter(map(tuple, self.sql.execute(query)), WARMTH)

    def of_leaders(self, connection_id: int) -> tuple[set[int], set[int]]:
        """The teams that anybody leads, and the courses that a leader is in."""
        led, g, e = t.leaders.c, t.teams.c, t.enrolments.c
        ours = select(led.team_id, led.person_id).join(t.teams, g.id == led.team_id)
        ours = ours.where(g.connection_id == connection_id, g.gone.is_(False))
        rows = self.sql.execute(ours).all()
        courses = set[int]()
        for some in chunks(sorted({row.person_id for row in rows})):
            query = select(e.course_id).distinct()
            found = self.sql.execute(query.where(e.person_id.in_(some), e.gone.is_(False)))
            courses.update(found.scalars())
        return {row.team_id for row in rows}, courses

    def team_sizes(self, team_ids: Collection[int]) -> dict[int, int]:
        """How many people are in each of the teams."""
        m, found = t.memberships.c, dict[int, int]()
        for some in chunks(sorted(team_ids)):
            rows = self.sql.execute(
                select(m.team_id, func.count()).where(m.team_id.in_(some)).group_by(m.team_id)
            )
            found.update((row[0], row[1]) for row in rows)
        return found
