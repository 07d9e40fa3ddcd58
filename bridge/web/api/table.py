"""Every operation of the API, in the order of the document."""

from __future__ import annotations

from bridge.web.api import table_admin, table_leading, table_outlets, table_people
from bridge.web.api.operations import Operation

OPERATIONS: tuple[Operation, ...] = (
    *table_people.FEED,
    *table_people.TALK,
    *table_people.MINE,
    *table_leading.LEADING,
    *table_leading.MODERATING,
    *table_admin.LEADERS_OF_TEAMS,
    *table_admin.POLICY,
    *table_outlets.OUTLETS,
    *table_admin.RUNNING,
)
