"""Who wants no more letters from an outlet.

Revision 0003, after 0002, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outlet_unsubscribed",
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outlet_id"],
            ["outlets.id"],
            name=op.f("fk_outlet_unsubscribed_outlet_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("outlet_id", "address", name=op.f("pk_outlet_unsubscribed")),
    )


def downgrade() -> None:
    op.drop_table("outlet_unsubscribed")
