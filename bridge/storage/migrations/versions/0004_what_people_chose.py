"""What people chose, and who may never be named.

Revision 0004, after 0003, of 2026-11-26.
"""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
