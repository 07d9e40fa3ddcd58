"""Who signs in at an OpenID Connect provider, and where a role comes from.

Revision 0019, after 0018, of 2026-11-27.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "roles", sa.Column("origin", sa.String(length=10), server_default="hand", nullable=False)
    )
    op.create_table(
        "oidc_subjects",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_oidc_subjects_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issuer", "sub", "person_id", name=op.f("pk_oidc_subjects")),
    )
    op.create_index("ix_oidc_subjects_person", "oidc_subjects", ["person_id"])
    op.create_table(
        "oidc_logins",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_oidc_logins")),
    )
    op.create_index("ix_oidc_logins_expires", "oidc_logins", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_oidc_logins_expires", table_name="oidc_logins")
    op.drop_table("oidc_logins")
    op.drop_index("ix_oidc_subjects_person", table_name="oidc_subjects")
    op.drop_table("oidc_subjects")
    op.drop_column("roles", "origin")
