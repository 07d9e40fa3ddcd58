"""What an admin says about an outlet: its rules and its pace, checked and kept.

A change applies to what comes. What stands at an outlet stays there although it would not be routed
there any more; what waits for a digest waits for the edition of the new pace.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.delivery import outlets, pace
from bridge.delivery.pace import Edition
from bridge.delivery.routing import EVERYONE, rules_of
from bridge.errors import InputError
from bridge.hours import spans, whole_day
from bridge.model import Kind, Outlet
from bridge.storage import Work

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROUTED = tuple(kind.value for kind in Kind if kind not in (Kind.REPLY, Kind.DIGEST))
"""Kinds that an outlet may take by itself."""
NAMED = ("course", "category", "team")
LONGEST_TOPIC = 80
MOST_TERMS = 100
MOST_A_DAY = 1_000
FASTEST = 6_000
"""Messages a minute: more than one process sends."""
NO_LIMIT = "none"
_HOW = "Write course: NAME, category: NAME, topic: WORD, team: NAME or everyone."


def kinds_of(words: Collection[str]) -> list[str]:
    """The kinds of those words, without repetition.

    :raises InputError: naming those that are none.
    """
    unknown = sorted(set(words) - set(ROUTED))
    if unknown:
        raise InputError(f"Unknown: {', '.join(unknown)}.", f"Use {', '.join(ROUTED)}.")
    return list(dict.fromkeys(words))


def set_rules(
    work: Work,
    connection_id: int,
    outlet_id: int,
    *,
    kinds: Collection[str] | None = None,
    only: Sequence[str] | None = None,
    never: Sequence[str] | None = None,
) -> Outlet:
    """Change what an outlet takes by itself; what is ``None`` stays.

    :param only: lines such as ``category: Leadership``. :param never: the same.
    :raises NotFound: if it is not an outlet of the connection.
    :raises InputError: naming the line that cannot be understood.
    """
    outlet = outlets.get(work, connection_id, outlet_id)
    said: dict[str, Any] = {}
    if kinds is not None:
        said["kinds"] = kinds_of(kinds)
    for name, lines in (("only", only), ("never", never)):
        if lines is not None:
            said[name] = _terms(work, connection_id, lines)
    after = {**outlet.settings, **said}
    both = set(after.get("only", ())) & set(after.get("never", ()))
    if both:
        (line, *_) = _written(work, both)
        raise InputError(f"{line} stands in both lists.", "Leave it in one of them.")
    _read_topics(work, connection_id, {*after.get("only", ()), *after.get("never", ())})
    return outlets.change(work, connection_id, outlet_id, settings=after)


def _read_topics(work: Work, connection_id: int, terms: Collection[str]) -> None:
    """Have the LMS's tags read that rules name: no LMS tells all tags of all courses."""
    topics = {ident for what, _, ident in (t.partition(":") for t in terms) if what == "topic"}
    for topic in sorted(topics - set(work.policy.words(connection_id).read)):
        work.policy.set_tag(connection_id, topic, None)


@dataclass(frozen=True)
class Written:
    """An outlet's rules as an admin writes them: with names instead of numbers."""

    kinds: tuple[str, ...]
    only: tuple[str, ...]
    never: tuple[str, ...]


def written(work: Work, outlet: Outlet) -> Written:
    """The outlet's rules with names; :func:`set_rules` takes the same lines again."""
    rules = rules_of(outlet)
    kinds = tuple(kind for kind in ROUTED if kind in rules.kinds)
    return Written(kinds, _written(work, rules.only), _written(work, rules.never))


def _written(work: Work, terms: Collection[str]) -> tuple[str, ...]:
    parts = [term.partition(":") for term in sorted(terms)]
    names = {
        what: work.delivery.written(what, ids)
        for what in NAMED
        if (ids := [int(ident) for word, _, ident in parts if word == what])
    }
    lines = []
    for what, _, ident in parts:
        if what in names:
            lines.append(f"{what}: {names[what].get(int(ident), '(gone)')}")
        else:
            lines.append(f"{what}: {ident}" if ident else what)
    return tuple(lines)


