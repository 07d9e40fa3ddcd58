"""What people took back: which deliveries that touched, and how these stand by now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Select, and_, case, func, literal, or_, select

from bridge.model import (
    Cause,
    DeliveryState,
    Fate,
    Fated,
    FatedItem,
    Kind,
    Withdrawal,
    WithdrawalReceipt,
)
from bridge.storage import tables as t
from bridge.storage.standing import stands
from bridge.storage.statements import chunks

_FIRST = dict.fromkeys((Fate.STAYS, Fate.WAITING, *Fate))
"""The fates in the order of a receipt: what is not done comes first."""
_ORDER = {fate.value: n for n, fate in enumerate(_FIRST)}


class WithdrawalRepository:
    """Reads and writes ``withdrawals`` and ``withdrawn``."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def naming(self, person_id: int) -> set[int]:
        """The activities that tell of the person now: as one who finished, wrote or is meant."""
        a, m = t.activities, t.activity_members
        theirs = or_(a.c.actor_id == person_id, a.c.behalf_of_id == person_id)
        named = select(m.c.activity_id).where(m.c.person_id == person_id)
        said = select(a.c.id).where(theirs, a.c.gone.is_(False))
        return {*self.sql.execute(named).scalars(), *self.sql.execute(said).scalars()}

    def unfinished(self, person_id: int) -> list[int]:
        """The deliveries that should not name the person any more and do, or may: what earlier
        withdrawals could not take back so far, and what they wrote and is gone here."""
        d, a, w, x = t.deliveries.c, t.activities.c, t.withdrawals.c, t.withdrawn.c
        listed = (
            select(d.id)
            .join_from(t.withdrawn, t.withdrawals, w.uid == x.withdrawal_uid)
            .join(t.deliveries, d.id == x.delivery_id)
            .where(w.person_id == person_id, _fate().in_([Fate.WAITING.value, Fate.STAYS.value]))
        )
        theirs = or_(a.actor_id == person_id, a.behalf_of_id == person_id)
        wrote = (
            select(d.id)
            .join_from(t.deliveries, t.activities, a.id == d.activity_id)
            .where(theirs, a.gone.is_(True), stands())
        )
        return sorted({*self.sql.execute(listed).scalars(), *self.sql.execute(wrote).scalars()})

    def keep(
        self, withdrawal: Withdrawal, delivery_ids: Collection[int], token_hash: str | None = None
    ) -> None:
        """Keep a withdrawal with the deliveries that it touched, as they stand at this moment."""
        w, d, a = t.withdrawals, t.deliveries, t.activities
        row = {**vars(withdrawal), "cause": withdrawal.cause.value, "token_hash": token_hash}
        self.sql.execute(w.insert(), row)
        for some in chunks(sorted(delivery_ids)):
            touched = select(
                literal(withdrawal.uid),
                d.c.id,
                a.c.revision,
                stands(),
            ).join_from(d, a, a.c.id == d.c.activity_id)
            names = ["withdrawal_uid", "delivery_id", "revision", "there"]
            self.sql.execute(
                t.withdrawn.insert().from_select(names, touched.where(d.c.id.in_(some)))
            )

    # --- finding -------------------------------------------------------------------------------

    def one(self, uid: str) -> Withdrawal | None:
        """The withdrawal of that uid."""
        return self._first(t.withdrawals.c.uid == uid)

    def by_token(self, token_hash: str) -> Withdrawal | None:
        """The withdrawal that a secret link opens."""
        return self._first(t.withdrawals.c.token_hash == token_hash)

    def of_person(self, person_id: int, limit: int) -> list[Withdrawal]:
        """What the person took back, newest first."""
        return self._some(t.withdrawals.c.person_id == person_id, limit)

    def of_connection(self, connection_id: int, limit: int) -> list[Withdrawal]:
        """What people of the connection took back, newest first."""
        return self._some(t.withdrawals.c.connection_id == connection_id, limit)

    def _first(self, which: Any) -> Withdrawal | None:
        return next(iter(self._some(which, 1)), None)

    def _some(self, which: Any, limit: int) -> list[Withdrawal]:
        w = t.withdrawals
        query = select(w).where(which).order_by(w.c.at.desc(), w.c.uid).limit(limit)
        return [
            Withdrawal(row.uid, row.connection_id, row.person_id, Cause(row.cause), row.at)
            for row in self.sql.execute(query)
        ]

    # --- how it stands -------------------------------------------------------------------------

    def receipts(self, withdrawals: Sequence[Withdrawal]) -> list[WithdrawalReceipt]:
        """How each of them stands at this moment, counted by outlet, fate and reason."""
        d, o, x = t.deliveries, t.outlets, t.withdrawn
        fate, reason = _fate().label("fate"), _reason().label("reason")
        query = (
            select(
                x.c.withdrawal_uid,
                o.c.name,
                o.c.kind,
                fate,
                reason,
                func.count().label("many"),
                func.min(d.c.due_at).label("next_try"),
            )
            .join_from(x, d, d.c.id == x.c.delivery_id)
            .join(o, o.c.id == d.c.outlet_id)
            .group_by(x.c.withdrawal_uid, o.c.id, o.c.name, o.c.kind, fate, reason)
        )
        found: dict[str, list[Fated]] = {w.uid: [] for w in withdrawals}
        for some in chunks(list(found)):
            for row in self.sql.execute(query.where(x.c.withdrawal_uid.in_(some))):
                waits = row.fate == Fate.WAITING.value
                found[row.withdrawal_uid].append(
                    Fated(
                        outlet_name=row.name,
                        outlet_kind=row.kind,
                        fate=Fate(row.fate),
                        count=row.many,
                        reason=row.reason,
                        next_try=row.next_try if waits else None,
                    )
                )
        return [
            WithdrawalReceipt(
                w, sorted(found[w.uid], key=lambda f: (_ORDER[f.fate], f.outlet_name, f.reason))
            )
            for w in withdrawals
        ]

    def items(self, uid: str, after: int, limit: int) -> list[FatedItem]:
        """What a withdrawal touched, one by one, beyond the delivery ``after``."""
        rows = self.sql.execute(_items(uid).where(t.deliveries.c.id > after).limit(limit))
        return [
            FatedItem(
                delivery_id=row.id,
                outlet_name=row.outlet_name,
                kind=Kind(row.kind),
                course=row.course or "",
                fate=Fate(row.fate),
                reason=row.reason,
                attempts=row.attempts,
                next_try=row.due_at if row.fate == Fate.WAITING.value else None,
            )
            for row in rows
        ]


