"""Which courses a platform is asked about, and at which platform a session began.

Revision 0022, after 0021, of 2026-11-27.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lti_rosters",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("pending", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("behind_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_lti_rosters_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["lti_platforms.id"],
            name=op.f("fk_lti_rosters_platform_id_lti_platforms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_lti_rosters")),
    )
    op.create_index("ix_lti_rosters_platform", "lti_rosters", ["platform_id"])
    op.add_column("sessions", sa.Column("platform_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "platform_id")
    op.drop_index("ix_lti_rosters_platform", table_name="lti_rosters")
    op.drop_table("lti_rosters")
