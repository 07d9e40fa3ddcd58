"""What is taken back, and who is not to be kept.

Revision 0005, after 0004, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_withdrawals_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_withdrawals_person_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_withdrawals_token_hash")),
    )
    op.create_index("ix_withdrawals_person", "withdrawals", ["person_id", "at"])
    op.create_index("ix_withdrawals_at", "withdrawals", ["connection_id", "at"])
    op.create_table(
        "withdrawn",
        sa.Column("withdrawal_uid", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("there", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["withdrawal_uid"],
            ["withdrawals.uid"],
            name=op.f("fk_withdrawn_withdrawal_uid"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_withdrawn_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("withdrawal_uid", "delivery_id", name=op.f("pk_withdrawn")),
    )
    op.create_index("ix_withdrawn_delivery", "withdrawn", ["delivery_id"])
    op.create_table(
        "erased",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_erased_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "hash", name=op.f("pk_erased")),
    )


def downgrade() -> None:
    op.drop_table("erased")
    op.drop_table("withdrawn")
    op.drop_table("withdrawals")
