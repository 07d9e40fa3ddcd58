"""How large a generated site is, and how its enrolments are shared among its courses."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_SMALLEST = 20
_LARGEST_SHARES = (3, 2)
"""The two largest courses hold so many per cent of all enrolments: everybody is sent there."""


@dataclass(frozen=True)
class Size:
    """How many there are of what.

    :param enrolments: all of them, exactly; one in each course is its teacher's.
    :param completions: how many enrolments are finished; three in ten unless given.
    :raises ValueError: for a size that no site can have.
    """

    people: int
    courses: int
    enrolments: int
    completions: int = -1

    def __post_init__(self) -> None:
        if self.completions < 0:
            learners = max(self.enrolments - self.courses, 0)
            object.__setattr__(self, "completions", min(self.enrolments * 3 // 10, learners))
        if self.people < 1 or self.courses < 1:
            raise ValueError("A site has at least one person and one course.")
        if not self.courses <= self.enrolments <= self.courses * self.people:
            raise ValueError(
                f"{self.courses} courses and {self.people} people make between {self.courses} and "
                f"{self.courses * self.people} enrolments, and not {self.enrolments}."
            )
        if self.completions > self.enrolments - self.courses:
            raise ValueError(
                f"With a teacher in each course {self.enrolments - self.courses} enrolments can be "
                f"completed, and not {self.completions}."
            )


def course_sizes(size: Size, rng: Random) -> list[int]:
    """How many people are in each course: many small ones, a few large, two very large.

    They add up to the size's enrolments exactly.
    """
    mean = size.enrolments // size.courses
    large = [
        min(size.people, max(mean, size.enrolments * share // 100)) for share in _LARGEST_SHARES
    ]
    large = large[: max(size.courses - 2, 0)]
    number = size.courses - len(large)
    average = max(size.enrolments - sum(large), number) / number
    smallest = min(_SMALLEST, average)
    # The mean of the cubes of numbers between 0 and 1 is a quarter, hence the four.
    rest = [
        min(size.people, int(smallest + 4 * (average - smallest) * ((i + 0.5) / number) ** 3))
        for i in range(number)
    ]
    sizes = [max(one, 1) for one in (*large, *rest)]
    _settle(sizes, size)
    rng.shuffle(sizes)
    return sizes


def _settle(sizes: list[int], size: Size) -> None:
    """Add or take away evenly until the sum is right; no course is empty or holds more than all."""
    missing = size.enrolments - sum(sizes)
    while missing:
        step = 1 if missing > 0 else -1
        share = max(abs(missing) // len(sizes), 1)
        for i in range(len(sizes)):
            room = size.people - sizes[i] if step > 0 else sizes[i] - 1
            change = step * min(share, room, abs(missing))
            sizes[i] += change
            missing -= change
            if not missing:
                break
