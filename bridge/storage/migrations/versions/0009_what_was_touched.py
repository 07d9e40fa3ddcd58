"""What was touched, and when.

Revision 0009, after 0008, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "touches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touches")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_touches_xid", "touches", ["xid"], unique=False)
    op.drop_index("ix_activities_feed", table_name="activities")
    op.create_index(
        "ix_activities_feed",
        "activities",
        ["audience", "published", "id"],
        unique=False,
        sqlite_where=sa.text("gone IS 0"),
        postgresql_where=sa.text("gone IS false"),
    )


def downgrade() -> None:
    op.drop_index("ix_activities_feed", table_name="activities")
    op.create_index(
        "ix_activities_feed", "activities", ["audience", "published", "id"], unique=False
    )
    op.drop_table("touches")
