"""OpenID Connect: logins that have begun, and who somebody is to a provider."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import String as Text

from bridge.model import Person
from bridge.model.oidc import OidcLogin
from bridge.storage import tables as t
from bridge.storage.rows import columns, entity
from bridge.storage.statements import put


class OidcRepository:
    """Reads and writes the tables that begin with ``oidc_``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- logins --------------------------------------------------------------------------------

    def add_login(self, state_hash: str, login: OidcLogin) -> None:
        """Keep a login that has begun; those that took too long are forgotten by that."""
        s = t.oidc_logins
        values = {
            "state_hash": state_hash,
            "browser_hash": login.browser_hash,
            "next": login.next,
            "expires_at": login.expires_at,
        }
        self.sql.execute(s.insert(), values)

    def forget_logins(self, before: datetime) -> None:
        """Delete what expired before then."""
        s = t.oidc_logins
        self.sql.execute(s.delete().where(s.c.expires_at < before))

    def login(self, state_hash: str) -> OidcLogin | None:
        """The login, used or not."""
        s = t.oidc_logins
        row = self.sql.execute(select(s).where(s.c.state_hash == state_hash)).first()
        if row is None:
            return None
        return OidcLogin(**{k: v for k, v in row._mapping.items() if k != "state_hash"})

    def use_login(self, state_hash: str, now: datetime) -> bool:
        """Use the login up; ``False`` if somebody else has, or if it has expired."""
        s = t.oidc_logins
        used = self.sql.execute(
            s.update()
            .where(s.c.state_hash == state_hash, s.c.used_at.is_(None), s.c.expires_at > now)
            .values(used_at=now)
        )
        return used.rowcount == 1

    # --- people --------------------------------------------------------------------------------

    def known(self, issuer: str, sub: str) -> tuple[Person, ...]:
        """Who came in under this subject before, on any connection; suspended and gone ones too."""
        s, p = t.oidc_subjects.c, t.people
        rows = self.sql.execute(
            select(*columns(p, Person))
            .join(t.oidc_subjects, s.person_id == p.c.id)
            .where(s.issuer == issuer, s.sub == sub)
            .order_by(p.c.id)
        )
        return tuple(entity(Person, row) for row in rows)

    def others(self, issuer: str, sub: str, person_id: int) -> bool:
        """Whether the person is somebody else to that provider."""
        s = t.oidc_subjects.c
        found = self.sql.execute(
            select(s.sub).where(s.issuer == issuer, s.person_id == person_id, s.sub != sub).limit(1)
        )
        return found.first() is not None

    def people_by(self, field: str, value: str, most: int) -> tuple[Person, ...]:
        """People, neither suspended nor gone, whose field is that, whatever its case.

        :param field: ``email``, ``username`` or ``lms_id``.
        """
        p = t.people
        fits: dict[str, ColumnElement[bool]] = {
            "email": _is(p.c.email, value),
            "username": _is(p.c.username, value),
            "lms_id": cast(p.c.lms_id, Text) == value,
        }
        rows = self.sql.execute(
            select(*columns(p, Person))
            .where(fits[field], p.c.suspended.is_(False), p.c.gone.is_(False))
            .order_by(p.c.id)
            .limit(most)
        )
        return tuple(entity(Person, row) for row in rows)

    def bind(self, issuer: str, sub: str, person_id: int, now: datetime) -> None:
        """Keep that this subject is the person."""
        row = {"issuer": issuer, "sub": sub, "person_id": person_id, "made_at": now}
        put(self.sql, t.oidc_subjects, [row], ["issuer", "sub", "person_id"], [])

    def unbind(self, person_id: int) -> int:
        """Forget who the person is to providers; how many subjects were forgotten."""
        s = t.oidc_subjects
        return self.sql.execute(s.delete().where(s.c.person_id == person_id)).rowcount


def _is(column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Whether a name is that one. Only in ASCII does its case play no part: elsewhere one letter
    turns into another one's, as the sign for kelvin into a k, and who has it is somebody else."""
    return func.lower(column) == value.lower() if value.isascii() else column == value
