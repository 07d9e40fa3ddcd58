"""What an answer becomes on its way: other than it was, and still JSON. Pure.

Each lie takes an answer that nobody else holds, may change it in place, and gives it back. An LMS
in front of which a cache, a proxy or a plugin misbehaves tells such lies. A batch carrier's list
``responses`` is left in its order and its length: its entries are found by where they stand, so
another order would be another answer to every one of the questions, which no LMS gives.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Lie = Callable[[Any, Random], Any]


class HasNone(Exception):
    """The answer has nothing that this lie could be told about."""


def other_shape(answer: Any, _: Random) -> Any:
    """A list where an object was, and the other way round, as PHP confuses its arrays."""
    if isinstance(answer, dict):
        return list(answer.values())
    if isinstance(answer, list) and answer:
        return {str(position): entry for position, entry in enumerate(answer)}
    raise HasNone


def null(answer: Any, chance: Random) -> Any:
    """``null`` for all of it, or for a field."""
    if chance.random() < 0.3:
        return None
    return _each_field(answer, chance, lambda _: True, lambda holder, key: _set(holder, key, None))


def word_for_number(answer: Any, chance: Random) -> Any:
    """A word where a number stands."""
    return _each_field(answer, chance, _number, lambda holder, key: _set(holder, key, "unknown"))


def missing_field(answer: Any, chance: Random) -> Any:
    """One of the fields is not there, in one object or in all of them."""
    return _each_field(answer, chance, lambda _: True, lambda holder, key: holder.pop(key))


def repeated(answer: Any, chance: Random) -> Any:
    """Some entries of a list come twice."""
    chosen = _a_list(answer, chance, 1)
    for entry in chance.sample(chosen, chance.randint(1, len(chosen))):
        chosen.insert(chance.randint(0, len(chosen)), entry)
    return answer


def shuffled(answer: Any, chance: Random) -> Any:
    """The entries of a list come in another order."""
    chance.shuffle(_a_list(answer, chance, 2))
    return answer


def told(lie: Lie, text: str, chance: Random) -> str:
    """The answer ``text`` with a lie in it; in a batch as often inside as about the batch.

    :raises HasNone: if the answer is an error, or has nothing that the lie could be told about.
    """
    answer = json.loads(text)
    if isinstance(answer, dict) and "exception" in answer:
        raise HasNone
    if not _is_batch(answer):
        return json.dumps(lie(answer, chance))
    inside = [entry for entry in answer["responses"] if isinstance(entry.get("data"), str)]
    of_the_list = lie in (repeated, shuffled)
    if inside and (of_the_list or chance.random() < 0.7):
        entry = chance.choice(inside)
        entry["data"] = json.dumps(lie(json.loads(entry["data"]), chance))
        return json.dumps(answer)
    if of_the_list:
        raise HasNone
    return json.dumps(lie(answer, chance))


def _is_batch(answer: Any) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("responses"), list)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _set(holder: dict[str, Any], key: str, value: Any) -> None:
    holder[key] = value


def _each_field(
    answer: Any,
    chance: Random,
    fits: Callable[[Any], bool],
    act: Callable[[dict[str, Any], str], object],
) -> Any:
    """Act on the fields of one name: on one of them, or on all."""
    places = [(h, k) for h in _objects(answer) for k, value in h.items() if fits(value)]
    if not places:
        raise HasNone
    name = chance.choice(sorted({key for _, key in places}))
    named = [holder for holder, key in places if key == name]
    for holder in named if chance.random() < 0.5 else [chance.choice(named)]:
        act(holder, name)
    return answer


def _a_list(answer: Any, chance: Random, least: int) -> list[Any]:
    lists = [one for one in _lists(answer) if len(one) >= least]
    if not lists:
        raise HasNone
    return chance.choice(lists)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (one for one in _parts(value) if isinstance(one, dict))


def _lists(value: Any) -> Iterator[list[Any]]:
    return (one for one in _parts(value) if isinstance(one, list))


def _parts(value: Any) -> Iterator[Any]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _parts(one)
