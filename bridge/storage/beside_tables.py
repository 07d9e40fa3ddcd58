"""What stands beside a table and SQLAlchemy does not know: it comes and goes with the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import DDL, event

from bridge.storage import tables as t


class Beside(Protocol):
    """What is made of one table, in each database's own way."""

    @property
    def table(self) -> str:
        """Its name."""

    def make(self, dialect: str) -> list[str]:
        """The statements that make it."""

    def unmake(self, dialect: str) -> list[str]:
        """The statements that take it away."""


def come_and_go(things: Iterable[Beside]) -> None:
    """Make each when its table was created, and take it away before the table is dropped."""
    for thing in things:
        table = t.metadata.tables[thing.table]
        for dialect in ("sqlite", "postgresql"):
            for made in thing.make(dialect):
                event.listen(table, "after_create", DDL(made).execute_if(dialect=dialect))
            for gone in thing.unmake(dialect):
                event.listen(table, "before_drop", DDL(gone).execute_if(dialect=dialect))