def _items(uid: str) -> Select[Any]:
    d, o, x, a, c = t.deliveries, t.outlets, t.withdrawn, t.activities, t.courses
    return (
        select(
            d.c.id,
            d.c.attempts,
            d.c.due_at,
            o.c.name.label("outlet_name"),
            a.c.kind,
            c.c.name.label("course"),
            _fate().label("fate"),
            _reason().label("reason"),
        )
        .join_from(x, d, d.c.id == x.c.delivery_id)
        .join(o, o.c.id == d.c.outlet_id)
        .join(a, a.c.id == d.c.activity_id)
        # What the LMS hides stays hidden here as well.
        .outerjoin(c, and_(c.c.id == a.c.course_id, c.c.visible.is_(True), c.c.gone.is_(False)))
        .where(x.c.withdrawal_uid == uid)
        .order_by(d.c.id)
    )


def _fate() -> Any:
    """The one rule of what has become of a delivery, by what its outlet is known to show.

    A deletion whose outcome is not known has nothing shown and still its id there; a publication
    whose outcome is not known has been sent and has no id. Neither counts as removed.
    """
    d, x = t.deliveries.c, t.withdrawn.c
    return case(
        (x.there.is_(False), Fate.NEVER.value),
        (~stands(), Fate.DELETED.value),
        (and_(d.remote_id.is_not(None), d.shown >= x.revision), Fate.EDITED.value),
        (d.pending.is_(True), Fate.WAITING.value),
        else_=Fate.STAYS.value,
    )


def _reason() -> Any:
    """Why it stays or waits, or that nobody knows whether what was taken is done; nothing where it
    is."""
    d, said, fate = t.deliveries.c, t.deliveries.c.reason, _fate()
    taken = and_(fate == Fate.EDITED.value, d.state == DeliveryState.ACCEPTED.value)
    told = and_(fate == Fate.DELETED.value, d.accepted_at.is_not(None))
    tells = or_(fate.in_([Fate.WAITING.value, Fate.STAYS.value]), taken, told)
    return case((tells, said), else_="")
