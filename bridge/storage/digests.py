"""Digests, whose lines are the deliveries that they list; and how much an outlet took."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import bindparam, func, or_, select, text

from bridge.model import Audience, DeliveryState, Kind
from bridge.storage import tables as t
from bridge.storage.statements import chunks, put

# A partial index is used only where its condition is said in the very same words.
_WAITS = text(f"state = '{DeliveryState.DIGEST.value}'")
_COUNTS = text("counted_on IS NOT NULL")
_LISTED = text("digest_id IS NOT NULL")


class DigestRows:
    """Reads and writes what digests list, and what budgets and rates need to know."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    # --- editions ------------------------------------------------------------------------------

    def editions_due(self, now: datetime) -> list[int]:
        """The outlets, as far as they are switched on, for whose digest something waits by now."""
        d, o = t.deliveries, t.outlets
        due = select(d.c.id).where(d.c.outlet_id == o.c.id, _WAITS, d.c.due_at <= now).correlate(o)
        query = select(o.c.id).where(o.c.enabled.is_(True), due.exists()).order_by(o.c.id)
        return list(self.sql.execute(query).scalars())

    def for_edition(self, outlet_id: int, now: datetime) -> list[int]:
        """The ids of the deliveries that wait for the digest of an outlet that is switched on, by
        now, held until the transaction ends; the outlet is to be held before.

        While one of them is being changed there are none: it would be left over for a digest of
        its own. It is not waited for, as who changes it may wait for the outlet.
        """
        d, o = t.deliveries, t.outlets
        query = (
            select(d.c.id)
            .join(o, o.c.id == d.c.outlet_id)
            .where(o.c.id == outlet_id, o.c.enabled.is_(True), _WAITS, d.c.due_at <= now)
            .order_by(d.c.id)
        )
        held = self.sql.execute(query.with_for_update(of=d, skip_locked=True)).scalars().all()
        waiting = self.sql.execute(query).scalars().all()
        return list(held) if set(waiting) <= set(held) else []

    def list_in(self, digest_id: int, delivery_ids: Collection[int]) -> None:
        """The deliveries are lines of the digest now."""
        d = t.deliveries
        for some in chunks(list(delivery_ids)):
            self.sql.execute(
                d.update()
                .where(d.c.id.in_(some))
                .values(state=DeliveryState.LISTED.value, digest_id=digest_id)
            )

    def add_digest(self, connection_id: int, audience: Audience, day: date, now: datetime) -> int:
        """A digest for that day, with nothing in it yet; its id."""
        query = t.activities.insert().returning(t.activities.c.id)
        row = {
            "uid": str(uuid.uuid4()),
            "connection_id": connection_id,
            "kind": Kind.DIGEST.value,
            "audience": audience.key,
            "day": day,
            "published": now,
            "updated": now,
        }
        return self.sql.execute(query, row).scalar_one()

    def revise(self, activity_ids: Collection[int], now: datetime) -> None:
        """Something in the digests has changed: each is a revision further."""
        a = t.activities
        for some in chunks(sorted(activity_ids)):
            self.sql.execute(
                a.update().where(a.c.id.in_(some)).values(revision=a.c.revision + 1, updated=now)
            )

    def lines(self, digest_ids: Collection[int]) -> dict[int, list[int]]:
        """Digest → the activities that it lists, newest first."""
        d, a = t.deliveries, t.activities
        query = (
            select(d.c.digest_id, d.c.activity_id)
            .join(a, a.c.id == d.c.activity_id)
            .where(d.c.digest_id.in_(digest_ids), _LISTED, d.c.state == DeliveryState.LISTED.value)
            .order_by(d.c.digest_id, a.c.published.desc(), a.c.id.desc())
        )
        found: dict[int, list[int]] = {}
        for digest_id, activity_id in self.sql.execute(query):
            found.setdefault(digest_id, []).append(activity_id)
        return found

    def remove_digests(self, audience: Audience) -> None:
        """Delete every digest that was made for an outlet."""
        a = t.activities
        self.sql.execute(
            a.delete().where(a.c.audience == audience.key, a.c.kind == Kind.DIGEST.value)
        )

    def reschedule(self, outlet_id: int, edition: datetime) -> None:
        """What waits for the outlet's digest waits for that edition now."""
        d = t.deliveries
        self.sql.execute(
            d.update().where(d.c.outlet_id == outlet_id, _WAITS).values(due_at=edition)
        )

    # --- budgets -------------------------------------------------------------------------------

    def hold_outlets(self, outlet_ids: Collection[int]) -> None:
        """Nobody else counts or lists for the outlets until the transaction ends.

        They are held in the order of their ids, so that no two transactions wait for each other.
        """
        o = t.outlets
        query = select(o.c.id).where(o.c.id.in_(outlet_ids)).order_by(o.c.id)
        self.sql.execute(query.with_for_update(key_share=True))

    def counted(self, outlet_id: int, day: date) -> int:
        """How many deliveries are taken from the outlet's budget of a day. What was taken back
        before it ever left is not."""
        d = t.deliveries
        query = select(func.count()).where(
            d.c.outlet_id == outlet_id,
            d.c.counted_on == day,
            _COUNTS,
            or_(d.c.state != DeliveryState.GONE.value, d.c.attempted_at.is_not(None)),
        )
        return self.sql.execute(query).scalar_one()

    # --- rates ---------------------------------------------------------------------------------

    def free_ms(self, outlet_ids: Collection[int]) -> dict[int, int]:
        """Outlet → when its next message may go, in milliseconds since 1970, as far as it was ever
        written down. The rows are held until the transaction ends."""
        p = t.outlet_paces
        put(self.sql, p, [{"outlet_id": i, "free_ms": 0} for i in outlet_ids], ["outlet_id"], [])
        query = select(p).where(p.c.outlet_id.in_(outlet_ids)).order_by(p.c.outlet_id)
        return {row.outlet_id: row.free_ms for row in self.sql.execute(query.with_for_update())}

    def set_free_ms(self, moments: Mapping[int, int]) -> None:
        """Write down when the next message of each outlet may go."""
        p = t.outlet_paces
        if moments:
            self.sql.execute(
                p.update().where(p.c.outlet_id == bindparam("key_outlet_id")),
                [{"key_outlet_id": key, "free_ms": value} for key, value in moments.items()],
            )
