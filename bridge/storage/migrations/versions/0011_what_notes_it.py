"""What notes that something was touched: triggers, in each database's own way.

Revision 0011, after 0010, of 2026-11-26. It stands behind all that alters the tables it watches: on
SQLite a table that is made anew loses its triggers.
"""

from collections.abc import Iterator

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WATCHED = (
    ("activities", "activity", "id", "uid connection_id kind audience published updated revision gone actor_id behalf_of_id course_id discussion_id day title text question number edited_at standing others group_size", False, True),
    ("activity_members", "activity", "activity_id", "person_id completion_id at", True, True),
    ("comments", "activity", "activity_id", "person_id parent_id text at edited_at gone standing", True, True),
    ("people", "person", "id", "name photo_url suspended gone never_named", False, False),
    ("consents", "person", "person_id", "choice", True, True),
    ("completions", "person", "person_id", "completed_at dated seen_at hidden revoked", False, False),
    ("courses", "course", "id", "connection_id lms_id name summary url category visible mandatory gone self_enrol starts_at ends_at first_seen_at", False, False),
    ("teams", "team", "id", "name gone", False, False),
    ("discussions", "discussion", "id", "connection_id course_id lms_id forum_lms_id first_post_lms_id author_id title text created_at replies url ours answered_at gone", False, False),
)
"""Table, kind, the id's column, the columns; whether rows that come count, and those that go."""


def upgrade() -> None:
    made = _on_postgresql if op.get_bind().dialect.name == "postgresql" else _on_sqlite
    for table, kind, ident, columns, coming, going in WATCHED:
        moments = {"coming": ("INSERT", "new")} if coming else {}
        moments |= {"going": ("DELETE", "old")} if going else {}
        for statement in made(table, kind, ident, columns.split(), moments):
            op.get_bind().exec_driver_sql(statement)


Moments = dict[str, tuple[str, str]]


def _on_sqlite(
    table: str, kind: str, ident: str, columns: list[str], moments: Moments
) -> Iterator[str]:
    def note(which: str) -> str:
        what = f"'{kind}:' || {which}.{ident}"
        return f"BEGIN INSERT INTO touches (what) VALUES ({what}); END"

    differs = " OR ".join(f"old.{c} IS NOT new.{c}" for c in columns)
    yield (
        f"CREATE TRIGGER touched_{table}_changed AFTER UPDATE OF {', '.join(columns)} ON {table}"
        f" WHEN {differs} {note('new')}"
    )
    for moment, (event, row) in moments.items():
        yield (
            f"CREATE TRIGGER touched_{table}_{moment} AFTER {event} ON {table} {note(row)}"
        )


def _on_postgresql(
    table: str, kind: str, ident: str, columns: list[str], moments: Moments
) -> Iterator[str]:
    def note(what: str, source: str) -> str:
        return (
            "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO touches (what, xid)"
            f" SELECT DISTINCT '{kind}:' || {what}, pg_current_xact_id()::text::bigint"
            f"{source}; RETURN NULL; END $$"
        )

    differs = " OR ".join(f"old.{c} IS DISTINCT FROM new.{c}" for c in columns)
    name = f"touched_{table}_changed"
    yield f"CREATE FUNCTION {name}() {note(f'new.{ident}', '')}"
    yield (
        f"CREATE TRIGGER {name} AFTER UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW"
        f" WHEN ({differs}) EXECUTE FUNCTION {name}()"
    )
    for moment, (event, rows) in moments.items():
        name = f"touched_{table}_{moment}"
        yield f"CREATE FUNCTION {name}() {note(ident, ' FROM rows_touched')}"
        yield (
            f"CREATE TRIGGER {name} AFTER {event} ON {table}"
            f" REFERENCING {rows.upper()} TABLE AS rows_touched"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, _, _, _, coming, going in WATCHED:
        for moment in ("changed", *["coming"] * coming, *["going"] * going):
            name = f"touched_{table}_{moment}"
            op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgresql else ""))
            if postgresql:
                op.execute(f"DROP FUNCTION {name}()")
