"""When leaders want the weekly note, how the last one went, and when they were last here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, or_, select

from bridge.model import NoteChannel, NoteKind, NoteWish
from bridge.storage import tables as t
from bridge.storage.setups import is_set_up
from bridge.storage.statements import put


@dataclass(frozen=True)
class LastDays:
    """The last days, in UTC, on which a person came, and did something that counts."""

    came: date | None = None
    engaged: date | None = None


class NoteRepository:
    """Reads and writes ``leader_notes``; reads ``presence``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def wish(self, person_id: int) -> NoteWish:
        """What the person wants; nobody has asked them, until there is a row."""
        notes = t.leader_notes
        row = self.sql.execute(select(notes).where(notes.c.person_id == person_id)).first()
        return NoteWish(person_id) if row is None else _wish(row)

    def newcomers(self, limit: int) -> list[tuple[int, str | None]]:
        """Who leads a team and has no row yet: their ids and the names of their time zones.

        Nobody is welcomed before their connection is set up.
        """
        m, p, g, n = t.leaders, t.people, t.teams, t.leader_notes
        rows = self.sql.execute(
            select(p.c.id, p.c.timezone)
            .distinct()
            .select_from(m)
            .join(p, p.c.id == m.c.person_id)
            .join(g, g.c.id == m.c.team_id)
            .outerjoin(n, n.c.person_id == p.c.id)
            .where(
                n.c.person_id.is_(None),
                p.c.gone.is_(False),
                p.c.suspended.is_(False),
                g.c.gone.is_(False),
                is_set_up(p.c.connection_id),
            )
            .order_by(p.c.id)
            .limit(limit)
        )
        return [(row.id, row.timezone) for row in rows]

    def add(self, wishes: Sequence[NoteWish]) -> None:
        """Keep what is to be for people who have no row; a row that is there stays as it is."""
        rows = [
            {
                "person_id": wish.person_id,
                "channel": wish.channel.value,
                "hour": wish.hour,
                "weekday": wish.weekday,
                "next_at": wish.next_at,
            }
            for wish in wishes
        ]
        put(self.sql, t.leader_notes, rows, ["person_id"], [])

    def choose(self, wish: NoteWish) -> None:
        """Keep what the person wants, and that what went wrong before counts no more."""
        row = {
            "person_id": wish.person_id,
            "channel": wish.channel.value,
            "hour": wish.hour,
            "weekday": wish.weekday,
            "next_at": wish.next_at,
            "begun_at": wish.begun_at,
            "nudges": wish.nudges,
            "failures": 0,
            "problem": "",
            "remedy": "",
        }
        put(self.sql, t.leader_notes, [row], ["person_id"])

    def due(self, now: datetime, limit: int) -> list[int]:
        """Whose note is due and not on its way, the longest waiting first."""
        notes = t.leader_notes
        rows = self.sql.execute(
            select(notes.c.person_id)
            .where(*_wanted(now))
            .order_by(notes.c.next_at, notes.c.person_id)
            .limit(limit)
        )
        return list(rows.scalars())

    def attempt(self, person_id: int, key: str, now: datetime) -> bool:
        """Keep that a note is handed over now; whether nobody else is doing it, or has done it."""
        notes = t.leader_notes
        done = self.sql.execute(
            notes.update()
            .where(notes.c.person_id == person_id, *_wanted(now))
            .values(attempt=key, attempted_at=now)
        )
        return bool(done.rowcount)

    def name_attempt(self, person_id: int, kind: NoteKind) -> None:
        """Keep what the note is that is handed over."""
        notes = t.leader_notes
        self.sql.execute(
            notes.update().where(notes.c.person_id == person_id).values(attempted_as=kind.value)
        )

    def settle(self, person_id: int, key: str, **values: Any) -> None:
        """The attempt is over; keep what came of it. Nothing happens if another one began since."""
        notes = t.leader_notes
        self.sql.execute(
            notes.update()
            .where(notes.c.person_id == person_id, notes.c.attempt == key)
            .values(attempt=None, attempted_at=None, attempted_as="", **values)
        )

    def left_over(self, before: datetime) -> list[NoteWish]:
        """Notes whose outcome a process never wrote down."""
        notes = t.leader_notes
        rows = self.sql.execute(
            select(notes).where(notes.c.attempt.is_not(None), notes.c.attempted_at < before)
        )
        return [_wish(row) for row in rows]

    def last_days(self, person_id: int) -> LastDays:
        """When the person was last here, and last shared, planned, answered, posted or cheered."""
        p = t.presence
        query = select(func.max(p.c.day), func.max(p.c.day).filter(p.c.engaged.is_(True))).where(
            p.c.person_id == person_id
        )
        came, engaged = self.sql.execute(query).one()
        return LastDays(came, engaged)


def _wanted(now: datetime) -> tuple[Any, ...]:
    """Due and still wanted: who ends the notes while a round is on gets none after it, whatever
    that round writes down as the next moment."""
    notes = t.leader_notes.c
    first_word = notes.channel != NoteChannel.UNASKED.value
    return (
        notes.next_at <= now,
        notes.attempt.is_(None),
        notes.channel != NoteChannel.OFF.value,
        or_(first_word, notes.left_at.is_(None)),
    )


def _wish(row: Any) -> NoteWish:
    values = {f.name: getattr(row, f.name) for f in fields(NoteWish)}
    return NoteWish(**{**values, "channel": NoteChannel(row.channel)})
