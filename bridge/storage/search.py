"""Finding what people said and what courses are called, within what somebody may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, and_, bindparam, column, select, union, union_all
from sqlalchemy import text as sql_text

from bridge.model import Course
from bridge.storage import feed_entries, feed_ranges
from bridge.storage import tables as t
from bridge.storage.feed_entries import Entry
from bridge.storage.feed_ranges import Position
from bridge.storage.nameable import nameable
from bridge.storage.rows import columns, entity
from bridge.storage.search_index import COMMENTS, DISCUSSIONS, POSTS, Words

NEWEST = 5_000
"""So many of the newest posts, comments and discussions with the words are looked among."""
COURSES = 20
"""Courses of that name whose items are looked among."""
PREFIX = 3
"""A word of so many letters finds the words that begin with it."""


class SearchRepository:
    """Reads the index of words."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def entries(
        self,
        words: Sequence[str],
        course_ids: Sequence[int],
        audiences: Sequence[str],
        before: Position | None,
        limit: int,
        viewer_id: int,
    ) -> list[Entry]:
        """The newest of the audiences' activities with all the words, or about these courses."""
        a, c = t.activities, t.comments
        posts, comments = self._ids(POSTS, words), self._ids(COMMENTS, words)
        discussions = self._ids(DISCUSSIONS, words)
        found = union(
            select(posts.c.id),
            select(c.c.activity_id)
            .join(comments, comments.c.id == c.c.id)
            .join(t.people, and_(t.people.c.id == c.c.person_id, *nameable(t.people))),
            select(a.c.id).join(discussions, discussions.c.id == a.c.discussion_id),
        ).subquery()
        said = feed_ranges.newest_of(select(found.c.id), audiences, before, limit)
        ids: Select[Any] = said
        if course_ids:
            about = feed_ranges.courses(self.sql, course_ids, audiences, before, limit)
            both = union_all(select(said.subquery()), select(about.subquery())).subquery()
            ids = feed_ranges.newest_of(select(both.c.id), audiences, before, limit)
        return feed_entries.read(self.sql, ids, viewer_id)

    def courses(self, connection_id: int, words: Sequence[str], limit: int) -> list[Course]:
        """The visible courses whose name has all the words in it, by name."""
        c = t.courses
        query = (
            select(*columns(c, Course))
            .where(
                c.c.connection_id == connection_id,
                c.c.visible.is_(True),
                c.c.gone.is_(False),
                *(c.c.name.icontains(word, autoescape=True) for word in words),
            )
            .order_by(c.c.name, c.c.id)
            .limit(limit)
        )
        return [entity(Course, row) for row in self.sql.execute(query)]

    def _ids(self, of: Words, words: Sequence[str]) -> Any:
        """The ids of the rows with all the words, the newest of them."""
        if self.sql.dialect.name == "postgresql":
            asked = " & ".join(f"'{w}':*" if len(w) >= PREFIX else f"'{w}'" for w in words)
            vector = of.vector.replace(":_", "\\:_")  # It is no parameter.
            query = f"SELECT id FROM {of.table} WHERE {of.where} AND {vector} @@"
            query += " to_tsquery('simple', :asked) ORDER BY id DESC LIMIT :newest"
        else:
            asked = " ".join(f'"{w}"*' if len(w) >= PREFIX else f'"{w}"' for w in words)
            query = f"SELECT rowid AS id FROM {of.name} WHERE {of.name} MATCH :asked"
            query += " ORDER BY rowid DESC LIMIT :newest"
        # The signs of the query languages are not letters, so that no word has any of them.
        return (
            sql_text(query)
            .bindparams(
                bindparam("asked", asked, unique=True), bindparam("newest", NEWEST, unique=True)
            )
            .columns(column("id", t.activities.c.id.type))
            .subquery()
        )
