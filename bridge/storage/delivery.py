"""What the delivery room reads and writes: deliveries, their claims, and the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all

from bridge.model import Activity, Delivery, DeliveryState, Kind
from bridge.storage import tables as t
from bridge.storage.contents import ContentRows
from bridge.storage.outlet_health import OutletHealthRows
from bridge.storage.outlets import OutletRows
from bridge.storage.routes import RouteRows
from bridge.storage.rows import activity, activity_columns, columns, entity
from bridge.storage.setups import is_set_up
from bridge.storage.statements import change, chunks, put


@dataclass(frozen=True)
class Claim:
    """A worker's word that it sees to a delivery; it lapses by itself."""

    by: str
    until: datetime


@dataclass(frozen=True)
class LedgerLine:
    """A delivery with what it takes to say what it is about."""

    delivery: Delivery
    outlet_name: str
    outlet_kind: str
    kind: Kind
    course_name: str | None


_WANT = ("key", "wanted", "state", "attempts", "reason", "urgent", "pending", "due_at")
"""What wanting something else changes."""

_NEW = (*_WANT, "not_before", "digest_id", "counted_on")
_SENDING = (*_WANT, "not_before", "shown", "sent", "remote_id", "attempted_at", "accepted_at")
"""What sending changes."""
_ALL = (*_SENDING, "digest_id", "counted_on")


