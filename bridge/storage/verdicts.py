"""Completions as they are kept, and writing many of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy import text as sql_text
from sqlalchemy.types import TypeEngine

from bridge.storage import tables as t
from bridge.storage.due import KEY, UNCHECKED, Due, DueQueries, Pair, Wanted
from bridge.storage.given import given, planned_anew
from bridge.storage.statements import chunks, insert
from bridge.storage.types import Instant

__all__ = ["Due", "Pair", "StoredCompletion", "VerdictRepository", "Wanted"]


@dataclass(frozen=True)
class StoredCompletion:
    """A completion as it is kept; ``pending``: the feed has to look at it."""

    course_id: int
    person_id: int
    completed_at: datetime
    dated: bool
    dated_as: str
    seen_at: datetime
    moved_from: datetime | None
    renewals: int
    history: bool
    revoked: bool
    pending: bool

    @property
    def key(self) -> Pair:
        """(course, person)."""
        return self.course_id, self.person_id


_COLUMNS: Mapping[str, TypeEngine[Any]] = {
    "course_id": Integer(),
    "person_id": Integer(),
    "completed_at": Instant(),
    "dated": Boolean(),
    "dated_as": Text(),
    "seen_at": Instant(),
    "moved_from": Instant(),
    "renewals": Integer(),
    "history": Boolean(),
    "revoked": Boolean(),
    "pending": Boolean(),
}


_AS_COLUMNS = attrgetter(*_COLUMNS)

# Worded as the partial index words it, or neither database would use that.
_NEWS = sql_text("NOT completions.history")


class VerdictRepository(DueQueries):
    """Reads and writes ``completions``, and what was asked of ``enrolments``."""

    # --- completions ---

    def stored(self, pairs: Sequence[Pair]) -> dict[Pair, StoredCompletion]:
        """What is kept of these, revoked ones included."""
        k = t.completions.c
        asked = given(self.sql, KEY, pairs)
        query = select(*(k[name] for name in _COLUMNS)).join_from(
            asked,
            t.completions,
            and_(k.course_id == asked.c.course_id, k.person_id == asked.c.person_id),
        )
        with planned_anew(self.sql):
            rows = self.sql.execute(query).all()
        found = (StoredCompletion(**row._mapping) for row in rows)
        return {one.key: one for one in found}

    def put(self, connection_id: int, rows: Sequence[StoredCompletion]) -> None:
        """Write completions, new or changed. A person's own word on one (``hidden``) stays."""
        if not rows:
            return
        values = given(self.sql, _COLUMNS, [_AS_COLUMNS(row) for row in rows])
        names = ["connection_id", *_COLUMNS]
        source = select(
            sql_text(str(int(connection_id))), *(values.c[name] for name in _COLUMNS)
        ).where(true())
        statement = insert(self.sql, t.completions).from_select(names, source)
        self.sql.execute(
            statement.on_conflict_do_update(
                index_elements=["course_id", "person_id"],
                set_={
                    name: statement.excluded[name]
                    for name in _COLUMNS
                    if name not in ("course_id", "person_id")
                },
            )
        )

    def mark_asked(self, pairs: Sequence[Pair]) -> None:
        """The LMS has judged these."""
        e = t.enrolments.c
        self._mark(pairs, or_(e.checked.is_(False), e.unjudged_since.is_not(None)), None)

    def mark_unjudged(self, pairs: Sequence[Pair], now: datetime) -> None:
        """The LMS does not judge these people there."""
        e = t.enrolments.c
        news = or_(e.checked.is_(False), e.unjudged_since.is_(None), e.unjudged_since < now)
        self._mark(pairs, news, now)

    def _mark(
        self, pairs: Sequence[Pair], news: ColumnElement[bool], since: datetime | None
    ) -> None:
        if not pairs:
            return
        e = t.enrolments.c
        asked = given(self.sql, KEY, pairs)
        with planned_anew(self.sql):
            self.sql.execute(
                t.enrolments.update()
                .where(e.course_id == asked.c.course_id, e.person_id == asked.c.person_id, news)
                .values(checked=True, unjudged_since=since)
            )

    def mark_unasked(self, pairs: Sequence[Pair]) -> None:
        """The LMS would not judge these: they stay due until it does."""
        e = t.enrolments.c
        for some in chunks(pairs):
            self.sql.execute(
                t.enrolments.update()
                .where(tuple_(e.course_id, e.person_id).in_(some), e.checked.is_(True))
                .values(checked=False)
            )

    def settle(self, connection_id: int, *, only_complete: bool) -> None:
        """Whoever is complete need not be asked about any more: count them as asked.

        :param only_complete: else everybody counts so, because a report has told of those who are.
        """
        e, k = t.enrolments.c, t.completions.c
        of_connection = select(t.courses.c.id).where(t.courses.c.connection_id == connection_id)
        statement = t.enrolments.update().where(UNCHECKED, e.course_id.in_(of_connection))
        if only_complete:
            complete = exists().where(
                k.course_id == e.course_id, k.person_id == e.person_id, k.revoked.is_(False)
            )
            statement = statement.where(complete)
        self.sql.execute(statement.values(checked=True))

    def count_since(self, connection_id: int, since: datetime) -> int:
        """How many live completions that were news are dated since then."""
        k = t.completions.c
        return int(
            self.sql.execute(
                select(func.count()).where(
                    k.connection_id == connection_id,
                    k.completed_at >= since,
                    _NEWS,
                    k.dated.is_(True),
                    k.revoked.is_(False),
                )
            ).scalar_one()
        )
