"""How much an outlet takes, and when.

Revision 0008, after 0007, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_deliveries_digest", ["digest_id"], "digest_id IS NOT NULL"),
    ("ix_deliveries_edition", ["outlet_id", "due_at"], "state = 'for the digest'"),
    ("ix_deliveries_counted", ["outlet_id", "counted_on"], "counted_on IS NOT NULL"),
)
"""Name, columns and condition of each new index of the deliveries."""


def upgrade() -> None:
    op.create_table(
        "outlet_paces",
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("free_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["outlets.id"],
            name=op.f("fk_outlet_paces_outlet_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("outlet_id", name=op.f("pk_outlet_paces")),
    )
    op.create_table(
        "outlet_health",
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed_since", sa.BigInteger(), nullable=True),
        sa.Column("lasting", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("remedy", sa.Text(), server_default="", nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["outlets.id"],
            name=op.f("fk_outlet_health_outlet_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("outlet_id", name=op.f("pk_outlet_health")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("counted_on", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_deliveries_digest_id"),
            "activities",
            ["digest_id"],
            ["id"],
            ondelete="SET NULL",
        )
    for name, columns, where in INDEXES:
        with op.batch_alter_table("deliveries", schema=None) as batch_op:
            batch_op.create_index(
                name,
                columns,
                unique=False,
                sqlite_where=sa.text(where),
                postgresql_where=sa.text(where),
            )
    # What was only taken was told apart from what is shown by its reason until now.
    op.execute(
        "UPDATE deliveries SET state = 'accepted' WHERE state = 'shown'"
        " AND reason = 'Taken by the outlet, which does not say that it is shown.'"
    )


def downgrade() -> None:
    op.execute("UPDATE deliveries SET state = 'shown' WHERE state = 'accepted'")
    op.execute("DELETE FROM activities WHERE kind = 'digest'")
    op.execute("DELETE FROM deliveries WHERE state IN ('for the digest', 'in a digest')")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        for name, _, where in INDEXES:
            batch_op.drop_index(
                name, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
            )
        batch_op.drop_constraint(batch_op.f("fk_deliveries_digest_id"), type_="foreignkey")
        batch_op.drop_column("counted_on")
        batch_op.drop_column("digest_id")
    op.drop_table("outlet_health")
    op.drop_table("outlet_paces")
