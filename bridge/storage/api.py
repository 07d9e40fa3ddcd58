"""The JSON API: personal tokens, and what was answered to writes. Of tokens only hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, select

from bridge.model.api import Answer, ApiToken, Scope
from bridge.storage import tables as t
from bridge.storage.statements import insert


class ApiRepository:
    """Reads and writes the tables that begin with ``api_``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- tokens --------------------------------------------------------------------------------

    def add(self, token: ApiToken) -> None:
        """Keep a token."""
        row = {
            "token_hash": token.token_hash,
            "person_id": token.person_id,
            "name": token.name,
            "scopes": " ".join(sorted(token.scopes)),
            "made_at": token.made_at,
            "expires_at": token.expires_at,
        }
        self.sql.execute(t.api_tokens.insert(), row)

    def token(self, token_hash: str, now: datetime) -> ApiToken | None:
        """The token, if it is good."""
        a = t.api_tokens.c
        row = self.sql.execute(_good(now).where(a.token_hash == token_hash)).first()
        return None if row is None else _token(row)

    def tokens(self, person_id: int, now: datetime) -> tuple[ApiToken, ...]:
        """The person's tokens that are good, the newest first."""
        a = t.api_tokens.c
        query = _good(now).where(a.person_id == person_id)
        rows = self.sql.execute(query.order_by(a.made_at.desc(), a.token_hash))
        return tuple(_token(row) for row in rows)

    def use(self, token_hash: str, now: datetime) -> None:
        """Keep when the token was last used."""
        a = t.api_tokens
        self.sql.execute(a.update().where(a.c.token_hash == token_hash).values(used_at=now))

    def revoke(self, person_id: int, handle: str, now: datetime) -> int:
        """Make the person's token of that handle useless; how many that were."""
        a = t.api_tokens
        revoked = self.sql.execute(
            a.update()
            .where(
                a.c.person_id == person_id,
                a.c.token_hash.startswith(handle, autoescape=True),
                a.c.revoked_at.is_(None),
                a.c.expires_at > now,
            )
            .values(revoked_at=now)
        )
        return revoked.rowcount

    # --- answers -------------------------------------------------------------------------------

    def reserve(self, key_hash: str, person_id: int, request_hash: str, now: datetime) -> bool:
        """Whether the key is ours from now on; ``False`` if it was used before."""
        row = {
            "key_hash": key_hash,
            "person_id": person_id,
            "request_hash": request_hash,
            "at": now,
        }
        statement = insert(self.sql, t.api_answers).values(row).on_conflict_do_nothing()
        # A row comes back only if it was not there: how many were written, not every driver says.
        return self.sql.execute(statement.returning(t.api_answers.c.at)).first() is not None

    def answer(self, key_hash: str) -> Answer | None:
        """What was answered under the key."""
        a = t.api_answers.c
        row = self.sql.execute(
            select(a.request_hash, a.status, a.body).where(a.key_hash == key_hash)
        ).first()
        return None if row is None else Answer(*row)

    def keep(self, key_hash: str, status: int, body: str) -> None:
        """Keep what is answered."""
        a = t.api_answers
        values = {"status": status, "body": body}
        self.sql.execute(a.update().where(a.c.key_hash == key_hash).values(**values))

    def empty(self, connection_id: int) -> None:
        """Keep no longer what was told to the connection's programs, but that it was done.

        What was made is answered by its id alone, and stays.
        """
        a, p = t.api_answers, t.people.c
        theirs = select(p.id).where(p.connection_id == connection_id)
        told = a.update().where(a.c.person_id.in_(theirs), a.c.status == 200)
        self.sql.execute(told.values(body=""))

    def release(self, key_hash: str) -> None:
        """Nothing was done: the key may be used again."""
        a = t.api_answers
        self.sql.execute(a.delete().where(a.c.key_hash == key_hash))

    def forget(self, before: datetime) -> None:
        """Delete what was answered before then."""
        a = t.api_answers
        self.sql.execute(a.delete().where(a.c.at < before))


def _good(now: datetime) -> Select[Any]:
    a = t.api_tokens.c
    return select(
        a.token_hash, a.person_id, a.name, a.scopes, a.made_at, a.expires_at, a.used_at
    ).where(a.revoked_at.is_(None), a.expires_at > now)


def _token(row: Any) -> ApiToken:
    scopes = frozenset(Scope(word) for word in row.scopes.split())
    return ApiToken(**{**row._mapping, "scopes": scopes})
