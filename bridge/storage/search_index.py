"""The index of words that the search reads, beside the tables, in each database's own way.

SQLite has FTS5 tables that hold no text of their own: triggers tell them of every word that comes
and goes, in the same transaction. PostgreSQL has an index over the rows themselves. Either way what
is emptied, gone or deleted is not found any more from that moment, whoever did it and however.
Alembic does not know these things; the migration makes them by the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.storage.beside_tables import come_and_go

LONGEST = 20_000
"""Characters of a text that PostgreSQL reads words from: it refuses to index a megabyte."""
_SIGNS = "-./@:_"
"""PostgreSQL makes one word of an address; SQLite several. Here both make several."""


@dataclass(frozen=True)
class Words:
    """One table whose words are found."""

    table: str
    name: str
    """Of the FTS5 table."""
    columns: tuple[str, ...]
    shown: str
    """Which rows, as a condition with ``{}`` before every column."""

    @property
    def vector(self) -> str:
        """The words of a row, for PostgreSQL; a query has to say it in just these words."""
        parts = [f"left({self.table}.{column}, {LONGEST})" for column in self.columns]
        whole = " || ' ' || ".join(parts)
        return f"to_tsvector('simple'::regconfig, translate({whole}, '{_SIGNS}', '      '))"

    @property
    def where(self) -> str:
        """The condition of the rows that are found."""
        return self.shown.format(*[f"{self.table}."] * self.shown.count("{}"))

    def make(self, dialect: str) -> list[str]:
        """The statements that make the index."""
        if dialect == "postgresql":
            index = f"CREATE INDEX ix_{self.name} ON {self.table} USING gin ({self.vector})"
            return [f"{index} WHERE {self.where}"]
        names = ", ".join(self.columns)

        def row(which: str) -> str:
            return ", ".join(f"{which}.{column}" for column in ("id", *self.columns))

        def shown(which: str) -> str:
            return self.shown.format(*[f"{which}."] * self.shown.count("{}"))

        put = f"INSERT INTO {self.name} (rowid, {names}) SELECT {row('new')} WHERE {shown('new')};"
        take = f"INSERT INTO {self.name} ({self.name}, rowid, {names}) SELECT 'delete', "
        take += f"{row('old')} WHERE {shown('old')};"
        differs = " OR ".join(f"old.{c} IS NOT new.{c}" for c in (*self.columns, "gone"))
        changed = f"UPDATE OF {names}, gone ON {self.table} WHEN {differs}"
        return [
            f"CREATE VIRTUAL TABLE {self.name} USING fts5 ({names}, content='{self.table}',"
            " content_rowid='id', detail='none', tokenize='unicode61 remove_diacritics 0')",
            f"CREATE TRIGGER {self.name}_put AFTER INSERT ON {self.table} BEGIN {put} END",
            f"CREATE TRIGGER {self.name}_taken AFTER DELETE ON {self.table} BEGIN {take} END",
            f"CREATE TRIGGER {self.name}_changed AFTER {changed} BEGIN {take} {put} END",
        ]

    def unmake(self, dialect: str) -> list[str]:
        """The statements that take the index away."""
        if dialect == "postgresql":
            return [f"DROP INDEX IF EXISTS ix_{self.name}"]
        triggers = [f"DROP TRIGGER IF EXISTS {self.name}_{n}" for n in ("put", "taken", "changed")]
        return [*triggers, f"DROP TABLE IF EXISTS {self.name}"]


POSTS = Words("activities", "activity_words", ("text",), "NOT {}gone AND {}text <> ''")
COMMENTS = Words("comments", "comment_words", ("text",), "NOT {}gone AND {}text <> ''")
DISCUSSIONS = Words("discussions", "discussion_words", ("title", "text"), "NOT {}gone")
ALL = (POSTS, COMMENTS, DISCUSSIONS)


def in_tables(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Whether Alembic should look for the thing in the tables: all but what stands here."""
    mine = tuple(words.name for words in ALL)
    return not (reflected and str(name or "").removeprefix("ix_").startswith(mine))


come_and_go(ALL)
