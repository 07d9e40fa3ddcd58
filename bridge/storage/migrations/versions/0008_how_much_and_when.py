"""How much an outlet takes, and when.

Revision 0008, after 0007, of 2026-11-26.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was only taken was told apart from what is shown by its reason until now.
    op.execute(
        "UPDATE deliveries SET state = 'accepted' WHERE state = 'shown'"
        " AND reason = 'Taken by the outlet, which does not say that it is shown.'"
    )


def downgrade() -> None:
    op.execute("UPDATE deliveries SET state = 'shown' WHERE state = 'accepted'")
