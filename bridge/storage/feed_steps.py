"""The way through a home feed: which activity comes next, and how many cheer; and what was touched.

All that depends on who looks is here; what stands beside an activity is ready by now, or is read
when it is not (:mod:`bridge.storage.ready`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection as SqlConnection

from bridge.storage import feed_ranges
from bridge.storage.feed_ranges import Position
from bridge.storage.ready import AT_ONCE, BEHIND, Ready, Touch
from bridge.storage.statements import for_driver
from bridge.storage.types import moment

NEWS = {
    "sqlite": f"""
        (SELECT coalesce(max(id), 0) FROM touches) AS mark,
        (SELECT json_group_array(json_array(id, what, id)) FROM (
            SELECT id, what FROM touches WHERE id > :since LIMIT {AT_ONCE}
        )) AS news
    """,
    "postgresql": f"""
        (SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)) AS mark,
        (SELECT CAST(json_agg(json_build_array(id, what, xid)) AS text) FROM (
            SELECT id, what, xid FROM touches WHERE xid >= CAST(:since AS bigint) LIMIT {AT_ONCE}
        ) AS t) AS news
    """,
}
CHEERS = {
    "sqlite": """
        (SELECT count(*) FROM reactions WHERE activity_id = f.id) AS cheers,
        EXISTS (
            SELECT 1 FROM reactions WHERE activity_id = f.id AND person_id = :viewer_id
        ) AS cheered
    """,
    "postgresql": "r.cheers, r.cheered",
}
BESIDE = {
    "sqlite": "",
    "postgresql": """, LATERAL (
        SELECT count(*) AS cheers, count(*) FILTER (WHERE person_id = :viewer_id) AS cheered
        FROM reactions WHERE activity_id = f.id
    ) AS r""",
}
NOTHING = (None, "[]")


class Step(NamedTuple):
    """One activity of a feed."""

    id: int
    published: int
    """Seconds since 1970."""
    cheers: int
    cheered: int
    """How many of the cheers are the viewer's: one or none."""


class Steps(NamedTuple):
    """Some activities of a feed, newest first."""

    steps: list[Step]
    end: Position | None
    """The position of the last of them."""
    epoch: int
    """What :meth:`Ready.keep` asks for."""


def home(
    sql: SqlConnection,
    ready: Ready,
    audiences: Sequence[str],
    before: Position | None,
    limit: int,
    viewer_id: int,
) -> Steps:
    """The newest activities of any of the audiences."""
    dialect, asked = sql.dialect.name, ready.since
    values = feed_ranges.home_values(dialect, audiences, before, limit)
    values |= {"viewer_id": viewer_id, "since": asked}
    rows = sql.exec_driver_sql(_home(dialect), values).all()
    if not rows:
        return Steps([], None, BEHIND)
    news = rows[0].news
    found = [] if news in NOTHING else [Touch(*touch) for touch in json.loads(news)]
    epoch = ready.hear(asked, rows[0].mark, found)
    steps = [Step(*row[:4]) for row in rows]
    return Steps(steps, (moment(steps[-1].published), steps[-1].id), epoch)


@cache
def _home(dialect: str) -> str:
    text = f"""
        SELECT f.id, f.published, {CHEERS[dialect]}, {NEWS[dialect]}
        FROM ({feed_ranges.HOME[dialect]}) AS f{BESIDE[dialect]}
        ORDER BY f.published DESC, f.id DESC
    """
    return for_driver(dialect, text)
