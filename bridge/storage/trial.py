"""A store to try things out on: one transaction that is never committed.

What runs on it is the real thing, rooms and flows with their own transactions, which are savepoints
here. It serves questions of the form "what would happen if". Nothing that speaks to the network
may be run on it, and it should be over soon: on SQLite nobody else writes while it lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from threading import RLock

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import func, or_, select
from sqlalchemy.exc import OperationalError

from bridge.errors import StorageError
from bridge.model import Activity, Audience, DeliveryState
from bridge.storage import tables as t
from bridge.storage.contents import Content
from bridge.storage.delivery import DeliveryRepository
from bridge.storage.rows import activity, activity_columns
from bridge.storage.sealing import Seal
from bridge.storage.statements import chunks
from bridge.storage.store import Store, Work

Veil = Callable[[Content], Content]
"""What of a content the person may see for whom something is tried."""

PATIENCE_MS = 500
"""How long PostgreSQL waits for a row that another process holds. It looks for deadlocks after a
second, so a trial always gives way before it could cost somebody else their transaction."""


_FOR_DIGEST = t.deliveries.c.state == DeliveryState.DIGEST.value


class Trial(Store):
    """The transaction, as a store. Threads take turns on it."""

    def __init__(self, sql: SqlConnection, seal: Seal, veil: Veil) -> None:
        # There is no engine: whatever asks for one wants to leave the transaction.
        self.seal = seal
        self._sql = sql
        self._veil = veil
        self._turn = RLock()

    @contextmanager
    def work(self) -> Iterator[TrialWork]:
        """A savepoint: kept within the trial at the end, rolled back if anything is raised."""
        with self._turn, self._sql.begin_nested():
            yield TrialWork(self._sql, self.seal, self._veil)

    @contextmanager
    def reading(self) -> Iterator[TrialWork]:
        """The trial as it stands."""
        with self._turn:
            yield TrialWork(self._sql, self.seal, self._veil)

    def close(self) -> None:
        """The trial belongs to whoever opened it."""


class TrialWork(Work):
    """A transaction's repositories, and what only a trial may do."""

    def __init__(self, sql: SqlConnection, seal: Seal, veil: Veil) -> None:
        super().__init__(sql, seal)
        self._veil = veil

    @cached_property
    def delivery(self) -> DeliveryRepository:
        return _Veiled(self.sql, self.seal, self._veil)

    def told_to(
        self, audiences: Collection[Audience], since: datetime, limit: int
    ) -> list[Activity]:
        """What was told to these audiences since then and still stands, newest first."""
        a = t.activities.c
        query = (
            select(*activity_columns())
            .where(a.audience.in_(sorted(audience.key for audience in audiences)))
            .where(a.published >= since, a.gone.is_(False))
            .order_by(a.published.desc(), a.id.desc())
            .limit(limit)
        )
        return [activity(row) for row in self.sql.execute(query)]

    def sent_to(
        self, outlet_id: int, activity_ids: Collection[int], *, shown: bool = True
    ) -> set[int]:
        """Those of the activities that the outlet should show; or (``shown``) should not any more.

        Without a delivery it is neither.
        """
        d = t.deliveries.c
        wanted = d.wanted.is_not(None) if shown else d.wanted.is_(None)
        found: set[int] = set()
        for some in chunks(sorted(activity_ids)):
            query = select(d.activity_id).where(
                d.outlet_id == outlet_id, d.activity_id.in_(some), wanted
            )
            found.update(self.sql.execute(query).scalars())
        return found

    def known(self, uids: Collection[str]) -> dict[str, Activity]:
        """The activities by the word that stands for them in addresses."""
        a = t.activities.c
        return {
            row.uid: activity(row)
            for some in chunks(sorted(uids))
            for row in self.sql.execute(select(*activity_columns()).where(a.uid.in_(some)))
        }

    def next_due(self) -> datetime | None:
        """When there is next something to do for an outlet; ``None`` if nothing waits."""
        d, o = t.deliveries.c, t.outlets.c
        query = (
            select(func.min(d.due_at))
            .join_from(t.deliveries, t.outlets, o.id == d.outlet_id)
            .where(or_(d.pending.is_(True), _FOR_DIGEST))
            .where(or_(o.enabled.is_(True), d.urgent.is_(True), d.wanted.is_(None)))
        )
        return self.sql.execute(query).scalar_one()

    def set_aside(self, but: int, now: datetime) -> None:
        """Nothing is due but at the outlet ``but``, and not what is being sent at this moment."""
        d, o = t.deliveries, t.outlets
        self.sql.execute(o.update().where(o.c.id != but).values(enabled=False))
        aside = or_(d.c.outlet_id != but, d.c.claimed_until > now)
        self.sql.execute(d.update().where(d.c.pending.is_(True), aside).values(pending=False))

    def begin_anew(self, outlet_id: int, since: datetime) -> None:
        """The outlet shows nothing of what was told since then, and nothing waits for it."""
        d, a, p = t.deliveries, t.activities.c, t.outlet_paces
        told = select(a.id).where(a.published >= since)
        ours = d.c.outlet_id == outlet_id
        self.sql.execute(d.delete().where(ours, or_(d.c.activity_id.in_(told), _FOR_DIGEST)))
        self.sql.execute(d.update().where(ours, d.c.pending.is_(True)).values(pending=False))
        # How soon the next message may go was written down later than it is now.
        self.sql.execute(p.delete().where(p.c.outlet_id == outlet_id))


class _Veiled(DeliveryRepository):
    """Contents as the person may see them for whom something is tried."""

    def __init__(self, sql: SqlConnection, seal: Seal, veil: Veil) -> None:
        super().__init__(sql, seal)
        self._veil = veil

    def contents(self, activity_ids: Collection[int]) -> dict[int, Content]:
        found = super().contents(activity_ids)
        return {ident: self._veil(content) for ident, content in found.items()}


@contextmanager
def trying(store: Store, veil: Veil) -> Iterator[Trial]:
    """A trial on the store, of which nothing is left at the end.

    :raises StorageError: if the database cannot be used, or others are writing what it has to look
        at.
    """
    with store.work() as work:
        postgresql = work.sql.dialect.name == "postgresql"
        if postgresql:
            work.sql.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE_MS}ms'")
        try:
            yield Trial(work.sql, work.seal, veil)
        except OperationalError as error:
            if postgresql and getattr(error.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
                raise StorageError(
                    "The bridge is writing at this moment what a preview has to look at.",
                    "Try again in a minute.",
                ) from error
            raise
        finally:
            work.sql.get_transaction().rollback()  # type: ignore[union-attr]


_LOCK_NOT_AVAILABLE = "55P03"
