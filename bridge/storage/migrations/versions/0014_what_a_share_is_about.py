"""What a share is about, where that is no course: an activity of the feed.

Revision 0014, after 0013, of 2026-11-26. The trigger that watches the activities is made anew, for
it names their columns.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BEFORE = "uid connection_id kind audience published updated revision gone actor_id behalf_of_id course_id discussion_id day title text question number edited_at standing others group_size"
AFTER = BEFORE.replace("discussion_id day", "discussion_id about_id day")


def upgrade() -> None:
    _unwatch()
    # By the database's own words: Alembic would make the table anew on SQLite, where all that refers
    # to its rows would go with them.
    op.execute("ALTER TABLE activities ADD COLUMN about_id INTEGER")
    op.create_index(
        "ix_activities_about",
        "activities",
        ["about_id"],
        unique=False,
        sqlite_where=sa.text("about_id IS NOT NULL"),
        postgresql_where=sa.text("about_id IS NOT NULL"),
    )
    _watch(AFTER.split())
    begun = _begun()
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.alter_column("course_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_suggestions_about_id"), "activities", ["about_id"], ["id"], ondelete="CASCADE"
        )
    op.create_index(
        "uq_suggestions_about", "suggestions", ["leader_id", "week", "about_id"], unique=True
    )
    op.create_index("ix_suggestions_about", "suggestions", ["about_id"], unique=False)
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.alter_column("course_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_plans_about_id"), "activities", ["about_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index("ix_plans_about", "plans", ["about_id"], unique=False)
    _begin_again(begun)


def downgrade() -> None:
    _unwatch()
    op.execute("DELETE FROM plans WHERE course_id IS NULL")
    op.execute("DELETE FROM suggestions WHERE course_id IS NULL")
    begun = _begun()
    op.drop_index("ix_plans_about", table_name="plans")
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.drop_constraint("fk_plans_about_id", type_="foreignkey")
        batch_op.drop_column("about_id")
        batch_op.alter_column("course_id", existing_type=sa.Integer(), nullable=False)
    op.drop_index("ix_suggestions_about", table_name="suggestions")
    op.drop_index("uq_suggestions_about", table_name="suggestions")
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.drop_constraint("fk_suggestions_about_id", type_="foreignkey")
        batch_op.drop_column("about_id")
        batch_op.alter_column("course_id", existing_type=sa.Integer(), nullable=False)
    _begin_again(begun)
    op.drop_index("ix_activities_about", table_name="activities")
    op.execute("ALTER TABLE activities DROP COLUMN about_id")
    _watch(BEFORE.split())


Begun = list[dict[str, int]]


def _begun() -> Begun:
    """Which plan is for which suggestion: on SQLite a table that is made anew is dropped first, and
    what refers to its rows forgets them."""
    rows = op.get_bind().execute(
        sa.text("SELECT id, suggestion_id FROM plans WHERE suggestion_id IS NOT NULL")
    )
    return [{"plan": row.id, "suggestion": row.suggestion_id} for row in rows]


def _begin_again(begun: Begun) -> None:
    if begun:
        op.get_bind().execute(
            sa.text("UPDATE plans SET suggestion_id = :suggestion WHERE id = :plan"), begun
        )


def _watch(columns: list[str]) -> None:
    names, name = ", ".join(columns), "touched_activities_changed"
    if op.get_bind().dialect.name == "postgresql":
        differs = " OR ".join(f"old.{c} IS DISTINCT FROM new.{c}" for c in columns)
        statement = (
            f"CREATE TRIGGER {name} AFTER UPDATE OF {names} ON activities FOR EACH ROW"
            f" WHEN ({differs}) EXECUTE FUNCTION {name}()"
        )
    else:
        differs = " OR ".join(f"old.{c} IS NOT new.{c}" for c in columns)
        statement = (
            f"CREATE TRIGGER {name} AFTER UPDATE OF {names} ON activities WHEN {differs}"
            " BEGIN INSERT INTO touches (what) VALUES ('activity:' || new.id); END"
        )
    op.get_bind().exec_driver_sql(statement)


def _unwatch() -> None:
    on = " ON activities" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER touched_activities_changed{on}")
