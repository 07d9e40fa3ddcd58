"""What people chose, and who may never be named.

Revision 0004, after 0003, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_words",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("announce", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_policy_words_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "kind", "name", name=op.f("pk_policy_words")),
    )
    op.create_table(
        "course_tags",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_course_tags_course_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "tag", name=op.f("pk_course_tags")),
    )
    with op.batch_alter_table("course_tags", schema=None) as batch_op:
        batch_op.create_index("ix_course_tags_tag", ["tag", "course_id"], unique=False)
    with op.batch_alter_table("people", schema=None) as batch_op:
        for flag in ("never_named", "pending"):
            batch_op.add_column(
                sa.Column(flag, sa.Boolean(), server_default=sa.text("false"), nullable=False)
            )
        batch_op.add_column(sa.Column("asked_at", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "ix_people_pending",
            ["connection_id", "id"],
            unique=False,
            sqlite_where=sa.text("pending"),
            postgresql_where=sa.text("pending"),
        )
    with op.batch_alter_table("courses", schema=None) as batch_op:
        for name in ("quiet", "rule"):
            batch_op.add_column(
                sa.Column(name, sa.String(length=10), server_default="", nullable=False)
            )
    with op.batch_alter_table("consent_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("completion_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_consent_log_completion_id"),
            "completions",
            ["completion_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_index("ix_consent_log_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_consent_log_at", ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("consent_log", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_log_at")
        batch_op.drop_index("ix_consent_log_person")
        batch_op.drop_constraint(op.f("fk_consent_log_completion_id"), type_="foreignkey")
        batch_op.drop_column("completion_id")
    with op.batch_alter_table("courses", schema=None) as batch_op:
        for name in ("rule", "quiet"):
            batch_op.drop_column(name)
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index("ix_people_pending")
        for name in ("asked_at", "pending", "never_named"):
            batch_op.drop_column(name)
    op.drop_table("course_tags")
    op.drop_table("policy_words")
