"""Everything of one connection, table by table, found by how tables refer to each other.

A table that is added tomorrow is purged as well: it refers to the connection, or to something that
does. The few that say it without a reference are named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, func, select, tuple_
from sqlalchemy import Connection as SqlConnection

from bridge.storage import tables as t
from bridge.storage.standing import stands
from bridge.storage.statements import chunks

A_BATCH = 2_000
"""Rows deleted in one transaction: no page has to wait for longer than that takes."""

FORMER = "somebody of a former connection"

NOT_OF_ONE: dict[str, str] = {
    "audit": "people's ids stand in it without a reference: see PurgeRepository.leave_log",
    "touches": "numbers of what changed, without a word about it: forgotten by the tidying",
    "sign_in_requests": "what somebody typed, who may be nobody's: forgotten within minutes",
    "setup_keys": "what opens the setup, before there is any connection: forgotten at its end",
    "lti_keys": "the bridge's own, the same for every LMS",
    "oidc_logins": "random secrets, whoever signs in: forgotten after minutes",
    "naming_keys": "what earlier secret keys name erased people with, whichever connection's",
    "leases": "named by the connection's id: deleted with it",
}
"""Tables that refer to no connection: what is done about them."""


def belongs(table: Table, connection_id: int) -> ColumnElement[bool] | None:
    """What is true of the table's rows that are the connection's; ``None`` if it refers to none."""
    if table is t.connections:
        return table.c.id == connection_id
    if "connection_id" in table.c:
        return table.c.connection_id == connection_id
    for column, target in _references(table):
        if (of_target := belongs(target.table, connection_id)) is not None:
            return column.in_(select(target).where(of_target))
    return None


def _references(table: Table) -> Iterator[tuple[Column[int], Column[int]]]:
    """The table's references that every row has."""
    for column in table.c:
        for key in column.foreign_keys:
            if not column.nullable and key.column.table is not table:
                yield column, key.column


def in_order() -> list[Table]:
    """The tables, what refers to others first."""
    return list(reversed(t.metadata.sorted_tables))


class PurgeRepository:
    """Counts and deletes what is a connection's."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def counts(self, connection_id: int) -> dict[str, int]:
        """Table → how many rows of the connection it has; tables without any are left out."""
        found: dict[str, int] = {}
        for table in in_order():
            condition = belongs(table, connection_id)
            if condition is None:
                continue
            query = select(func.count()).select_from(table).where(condition)
            if count := self.sql.execute(query).scalar_one():
                found[table.name] = count
        return found

    def some(self, table: Table, connection_id: int) -> int:
        """Delete at most :data:`A_BATCH` of the connection's rows; how many were deleted."""
        condition = belongs(table, connection_id)
        if condition is None:
            return 0
        keys = list(table.primary_key)
        some = select(*keys).where(condition).limit(A_BATCH)
        return self.sql.execute(table.delete().where(_key(keys).in_(some))).rowcount

    def leave_log(self, connection_id: int, name: str) -> None:
        """What was done stays in the log, without the connection's people."""
        log, people = t.audit, t.people
        its = list(
            self.sql.execute(
                select(people.c.id).where(people.c.connection_id == connection_id)
            ).scalars()
        )
        for some in chunks(its):
            self.sql.execute(log.update().where(log.c.person_id.in_(some)).values(person_id=0))
        ids = set(its)
        rows = self.sql.execute(
            select(log.c.id, log.c.act, log.c.subject).where(log.c.subject != "")
        ).all()
        for row in rows:
            named = re.search(r"(?:^|: )(\d+)$", row.subject)
            # There a key or a client id stands, and before it the connection.
            if row.act.startswith(("xapi", "lti")):
                words = "" if row.subject.startswith(f"{name}: ") else row.subject
            elif named and int(named[1]) in ids:
                words = row.subject[: named.start(1)] + FORMER
            else:
                continue
            self.sql.execute(log.update().where(log.c.id == row.id).values(subject=words))

    def standing(self, connection_id: int) -> int:
        """How many posts its outlets show, or may show."""
        d, o = t.deliveries, t.outlets
        query = (
            select(func.count())
            .join_from(d, o, o.c.id == d.c.outlet_id)
            .where(
                o.c.connection_id == connection_id,
                stands(),
            )
        )
        return self.sql.execute(query).scalar_one()

    def wanted(self, connection_id: int, limit: int) -> list[int]:
        """Activities that an outlet of the connection still shows or should show."""
        d, o = t.deliveries, t.outlets
        query = (
            select(d.c.activity_id)
            .join_from(d, o, o.c.id == d.c.outlet_id)
            .where(o.c.connection_id == connection_id, d.c.wanted.is_not(None))
            .distinct()
            .limit(limit)
        )
        return list(self.sql.execute(query).scalars())

    def waiting(self, connection_id: int) -> int:
        """How many of its deliveries a worker still has something to do about."""
        d, o = t.deliveries, t.outlets
        query = (
            select(func.count())
            .join_from(d, o, o.c.id == d.c.outlet_id)
            .where(o.c.connection_id == connection_id, d.c.pending.is_(True))
        )
        return self.sql.execute(query).scalar_one()


def _key(keys: list[Column[int]]) -> Any:
    return keys[0] if len(keys) == 1 else tuple_(*keys)
