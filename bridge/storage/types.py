"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment, kept as whole seconds since 1970 in UTC.

    Both databases compare, index and do arithmetic on it alike, and it is as exact as what an LMS
    says. A naive ``datetime`` is refused.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return int(value.timestamp())

    def result_processor(
        self, dialect: object, coltype: object
    ) -> Callable[[int | None], datetime | None]:
        """What reads a value; a page of the feed holds hundreds, so it is called directly."""
        return _moment


def moment(seconds: int) -> datetime:
    """The moment of a value that was read past SQLAlchemy."""
    return datetime.fromtimestamp(seconds, UTC)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value, UTC)
