"""What is new to whom: topics, notices, places read to.

Revision 0007, after 0006, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_places",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("line_published", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("seen_published", sa.BigInteger(), nullable=False),
        sa.Column("seen_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_reading_places_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reading_places")),
    )
    op.create_table(
        "follows",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_follows_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_follows")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        _ref("notices", "person_id", "people"),
        _ref("notices", "activity_id", "activities"),
        _ref("notices", "comment_id", "comments"),
        _ref("notices", "actor_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_person", "notices", ["person_id", "id"])
    _index("ix_notices_unread", ["person_id", "id"], "read_at IS NULL", unique=False)
    _index("uq_notices_comment", ["comment_id", "person_id"], "comment_id IS NOT NULL")
    _index(
        "uq_notices_activity",
        ["activity_id", "person_id", "actor_id", "kind"],
        "comment_id IS NULL",
    )
    op.create_index("ix_notices_activity", "notices", ["activity_id"])
    op.create_index("ix_notices_actor", "notices", ["actor_id"])
    op.create_index("ix_notices_at", "notices", ["at"])
    op.create_table(
        "notice_letters",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("covered_to", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.String(length=36), nullable=True),
        sa.Column("attempted_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("doubt_at", sa.BigInteger(), nullable=True),
        _ref("notice_letters", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_letters")),
    )
    op.create_index("ix_notice_letters_next", "notice_letters", ["next_at"])
    _index_words()
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("used_at", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_feed_links_person", ["person_id"])


# Table, FTS5 table, columns, which rows.
WORDS = (
    ("activities", "activity_words", ("text",), "NOT {}gone AND {}text <> ''"),
    ("comments", "comment_words", ("text",), "NOT {}gone AND {}text <> ''"),
    ("discussions", "discussion_words", ("title", "text"), "NOT {}gone"),
)


def _index_words() -> None:
    for table, name, columns, shown in WORDS:
        if op.get_bind().dialect.name == "postgresql":
            whole = " || ' ' || ".join(f"left({table}.{column}, 20000)" for column in columns)
            vector = f"to_tsvector('simple'::regconfig, translate({whole}, '-./@:_', '      '))"
            where = shown.replace("{}", f"{table}.")
            op.execute(
                sa.text(
                    f"CREATE INDEX ix_{name} ON {table} USING gin ({vector}) WHERE {where}".replace(
                        ":", "\\:"
                    )
                )
            )
            continue
        names = ", ".join(columns)
        new, old = (", ".join(f"{which}.{c}" for c in ("id", *columns)) for which in ("new", "old"))
        is_new, was = (shown.replace("{}", f"{which}.") for which in ("new", "old"))
        put = f"INSERT INTO {name} (rowid, {names}) SELECT {new} WHERE {is_new};"
        take = (
            f"INSERT INTO {name} ({name}, rowid, {names}) SELECT 'delete', {old} WHERE {was};"
        )
        differs = " OR ".join(f"old.{c} IS NOT new.{c}" for c in (*columns, "gone"))
        changed = f"UPDATE OF {names}, gone ON {table} WHEN {differs}"
        for statement in (
            f"CREATE VIRTUAL TABLE {name} USING fts5 ({names}, content='{table}',"
            " content_rowid='id', detail='none', tokenize='unicode61 remove_diacritics 0')",
            f"CREATE TRIGGER {name}_put AFTER INSERT ON {table} BEGIN {put} END",
            f"CREATE TRIGGER {name}_taken AFTER DELETE ON {table} BEGIN {take} END",
            f"CREATE TRIGGER {name}_changed AFTER {changed} BEGIN {take} {put} END",
            f"INSERT INTO {name} (rowid, {names}) SELECT id, {names} FROM {table}"
            f" WHERE {shown.replace('{}', '')}",
        ):
            op.execute(statement)


def _unindex_words() -> None:
    for _, name, _, _ in WORDS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP INDEX ix_{name}")
            continue
        for trigger in ("put", "taken", "changed"):
            op.execute(f"DROP TRIGGER {name}_{trigger}")
        op.execute(f"DROP TABLE {name}")


def _ref(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def _index(name: str, columns: list[str], where: str, *, unique: bool = True) -> None:
    op.create_index(
        name,
        "notices",
        columns,
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def downgrade() -> None:
    _unindex_words()
    op.drop_table("notice_letters")
    op.drop_table("notices")
    op.drop_table("follows")
    op.drop_table("reading_places")
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.drop_index("ix_feed_links_person")
        batch_op.drop_column("used_at")
        batch_op.drop_column("name")
