"""What a leader plans, and who prepares it.

Revision 0013, after 0012, of 2026-11-26.
"""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
