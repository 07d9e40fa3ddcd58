"""What is new to whom: topics, notices, places read to.

Revision 0007, after 0006, of 2026-11-26.
"""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
