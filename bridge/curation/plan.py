"""What to write so that the table says what it should, and nothing more; pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.storage.curation import StoredSuggestion


@dataclass(frozen=True)
class Wanted:
    """An open suggestion as it should stand in the table."""

    leader_id: int
    course_id: int | None
    team_id: int | None
    position: int
    score: float
    reasons: dict[str, dict[str, str]]
    prompt: str
    about_id: int | None = None
    """The activity that it is about, where it is about no course."""


@dataclass(frozen=True)
class Plan:
    """Suggestions to add, to rewrite (by their ``id``) and to withdraw (ids)."""

    add: tuple[Wanted, ...]
    rewrite: tuple[tuple[int, Wanted], ...]
    withdraw: tuple[int, ...]


def kept(stored: StoredSuggestion, catalogue: Container[int], there: Container[int] = ()) -> bool:
    """Whether a suggestion was decided and so stays, counting towards the week's three.

    What was put off is no suggestion any more when its course, or one that it names, has left the
    catalogue since, or its activity is not there any more.

    :param there: ids of the activities that are.
    """
    if stored.state == "later" and stored.about_id is not None:
        return stored.about_id in there
    if stored.state == "later":
        named = (stored.course_id, *stored.reasons.get("mentions", ()))
        return all(course_id in catalogue for course_id in named)
    return stored.state != "open"


def plan(
    stored: Sequence[StoredSuggestion],
    wanted: Iterable[Wanted],
    catalogue: Container[int],
    there: Container[int] = (),
) -> Plan:
    """The least that makes ``stored`` into ``wanted``; what is :func:`kept` is left alone."""
    loose = {
        (s.leader_id, s.course_id, s.about_id): s for s in stored if not kept(s, catalogue, there)
    }
    add, rewrite = [], []
    for want in wanted:
        before = loose.pop((want.leader_id, want.course_id, want.about_id), None)
        if before is None:
            add.append(want)
        elif _standing(before) != _standing(want):
            rewrite.append((before.id, want))
    return Plan(tuple(add), tuple(rewrite), tuple(s.id for s in loose.values()))


def _standing(suggestion: StoredSuggestion | Wanted) -> tuple[Any, ...]:
    # What somebody can see of it. The score moves a little every day, and what its parts are with
    # it: neither is news by itself.
    s = suggestion
    said = {name: value for name, value in s.reasons.items() if name != "parts"}
    return s.team_id, s.position, said, s.prompt
