"""Who helps which leader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, select

from bridge.storage import tables as t
from bridge.storage.statements import put


@dataclass(frozen=True)
class Help:
    """That somebody helps a leader. Of two people, ``name`` is the one that was not asked about."""

    leader_id: int
    person_id: int
    may_post: bool
    since: datetime
    name: str
    away: bool
    """Whether that one is suspended in the LMS or has left it."""


class DelegateRepository:
    """Reads and writes ``delegates``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def put(self, leader_id: int, person_id: int, may_post: bool, now: datetime) -> None:
        """The person helps the leader; one who does already may or may not post from now on."""
        row = {"leader_id": leader_id, "person_id": person_id, "may_post": may_post, "since": now}
        put(self.sql, t.delegates, [row], key=("leader_id", "person_id"), update=("may_post",))

    def end(self, leader_id: int, person_id: int) -> int:
        """The person helps the leader no more; how many rows that ended."""
        d = t.delegates
        return self.sql.execute(
            d.delete().where(d.c.leader_id == leader_id, d.c.person_id == person_id)
        ).rowcount

    def one(self, leader_id: int, person_id: int) -> Help | None:
        """How the person helps the leader, if they do."""
        d = t.delegates.c
        query = _helps(d.leader_id).where(d.leader_id == leader_id, d.person_id == person_id)
        row = self.sql.execute(query).first()
        return None if row is None else _help(row)

    def of(self, leader_id: int) -> tuple[Help, ...]:
        """Who helps the leader, by name."""
        d, p = t.delegates.c, t.people.c
        query = _helps(d.person_id).where(d.leader_id == leader_id).order_by(p.name, p.id)
        return tuple(_help(row) for row in self.sql.execute(query))

    def helped(self, person_id: int) -> tuple[Help, ...]:
        """Whom the person helps, by name."""
        d, p = t.delegates.c, t.people.c
        query = _helps(d.leader_id).where(d.person_id == person_id).order_by(p.name, p.id)
        return tuple(_help(row) for row in self.sql.execute(query))


def _help(row: Any) -> Help:
    return Help(*row)


def _helps(other: Any) -> Select[Any]:
    d, p = t.delegates.c, t.people.c
    away = (p.suspended | p.gone).label("away")
    return select(d.leader_id, d.person_id, d.may_post, d.since, p.name, away).join_from(
        t.delegates, t.people, p.id == other
    )
