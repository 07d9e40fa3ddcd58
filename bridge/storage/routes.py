"""What an outlet's rules are about: courses, categories and teams, by name and by number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, or_, select

from bridge.storage import tables as t
from bridge.storage.statements import chunks

_NAMED: dict[str, Any] = {
    "course": (t.courses, [t.courses.c.name, t.courses.c.short_name]),
    "category": (t.categories, [t.categories.c.name]),
    "team": (t.teams, [t.teams.c.name]),
}


class RouteRows:
    """Reads what rules name, and what activities are about."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def called(self, connection_id: int, what: str, word: str) -> list[int]:
        """The ids of the courses, categories or teams of a name, else of that number in the LMS."""
        table, names = _NAMED[what]
        ours = [table.c.connection_id == connection_id, table.c.gone.is_(False)]
        same = or_(*(func.lower(name) == word.lower() for name in names))
        query = select(table.c.id).where(*ours).order_by(table.c.id)
        found = list(self.sql.execute(query.where(same)).scalars())
        if not found and word.isdecimal() and int(word) < 2**31:
            found = list(self.sql.execute(query.where(table.c.lms_id == int(word))).scalars())
        return found

    def written(self, what: str, ids: Collection[int]) -> dict[int, str]:
        """Id → the name of courses, categories or teams, or their number in the LMS where another
        has the same name."""
        table, _ = _NAMED[what]
        other = table.alias("other")
        twins = (
            select(func.count())
            .where(
                other.c.connection_id == table.c.connection_id,
                other.c.gone.is_(False),
                func.lower(other.c.name) == func.lower(table.c.name),
            )
            .scalar_subquery()
        )
        query = select(table.c.id, table.c.name, table.c.lms_id, twins.label("twins"))
        rows = self.sql.execute(query.where(table.c.id.in_(ids)))
        return {row.id: row.name if row.twins == 1 else str(row.lms_id) for row in rows}

    def subjects(self, course_ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Course id → what an activity about it is about, as terms of rules: the course, its tags,
        and its category with all that it lies in."""
        c, k = t.courses, t.categories
        found: dict[int, frozenset[str]] = {}
        for some in chunks(sorted(set(course_ids))):
            query = (
                select(c.c.id, c.c.connection_id, k.c.path)
                .outerjoin(
                    k,
                    (k.c.connection_id == c.c.connection_id) & (k.c.lms_id == c.c.category_lms_id),
                )
                .where(c.c.id.in_(some))
            )
            rows = self.sql.execute(query).all()
            paths = {row.id: _numbers(row.path or "") for row in rows}
            ids = self._categories({(row.connection_id, n) for row in rows for n in paths[row.id]})
            tags = self._tags(some)
            for row in rows:
                above = {f"category:{ids[row.connection_id, n]}" for n in paths[row.id]}
                found[row.id] = frozenset({f"course:{row.id}", *above, *tags.get(row.id, ())})
        return found

    def _tags(self, course_ids: Collection[int]) -> dict[int, list[str]]:
        g = t.course_tags
        found: dict[int, list[str]] = {}
        for row in self.sql.execute(select(g).where(g.c.course_id.in_(course_ids))):
            found.setdefault(row.course_id, []).append(f"topic:{row.tag}")
        return found

    def _categories(self, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
        k = t.categories
        numbers = sorted({number for _, number in places})
        query = select(k.c.id, k.c.connection_id, k.c.lms_id).where(k.c.lms_id.in_(numbers))
        return {(row.connection_id, row.lms_id): row.id for row in self.sql.execute(query)}


def _numbers(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part.isdecimal()]
