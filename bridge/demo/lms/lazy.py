"""Tables and lists that are worked out when they are looked at, and what was changed in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from itertools import accumulate
from typing import Any, Generic, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")


class Computed(Mapping[K, V]):
    """A table whose rows are made when they are asked for.

    :param keys: of all rows, in order; knows fast what it holds, as a ``range`` does.
    :param make: key → row.
    """

    def __init__(self, keys: Collection[K], make: Callable[[K], V]) -> None:
        self._keys, self._make = keys, make

    def __getitem__(self, key: K) -> V:
        if key not in self._keys:
            raise KeyError(key)
        return self._make(key)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class Overlay(MutableMapping[K, V]):
    """A table over another one that is never changed: what was changed and added lies on top."""

    def __init__(self, base: Mapping[K, V]) -> None:
        self._base = base
        self._changed: dict[K, V] = {}
        self._gone: set[K] = set()
        self.added: dict[K, V] = {}
        """The rows that the table below does not have."""

    @property
    def touched(self) -> set[K]:
        """The keys whose rows are not, or may not be, those of the table below."""
        return {*self._changed, *self._gone, *self.added}

    def is_touched(self, key: K) -> bool:
        """Whether the key is one of :attr:`touched`."""
        return key in self._changed or key in self._gone or key in self.added

    def __getitem__(self, key: K) -> V:
        if key in self._changed:
            return self._changed[key]
        if key in self.added:
            return self.added[key]
        if key in self._gone:
            raise KeyError(key)
        return self._base[key]

    def __setitem__(self, key: K, value: V) -> None:
        if key in self._base:
            self._gone.discard(key)
            self._changed[key] = value
        else:
            self.added[key] = value

    def __delitem__(self, key: K) -> None:
        if key in self.added:
            del self.added[key]
        elif key in self._gone or key not in self._base:
            raise KeyError(key)
        else:
            self._changed.pop(key, None)
            self._gone.add(key)

    def __contains__(self, key: object) -> bool:
        return key in self.added or (key in self._base and key not in self._gone)

    def __iter__(self) -> Iterator[K]:
        yield from (key for key in self._base if key not in self._gone)
        yield from list(self.added)

    def __len__(self) -> int:
        return len(self._base) - len(self._gone) + len(self.added)


class Lazy(Sequence[V], Generic[K, V]):
    """A list whose items are made when they are looked at; a part of it is one, too."""

    def __init__(self, keys: Sequence[K], make: Callable[[K], V]) -> None:
        self._keys, self._make = keys, make

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> Lazy[K, V]: ...
    def __getitem__(self, index: int | slice) -> V | Lazy[K, V]:
        if isinstance(index, slice):
            return Lazy(self._keys[index], self._make)
        return self._make(self._keys[index])

    def __len__(self) -> int:
        return len(self._keys)


class Joined(Sequence[V]):
    """Several lists as one."""

    def __init__(self, pieces: Iterable[Sequence[V]]) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self._starts = [0, *accumulate(map(len, self._pieces))]

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[V]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Lazy(range(*index.indices(len(self))), self.__getitem__)
        place = range(len(self))[index]
        number = bisect_right(self._starts, place) - 1
        return self._pieces[number][place - self._starts[number]]

    def __len__(self) -> int:
        return self._starts[-1]


def without(length: int, holes: Iterable[int]) -> list[range]:
    """The numbers below ``length`` but for the holes, in pieces."""
    pieces, start = [], 0
    for hole in sorted(holes):
        pieces.append(range(start, hole))
        start = hole + 1
    return [*pieces, range(start, length)]
