"""Who helps a leader.

Revision 0013, after 0012, of 2026-11-26.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delegates",
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("may_post", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["people.id"], name=op.f("fk_delegates_leader_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_delegates_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("leader_id", "person_id", name=op.f("pk_delegates")),
    )
    op.create_index("ix_delegates_person", "delegates", ["person_id", "leader_id"], unique=False)
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_plans_by_id"), "people", ["by_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_plans_by_id"), type_="foreignkey")
        batch_op.drop_column("by_id")
    op.drop_table("delegates")
