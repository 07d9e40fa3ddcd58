"""Who was erased and is not to come back: keyed hashes, which tell nobody without the key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, select

from bridge.model import Actor, ActorBy, Person
from bridge.storage import tables as t
from bridge.storage.sealing import Seal
from bridge.storage.statements import put


def actors_of(person: Person) -> set[Actor]:
    """Every way in which a pushed statement may name the person."""
    found = {Actor(ActorBy.USER_ID, str(person.lms_id))}
    if person.username:
        found.add(Actor(ActorBy.USERNAME, person.username.lower()))
    if person.email:
        found.add(Actor(ActorBy.EMAIL, person.email.lower()))
        for written in {person.email, person.email.lower()}:
            # xAPI hashes addresses with SHA-1; here it recognises one, and protects nothing.
            digest = hashlib.sha1(f"mailto:{written}".encode(), usedforsecurity=False)
            found.add(Actor(ActorBy.EMAIL_SHA1, digest.hexdigest()))
    return found


class ErasedRepository:
    """Reads and writes ``erased``.

    A hash is made with a key that is derived from the bridge's secret key. Where that was changed,
    a hash by an earlier key is still known while the key stands there, and afterwards by what
    :meth:`keep_keys` has kept of it; whoever is met under one is written down under the newest as
    well.
    """

    def __init__(self, sql: SqlConnection, seal: Seal) -> None:
        self.sql = sql
        self.seal = seal

    def keep(self, person: Person, now: datetime) -> None:
        """Remember not to take the person up again."""
        main = self._newest(person.connection_id, _by_id(person.lms_id))
        names = {self._newest(person.connection_id, actor) for actor in actors_of(person)}
        self._put(person.connection_id, dict.fromkeys(names, main), now)

    def people(self, connection_id: int, lms_ids: Iterable[int]) -> set[int]:
        """Those of the LMS's people who were erased."""
        return {int(a.value) for a in self.actors(connection_id, map(_by_id, lms_ids))}

    def actors(self, connection_id: int, actors: Iterable[Actor]) -> set[Actor]:
        """Those who were erased, by any of the names that statements give people."""
        e = t.erased.c
        query = select(e.hash, e.person, e.at).where(e.connection_id == connection_id)
        known = {row.hash: row for row in self.sql.execute(query)}
        found: set[Actor] = set()
        if not known:
            return found
        anew: dict[str, tuple[str, datetime]] = {}
        for actor in actors:
            newest, *earlier = self._hashes(connection_id, actor)
            met = next((known[one] for one in (newest, *earlier) if one in known), None)
            if met is not None:
                found.add(actor)
                if newest not in known:
                    anew[newest] = (met.person, met.at)
        for ident, (person, at) in anew.items():
            self._put(connection_id, {ident: person}, at)
        return found

    def lift(self, connection_id: int, lms_id: int) -> bool:
        """Let the person be taken up again; whether they had been erased."""
        hashes = self._hashes(connection_id, _by_id(lms_id))
        e = t.erased
        here = e.c.connection_id == connection_id
        mains = select(e.c.person).where(here, e.c.hash.in_(hashes))
        gone = self.sql.execute(
            e.delete().where(here, e.c.person.in_(list(self.sql.execute(mains).scalars())))
        )
        return gone.rowcount > 0

    def count(self, connection_id: int) -> int:
        """How many people of the connection were erased."""
        e = t.erased.c
        query = select(func.count(e.person.distinct())).where(e.connection_id == connection_id)
        return int(self.sql.execute(query).scalar_one())

    def _put(self, connection_id: int, rows: Mapping[str, str], at: datetime) -> None:
        values = [
            {"connection_id": connection_id, "hash": ident, "person": person, "at": at}
            for ident, person in sorted(rows.items())
        ]
        put(self.sql, t.erased, values, ["connection_id", "hash"], [])

    def keep_keys(self) -> int:
        """Keep what the hashes by earlier keys were made with, sealed; how many are new here."""
        n = t.naming_keys.c
        known = set(self.sql.execute(select(n.mark)).scalars())
        rows = [
            {"mark": mark, "key_sealed": sealed}
            for mark, sealed in self.seal.names_to_keep().items()
            if mark not in known
        ]
        put(self.sql, t.naming_keys, rows, ["mark"], [])
        return len(rows)

    @cached_property
    def _kept(self) -> tuple[str, ...]:
        n = t.naming_keys.c
        return tuple(self.sql.execute(select(n.key_sealed).order_by(n.mark)).scalars())

    def _newest(self, connection_id: int, actor: Actor) -> str:
        return self.seal.pseudonyms(_named(connection_id, actor))[0]

    def _hashes(self, connection_id: int, actor: Actor) -> list[str]:
        return self.seal.pseudonyms(_named(connection_id, actor), self._kept)


def _named(connection_id: int, actor: Actor) -> str:
    return f"{connection_id}:{actor.by.value}:{actor.value}"


def _by_id(lms_id: int) -> Actor:
    return Actor(ActorBy.USER_ID, str(lms_id))
