"""What is suggested, and why.

Revision 0012, after 0011, of 2026-11-26.
"""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
