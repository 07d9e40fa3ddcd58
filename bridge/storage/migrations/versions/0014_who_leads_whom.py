"""Who leads whom, and how they hear of it.

Revision 0014, after 0013, of 2026-11-26.
"""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
