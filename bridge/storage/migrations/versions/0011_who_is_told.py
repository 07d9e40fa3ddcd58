"""Who may read what, and who is told.

Revision 0011, after 0010, of 2026-11-26.
"""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
