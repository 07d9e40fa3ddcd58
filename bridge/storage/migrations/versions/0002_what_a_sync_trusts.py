"""What a sync trusts: settings, health, reconciliation, renewals, xAPI.

Revision 0002, after 0001, of 2026-11-25.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The first tables had this reference at first; a row of completions is not checked for it now.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE completions DROP CONSTRAINT IF EXISTS fk_completions_connection_id")
    op.create_table(
        "connection_health",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed_since", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("remedy", sa.Text(), server_default="", nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_connection_health_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_connection_health")),
    )
    op.create_table(
        "xapi_keys",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("accounts", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_xapi_keys_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_xapi_keys")),
    )
    op.create_table(
        "xapi_statements",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "fact",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_xapi_statements_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "id", name=op.f("pk_xapi_statements")),
    )
    with op.batch_alter_table("xapi_statements", schema=None) as batch_op:
        batch_op.create_index(
            "ix_xapi_statements_state", ["connection_id", "state", "received_at"], unique=False
        )

    with op.batch_alter_table("completions", schema=None) as batch_op:
        batch_op.drop_index("ix_completions_time")
        batch_op.create_index(
            "ix_completions_time",
            ["connection_id", "completed_at"],
            unique=False,
            sqlite_where=sa.text("NOT history"),
            postgresql_where=sa.text("NOT history"),
        )
        batch_op.drop_index("ix_completions_pending")
        batch_op.create_index(
            "ix_completions_pending",
            ["connection_id", "id"],
            unique=False,
            sqlite_where=sa.text("pending"),
            postgresql_where=sa.text("pending"),
        )
        batch_op.add_column(sa.Column("dated_as", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("moved_from", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("renewals", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )

    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "settings",
                sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
                server_default=sa.text("'{}'"),
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column("secret_sealed", sa.Text(), server_default="", nullable=False)
        )

    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reconciled_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("people_refused_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("verdicts_refused_at", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.create_index("ix_enrolments_access", ["last_access_at"], unique=False)
        batch_op.create_index(
            "ix_enrolments_unchecked",
            ["course_id", "person_id"],
            unique=False,
            sqlite_where=sa.text("NOT checked"),
            postgresql_where=sa.text("NOT checked"),
        )

    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.add_column(sa.Column("manager_lms_id", sa.Integer(), nullable=True))
        batch_op.create_index("uq_teams_manager", ["connection_id", "manager_lms_id"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_index("uq_teams_manager")
        batch_op.drop_column("manager_lms_id")

    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_enrolments_unchecked",
            sqlite_where=sa.text("NOT checked"),
            postgresql_where=sa.text("NOT checked"),
        )
        batch_op.drop_index("ix_enrolments_access")

    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.drop_column("verdicts_refused_at")
        batch_op.drop_column("people_refused_at")
        batch_op.drop_column("reconciled_at")

    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_column("secret_sealed")
        batch_op.drop_column("settings")

    with op.batch_alter_table("completions", schema=None) as batch_op:
        batch_op.drop_index("ix_completions_time")
        batch_op.create_index(
            "ix_completions_time", ["connection_id", "completed_at"], unique=False
        )
        batch_op.drop_index("ix_completions_pending")
        batch_op.create_index("ix_completions_pending", ["connection_id", "pending"], unique=False)
        batch_op.drop_column("renewals")
        batch_op.drop_column("moved_from")
        batch_op.drop_column("dated_as")

    with op.batch_alter_table("xapi_statements", schema=None) as batch_op:
        batch_op.drop_index("ix_xapi_statements_state")

    op.drop_table("xapi_statements")
    op.drop_table("xapi_keys")
    op.drop_table("connection_health")
