"""Which activities come next in a feed: newest first, from a position, without a sort of them all.

Every feed is read from ranges of an index, each in the order of the feed and each cut off at the
page's size; what is sorted is one page a range. A viewer of fifty audiences reads fifty short
ranges, whether the tables hold a thousand activities or a million.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    TextualSelect,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import text as sql_text

from bridge.storage import tables as t
from bridge.storage.types import Instant

Position = tuple[datetime, int]

a = t.activities


HOME = {
    # A recursive query of SQLite takes from its queue whatever comes first in the order of the
    # whole: fifty ranges are merged by a look into each, and one more for every row that is taken.
    "sqlite": """
        WITH RECURSIVE merged (audience, published, id) AS (
            SELECT k.value, a.published, a.id
            FROM json_each(:audiences) AS k
            JOIN activities AS a ON a.id = (
                SELECT id FROM activities
                WHERE audience = k.value AND gone IS 0
                    AND (published, id) < (:published, :before_id)
                ORDER BY published DESC, id DESC LIMIT 1
            )
            UNION ALL
            SELECT m.audience, a.published, a.id
            FROM merged AS m
            JOIN activities AS a ON a.id = (
                SELECT id FROM activities
                WHERE audience = m.audience AND gone IS 0 AND (published, id) < (m.published, m.id)
                ORDER BY published DESC, id DESC LIMIT 1
            )
            ORDER BY 2 DESC, 3 DESC LIMIT :limit
        )
        SELECT id, published FROM merged
    """,
    # PostgreSQL's has no such queue. The newest two of each range say since when all that is wanted
    # must have been told. Only a range whose second is as new as that may hold more of it.
    "postgresql": """
        WITH newest AS MATERIALIZED (
            SELECT k.audience, a.id, a.published
            FROM unnest(string_to_array(CAST(:audiences AS text), ' ')) AS k (audience), LATERAL (
                SELECT id, published FROM activities
                WHERE audience = k.audience AND gone IS FALSE
                    AND (published, id) < (CAST(:published AS bigint), CAST(:before_id AS integer))
                ORDER BY published DESC, id DESC LIMIT 2
            ) AS a
        ),
        since AS MATERIALIZED (
            SELECT coalesce(
                (SELECT published FROM newest
                 ORDER BY published DESC OFFSET CAST(:limit AS integer) - 1 LIMIT 1), 0
            ) AS published
        ),
        more AS MATERIALIZED (
            SELECT audience FROM newest
            GROUP BY audience
            HAVING count(*) = 2 AND min(published) >= (SELECT published FROM since)
        )
        SELECT id, published FROM newest
        WHERE audience NOT IN (SELECT audience FROM more)
            AND published >= (SELECT published FROM since)
        UNION ALL
        SELECT a.id, a.published FROM more, LATERAL (
            SELECT id, published FROM activities
            WHERE audience = more.audience AND gone IS FALSE
                AND (published, id) < (CAST(:published AS bigint), CAST(:before_id AS integer))
                AND published >= (SELECT published FROM since)
            ORDER BY published DESC, id DESC LIMIT CAST(:limit AS integer)
        ) AS a
        ORDER BY published DESC, id DESC LIMIT CAST(:limit AS integer)
    """,
}
NEWEST = 2**53, 2**31 - 1
"""A position before every activity."""


def home(dialect: str, values: Mapping[str, Any]) -> TextualSelect:
    """The ids of the newest activities of any of the audiences, by its :func:`home_values`."""
    found = sql_text(HOME[dialect]).bindparams(**values)
    return found.columns(a.c.id, a.c.published)


def home_values(
    dialect: str, audiences: Sequence[str], before: Position | None, limit: int
) -> dict[str, Any]:
    """The values for :func:`home`."""
    published, ident = NEWEST if before is None else (int(before[0].timestamp()), before[1])
    # A text is quicker to hand over than an array; the key of an audience has no spaces. None may
    # stand there twice, or it would be read twice.
    keys = (
        " ".join(dict.fromkeys(audiences))
        if dialect == "postgresql"
        else json.dumps(list(dict.fromkeys(audiences)))
    )
    return {"audiences": keys, "published": published, "before_id": ident, "limit": limit}


def course(
    course_id: int, audiences: Sequence[str], before: Position | None, limit: int
) -> Select[Any]:
    """The ids of the newest activities about a course, or told to its people."""
    about = _range(before, limit, a.c.course_id == course_id, a.c.audience.in_(audiences))
    key = f"course:{course_id}"
    if key not in audiences:
        return _newest(about, limit)
    # One about the course and told to its people is in both ranges; it counts once.
    told = _range(
        before,
        limit,
        a.c.audience == key,
        or_(a.c.course_id.is_(None), a.c.course_id != course_id),
    )
    return _newest(_both(about, told), limit)


def courses(
    sql: SqlConnection,
    course_ids: Sequence[int],
    audiences: Sequence[str],
    before: Position | None,
    limit: int,
) -> Select[Any]:
    """The ids of the newest activities about any of the courses, or told to their people."""
    mine = a.c.audience.in_(audiences)
    about: Select[Any]
    if sql.dialect.name == "postgresql":
        keys = func.unnest(literal(list(course_ids), ARRAY(Integer))).table_valued("value")
        keys = keys.render_derived()
        each = _range(before, limit, a.c.course_id == keys.c.value, mine).lateral()
        about = select(each).select_from(keys.join(each, true()))
    else:
        keys = func.json_each(json.dumps(list(course_ids))).table_valued("value")
        b = a.alias()
        one = (
            select(b.c.id)
            .where(b.c.course_id == keys.c.value, b.c.audience.in_(audiences))
            .where(b.c.gone.is_(False), *_older(b, before))
            .order_by(b.c.published.desc(), b.c.id.desc())
            .limit(limit)
            .correlate(keys)
        )
        about = select(a.c.id, a.c.published).select_from(keys.join(a, a.c.id.in_(one)))
    told_to = [f"course:{ident}" for ident in course_ids]
    among = set(audiences)
    told_to = [key for key in told_to if key in among]
    if not told_to:
        return _newest(about, limit)
    ids = home(sql.dialect.name, home_values(sql.dialect.name, told_to, before, limit)).subquery()
    told = select(a.c.id, a.c.published).join(ids, ids.c.id == a.c.id)
    # One about a course and told to its people is in both; it counts once.
    both = union(select(about.subquery()), select(told.subquery()))
    return _newest(select(both.subquery()), limit)


def newest_of(
    ids: Select[Any], audiences: Sequence[str], before: Position | None, limit: int
) -> Select[Any]:
    """The newest of some activities that were told to the audiences."""
    return _newest(_range(before, limit, a.c.id.in_(ids), a.c.audience.in_(audiences)), limit)


def person(
    person_id: int, audiences: Sequence[str], before: Position | None, limit: int
) -> Select[Any]:
    """The ids of the newest activities that name a person, or that the person did."""
    m = t.activity_members
    named = _range(
        before,
        limit,
        a.c.id.in_(select(m.c.activity_id).where(m.c.person_id == person_id)),
        a.c.audience.in_(audiences),
        or_(a.c.actor_id.is_(None), a.c.actor_id != person_id),
    )
    did = _range(before, limit, a.c.actor_id == person_id, a.c.audience.in_(audiences))
    return _newest(_both(named, did), limit)


def team(
    team_id: int, everyone: str, before: Position | None, limit: int, *, large: bool
) -> Select[Any]:
    """The ids of the newest activities told to a team, or to everyone about one of its people.

    ``large`` chooses between two ways to the same answer: from the team's people to what names
    them, or, where most of what is new names one of them anyway, from what is new to the people.
    """
    m, s = t.activity_members, t.memberships
    told = _range(before, limit, a.c.audience == f"team:{team_id}")
    naming = select(m.c.activity_id).join(s, s.c.person_id == m.c.person_id)
    naming = naming.where(s.c.team_id == team_id)
    about: ColumnElement[bool]
    if large:
        about = naming.where(m.c.activity_id == a.c.id).correlate(a).exists()
    else:
        about = a.c.id.in_(naming)
    return _newest(_both(told, _range(before, limit, a.c.audience == everyone, about)), limit)


def _range(before: Position | None, limit: int, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(a.c.id, a.c.published)
        .where(*where, a.c.gone.is_(False), *_older(a, before))
        .order_by(a.c.published.desc(), a.c.id.desc())
        .limit(limit)
    )


def _older(table: Any, before: Position | None) -> list[ColumnElement[bool]]:
    if before is None:
        return []
    place = tuple_(literal(before[0], Instant), literal(before[1], Integer))
    return [tuple_(table.c.published, table.c.id) < place]


def _both(one: Select[Any], other: Select[Any]) -> Select[Any]:
    # SQLite wants a range with an order and a limit to be a subquery before it is in a union.
    return select(
        union_all(
            select(one.subquery()),
            select(other.subquery()),
        ).subquery()
    )


def _newest(found: Select[Any], limit: int) -> Select[Any]:
    both = found.subquery()
    return select(both.c.id).order_by(both.c.published.desc(), both.c.id.desc()).limit(limit)
