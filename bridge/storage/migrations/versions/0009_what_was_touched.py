"""What was touched, and when.

Revision 0009, after 0008, of 2026-11-26.
"""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
