"""Alembic's environment: it migrates over the connection that it is handed."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from bridge.storage.tables import metadata
from bridge.storage.types import Instant


def _as_plain_type(kind: str, obj: Any, autogen: Any) -> str | Literal[False]:
    """Migrations name the database's own types: a type of ours may change later."""
    return "sa.BigInteger()" if kind == "type" and isinstance(obj, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_as_plain_type,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
