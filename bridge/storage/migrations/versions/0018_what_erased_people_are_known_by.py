"""What erased people are known by when the secret key was changed.

Revision 0018, after 0017, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "naming_keys",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("key_sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_naming_keys")),
    )


def downgrade() -> None:
    op.drop_table("naming_keys")
