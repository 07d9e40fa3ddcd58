"""Who wants no more letters from an outlet, told by a link that only its receiver has.

The link names the outlet and the address, sealed with the bridge's key: it can be neither read nor
made by anybody else, and it works as long as the outlet is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.errors import ConfigError, NotFound
from bridge.storage import Work

_PURPOSE = "unsubscribe"


@dataclass(frozen=True)
class Subscription:
    """An address that an outlet writes to."""

    outlet_id: int
    outlet_name: str
    address: str
    ended: bool
    """Whether it wants nothing more."""


def token(work: Work, outlet_id: int, address: str) -> str:
    """What a link needs to hold to end the subscription, without signing in."""
    return work.seal.close(f"{_PURPOSE}:{outlet_id}:{address}")


def of(work: Work, sealed: str) -> Subscription:
    """Whose link it is.

    :raises NotFound: if it is none, or the outlet is not there any more.
    """
    try:
        purpose, _, rest = work.seal.open(sealed).partition(":")
    except ConfigError as error:
        raise _unknown() from error
    number, _, address = rest.partition(":")
    if purpose != _PURPOSE or not number.isdecimal() or not address:
        raise _unknown()
    for outlet in work.delivery.outlets():
        if outlet.id == int(number):
            ended = address.lower() in work.delivery.unsubscribed(outlet.id)
            return Subscription(outlet.id, outlet.name, address, ended)
    raise _unknown()


def end(work: Work, sealed: str, now: datetime) -> Subscription:
    """Have nothing more written to the address, from the next letter on.

    :raises NotFound: if the link is none.
    """
    subscription = of(work, sealed)
    work.delivery.unsubscribe(subscription.outlet_id, subscription.address, now)
    return subscription


def ended(work: Work, outlet_id: int) -> frozenset[str]:
    """The addresses, in lower case, that want nothing more from the outlet."""
    return work.delivery.unsubscribed(outlet_id)


def _unknown() -> NotFound:
    return NotFound(
        "This link does not unsubscribe anybody.", "Use the one in the newest letter you got."
    )
