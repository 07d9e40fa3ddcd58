"""LTI: platforms, logins that have begun, invitations to register, and the tool's own keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy import Connection as SqlConnection

from bridge.model.lti import Login, Platform
from bridge.storage import tables as t
from bridge.storage.sealing import Seal
from bridge.storage.statements import insert


class LtiRepository:
    """Reads and writes the tables that begin with ``lti_``."""

    def __init__(self, sql: SqlConnection, seal: Seal) -> None:
        self.sql = sql
        self.seal = seal

    # --- platforms -----------------------------------------------------------------------------

    def platforms(self, connection_id: int | None = None) -> list[Platform]:
        """All of them, or those of a connection, by issuer."""
        p = t.lti_platforms.c
        of = [] if connection_id is None else [p.connection_id == connection_id]
        return self._platforms(*of)

    def platform(self, platform_id: int) -> Platform | None:
        """The platform with our id."""
        return next(iter(self._platforms(t.lti_platforms.c.id == platform_id)), None)

    def platforms_of(self, issuer: str, client_id: str) -> list[Platform]:
        """Those of the issuer; with a client id, the one that it is."""
        p = t.lti_platforms.c
        return self._platforms(
            p.issuer == issuer, *([p.client_id == client_id] if client_id else [])
        )

    def put(self, platform: Platform) -> Platform:
        """Keep a platform; one with its issuer and client id gets the addresses that are given.

        Its deployments are added to those that are known; its keys are to be read anew.
        """
        p = t.lti_platforms
        values = {
            "connection_id": platform.connection_id,
            "issuer": platform.issuer,
            "client_id": platform.client_id,
            "auth_url": platform.auth_url,
            "keys_url": platform.keys_url,
            "token_url": platform.token_url,
            "typed": platform.typed,
            "keys": {},
            "keys_at": None,
            "keys_asked_at": None,
        }
        statement = insert(self.sql, p).values({**values, "made_at": platform.made_at})
        self.sql.execute(
            statement.on_conflict_do_update(index_elements=["issuer", "client_id"], set_=values)
        )
        found = self.platforms_of(platform.issuer, platform.client_id)[0]
        self.add_deployments(found.id, platform.deployments)
        return self.platforms_of(platform.issuer, platform.client_id)[0]

    def add_deployments(self, platform_id: int, deployments: Iterable[str]) -> None:
        """Keep that these are deployments of the platform."""
        rows = [{"platform_id": platform_id, "deployment_id": one} for one in sorted(deployments)]
        if rows:
            self.sql.execute(insert(self.sql, t.lti_deployments).on_conflict_do_nothing(), rows)

    def claim_asking(self, platform_id: int, now: datetime, before: datetime) -> bool:
        """Whether it is ours to ask for the keys now: nobody has since ``before``."""
        p = t.lti_platforms
        claimed = self.sql.execute(
            p.update()
            .where(
                p.c.id == platform_id,
                or_(p.c.keys_asked_at.is_(None), p.c.keys_asked_at <= before),
            )
            .values(keys_asked_at=now)
        )
        return claimed.rowcount == 1

    def keep_keys(self, platform_id: int, keys: Mapping[str, Any], now: datetime) -> None:
        """Keep the platform's key set as it was read."""
        p = t.lti_platforms
        self.sql.execute(
            p.update().where(p.c.id == platform_id).values(keys=dict(keys), keys_at=now)
        )

    def remove(self, platform_id: int) -> None:
        """Delete the platform, with its deployments and logins."""
        p = t.lti_platforms
        self.sql.execute(p.delete().where(p.c.id == platform_id))

    def _platforms(self, *where: ColumnElement[bool]) -> list[Platform]:
        p, d = t.lti_platforms, t.lti_deployments
        rows = self.sql.execute(
            select(p, d.c.deployment_id)
            .outerjoin(d, d.c.platform_id == p.c.id)
            .where(*where)
            .order_by(p.c.issuer, p.c.id, d.c.deployment_id)
        )
        found: dict[int, dict[str, Any]] = {}
        for row in rows:
            values = dict(row._mapping)
            deployment = values.pop("deployment_id")
            platform = found.setdefault(row.id, {**values, "deployments": set()})
            if deployment is not None:
                platform["deployments"].add(deployment)
        return [
            Platform(**{**values, "deployments": frozenset(values["deployments"])})
            for values in found.values()
        ]

    # --- logins --------------------------------------------------------------------------------

    def add_login(self, state_hash: str, login: Login) -> None:
        """Keep a login that has begun."""
        values = {
            "state_hash": state_hash,
            "platform_id": login.platform_id,
            "browser_hash": login.browser_hash,
            "login_hint": login.login_hint,
            "message_hint": login.message_hint,
            "expires_at": login.expires_at,
        }
        self.sql.execute(t.lti_logins.insert(), values)

    def forget_logins(self, before: datetime) -> None:
        """Delete what expired before then."""
        self.sql.execute(t.lti_logins.delete().where(t.lti_logins.c.expires_at < before))

    def login(self, state_hash: str) -> Login | None:
        """The login, used or not."""
        s = t.lti_logins
        row = self.sql.execute(select(s).where(s.c.state_hash == state_hash)).first()
        if row is None:
            return None
        return Login(**{k: v for k, v in row._mapping.items() if k != "state_hash"})

    def use_login(self, state_hash: str, now: datetime) -> bool:
        """Use the login up; ``False`` if somebody else has, or if it has expired."""
        s = t.lti_logins
        used = self.sql.execute(
            s.update()
            .where(s.c.state_hash == state_hash, s.c.used_at.is_(None), s.c.expires_at > now)
            .values(used_at=now)
        )
        return used.rowcount == 1

    # --- invitations ---------------------------------------------------------------------------

    def add_invitation(self, token_hash: str, connection_id: int, expires_at: datetime) -> None:
        """Keep an invitation to register."""
        s = t.lti_invitations
        self.sql.execute(
            s.insert(),
            {"token_hash": token_hash, "connection_id": connection_id, "expires_at": expires_at},
        )

    def invited(self, token_hash: str, now: datetime) -> int | None:
        """Which connection's platform the invitation is for, if it is good."""
        s = t.lti_invitations
        return self.sql.execute(
            select(s.c.connection_id).where(
                s.c.token_hash == token_hash, s.c.used_at.is_(None), s.c.expires_at > now
            )
        ).scalar_one_or_none()

    def use_invitation(self, token_hash: str, now: datetime) -> int | None:
        """Use it up; the connection, or ``None`` if it is not good (any more)."""
        s = t.lti_invitations
        used = self.sql.execute(
            s.update()
            .where(s.c.token_hash == token_hash, s.c.used_at.is_(None), s.c.expires_at > now)
            .values(used_at=now)
            .returning(s.c.connection_id)
        )
        return used.scalar_one_or_none()

    # --- the tool's own keys -------------------------------------------------------------------

    def add_key(self, kid: str, private: str, now: datetime) -> None:
        """Keep a key of the tool, sealed."""
        row = {"kid": kid, "secret_sealed": self.seal.close(private), "made_at": now}
        self.sql.execute(t.lti_keys.insert(), row)

    def own_keys(self) -> list[str]:
        """The tool's private keys, the newest first."""
        k = t.lti_keys.c
        rows = self.sql.execute(select(k.secret_sealed).order_by(k.made_at.desc(), k.kid))
        return [self.seal.open(row.secret_sealed) for row in rows]

    def forget_keys(self, before: datetime) -> None:
        """Delete the tool's keys that were made before then, but for the newest."""
        k = t.lti_keys
        newest = select(k.c.kid).order_by(k.c.made_at.desc(), k.c.kid).limit(1).scalar_subquery()
        self.sql.execute(k.delete().where(k.c.made_at < before, k.c.kid != newest))

    # --- whom and what a launch names ----------------------------------------------------------

    def person(self, connection_id: int, lms_id: int) -> int | None:
        """Our id of the LMS's person, unless they are gone or suspended."""
        p = t.people.c
        return self.sql.execute(
            select(p.id).where(
                p.connection_id == connection_id,
                p.lms_id == lms_id,
                p.gone.is_(False),
                p.suspended.is_(False),
            )
        ).scalar_one_or_none()

    def course(self, connection_id: int, lms_id: int) -> int | None:
        """Our id of the LMS's course."""
        c = t.courses.c
        return self.sql.execute(
            select(c.id).where(c.connection_id == connection_id, c.lms_id == lms_id)
        ).scalar_one_or_none()
