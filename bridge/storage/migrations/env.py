"""Alembic's environment: migrates over the connection that :mod:`bridge.storage.schema` hands in."""

from alembic import context

from bridge.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
