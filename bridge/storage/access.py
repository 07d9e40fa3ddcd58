"""What the access room reads and writes: people and their rights; tokens stand in ``tokens.py``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    func,
    or_,
    select,
)

from bridge.model import Person, Role, Team, Viewer
from bridge.storage import looking
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity
from bridge.storage.statements import chunks, put
from bridge.storage.tokens import Tokens

MANY = 20
"""So many matches are enough to say that several are meant."""


@dataclass(frozen=True)
class FoundPerson:
    """A person, and the name of their connection."""

    person: Person
    connection: str


@dataclass(frozen=True)
class FoundTeam:
    """A team, its id number and the name of its connection."""

    team: Team
    id_number: str
    connection: str


@dataclass(frozen=True)
class Led:
    """That somebody leads a team, and by what: ``hand``, ``file``, ``rule`` or ``job``."""

    team_id: int
    team: str
    person_id: int
    person: str
    address: str
    """By which a file may name them: their e-mail address, user name or LMS id."""
    origin: str
    away: bool
    """Whether the LMS has suspended them, or has them no more."""


@dataclass(frozen=True)
class AuditEntry:
    """One act; ``person`` is the name of who did it, if they are still known."""

    at: datetime
    person_id: int | None
    person: str | None
    act: str
    subject: str
    id: int = 0


class AccessRepository(Tokens):
    """Reads people, teams and rights; keeps rights, leaders, tokens and the log."""

    # --- who looks -----------------------------------------------------------------------------

    def viewer(self, *, person_id: int) -> Viewer | None:
        """The person as a viewer; ``None`` if suspended or gone."""
        return looking.by_id(self.sql, person_id)

    def viewer_by(self, session_hash: str, now: datetime) -> Viewer | None:
        """The viewer of an open session; ``None`` as for :meth:`viewer`."""
        return looking.by_session(self.sql, session_hash, now)

    # --- finding -------------------------------------------------------------------------------

    def person(self, person_id: int) -> Person | None:
        """The person, suspended and gone ones too."""
        query = select(*columns(t.people, Person)).where(t.people.c.id == person_id)
        row = self.sql.execute(query).first()
        return None if row is None else entity(Person, row)

    def people_like(
        self, text: str, connection_id: int | None, *, whole: bool
    ) -> Sequence[FoundPerson]:
        """People whose address, username, LMS id or name is ``text``, or whose name contains it."""
        p = t.people
        fits = (
            or_(
                _is(p.c.email, text),
                _is(p.c.username, text),
                _is(p.c.name, text),
                cast(p.c.lms_id, String) == text,
            )
            if whole
            else p.c.name.icontains(text, autoescape=True)
        )
        query = (
            select(*columns(p, Person), t.connections.c.name.label("connection"))
            .join(t.connections, t.connections.c.id == p.c.connection_id)
            .where(fits, p.c.gone.is_(False), *_of(p, connection_id))
            .order_by(p.c.name, p.c.id)
            .limit(MANY)
        )
        return [FoundPerson(entity(Person, row), row.connection) for row in self.sql.execute(query)]

    def team(self, team_id: int) -> Team | None:
        """The team, unless it is gone."""
        g = t.teams
        query = select(*columns(g, Team), _size().label("size"))
        row = self.sql.execute(query.where(g.c.id == team_id, g.c.gone.is_(False))).first()
        return None if row is None else entity(Team, row)

    def teams_like(
        self, text: str, connection_id: int | None, *, whole: bool
    ) -> Sequence[FoundTeam]:
        """Teams whose LMS id, id number or name is ``text``, or whose name contains it."""
        g = t.teams
        fits = (
            or_(cast(g.c.lms_id, String) == text, g.c.id_number == text, _is(g.c.name, text))
            if whole
            else g.c.name.icontains(text, autoescape=True)
        )
        query = (
            select(
                *columns(g, Team),
                _size().label("size"),
                g.c.id_number,
                t.connections.c.name.label("connection"),
            )
            .join(t.connections, t.connections.c.id == g.c.connection_id)
            .where(fits, g.c.gone.is_(False), *_of(g, connection_id))
            .order_by(g.c.name, g.c.id)
            .limit(MANY)
        )
        return [
            FoundTeam(entity(Team, row), row.id_number, row.connection)
            for row in self.sql.execute(query)
        ]

    # --- rights --------------------------------------------------------------------------------

    def grant(self, person_id: int, role: Role, origin: str = "hand") -> None:
        """Keep the role, and that it is from there now."""
        row = {"person_id": person_id, "role": role.value, "origin": origin}
        put(self.sql, t.roles, [row], ["person_id", "role"])

    def roles(self, person_id: int) -> dict[Role, str]:
        """The roles that the person was given, each with where it is from."""
        r = t.roles.c
        rows = self.sql.execute(select(r.role, r.origin).where(r.person_id == person_id))
        return {Role(row.role): row.origin for row in rows}

    def revoke(self, person_id: int, role: Role) -> None:
        """Delete the role."""
        r = t.roles
        self.sql.execute(r.delete().where(r.c.person_id == person_id, r.c.role == role.value))

    def add_leader(self, team_id: int, person_id: int) -> None:
        """Keep that the person leads the team."""
        row = {"team_id": team_id, "person_id": person_id}
        put(self.sql, t.leaders, [row], ["team_id", "person_id"])

    def remove_leader(self, team_id: int, person_id: int) -> None:
        """Delete that the person leads the team."""
        led = t.leaders
        self.sql.execute(led.delete().where(led.c.team_id == team_id, led.c.person_id == person_id))

    def teams_led(self, person_id: int) -> tuple[Team, ...]:
        """The teams that the person leads, by name, with the number of their people."""
        g, led = t.teams, t.leaders
        query = (
            select(*columns(g, Team), _size().label("size"))
            .join(led, led.c.team_id == g.c.id)
            .where(led.c.person_id == person_id, g.c.gone.is_(False))
            .order_by(g.c.name, g.c.id)
        )
        return tuple(entity(Team, row) for row in self.sql.execute(query))

    def leading(self, connection_id: int) -> list[Led]:
        """Who leads which team that is there, by the team's name and theirs.

        Who is never named leads by their number in the LMS.
        """
        g, p, led = t.teams.c, t.people.c, t.leaders.c
        rows = self.sql.execute(
            select(g.id, g.name, p.id, p.name, p.email, p.username, p.lms_id, led.origin)
            .add_columns(p.never_named, or_(p.suspended.is_(True), p.gone.is_(True)))
            .join_from(t.leaders, t.teams, g.id == led.team_id)
            .join(t.people, p.id == led.person_id)
            .where(g.connection_id == connection_id, g.gone.is_(False))
            .order_by(g.name, g.id, p.name, p.id)
        )
        found = []
        for team_id, team, person, name, email, username, lms_id, origin, never, away in rows:
            known = f"number {lms_id}" if never else name
            address = email or username or str(lms_id)
            found.append(Led(team_id, team, person, known, address, origin, bool(away)))
        return found

    def teams(self, connection_id: int) -> list[Team]:
        """The teams that are there, by name, with the number of their people."""
        g = t.teams
        query = (
            select(*columns(g, Team), _size().label("size"))
            .where(g.c.connection_id == connection_id, g.c.gone.is_(False))
            .order_by(g.c.name, g.c.id)
        )
        return [entity(Team, row) for row in self.sql.execute(query)]

    def present_members(self, team_ids: Collection[int]) -> dict[int, list[int]]:
        """The people of these teams whom the LMS has and lets in, by team."""
        m, p = t.memberships.c, t.people.c
        found: dict[int, list[int]] = {}
        for some in chunks(sorted(team_ids)):
            rows = self.sql.execute(
                select(m.team_id, m.person_id)
                .join(t.people, p.id == m.person_id)
                .where(m.team_id.in_(some), p.gone.is_(False), p.suspended.is_(False))
            )
            for team_id, person_id in rows:
                found.setdefault(team_id, []).append(person_id)
        return found

    def add_leaders(self, pairs: Sequence[tuple[int, int]], origin: str) -> None:
        """Keep that people lead teams: pairs of a team's and a person's id."""
        rows = [{"team_id": team, "person_id": person, "origin": origin} for team, person in pairs]
        put(self.sql, t.leaders, rows, ["team_id", "person_id"], [])

    def end_leaders(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Delete that they do."""
        for team_id, person_id in pairs:
            self.remove_leader(team_id, person_id)

    # --- the log -------------------------------------------------------------------------------

    def note(self, person_id: int | None, act: str, subject: str, now: datetime) -> None:
        """Keep one act."""
        row = {"at": now, "person_id": person_id, "act": act, "subject": subject}
        self.sql.execute(t.audit.insert(), row)

    def acts(
        self, connection_id: int, starts: Sequence[str], before: int | None, limit: int
    ) -> tuple[AuditEntry, ...]:
        """Acts by the connection's people, newest first; all there are if it is the only one.

        :param starts: how the act begins, one of these; empty for any.
        """
        log, p, c = t.audit, t.people, t.connections.c
        others = select(c.id).where(c.id != connection_id).exists()
        query = (
            select(log.c.at, log.c.person_id, p.c.name, log.c.act, log.c.subject, log.c.id)
            .outerjoin(p, p.c.id == log.c.person_id)
            .where(or_(p.c.connection_id == connection_id, and_(p.c.id.is_(None), ~others)))
            .order_by(log.c.id.desc())
            .limit(limit)
        )
        if starts:
            query = query.where(or_(*(log.c.act.startswith(start) for start in starts)))
        if before is not None:
            query = query.where(log.c.id < before)
        return tuple(AuditEntry(*row) for row in self.sql.execute(query))

    def count_acts(self, connection_id: int, act: str, since: datetime) -> int:
        """How often that was done since then to people of the connection, by their ids."""
        log, p = t.audit.c, t.people.c
        people = select(cast(p.id, String)).where(p.connection_id == connection_id)
        query = select(func.count()).where(log.act == act, log.at >= since, log.subject.in_(people))
        return int(self.sql.execute(query).scalar_one())

    def recent(self, limit: int) -> tuple[AuditEntry, ...]:
        """The last acts, newest first."""
        log, p = t.audit, t.people
        rows = self.sql.execute(
            select(log.c.at, log.c.person_id, p.c.name, log.c.act, log.c.subject)
            .outerjoin(p, p.c.id == log.c.person_id)
            .order_by(log.c.at.desc(), log.c.id.desc())
            .limit(limit)
        )
        return tuple(AuditEntry(*row) for row in rows)


def _is(column: Any, text: str) -> ColumnElement[bool]:
    # SQLite folds the case of ASCII letters only; the text as typed is tried beside it.
    return or_(column == text, func.lower(column) == text.lower())


def _of(table: Any, connection_id: int | None) -> list[ColumnElement[bool]]:
    return [] if connection_id is None else [table.c.connection_id == connection_id]


def _size() -> Any:
    s, p = t.memberships, t.people
    return (
        select(func.count())
        .select_from(s.join(p, and_(p.c.id == s.c.person_id, p.c.gone.is_(False))))
        .where(s.c.team_id == t.teams.c.id)
        .correlate(t.teams)
        .scalar_subquery()
    )
