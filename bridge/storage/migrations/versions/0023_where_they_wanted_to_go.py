"""Which page who asks for a sign-in link wanted to see.

Revision 0023, after 0022, of 2026-11-27.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sign_in_requests", sa.Column("next", sa.Text(), server_default="/", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("sign_in_requests", "next")
