"""What of a feed's rows was changed, by whomever: the tables say so themselves.

A view of an activity that was made for one page (:mod:`bridge.storage.ready`) may serve the next
one as long as nothing that it shows is touched. Triggers write down what is, in the transaction
that touches it, so no writer has to think of it, and what is withdrawn is gone from the next page
on. A change is one short row, whatever it is shown in: ``person:7``, not every activity that names
them. Alembic does not know triggers; the migration makes them by the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select, text

from bridge.model import Activity, Course, Discussion
from bridge.storage import tables as t
from bridge.storage.beside_tables import come_and_go

EVERYTHING = "*"
"""What is written in the place of older rows when those are forgotten."""


@dataclass(frozen=True)
class Watch:
    """One table that is watched."""

    table: str
    kind: str
    """What a change of a row touches: with :attr:`ident` it is ``kind:ident``."""
    ident: str
    columns: tuple[str, ...]
    """Those whose change is one."""
    coming: bool = False
    """Whether a new row touches it, too."""
    going: bool = False
    """Whether a deleted row does."""

    def make(self, dialect: str) -> list[str]:
        """The statements that make the triggers."""
        return self._postgresql() if dialect == "postgresql" else self._sqlite()

    def unmake(self, dialect: str) -> list[str]:
        """The statements that take them away."""
        moments = ["changed", *["coming"] * self.coming, *["going"] * self.going]
        if dialect == "postgresql":
            return [
                *(f"DROP TRIGGER IF EXISTS {self._name(m)} ON {self.table}" for m in moments),
                *(f"DROP FUNCTION IF EXISTS {self._name(m)}()" for m in moments),
            ]
        return [f"DROP TRIGGER IF EXISTS {self._name(moment)}" for moment in moments]

    def _name(self, moment: str) -> str:
        return f"touched_{self.table}_{moment}"

    def _differs(self, is_not: str) -> str:
        return " OR ".join(f"old.{c} {is_not} new.{c}" for c in self.columns)

    def _sqlite(self) -> list[str]:
        def note(which: str) -> str:
            what = f"'{self.kind}:' || {which}.{self.ident}"
            return f"BEGIN INSERT INTO touches (what) VALUES ({what}); END"

        def trigger(moment: str, when: str, which: str) -> str:
            return f"CREATE TRIGGER {self._name(moment)} AFTER {when} {note(which)}"

        names = ", ".join(self.columns)
        changed = f"UPDATE OF {names} ON {self.table} WHEN {self._differs('IS NOT')}"
        made = [trigger("changed", changed, "new")]
        if self.coming:
            made.append(trigger("coming", f"INSERT ON {self.table}", "new"))
        if self.going:
            made.append(trigger("going", f"DELETE ON {self.table}", "old"))
        return made

    def _postgresql(self) -> list[str]:
        # A page looks for what was written by transactions that an earlier page could not see.
        def note(what: str, source: str) -> str:
            return (
                "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO touches (what, xid)"
                f" SELECT DISTINCT '{self.kind}:' || {what}, pg_current_xact_id()::text::bigint"
                f"{source}; RETURN NULL; END $$"
            )

        changed, names = self._name("changed"), ", ".join(self.columns)
        made = [
            f"CREATE FUNCTION {changed}() {note(f'new.{self.ident}', '')}",
            # The condition is asked before the function is called: a row that changes in other
            # ways, as hundreds of thousands do in a sync, costs next to nothing.
            f"CREATE TRIGGER {changed} AFTER UPDATE OF {names} ON {self.table} FOR EACH ROW"
            f" WHEN ({self._differs('IS DISTINCT FROM')}) EXECUTE FUNCTION {changed}()",
        ]
        for moment, when, table in (("coming", "INSERT", "NEW"), ("going", "DELETE", "OLD")):
            if not getattr(self, moment):
                continue
            name = self._name(moment)
            made += [
                f"CREATE FUNCTION {name}() {note(self.ident, ' FROM rows_touched')}",
                f"CREATE TRIGGER {name} AFTER {when} ON {self.table}"
                f" REFERENCING {table} TABLE AS rows_touched"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
            ]
        return made


def _shown(kind: type[Any], table: str, *more: str) -> tuple[str, ...]:
    there = t.metadata.tables[table].c
    names = [f.name for f in fields(kind) if f.name in there and f.name != "id"]
    return (*names, *(name for name in more if name not in names))


NAMEABLE = ("suspended", "gone", "never_named")
ALL = (
    Watch("activities", "activity", "id", _shown(Activity, "activities", "group_size"), going=True),
    Watch(
        "activity_members",
        "activity",
        "activity_id",
        ("person_id", "completion_id", "at"),
        coming=True,
        going=True,
    ),
    Watch(
        "comments",
        "activity",
        "activity_id",
        ("person_id", "parent_id", "text", "at", "edited_at", "gone", "standing"),
        coming=True,
        going=True,
    ),
    Watch("people", "person", "id", ("name", "photo_url", *NAMEABLE)),
    Watch("consents", "person", "person_id", ("choice",), coming=True, going=True),
    Watch(
        "completions",
        "person",
        "person_id",
        ("completed_at", "dated", "seen_at", "hidden", "revoked"),
    ),
    Watch("courses", "course", "id", _shown(Course, "courses")),
    Watch("teams", "team", "id", ("name", "gone")),
    Watch("discussions", "discussion", "id", _shown(Discussion, "discussions", "gone")),
)


def forget(sql: SqlConnection, keep: int) -> int:
    """Forget all but about the newest ``keep`` rows; how many were forgotten.

    Whoever has not heard of them is told that everything was touched.
    """
    touches = t.touches.c
    newest = sql.execute(select(func.max(touches.id))).scalar() or 0
    gone = sql.execute(t.touches.delete().where(touches.id <= newest - keep)).rowcount
    if gone:
        by = text("pg_current_xact_id()::text::bigint") if sql.dialect.name != "sqlite" else None
        sql.execute(t.touches.insert().values(what=EVERYTHING, xid=by))
    return gone


come_and_go(ALL)
