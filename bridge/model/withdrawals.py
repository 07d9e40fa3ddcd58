"""What a person took back, and what became of it at every outlet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.model.words import Kind


class Cause(StrEnum):
    """Why something was taken back."""

    CHOICE = "choice"
    """The person let fewer people see their name."""
    ITEM = "item"
    """The person hid one thing they finished."""
    POST = "post"
    """A post or a share was removed."""
    ERASURE = "erasure"
    PROFILE = "profile"
    """The person's profile in the LMS allows less than before, or nothing at all."""
    LEFT = "left"
    """The LMS has suspended the person, or has them no more."""


class Fate(StrEnum):
    """What became of one thing at one outlet, since it was taken back."""

    DELETED = "deleted"
    EDITED = "edited"
    """It stands there without the person."""
    WAITING = "still to be"
    STAYS = "cannot be"
    NEVER = "never left"
    """It had not left yet when it was taken back, and did not leave afterwards."""


@dataclass(frozen=True)
class Withdrawal:
    """One act of taking back. ``person_id`` is empty when the person has been erased."""

    uid: str
    connection_id: int
    person_id: int | None
    cause: Cause
    at: datetime


@dataclass(frozen=True)
class Fated:
    """How many things of one outlet have the same fate, for the same reason."""

    outlet_name: str
    outlet_kind: str
    fate: Fate
    count: int
    reason: str = ""
    """Why it stays, or why it was not possible so far."""
    next_try: datetime | None = None


@dataclass(frozen=True)
class FatedItem:
    """One thing at one outlet. What it is about is named only to the person themselves."""

    delivery_id: int
    outlet_name: str
    kind: Kind
    course: str
    fate: Fate
    reason: str
    attempts: int
    next_try: datetime | None


@dataclass(frozen=True)
class WithdrawalReceipt:
    """What became of everything that one withdrawal touched."""

    withdrawal: Withdrawal
    fates: Sequence[Fated] = ()

    def count(self, *fates: Fate) -> int:
        """How many things have one of the fates."""
        return sum(one.count for one in self.fates if one.fate in fates)

    @property
    def removed(self) -> int:
        """Where nothing of it stands any more."""
        return self.count(Fate.DELETED, Fate.EDITED)

    @property
    def waiting(self) -> int:
        return self.count(Fate.WAITING)

    @property
    def stays(self) -> int:
        return self.count(Fate.STAYS)

    @property
    def never(self) -> int:
        return self.count(Fate.NEVER)

    @property
    def total(self) -> int:
        return self.count(*Fate)
