"""Which of a page's numbers may be said together; pure.

The rule of five holds for one number in one group. Two numbers tell a third: of 32 people eight
finished and 22 are in it, so two are neither. A number is therefore said only if no sum or
difference with those before it comes to a group of fewer than five (complementary suppression,
as statistical offices do it: Willenborg and de Waal, *Elements of Statistical Disclosure Control*,
2001, chapter 4). What is worth most to a leader is asked first: their own people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from bridge.visibility import FEW, shown_count

THREE = 3
"""Weeks that "in the last three weeks" covers."""

_KINDS = list(product((True, False), repeat=3))
"""Of the leader's people or not, finished this course or not, finished the other or not."""

GROUPS: Mapping[str, Sequence[int]] = {
    "people": [yours for yours, _, _ in _KINDS],
    "site": [True for _ in _KINDS],
    "finished": [yours and this for yours, this, _ in _KINDS],
    "all_finished": [this for _, this, _ in _KINDS],
    "theirs": [yours and other for yours, _, other in _KINDS],
    "all": [other for _, _, other in _KINDS],
    "both": [this and other for _, this, other in _KINDS],
}
"""Which of the eight kinds of people each number counts."""


@dataclass(frozen=True)
class Cells:
    """Raw counts of one course."""

    people: int
    """People of the leader's teams, without the leader; the next but one are of them."""
    site: int
    finished: int
    recently: int
    """In the last three weeks."""
    in_it: int
    """Enrolled and not finished."""
    all_finished: int
    all_enrolled: int
    """Enrolled or finished."""


@dataclass(frozen=True)
class Told:
    """The counts that may be said; ``None`` for one that may not."""

    people: int
    site: int
    finished: int | None
    recently: int | None
    in_it: int | None
    all_finished: int | None
    all_enrolled: int | None
    weeks: tuple[int | None, ...]


@dataclass(frozen=True)
class Tie:
    """Another course: who of the site and of the leader's people finished it, and who both."""

    all: int | None
    theirs: int | None
    both: int | None


def told(c: Cells, weeks: Sequence[int]) -> Told:
    """What may be said.

    :param weeks: how many of the site finished it in each of the last weeks, this one first.
    """
    finished = shown_count(c.finished, c.people)
    recently = shown_count(c.recently, c.finished) if finished is not None else None
    rest = c.people - c.finished if finished is not None else c.people
    in_it = shown_count(c.in_it, rest)
    all_finished = of_site(c.all_finished, finished, c.site, c.people)
    if c.site - c.all_finished - (in_it or 0) < FEW:
        all_finished = None
    all_enrolled = None
    if all_finished is not None and _enrolled(c, finished, in_it):
        all_enrolled = c.all_enrolled
    total = c.all_finished if all_finished is not None else c.site - _apart(c, finished, in_it)
    several = total if recently is None else total - c.recently
    return Told(
        people=c.people,
        site=c.site,
        finished=finished,
        recently=recently,
        in_it=in_it,
        all_finished=all_finished,
        all_enrolled=all_enrolled,
        weeks=_weeks(c, weeks, total, several, recently, all_finished),
    )


def both_told(page: Told, tie: Tie) -> Tie:
    """What may be said of the other course beside what the page says of this one.

    There are few numbers here, so every sum and difference of them is tried.
    """
    said = {
        name: getattr(page, name)
        for name in ("people", "site", "finished", "all_finished")
        if getattr(page, name) is not None
    }
    group = {"theirs": page.people, "all": page.site, "both": tie.all or 0}
    for name, whole in group.items():
        count = shown_count(getattr(tie, name) or 0, whole)
        known = name != "both" or "all" in said
        if count is not None and known and not few_told({**said, name: count}):
            said[name] = count
    return Tie(said.get("all"), said.get("theirs"), said.get("both"))


def few_told(said: Mapping[str, int]) -> bool:
    """Whether a sum or difference of these numbers comes to a group of fewer than five.

    How large the leader's teams are, and the rest of the site, tells nothing that anybody did.

    :param said: some of the names in :data:`GROUPS`, with their counts.
    """
    every = np.array(list(product((-1, 0, 1), repeat=len(said))), np.int64)
    who = every @ np.array([GROUPS[name] for name in said])
    did = every[:, [name not in ("people", "site") for name in said]].any(axis=1)
    is_group = ((who == 0) | (who == 1)).all(axis=1) & who.any(axis=1) & did
    return bool((every[is_group] @ np.array(list(said.values())) < FEW).any())


def of_site(count: int, theirs: int | None, site: int, people: int) -> int | None:
    """So many of the site, if that may be said beside what is said of the leader's people.

    Of both numbers a reader learns how many of the others there were: that, too, is a number about
    people who were not asked. The leader's number is worth more to them, so the site's gives way.

    :param theirs: how many of the leader's people; ``None`` if that is not said.
    """
    shown = shown_count(count, site)
    if shown is None or theirs is None:
        return shown
    return shown if shown_count(count - theirs, site - people) is not None else None


def _enrolled(c: Cells, finished: int | None, in_it: int | None) -> bool:
    unfinished = c.all_enrolled - c.all_finished
    if shown_count(unfinished, c.site - c.all_finished) is None:
        return False
    if in_it is None:
        return True
    others = c.site - c.people
    if finished is not None:
        others -= c.all_finished - finished
    return shown_count(unfinished - in_it, others) is not None


def _apart(c: Cells, finished: int | None, in_it: int | None) -> int:
    # How many of the leader's people are known to be in no week, because they have not finished.
    return c.people - finished if finished is not None else in_it or 0


def _weeks(
    c: Cells,
    weeks: Sequence[int],
    total: int,
    several: int,
    recently: int | None,
    all_finished: int | None,
) -> tuple[int | None, ...]:
    """The weeks with five and more, less the smallest of them as long as those that are not said
    come to fewer than five.

    :param total: people who are known to be the only ones that the weeks can hold.
    :param several: what is left of the total without the leader's people of the last three weeks.
    """
    said = [week for week, count in enumerate(weeks) if shown_count(count, c.site) is not None]
    if recently is not None:
        others = sum(weeks[:THREE]) - recently
        known = c.site - c.people if all_finished is None else all_finished - c.finished
        if shown_count(others, known) is None:
            said = [week for week in said if week >= THREE]
    said.sort(key=lambda week: -weeks[week])
    while said and (
        total - sum(weeks[week] for week in said) < FEW
        or several - sum(weeks[week] for week in said if week >= THREE) < FEW
    ):
        said.pop()
    return tuple(count if week in said else None for week, count in enumerate(weeks))
