"""A list that Totara's GraphQL API gives page by page: its query as text, and what a page costs.

Totara counts while it answers: 5 for a query, and 1 for each field of each record, those of records
inside of it too; ``items``, ``total`` and ``next_cursor`` are free. More than the limit of the site
(6,000 if nobody changed it) is refused. So a page of ``n`` records costs at most
``5 + n × fields``, and that is known before it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

QUERY_COST = 5
MOST = 1000
"""Records a page, however cheap they are: PHP has them all in memory at once."""


@dataclass(frozen=True)
class Field:
    """A field of a record, with what is asked of the record in it, if it is one."""

    name: str
    arguments: str = ""
    """As they are written in the query, for example ``format: TIMESTAMP``."""
    fields: tuple[Field, ...] = ()
    optional: bool = False
    """Whether the bridge can do without it, where a release does not have it."""

    @property
    def cost(self) -> int:
        """What one record pays for it, at most."""
        return 1 + sum(inner.cost for inner in self.fields)

    @property
    def text(self) -> str:
        arguments = f"({self.arguments})" if self.arguments else ""
        inner = " { " + " ".join(f.text for f in self.fields) + " }" if self.fields else ""
        return f"{self.name}{arguments}{inner}"


@dataclass(frozen=True)
class Listing:
    """A paged query: its name, what is asked of each record, and the rest of its input."""

    name: str
    fields: tuple[Field, ...]
    sort: tuple[Mapping[str, str], ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    """What the bridge can do without, where a release does not have it."""

    @property
    def text(self) -> str:
        """The query as it is sent; its one variable is ``query``."""
        inner = " ".join(f.text for f in self.fields)
        return (
            f"query page($query: {self.name}_query!) {{ {self.name}(query: $query)"
            f" {{ items {{ {inner} }} total next_cursor }} }}"
        )

    def variables(self, cursor: str, size: int) -> dict[str, Any]:
        """The variables for the page of ``size`` records at ``cursor``; empty for the first."""
        query: dict[str, Any] = {"pagination": {"cursor": cursor, "limit": size}}
        if self.sort:
            query["sort"] = [dict(column) for column in self.sort]
        if self.filters:
            query["filters"] = dict(self.filters)
        return {"query": query}

    def cost(self, size: int) -> int:
        """What a page of ``size`` records costs, at most."""
        return QUERY_COST + size * self._per_record

    def size(self, limit: int) -> int:
        """How many records a page may have so that it costs no more than ``limit``; 0 if none."""
        return max(0, min(MOST, (limit - QUERY_COST) // self._per_record))

    def has(self, name: str) -> bool:
        """Whether the field, at the top of a record, is asked for."""
        return any(f.name == name for f in self.fields)

    def without(self, names: Collection[str]) -> Listing | None:
        """The same without these optional fields and filters; ``None`` if one of them is needed."""
        left = tuple(f for f in self.fields if f.name not in names or not f.optional)
        filters = {} if "filters" in names else self.filters
        dropped = len(self.fields) - len(left) + (filters != self.filters)
        return replace(self, fields=left, filters=filters) if dropped == len(names) else None

    @property
    def _per_record(self) -> int:
        return sum(f.cost for f in self.fields)


@dataclass(frozen=True)
class Page:
    """A page of a listing, as it came."""

    listing: Listing
    """As it was asked: without what the site does not have."""
    items: tuple[dict[str, Any], ...]
    total: int

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.items)
