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
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("used_at", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_feed_links_person", ["person_id"])


def downgrade() -> None:
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.drop_index("ix_feed_links_person")
        batch_op.drop_column("used_at")
        batch_op.drop_column("name")
