"""Who asks to come in, and where people are signed in.

Revision 0017, after 0016, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(length=255), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_requests")),
    )
    op.add_column(
        "sessions", sa.Column("browser", sa.String(length=60), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("sessions", "browser")
    op.drop_table("sign_in_requests")
