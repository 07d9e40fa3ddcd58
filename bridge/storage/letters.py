"""When people want letters about their notices, and how the last one went."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.model import LetterWish, Rhythm
from bridge.storage import tables as t
from bridge.storage.statements import put


class LetterRepository:
    """Reads and writes ``notice_letters``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def wish(self, person_id: int) -> LetterWish:
        """What the person wants; nothing, until they chose."""
        letters = t.notice_letters
        row = self.sql.execute(select(letters).where(letters.c.person_id == person_id)).first()
        return LetterWish(person_id) if row is None else _wish(row)

    def choose(
        self,
        person_id: int,
        rhythm: Rhythm,
        hour: int,
        weekday: int,
        next_at: datetime | None,
        covered_to: datetime,
    ) -> None:
        """Keep what the person wants."""
        row = {
            "person_id": person_id,
            "rhythm": rhythm.value,
            "hour": hour,
            "weekday": weekday,
            "next_at": next_at,
            "covered_to": covered_to,
            "problem": "",
            "failures": 0,
        }
        put(self.sql, t.notice_letters, [row], ["person_id"])

    def due(self, now: datetime, limit: int) -> list[LetterWish]:
        """Whose letter is due and not on its way, the longest waiting first."""
        letters = t.notice_letters
        rows = self.sql.execute(
            select(letters)
            .where(*_wanted(now))
            .order_by(letters.c.next_at, letters.c.person_id)
            .limit(limit)
        )
        return [_wish(row) for row in rows]

    def attempt(self, person_id: int, key: str, now: datetime) -> bool:
        """Keep that the letter is handed over now; whether nobody else is doing it."""
        letters = t.notice_letters
        done = self.sql.execute(
            letters.update()
            .where(letters.c.person_id == person_id, *_wanted(now))
            .values(attempt=key, attempted_at=now)
        )
        return bool(done.rowcount)

    def settle(self, person_id: int, key: str | None, **values: Any) -> None:
        """The attempt is over, or there was none; keep what came of it."""
        letters = t.notice_letters
        same = letters.c.attempt.is_(None) if key is None else letters.c.attempt == key
        self.sql.execute(
            letters.update()
            .where(letters.c.person_id == person_id, same)
            .values(attempt=None, attempted_at=None, **values)
        )

    def left_over(self, before: datetime) -> list[tuple[LetterWish, str, datetime]]:
        """Letters whose outcome a process never wrote down: whose, by which attempt, since when."""
        letters = t.notice_letters
        rows = self.sql.execute(
            select(letters).where(letters.c.attempt.is_not(None), letters.c.attempted_at < before)
        )
        return [(_wish(row), row.attempt, row.attempted_at) for row in rows]


def _wanted(now: datetime) -> tuple[Any, ...]:
    """Due, and still wanted: who ends their letters in the middle of a round gets none after it,
    whatever that round writes down as the next moment."""
    letters = t.notice_letters.c
    return letters.next_at <= now, letters.attempt.is_(None), letters.rhythm != Rhythm.OFF.value


def _wish(row: Any) -> LetterWish:
    values = {f.name: getattr(row, f.name) for f in fields(LetterWish)}
    return LetterWish(**{**values, "rhythm": Rhythm(row.rhythm)})
