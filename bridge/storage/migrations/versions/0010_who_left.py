"""Who left, and what that takes back.

Revision 0010, after 0009, of 2026-11-26.
"""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
