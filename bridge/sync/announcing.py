"""Whether a course is announced, and why not: pure.

What an admin said decides first, the most particular word before the more general one:

1. a word on one of the course's tags (*no* before *yes*, where two contradict each other),
2. the word on the nearest category, from its own upwards,
3. the word on what completes the course (:class:`~bridge.model.Rule`).

Where nothing of this was said, courses are not announced that stand under a category whose name
says that people must take them, nor those that are completed by time alone. All others are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.model import CategoryFact, Quiet, Rule
from bridge.visibility import is_mandatory


@dataclass(frozen=True)
class Words:
    """What an admin said; ``True`` is *announce*."""

    categories: Mapping[int, bool] = field(default_factory=dict)
    """By LMS id."""
    tags: Mapping[str, bool] = field(default_factory=dict)
    rules: Mapping[Rule, bool] = field(default_factory=dict)


def chain(categories: Mapping[int, CategoryFact], category_id: int | None) -> list[CategoryFact]:
    """The category and those above it; one that stands in a circle ends there."""
    found: list[CategoryFact] = []
    category = categories.get(category_id or 0)
    while category is not None and category not in found:
        found.append(category)
        category = categories.get(category.parent_lms_id or 0)
    return found


def quiet(
    above: Sequence[CategoryFact], tags: Iterable[str], rule: Rule | None, words: Words
) -> Quiet | None:
    """Why a course is not announced; ``None``: it is.

    :param above: its category and those above it. :param rule: what completes it, if that is known.
    """
    said = [words.tags[tag] for tag in tags if tag in words.tags]
    if said:
        return None if all(said) else Quiet.TAG
    for category in above:
        if category.lms_id in words.categories:
            return None if words.categories[category.lms_id] else Quiet.CATEGORY
    if rule is not None and rule in words.rules:
        return None if words.rules[rule] else Quiet.RULE
    if is_mandatory(tuple(category.name for category in above)):
        return Quiet.MUST
    return Quiet.RULE if rule is Rule.TIME else None
