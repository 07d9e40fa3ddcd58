"""Teams by job assignment: the people who report to one manager, who leads them (Totara)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select

from bridge.model import JobTeamFact, Tally
from bridge.storage import tables as t
from bridge.storage.memberships import converge_members
from bridge.storage.statements import chunks, converge, put

ORIGIN = "job"
"""``leaders.origin`` of a leadership that comes from a job assignment; one made by hand has
another, and is never touched here."""

_NAMED, _NAMELESS = "{}’s team", "The team of manager {}"


def team_name(fact: JobTeamFact, known_as: str = "", *, never_named: bool = False) -> str:
    """What a manager's team is called; ``known_as`` is their name where the fact has none."""
    name = "" if never_named else fact.manager_name or known_as
    return _NAMED.format(name) if name else _NAMELESS.format(fact.manager_lms_id)


class JobTeamRepository:
    """Reads and writes those ``teams`` that have a manager, their ``memberships`` and ``leaders``.

    A cohort or audience has an LMS id instead, and a team made by hand has neither.
    """

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def count_members(self, connection_id: int) -> int:
        """How many people had a manager when the LMS was last asked; twice if they had two."""
        m, c = t.memberships.c, t.teams.c
        query = (
            select(func.count())
            .select_from(t.memberships.join(t.teams, c.id == m.team_id))
            .where(
                c.connection_id == connection_id,
                c.manager_lms_id.is_not(None),
                c.gone.is_(False),
            )
        )
        return int(self.sql.execute(query).scalar_one())

    def put(
        self, connection_id: int, facts: Sequence[JobTeamFact], people: Mapping[int, int]
    ) -> Tally:
        """All teams by job assignment of the site, as it says they are now.

        A team that is not said any more is gone, and has neither people nor a manager who leads
        it. A manager whom the LMS has suspended or that is gone does not lead, until they are back.

        :param people: LMS id → our id, of everybody who is named in ``facts`` and was not erased.
        """
        facts = [fact for fact in facts if fact.manager_lms_id in people]
        c = t.teams.c
        of_managers = (c.connection_id == connection_id, c.manager_lms_id.is_not(None))
        before = {
            r.manager_lms_id: r for r in self.sql.execute(select(t.teams).where(*of_managers))
        }
        present = self._present([people[f.manager_lms_id] for f in facts])
        unnamed = self._never_named([people[f.manager_lms_id] for f in facts])
        rows = [
            {
                "connection_id": connection_id,
                "manager_lms_id": fact.manager_lms_id,
                "name": team_name(
                    fact,
                    present.get(people[fact.manager_lms_id], ""),
                    never_named=people[fact.manager_lms_id] in unnamed,
                ),
                "gone": False,
            }
            for fact in facts
        ]
        key = ("connection_id", "manager_lms_id")
        tally = converge(self.sql, t.teams, rows, before, key, ("name", "gone"))
        said = {fact.manager_lms_id for fact in facts}
        lost = [r.id for manager, r in before.items() if manager not in said and not r.gone]
        for some in chunks(lost):
            self.sql.execute(t.teams.update().where(c.id.in_(some)).values(gone=True))
        ids = {
            r.manager_lms_id: r.id
            for r in self.sql.execute(select(c.manager_lms_id, c.id).where(*of_managers))
        }
        members: dict[int, set[int]] = {team_id: set() for team_id in lost}
        leaders: set[tuple[int, int]] = set()
        for fact in facts:
            team_id, manager = ids[fact.manager_lms_id], people[fact.manager_lms_id]
            members[team_id] = {people[p] for p in fact.person_lms_ids if p in people}
            if manager in present:
                leaders.add((team_id, manager))
        tally += Tally(changed=len(lost)) + converge_members(self.sql, members)
        return tally + self._lead(list(ids.values()), leaders)

    def _present(self, person_ids: Sequence[int]) -> dict[int, str]:
        """Our ids of those who are neither suspended nor gone, with their names."""
        p = t.people.c
        found: dict[int, str] = {}
        for some in chunks(person_ids):
            query = select(p.id, p.name).where(
                p.id.in_(some), p.suspended.is_(False), p.gone.is_(False)
            )
            found.update({row.id: row.name for row in self.sql.execute(query)})
        return found

    def _never_named(self, person_ids: Sequence[int]) -> set[int]:
        p = t.people.c
        found: set[int] = set()
        for some in chunks(person_ids):
            query = select(p.id).where(p.id.in_(some), p.never_named.is_(True))
            found.update(self.sql.execute(query).scalars())
        return found

    def forget_names(self, person_ids: Sequence[int]) -> None:
        """The teams of these managers, by our ids, are called by a number from now on."""
        p, c = t.people.c, t.teams.c
        for some in chunks(person_ids):
            rows = self.sql.execute(
                select(c.id, c.manager_lms_id)
                .join(
                    t.people,
                    (p.connection_id == c.connection_id) & (p.lms_id == c.manager_lms_id),
                )
                .where(p.id.in_(some))
            ).all()
            for row in rows:
                self.sql.execute(
                    t.teams.update()
                    .where(c.id == row.id)
                    .values(name=_NAMELESS.format(row.manager_lms_id))
                )

    def _lead(self, team_ids: Sequence[int], wanted: set[tuple[int, int]]) -> Tally:
        """Make exactly ``wanted`` (team id, person id) lead by job; who leads by hand stays."""
        led = t.leaders.c
        before: set[tuple[int, int]] = set()
        by_hand: set[tuple[int, int]] = set()
        for some in chunks(team_ids):
            for row in self.sql.execute(select(t.leaders).where(led.team_id.in_(some))):
                (before if row.origin == ORIGIN else by_hand).add((row.team_id, row.person_id))
        new = sorted(wanted - before - by_hand)
        put(
            self.sql,
            t.leaders,
            [{"team_id": team, "person_id": person, "origin": ORIGIN} for team, person in new],
            ["team_id", "person_id"],
            update=[],
        )
        left = sorted(before - wanted)
        for team, person in left:
            self.sql.execute(
                t.leaders.delete().where(
                    led.team_id == team, led.person_id == person, led.origin == ORIGIN
                )
            )
        return Tally(new=len(new), changed=len(left))
