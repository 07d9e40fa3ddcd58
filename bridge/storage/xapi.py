"""What LMSs push: keys, and what became of each statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, or_, select

from bridge.model import Actor, ActorBy, PushedFact, PushState, ReasonCount, Says, Stream
from bridge.storage import tables as t
from bridge.storage.matching import Matching
from bridge.storage.statements import change, chunks, insert
from bridge.storage.xapi_keys import XapiKeys

STREAM_OF = {Says.LEFT: Stream.ENROLMENTS, Says.POSTED: Stream.DISCUSSIONS}
"""What is read to learn what such a statement is about."""


@dataclass(frozen=True)
class Outcome:
    """What becomes of a statement, and why."""

    fact: PushedFact
    state: PushState
    reason: str = ""


@dataclass(frozen=True)
class Waiting:
    """A statement that waits, and why."""

    fact: PushedFact
    received_at: datetime
    reason: str


class XapiRepository(XapiKeys, Matching):
    """Reads and writes ``xapi_keys`` and ``xapi_statements``.

    Of a statement stays its id and a digest, so that it is recognised when it comes again. What is
    needed to match it stays only as long as it waits or is noted.
    """

    def claim(self, connection_id: int, outcomes: Sequence[Outcome], now: datetime) -> set[str]:
        """Keep the statements that are new; their ids.

        Of two who bring the same one at the same moment, one gets it: the other waits until the
        first is done. The ids are kept in their order, so that two never wait for each other.
        """
        if not outcomes:
            return set()
        s = t.xapi_statements
        rows = [
            {
                "connection_id": connection_id,
                "id": outcome.fact.id,
                "digest": outcome.fact.digest,
                "received_at": now,
                **_kept(outcome),
            }
            for outcome in sorted(outcomes, key=lambda o: o.fact.id)
        ]
        statement = insert(self.sql, s).on_conflict_do_nothing().returning(s.c.id)
        return set(self.sql.execute(statement, rows).scalars())

    def digests(self, connection_id: int, ids: Sequence[str]) -> dict[str, str]:
        """Id → digest of the statements that are kept."""
        s = t.xapi_statements.c
        found: dict[str, str] = {}
        for some in chunks(ids):
            rows = self.sql.execute(
                select(s.id, s.digest).where(s.connection_id == connection_id, s.id.in_(some))
            )
            found.update((row.id, row.digest) for row in rows)
        return found

    def settle(self, connection_id: int, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of statements that are there."""
        change(
            self.sql,
            t.xapi_statements,
            [{"connection_id": connection_id, "id": o.fact.id, **_kept(o)} for o in outcomes],
            ["connection_id", "id"],
        )

    # --- what waits, and what is noted ---

    def waiting(
        self, connection_id: int, after: tuple[datetime, str] | None, limit: int
    ) -> list[Waiting]:
        """Statements that wait, oldest first, beyond ``after`` (when it came, its id)."""
        s = t.xapi_statements.c
        query = select(t.xapi_statements).where(
            s.connection_id == connection_id, s.state == PushState.WAITING.value
        )
        if after is not None:
            query = query.where(
                or_(
                    s.received_at > after[0],
                    (s.received_at == after[0]) & (s.id > after[1]),
                )
            )
        rows = self.sql.execute(query.order_by(s.received_at, s.id).limit(limit))
        return [Waiting(_fact(row), row.received_at, row.reason) for row in rows]

    def streams_noted(self, connection_id: int) -> set[Stream]:
        """The streams that statements say have news, and that were not read to the end since."""
        s, c = t.xapi_statements.c, t.checkpoints.c
        says = s.fact["says"].as_string()
        rows = self.sql.execute(
            select(says, func.max(s.received_at))
            .where(s.connection_id == connection_id, s.state == PushState.NOTED.value)
            .group_by(says)
        )
        newest = {STREAM_OF[Says(row[0])]: row[1] for row in rows}
        read = self.sql.execute(
            select(c.stream, c.read_at).where(
                c.connection_id == connection_id, c.stream.in_([stream.value for stream in newest])
            )
        )
        read_at = {Stream(row.stream): row.read_at for row in read if row.read_at}
        return {
            stream
            for stream, came in newest.items()
            if stream not in read_at or read_at[stream] <= came
        }

    def settle_noted(self, connection_id: int, read_at: Mapping[Stream, datetime]) -> None:
        """What came before a stream was read (by stream, when that began) is settled."""
        s = t.xapi_statements.c
        for says, stream in STREAM_OF.items():
            if stream in read_at:
                self.sql.execute(
                    t.xapi_statements.update()
                    .where(
                        s.connection_id == connection_id,
                        s.state == PushState.NOTED.value,
                        s.received_at < read_at[stream],
                        s.fact["says"].as_string() == says.value,
                    )
                    .values(state=PushState.STORED.value, fact={})
                )

    def forget(self, connection_id: int, before: datetime) -> None:
        """Delete the settled statements that came before then: they are not recognised any more."""
        s = t.xapi_statements.c
        self.sql.execute(
            t.xapi_statements.delete().where(
                s.connection_id == connection_id,
                s.state.in_([PushState.STORED.value, PushState.IGNORED.value]),
                s.received_at < before,
            )
        )

    # --- counts ---

    def waiting_by_reason(self, connection_id: int) -> list[ReasonCount]:
        """How many statements wait for each reason, most first."""
        return self.by_reason(connection_id, [PushState.WAITING])

    def by_reason(self, connection_id: int, states: Sequence[PushState]) -> list[ReasonCount]:
        """How many statements are in one of the states for each reason, most first."""
        s = t.xapi_statements.c
        rows = self.sql.execute(
            select(
                s.state,
                s.reason,
                func.count().label("many"),
                func.min(s.received_at).label("since"),
            )
            .where(s.connection_id == connection_id, s.state.in_([state.value for state in states]))
            .group_by(s.state, s.reason)
            .order_by(func.count().desc(), s.state, s.reason)
        )
        return [ReasonCount(PushState(r.state), r.reason, r.many, r.since) for r in rows]


def _kept(outcome: Outcome) -> dict[str, Any]:
    """The columns that say what became of it."""
    fact = outcome.fact
    body: dict[str, Any] = {}
    if outcome.state is PushState.NOTED:
        body = {"says": fact.says.value}
    elif outcome.state is PushState.WAITING and fact.actor and fact.at:
        body = {
            "says": fact.says.value,
            "at": int(fact.at.timestamp()),
            "by": fact.actor.by.value,
            "who": fact.actor.value,
            "course": fact.course_lms_id,
        }
    return {"fact": body, "state": outcome.state.value, "reason": outcome.reason}


def _fact(row: Any) -> PushedFact:
    kept = row.fact
    return PushedFact(
        id=row.id,
        digest=row.digest,
        says=Says(kept["says"]),
        at=datetime.fromtimestamp(kept["at"], UTC),
        actor=Actor(ActorBy(kept["by"]), kept["who"]),
        course_lms_id=kept["course"],
    )
