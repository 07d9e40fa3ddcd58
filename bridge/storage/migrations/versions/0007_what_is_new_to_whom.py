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
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("used_at", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_feed_links_person", ["person_id"])


def downgrade() -> None:
    op.drop_table("follows")
    op.drop_table("reading_places")
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.drop_index("ix_feed_links_person")
        batch_op.drop_column("used_at")
        batch_op.drop_column("name")