class DeliveryRepository(OutletRows, ContentRows, RouteRows, OutletHealthRows):
    """Reads and writes deliveries; with the rows that it is made of, the rest."""

    # --- what is wanted ------------------------------------------------------------------------

    def activities(self, ids: Collection[int]) -> list[Activity]:
        """The activities, by id, gone ones too."""
        return [
            activity(row)
            for some in chunks(sorted(set(ids)))
            for row in self.sql.execute(
                select(*activity_columns())
                .where(t.activities.c.id.in_(some))
                .order_by(t.activities.c.id)
            )
        ]

    def of_activities(self, ids: Collection[int]) -> dict[int, dict[int, Delivery]]:
        """Activity id → outlet id → delivery. The rows are held until the transaction ends."""
        d = t.deliveries
        found: dict[int, dict[int, Delivery]] = {}
        for some in chunks(sorted(set(ids))):
            query = _select().where(d.c.activity_id.in_(some)).order_by(d.c.id).with_for_update()
            for row in self.sql.execute(query):
                found.setdefault(row.activity_id, {})[row.outlet_id] = _delivery(row)
        return found

    def by_id(self, delivery_id: int, connection_id: int | None = None) -> Delivery | None:
        """One delivery (of the connection), held until the transaction ends."""
        d, o = t.deliveries, t.outlets
        query = _select().where(d.c.id == delivery_id).with_for_update(of=d)
        if connection_id is not None:
            query = query.join(o, o.c.id == d.c.outlet_id)
            query = query.where(o.c.connection_id == connection_id)
        row = self.sql.execute(query).first()
        return None if row is None else _delivery(row)

    def by_ids(self, ids: Collection[int]) -> list[Delivery]:
        """The deliveries, by id, held until the transaction ends."""
        d = t.deliveries
        return [
            _delivery(row)
            for some in chunks(sorted(set(ids)))
            for row in self.sql.execute(
                _select().where(d.c.id.in_(some)).order_by(d.c.id).with_for_update()
            )
        ]

    def save(self, deliveries: Sequence[Delivery]) -> None:
        """Write the deliveries; one without an id is new. Claims stay as they are."""
        d = t.deliveries
        new = [_row(one) for one in deliveries if not one.id]
        put(self.sql, d, new, ["activity_id", "outlet_id"], update=list(_NEW))
        known = [{"id": one.id, **_row(one)} for one in deliveries if one.id]
        change(self.sql, d, known, ["id"])

    # --- a worker's share ----------------------------------------------------------------------

    def waiting(self, now: datetime) -> list[int]:
        """The ids of the outlets that have something due."""
        d, o = t.deliveries, t.outlets
        due = select(d.c.id).where(d.c.outlet_id == o.c.id, _due(now)).correlate(o)
        return list(self.sql.execute(select(o.c.id).where(due.exists()).order_by(o.c.id)).scalars())

    def claim(self, claim: Claim, now: datetime, most: Mapping[int, int]) -> list[Delivery]:
        """Take due deliveries, of each outlet as many as ``most`` says, urgent ones first.

        What another worker holds is passed by, not waited for.
        """
        d, o = t.deliveries, t.outlets
        if not most:
            return []
        shares = [
            select(
                select(d.c.id)
                .join(o, o.c.id == d.c.outlet_id)
                .where(d.c.outlet_id == outlet_id, _due(now))
                .order_by(d.c.urgent.desc(), d.c.due_at, d.c.id)
                .limit(share)
                .with_for_update(of=d, skip_locked=True)
                .subquery()
                .c.id
            )
            for outlet_id, share in most.items()
        ]
        ids = list(self.sql.execute(union_all(*shares)).scalars())
        taken: list[Delivery] = []
        for some in chunks(ids):
            rows = self.sql.execute(
                d.update()
                .where(d.c.id.in_(some), _unclaimed(now))
                .values(claimed_by=claim.by, claimed_until=claim.until)
                .returning(*columns(d, Delivery))
            )
            taken += [_delivery(row) for row in rows]
        return sorted(taken, key=lambda one: (one.outlet_id, not one.urgent, one.due_at, one.id))

    def claimed(self, ids: Collection[int], by: str) -> dict[int, Delivery]:
        """Those of the deliveries that the worker still holds, as they stand now, by id."""
        d = t.deliveries
        query = _select().where(d.c.id.in_(ids), d.c.claimed_by == by).order_by(d.c.id)
        return {row.id: _delivery(row) for row in self.sql.execute(query.with_for_update())}

    def save_claimed(self, deliveries: Iterable[Delivery], claim: Claim | None) -> None:
        """Write the deliveries and hold them on, or let them go (``None``)."""
        held = {
            "claimed_by": claim.by if claim else None,
            "claimed_until": claim.until if claim else None,
        }
        rows = [{"id": d.id, **_row(d, _SENDING), **held} for d in deliveries]
        change(self.sql, t.deliveries, rows, ["id"])

    # --- the ledger ----------------------------------------------------------------------------

    def ledger(
        self,
        connection_id: int,
        before: int | None,
        limit: int,
        state: DeliveryState | None,
        outlet_id: int | None,
    ) -> list[LedgerLine]:
        """The newest deliveries with an id below ``before``, in one state or in any."""
        d, o, a, c = t.deliveries, t.outlets, t.activities, t.courses
        query = (
            select(
                *columns(d, Delivery),
                o.c.name.label("outlet_name"),
                o.c.kind.label("outlet_kind"),
                a.c.kind,
                c.c.name.label("course_name"),
            )
            .join_from(d, o, o.c.id == d.c.outlet_id)
            .join(a, a.c.id == d.c.activity_id)
            # Not even an admin reads here what the LMS hides.
            .outerjoin(
                c,
                and_(c.c.id == a.c.course_id, c.c.visible.is_(True), c.c.gone.is_(False)),
            )
            .where(*_ours(connection_id, outlet_id))
            .order_by(d.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(d.c.id < before)
        if state is not None:
            query = query.where(d.c.state == state.value)
        return [
            LedgerLine(
                delivery=_delivery(row),
                outlet_name=row.outlet_name,
                outlet_kind=row.outlet_kind,
                kind=Kind(row.kind),
                course_name=row.course_name,
            )
            for row in self.sql.execute(query)
        ]

    def counts(self, connection_id: int, outlet_id: int | None) -> dict[DeliveryState, int]:
        """State → how many deliveries of the connection (to the outlet) are in it."""
        d, o = t.deliveries, t.outlets
        query = (
            select(d.c.state, func.count())
            .join(o, o.c.id == d.c.outlet_id)
            .where(*_ours(connection_id, outlet_id))
            .group_by(d.c.state)
        )
        return {DeliveryState(state): count for state, count in self.sql.execute(query)}

    def in_state(
        self, connection_id: int, state: DeliveryState, outlet_id: int | None
    ) -> list[Delivery]:
        """The deliveries in a state, held until the transaction ends."""
        d, o = t.deliveries, t.outlets
        query = (
            _select()
            .join(o, o.c.id == d.c.outlet_id)
            .where(*_ours(connection_id, outlet_id), d.c.state == state.value)
            .order_by(d.c.id)
            .with_for_update(of=d)
        )
        return [_delivery(row) for row in self.sql.execute(query)]


def _ours(connection_id: int, outlet_id: int | None) -> list[ColumnElement[bool]]:
    ours = [t.outlets.c.connection_id == connection_id]
    return ours if outlet_id is None else [*ours, t.outlets.c.id == outlet_id]


def _select() -> Select[Any]:
    return select(*columns(t.deliveries, Delivery))


def _due(now: datetime) -> ColumnElement[bool]:
    """What a worker may take: an outlet that is switched off only takes things back, and before a
    connection is set up nothing leaves."""
    d, o = t.deliveries, t.outlets
    return and_(
        d.c.pending.is_(True),
        d.c.due_at <= now,
        _unclaimed(now),
        is_set_up(o.c.connection_id),
        or_(o.c.enabled.is_(True), d.c.urgent.is_(True), d.c.wanted.is_(None)),
    )


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    d = t.deliveries
    return or_(d.c.claimed_until.is_(None), d.c.claimed_until <= now)


def _delivery(row: Any) -> Delivery:
    found = entity(Delivery, row)
    # The column holds the value; the model says which state it is.
    return Delivery(**{**vars(found), "state": DeliveryState(found.state)})


def _row(delivery: Delivery, names: Sequence[str] = _ALL) -> dict[str, Any]:
    values = vars(delivery)
    row = {name: values[name] for name in names}
    row["state"] = delivery.state.value
    if not delivery.id:
        row |= {"activity_id": delivery.activity_id, "outlet_id": delivery.outlet_id}
    return row
