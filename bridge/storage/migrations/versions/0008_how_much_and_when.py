"""How much an outlet takes, and when.

Revision 0008, after 0007, of 2026-11-26.
"""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
