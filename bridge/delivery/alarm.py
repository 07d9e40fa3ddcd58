"""When an outlet counts as failing, and what an admin is told of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from bridge.errors import BridgeError
from bridge.hours import told as moment
from bridge.model import Outlet, OutletHealth

ALARM_AFTER = timedelta(hours=1)
"""How long nothing has gone through before an admin is told."""
LONGEST_LINE = 500
"""Characters that are kept of an error."""


def failed(
    before: OutletHealth, error: BridgeError, now: datetime, *, lasting: bool
) -> OutletHealth:
    """The health after some of an outlet's share failed, and nothing of it went through.

    :param lasting: whether nobody tries again by themselves.
    """
    first = before.failures == 0
    return OutletHealth(
        failures=before.failures + 1,
        failed_since=now if first else before.failed_since,
        lasting=lasting,
        error=_line(error.message),
        remedy=_line(error.remedy),
        told_at=None if first else before.told_at,
    )


def worked(before: OutletHealth) -> OutletHealth:
    """The health after something went through; who was told of a failure is still to be told."""
    return OutletHealth(told_at=before.told_at)


def alarming(health: OutletHealth, now: datetime) -> bool:
    """Whether the outlet has failed for :data:`ALARM_AFTER`.

    One passing failure with nothing after it (in quiet hours, or while no worker ran) is no failing
    hour; one that lasts is, for nobody tries again.
    """
    if health.failures == 0 or health.failed_since is None:
        return False
    return now - health.failed_since >= ALARM_AFTER and (health.failures > 1 or health.lasting)


def alarm_due(health: OutletHealth, now: datetime) -> bool:
    """Whether an admin is to be told that the outlet fails: once for each failure."""
    return alarming(health, now) and health.told_at is None


def all_clear_due(health: OutletHealth) -> bool:
    """Whether an admin, who was told that it fails, is to be told that it works again."""
    return health.failures == 0 and health.told_at is not None


def told(current: OutletHealth, seen: OutletHealth, now: datetime) -> OutletHealth:
    """The ``current`` health, now that an admin was told what was due of it as it was ``seen``."""
    if seen.failures == 0:
        return current if current.failures else replace(current, told_at=None)
    if current.failures and current.failed_since != seen.failed_since:
        return current  # Another failure has begun meanwhile, and nobody was told of that one.
    return replace(current, told_at=now)


@dataclass(frozen=True)
class Notice:
    """A letter to the admins."""

    subject: str
    text: str


def failing(
    outlet: Outlet, health: OutletHealth, waiting: int, dead: int, zone: tzinfo, link: str
) -> Notice:
    """The outlet has failed for an hour. ``link`` leads to its deliveries."""
    lines = [
        f"Since {moment(health.failed_since, zone)} nothing has gone through to the outlet"
        f" {outlet.name}.",
        "",
        f"What went wrong: {health.error}",
        *([f"What to do: {health.remedy}"] if health.remedy else []),
        "",
        f"{waiting} of its deliveries wait and are tried again by themselves; {dead} were given up."
        " Nothing is lost: when what is wrong is mended, try these again.",
        "",
        f"Its deliveries: {link}",
        f'To try again what was given up: socialbridge ledger retry --outlet "{outlet.name}"',
    ]
    return Notice(f"Socialbridge cannot send to {outlet.name}", "\n".join(lines) + "\n")


def works_again(outlet: Outlet, dead: int, zone: tzinfo, now: datetime, link: str) -> Notice:
    """Something has gone through again."""
    rest = (
        f" {dead} of its deliveries were given up meanwhile. To try them again:"
        f' socialbridge ledger retry --outlet "{outlet.name}"'
        if dead
        else " There is nothing to do."
    )
    return Notice(
        f"Socialbridge sends to {outlet.name} again",
        f"Something has gone through to the outlet {outlet.name} again (seen at"
        f" {moment(now, zone)}).{rest}\n\nIts deliveries: {link}\n",
    )


def _line(text: str) -> str:
    """What an outlet may have had a say in, as one line that every database and letter takes."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_LINE]