def _terms(work: Work, connection_id: int, lines: Sequence[str]) -> list[str]:
    said = list(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if len(said) > MOST_TERMS:
        raise InputError(f"A list has at most {MOST_TERMS} lines.", "Name a category instead.")
    return list(dict.fromkeys(_term(work, connection_id, line) for line in said))


def _term(work: Work, connection_id: int, line: str) -> str:
    what, _, word = (part.strip() for part in line.partition(":"))
    what = what.lower()
    if what == EVERYONE and not word:
        return EVERYONE
    if what == "topic" and word:
        if len(word) > LONGEST_TOPIC:
            raise InputError(f"A topic has at most {LONGEST_TOPIC} characters.")
        return f"topic:{word.lower()}"
    if what not in NAMED or not word:
        raise InputError(f"{line[:80]!r} is no rule.", _HOW)
    found = work.delivery.called(connection_id, what, word)
    if not found:
        raise InputError(
            f"There is no {what} called {word[:80]}.",
            "Write its whole name, or its number in the LMS.",
        )
    if len(found) > 1:
        raise InputError(
            f"{len(found)} {_PLURALS[what]} are called {word[:80]}.", "Write the number in the LMS."
        )
    return f"{what}:{found[0]}"


_PLURALS = {"course": "courses", "category": "categories", "team": "teams"}


# --- the pace -----------------------------------------------------------------------------------


def set_pace(
    work: Work, connection_id: int, outlet_id: int, said: Mapping[str, str], now: datetime
) -> Outlet:
    """Change how much an outlet takes, and when; what is not in ``said`` stays.

    :param said: ``budget``, ``edition``, ``at``, ``weekday``, ``quiet``, ``weekends``, ``zone`` and
        ``per_minute``, in an admin's words; an empty ``per_minute`` is the default of the kind.
    :raises NotFound: if it is not an outlet of the connection.
    :raises InputError: naming what cannot be understood.
    """
    outlet = outlets.get(work, connection_id, outlet_id)
    checked = {name: _CHECKS[name](word.strip()) for name, word in said.items()}
    settings = {**outlet.settings, **checked}
    if settings.get("per_minute") == 0:
        del settings["per_minute"]
    after = outlets.change(work, connection_id, outlet_id, settings=settings)
    work.delivery.reschedule(outlet_id, pace.next_edition(pace.of(after), now))
    return after


def _budget(word: str) -> int | None:
    if word.lower() == NO_LIMIT:
        return None
    return _whole(word, 0, MOST_A_DAY, "A budget", f"or {NO_LIMIT}, for any number")


def _per_minute(word: str) -> int:
    if not word:
        return 0
    return _whole(word, 1, FASTEST, "Messages a minute", "or nothing, for the default")


def _whole(word: str, least: int, most: int, what: str, otherwise: str) -> int:
    if not (word.isascii() and word.isdecimal() and least <= int(word) <= most):
        raise InputError(
            f"{what}: {word[:40]!r} cannot be used.",
            f"Write a whole number from {least} to {most}, {otherwise}.",
        )
    return int(word)


def _edition(word: str) -> str:
    if word.lower() not in set(Edition):
        raise InputError(f"{word[:40]!r} is no edition.", f"Use {' or '.join(Edition)}.")
    return word.lower()


def _at(word: str) -> str:
    try:
        return time.fromisoformat(word).strftime("%H:%M")
    except ValueError as error:
        raise InputError(f"{word[:40]!r} is no time of day.", "Write it as 16:00.") from error


def _weekday(word: str) -> int:
    if word.lower() not in WEEKDAYS:
        raise InputError(f"{word[:40]!r} is no day of the week.", "Write it as friday.")
    return WEEKDAYS.index(word.lower())


def _quiet(word: str) -> str:
    try:
        found = spans(word)
    except ValueError as error:
        raise InputError(
            f"{str(error)[:40]!r} is no span of hours.",
            "Write it as 19:00-08:00; several are separated by commas.",
        ) from error
    if whole_day(found):
        raise InputError(
            "The quiet hours are the whole day.", "Leave an hour of it, or switch the outlet off."
        )
    return word


def _weekends(word: str) -> bool:
    if word not in ("yes", "no"):
        raise InputError("Are weekends quiet?", "Say yes or no.")
    return word == "yes"


def _zone(word: str) -> str:
    try:
        ZoneInfo(word)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"{word[:40]!r} is no time zone.", "Use an IANA name, for example Europe/Paris."
        ) from error
    return word


_CHECKS: Mapping[str, Callable[[str], Any]] = {
    "budget": _budget,
    "edition": _edition,
    "at": _at,
    "weekday": _weekday,
    "quiet": _quiet,
    "weekends": _weekends,
    "zone": _zone,
    "per_minute": _per_minute,
}
