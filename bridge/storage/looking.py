"""Who looks: a person with all that decides what they may see, in one statement.

It comes before every page, so it goes to the driver as it stands: SQLAlchemy would take as long to
make it as the database takes to answer. Whether a team or a course is gone is asked of each of the
person's own, rather than by a join, for which PostgreSQL would read all there are.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection as SqlConnection

from bridge.model import Choice, Role, Viewer
from bridge.storage.consent import PROFILE
from bridge.storage.statements import for_driver

LOOKING = """
    SELECT {row}(
        p.id, p.connection_id, p.name, p.timezone, p.language, p.never_named, p.asked_at,
        c.choice, c.origin,
        (
            SELECT {list}(m.team_id) FROM memberships AS m
            WHERE m.person_id = p.id AND (SELECT NOT g.gone FROM teams AS g WHERE g.id = m.team_id)
        ),
        (
            SELECT {list}(m.team_id) FROM leaders AS m
            WHERE m.person_id = p.id AND (SELECT NOT g.gone FROM teams AS g WHERE g.id = m.team_id)
        ),
        (
            SELECT {list}(e.course_id) FROM enrolments AS e
            WHERE e.person_id = p.id AND NOT e.gone
                AND (SELECT NOT k.gone FROM courses AS k WHERE k.id = e.course_id)
        ),
        (SELECT {list}(r.role) FROM roles AS r WHERE r.person_id = p.id),
        (SELECT {list}(d.leader_id) FROM delegates AS d WHERE d.person_id = p.id)
    )
    FROM {source} LEFT JOIN consents AS c ON c.person_id = p.id
    WHERE {who} AND NOT p.suspended AND NOT p.gone
"""
LIST = {"sqlite": "json_group_array", "postgresql": "json_agg"}
ROW = {"sqlite": "json_array", "postgresql": "json_build_array"}
BY_ID = "people AS p", "p.id = :person_id"
BY_SESSION = (
    "sessions AS s JOIN people AS p ON p.id = s.person_id",
    "s.token_hash = :session_hash AND s.ended_at IS NULL AND s.expires_at > :now",
)


def by_id(sql: SqlConnection, person_id: int) -> Viewer | None:
    """The person as a viewer; ``None`` if suspended or gone."""
    return _viewer(sql, BY_ID, {"person_id": person_id})


def by_session(sql: SqlConnection, session_hash: str, now: datetime) -> Viewer | None:
    """The viewer of an open session; ``None`` if it ended, or the person is suspended or gone."""
    values = {"session_hash": session_hash, "now": int(now.timestamp())}
    return _viewer(sql, BY_SESSION, values)


def _viewer(sql: SqlConnection, by: tuple[str, str], values: dict[str, Any]) -> Viewer | None:
    found = sql.exec_driver_sql(_statement(sql.dialect.name, by), values).scalar()
    if found is None:
        return None
    row = json.loads(found) if isinstance(found, str) else found
    ident, connection, name, zone, language, never, asked_at, choice, origin, *belongs = row
    teams, led, courses, held, helped = (frozenset(_list(of)) for of in belongs)
    roles = {Role.LEARNER, *map(Role, held)}
    roles |= {Role.LEADER} if led else set()
    roles |= {Role.DELEGATE} if helped else set()
    return Viewer(
        person_id=ident,
        connection_id=connection,
        name=name,
        roles=frozenset(roles),
        team_ids=teams,
        course_ids=courses,
        led_team_ids=led,
        helped_ids=helped,
        timezone=zone,
        language=language,
        choice=None if choice is None else Choice(choice),
        chosen=asked_at is not None or origin not in (None, PROFILE),
        never_named=bool(never),
    )


@cache
def _statement(dialect: str, by: tuple[str, str]) -> str:
    source, who = by
    return for_driver(
        dialect, LOOKING.format(row=ROW[dialect], list=LIST[dialect], source=source, who=who)
    )


def _list(found: Any) -> list[Any]:
    return found or []  # PostgreSQL makes null of no rows.
