"""Sign-in links, sessions, roles, leaders, feed links and the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, literal, or_, select, union_all

from bridge.errors import NotFound
from bridge.model import Choice, Person, Team
from bridge.storage import tables as t
from bridge.storage.statements import put


@dataclass(frozen=True)
class StoredLink:
    """A sign-in link as it is kept."""

    person_id: int
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class StoredViewer:
    """A person with what decides what they may see."""

    person_id: int
    connection_id: int
    name: str
    timezone: str | None
    language: str | None
    choice: Choice | None
    roles: frozenset[str]
    team_ids: frozenset[int]
    course_ids: frozenset[int]
    led_team_ids: frozenset[int]


@dataclass(frozen=True)
class AuditEntry:
    """One act of an admin; ``person_id`` is ``None`` for the command line."""

    at: datetime
    person_id: int | None
    act: str
    subject: str


class AccessRepository:
    """Reads and writes who may come in, and as what."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- links and sessions ---

    def add_link(
        self, token_hash: str, person_id: int, issued_at: datetime, expires_at: datetime
    ) -> None:
        """Keep a sign-in link."""
        self.sql.execute(
            t.sign_in_links.insert().values(
                token_hash=token_hash,
                person_id=person_id,
                issued_at=issued_at,
                expires_at=expires_at,
            )
        )

    def link(self, token_hash: str) -> StoredLink | None:
        """The link, if there ever was one."""
        c = t.sign_in_links.c
        row = self.sql.execute(
            select(c.person_id, c.expires_at, c.used_at).where(c.token_hash == token_hash)
        ).first()
        return StoredLink(**row._mapping) if row else None

    def use_link(self, token_hash: str, now: datetime) -> bool:
        """Mark the link as used; whether it was not used before."""
        c = t.sign_in_links.c
        found = self.sql.execute(
            t.sign_in_links.update()
            .where(c.token_hash == token_hash, c.used_at.is_(None))
            .values(used_at=now)
        )
        return bool(found.rowcount)

    def add_session(
        self, token_hash: str, person_id: int, started_at: datetime, expires_at: datetime
    ) -> None:
        """Keep a session."""
        self.sql.execute(
            t.sessions.insert().values(
                token_hash=token_hash,
                person_id=person_id,
                started_at=started_at,
                expires_at=expires_at,
            )
        )

    def session_person(self, token_hash: str, now: datetime) -> int | None:
        """Whose session it is, if it lasts."""
        c = t.sessions.c
        return self.sql.execute(
            select(c.person_id).where(
                c.token_hash == token_hash, c.ended_at.is_(None), c.expires_at > now
            )
        ).scalar()

    def end_session(self, token_hash: str, now: datetime) -> None:
        """End a session that lasts."""
        c = t.sessions.c
        self.sql.execute(
            t.sessions.update()
            .where(c.token_hash == token_hash, c.ended_at.is_(None))
            .values(ended_at=now)
        )

    def end_sessions(self, person_id: int, now: datetime) -> None:
        """End every session of a person."""
        c = t.sessions.c
        self.sql.execute(
            t.sessions.update()
            .where(c.person_id == person_id, c.ended_at.is_(None))
            .values(ended_at=now)
        )

    # --- people ---

    def person(self, person_id: int) -> Person:
        """The person with our id.

        :raises NotFound: if there is none.
        """
        row = self.sql.execute(select(t.people).where(t.people.c.id == person_id)).first()
        if row is None:
            raise NotFound("That person is not there.")
        return _person(row)

    def people_like(self, connection_id: int | None, text: str) -> list[Person]:
        """Those whose address, user name, LMS id or name is ``text``, be it in capitals or not."""
        p, lower = t.people.c, text.lower()
        same = [func.lower(column) == lower for column in (p.email, p.username, p.name)]
        if text.isdecimal() and len(text) < 10:
            same.append(p.lms_id == int(text))
        query = select(t.people).where(or_(*same), p.gone.is_(False)).order_by(p.id).limit(20)
        if connection_id is not None:
            query = query.where(p.connection_id == connection_id)
        return [_person(row) for row in self.sql.execute(query)]

    def viewer(self, person_id: int) -> StoredViewer | None:
        """A person who is there, with roles, teams and courses; two statements."""
        p, c = t.people.c, t.consents.c
        row = self.sql.execute(
            select(p.id, p.connection_id, p.name, p.timezone, p.language, c.choice)
            .select_from(t.people.outerjoin(t.consents, c.person_id == p.id))
            .where(p.id == person_id, p.gone.is_(False), p.suspended.is_(False))
        ).first()
        if row is None:
            return None
        belongs: dict[str, set[Any]] = {"team": set(), "led": set(), "course": set()}
        for kind, ident in self.sql.execute(self._belonging(person_id)):
            belongs[kind].add(ident)
        roles = self.sql.execute(
            select(t.roles.c.role).where(t.roles.c.person_id == person_id)
        ).scalars()
        return StoredViewer(
            person_id=row.id,
            connection_id=row.connection_id,
            name=row.name,
            timezone=row.timezone,
            language=row.language,
            choice=Choice(row.choice) if row.choice else None,
            roles=frozenset(roles),
            team_ids=frozenset(belongs["team"]),
            course_ids=frozenset(belongs["course"]),
            led_team_ids=frozenset(belongs["led"]),
        )

    def _belonging(self, person_id: int) -> Any:
        m, led, e = t.memberships.c, t.leaders.c, t.enrolments.c
        there = select(t.teams.c.id).where(t.teams.c.gone.is_(False))
        return union_all(
            select(literal("team"), m.team_id).where(
                m.person_id == person_id, m.team_id.in_(there)
            ),
            select(literal("led"), led.team_id).where(
                led.person_id == person_id, led.team_id.in_(there)
            ),
            select(literal("course"), e.course_id).where(
                e.person_id == person_id, e.gone.is_(False)
            ),
        )

    # --- roles and leaders ---

    def add_role(self, person_id: int, role: str) -> None:
        """The person has the role."""
        row = {"person_id": person_id, "role": role}
        put(self.sql, t.roles, [row], ["person_id", "role"])

    def remove_role(self, person_id: int, role: str) -> None:
        """The person has not the role."""
        c = t.roles.c
        self.sql.execute(t.roles.delete().where(c.person_id == person_id, c.role == role))

    def add_leader(self, team_id: int, person_id: int) -> None:
        """The person leads the team."""
        row = {"team_id": team_id, "person_id": person_id}
        put(self.sql, t.leaders, [row], ["team_id", "person_id"])

    def remove_leader(self, team_id: int, person_id: int) -> None:
        """The person does not lead the team."""
        c = t.leaders.c
        self.sql.execute(t.leaders.delete().where(c.team_id == team_id, c.person_id == person_id))

    def teams_led(self, person_id: int) -> tuple[Team, ...]:
        """The teams that the person leads, by name."""
        led = select(t.leaders.c.team_id).where(t.leaders.c.person_id == person_id)
        return self._teams(t.teams.c.id.in_(led))

    def teams_like(self, connection_id: int | None, text: str) -> tuple[Team, ...]:
        """Teams whose name, id number or LMS id is ``text``."""
        c, lower = t.teams.c, text.lower()
        same = [func.lower(c.name) == lower, func.lower(c.id_number) == lower]
        if text.isdecimal() and len(text) < 10:
            same.append(c.lms_id == int(text))
        found = self._teams(or_(*same))
        return tuple(team for team in found if connection_id in (None, team.connection_id))

    def _teams(self, condition: Any) -> tuple[Team, ...]:
        c, m = t.teams.c, t.memberships.c
        size = select(func.count()).where(m.team_id == c.id).correlate(t.teams).scalar_subquery()
        rows = self.sql.execute(
            select(c.id, c.connection_id, c.name, c.lms_id, size.label("size"))
            .where(condition, c.gone.is_(False))
            .order_by(c.name, c.id)
        )
        return tuple(Team(**row._mapping) for row in rows)

    # --- feed links and audit ---

    def add_feed_link(self, token_hash: str, person_id: int, now: datetime) -> None:
        """Keep a feed link."""
        self.sql.execute(
            t.feed_links.insert().values(token_hash=token_hash, person_id=person_id, made_at=now)
        )

    def feed_link_person(self, token_hash: str) -> int | None:
        """Whose feeds the link opens, if it was not revoked."""
        c = t.feed_links.c
        return self.sql.execute(
            select(c.person_id).where(c.token_hash == token_hash, c.revoked_at.is_(None))
        ).scalar()

    def revoke_feed_links(self, person_id: int, now: datetime) -> None:
        """Revoke every feed link of a person."""
        c = t.feed_links.c
        self.sql.execute(
            t.feed_links.update()
            .where(c.person_id == person_id, c.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    def add_audit(self, person_id: int | None, act: str, subject: str, now: datetime) -> None:
        """Log an act."""
        self.sql.execute(
            t.audit.insert().values(at=now, person_id=person_id, act=act, subject=subject)
        )

    def audit(self, limit: int) -> list[AuditEntry]:
        """The latest acts, newest first."""
        c = t.audit.c
        rows = self.sql.execute(
            select(c.at, c.person_id, c.act, c.subject)
            .order_by(c.at.desc(), c.id.desc())
            .limit(limit)
        )
        return [AuditEntry(**row._mapping) for row in rows]


def _person(row: Any) -> Person:
    return Person(
        id=row.id,
        connection_id=row.connection_id,
        lms_id=row.lms_id,
        name=row.name,
        username=row.username,
        email=row.email,
        photo_url=row.photo_url,
        timezone=row.timezone,
        language=row.language,
        suspended=row.suspended,
        gone=row.gone,
    )
