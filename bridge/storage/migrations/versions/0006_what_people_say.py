"""What people say: edits, mentions, reports; renewals and milestones.

Revision 0006, after 0005, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(sa.Column("edited_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("standing", sa.String(length=10), server_default="shown", nullable=False)
        )
        batch_op.create_index(
            "uq_activities_renewal",
            ["course_id", "day", "audience"],
            unique=True,
            sqlite_where=sa.text("kind = 'renewal'"),
            postgresql_where=sa.text("kind = 'renewal'"),
        )

    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("edited_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("standing", sa.String(length=10), server_default="shown", nullable=False)
        )
    op.execute("UPDATE comments SET standing = 'removed' WHERE gone")
    op.execute("UPDATE activities SET standing = 'removed' WHERE gone AND kind IN ('post', 'share')")

    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _ref("mentions", "activity_id", "activities"),
        _ref("mentions", "comment_id", "comments"),
        _ref("mentions", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
    )
    op.create_index("ix_mentions_activity", "mentions", ["activity_id", "comment_id"])
    op.create_index("ix_mentions_person", "mentions", ["person_id", "at"])

    op.create_table(
        "wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        _ref("wordings", "activity_id", "activities"),
        _ref("wordings", "comment_id", "comments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
    )
    op.create_index("ix_wordings_activity", "wordings", ["activity_id", "comment_id"])
    op.create_index("ix_wordings_until", "wordings", ["until"])

    op.create_table(
        "shrunk_groups",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        _ref("shrunk_groups", "connection_id", "connections"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_shrunk_groups")),
    )
    op.create_index("ix_shrunk_groups_connection", "shrunk_groups", ["connection_id"])

    op.create_table(
        "milestones",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _ref("milestones", "connection_id", "connections"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_milestones")),
    )
    op.create_index("ix_milestones_connection", "milestones", ["connection_id"])

    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        _ref("reports", "activity_id", "activities"),
        _ref("reports", "comment_id", "comments"),
        _ref("reports", "reporter_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(
        "uq_reports_activity",
        "reports",
        ["activity_id", "reporter_id"],
        unique=True,
        sqlite_where=sa.text("comment_id IS NULL"),
        postgresql_where=sa.text("comment_id IS NULL"),
    )
    op.create_index(
        "uq_reports_comment",
        "reports",
        ["comment_id", "reporter_id"],
        unique=True,
        sqlite_where=sa.text("comment_id IS NOT NULL"),
        postgresql_where=sa.text("comment_id IS NOT NULL"),
    )
    op.create_index("ix_reports_reporter", "reports", ["reporter_id", "at"])
    op.create_index("ix_reports_open", "reports", ["settled_at", "at"])

    op.create_table(
        "moderations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("moderator_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _ref("moderations", "activity_id", "activities"),
        _ref("moderations", "comment_id", "comments"),
        _ref("moderations", "author_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderations")),
    )
    op.create_index("ix_moderations_activity", "moderations", ["activity_id", "at"])
    op.create_index("ix_moderations_author", "moderations", ["author_id", "at"])


def downgrade() -> None:
    for table in ("moderations", "reports", "milestones", "shrunk_groups", "wordings", "mentions"):
        op.drop_table(table)

    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_column("standing")
        batch_op.drop_column("edited_at")
        batch_op.drop_column("parent_id")

    # A bridge of before knows neither kind.
    op.execute("DELETE FROM activities WHERE kind IN ('renewal', 'milestone')")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_activities_renewal",
            sqlite_where=sa.text("kind = 'renewal'"),
            postgresql_where=sa.text("kind = 'renewal'"),
        )
        batch_op.drop_column("standing")
        batch_op.drop_column("edited_at")
        batch_op.drop_column("number")
