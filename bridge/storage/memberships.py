"""Who is in which team."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import select

from bridge.model import Tally
from bridge.storage import tables as t
from bridge.storage.groups import count_again
from bridge.storage.statements import chunks
from bridge.storage.telling import tell_again


def converge_members(sql: SqlConnection, wanted: Mapping[int, Collection[int]]) -> Tally:
    """Make these teams have exactly these people, all by our ids.

    What was told of whoever came or left is looked at again: who may see it has changed.
    """
    before: dict[int, set[int]] = {team_id: set() for team_id in wanted}
    m = t.memberships.c
    for some in chunks(sorted(wanted)):
        for row in sql.execute(select(t.memberships).where(m.team_id.in_(some))):
            before[row.team_id].add(row.person_id)
    new = [
        {"team_id": team, "person_id": person}
        for team, those in wanted.items()
        for person in sorted(set(those) - before[team])
    ]
    if new:
        sql.execute(t.memberships.insert(), new)
    moved = {row["person_id"] for row in new}
    left = 0
    for team, those in before.items():
        gone = sorted(those - set(wanted[team]))
        left += len(gone)
        moved.update(gone)
        for some in chunks(gone):
            sql.execute(t.memberships.delete().where(m.team_id == team, m.person_id.in_(some)))
    tell_again(sql, sorted(moved))
    count_again(sql, [team for team, those in before.items() if those - set(wanted[team])])
    return Tally(new=len(new), changed=left)
