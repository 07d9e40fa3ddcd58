"""Mentions in what people write: pure rules from "@Name" to who is meant, and back.

A text is kept with the word :data:`SOMEONE` where it mentions a person; who that is is kept beside
it, by id. So a text by itself names nobody: whoever shows it without asking shows "@someone", and
that is what is left of a person who leaves, is erased, or may not be seen by who looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bridge.model import PersonCard, Piece

SOMEONE = "@someone"
MOST = 20
"""Mentions that are looked for in one text."""

_AT = re.compile(r"(?<![\w@])@(?=\w)")
_FIRST = re.compile(r"\w+")


@dataclass(frozen=True)
class Spot:
    """A place in a text at which a person is mentioned."""

    start: int
    """In characters."""
    person: PersonCard


def spoken(name: str) -> str:
    """A name as it is written behind an "@": one line, without what cannot be seen."""
    seen = (c if unicodedata.category(c)[0] != "C" else " " if c.isspace() else "" for c in name)
    return " ".join("".join(seen).split())


def beginnings(text: str) -> list[str]:
    """How the names that the text may mention begin: their first word."""
    found = (_FIRST.match(text, at.end()) for at in _AT.finditer(text))
    words = [match[0] for match in found if match is not None][:MOST]
    return sorted(set(words))


def understood(
    text: str, people: Iterable[PersonCard], chosen: Collection[int] = ()
) -> tuple[str, list[Spot]]:
    """The text as it is kept, and whom it mentions where.

    The longest name that stands behind an "@" counts. Where several people have it, the one whom
    the writer chose from the list does; where they chose none of them, or several, nobody is meant
    and the text stays as it is.

    :param people: those who can be mentioned.
    :param chosen: ids that the writer picked.
    """
    named: dict[str, list[PersonCard]] = {}
    for person in people:
        named.setdefault(spoken(person.name).casefold(), []).append(person)
    lengths = sorted({len(spoken(p.name)) for same in named.values() for p in same}, reverse=True)
    kept: list[str] = []
    spots: list[Spot] = []
    done = size = 0
    for at in list(_AT.finditer(text))[:MOST]:
        if at.start() < done:
            continue
        found = _longest(text, at.end(), lengths, named, chosen)
        if found is None:
            continue
        person, end = found
        before = text[done : at.start()]
        size += len(before)
        spots.append(Spot(size, person))
        kept += [before, SOMEONE]
        size += len(SOMEONE)
        done = end
    return "".join([*kept, text[done:]]), spots


def _longest(
    text: str,
    start: int,
    lengths: Sequence[int],
    named: dict[str, list[PersonCard]],
    chosen: Collection[int],
) -> tuple[PersonCard, int] | None:
    for length in lengths:
        end = start + length
        same = named.get(text[start:end].casefold(), ()) if length else ()
        if not same or (end < len(text) and text[end].isalnum()):
            continue
        picked = [p for p in same if p.id in chosen] if len(same) > 1 else same
        return (picked[0], end) if len(picked) == 1 else None
    return None


def pieces(text: str, spots: Iterable[Spot]) -> tuple[Piece, ...]:
    """The text in runs, with the names of those who may be named to who looks."""
    found: list[Piece] = []
    done = 0
    for spot in sorted(spots, key=lambda s: s.start):
        end = spot.start + len(SOMEONE)
        if spot.start < done or text[spot.start : end] != SOMEONE:
            continue
        if spot.start > done:
            found.append(Piece(text[done : spot.start]))
        found.append(Piece(f"@{spoken(spot.person.name)}", spot.person.id))
        done = end
    if done < len(text):
        found.append(Piece(text[done:]))
    return tuple(found)


def plain(runs: Iterable[Piece]) -> str:
    """The runs as one text."""
    return "".join(piece.text for piece in runs)
