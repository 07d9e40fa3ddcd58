"""What an outlet shows, or may show, as a condition: every statement that asks it asks it here."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, or_

from bridge.storage import tables as t


def stands(deliveries: FromClause = t.deliveries) -> ColumnElement[bool]:
    """Whether a delivery's post is there, or was sent and nobody knows whether it is.

    :param deliveries: the table, or an alias of it.
    """
    d = deliveries.c
    return or_(d.remote_id.is_not(None), d.sent.is_not(None))
