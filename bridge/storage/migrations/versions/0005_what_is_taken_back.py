"""What is taken back, and who is not to be kept.

Revision 0005, after 0004, of 2026-11-26.
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
