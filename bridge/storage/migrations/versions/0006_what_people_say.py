"""What people say: edits, mentions, reports.

Revision 0006, after 0005, of 2026-11-26.
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
