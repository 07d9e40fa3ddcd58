"""How much of an LMS a run reads: what is due, all of it, or one course or person. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.errors import InputError
from bridge.model import Stream


@dataclass(frozen=True)
class Scope:
    """What is read.

    :param full: everything anew, whenever it was read before.
    :param course_lms_id: only that course, its people and their completions.
    :param person_lms_id: only that person, their courses and completions.
    :raises InputError: if more than one of them is given.
    """

    full: bool = False
    course_lms_id: int | None = None
    person_lms_id: int | None = None

    def __post_init__(self) -> None:
        if sum((self.full, self.course_lms_id is not None, self.person_lms_id is not None)) > 1:
            raise InputError("Give one of --full, --course and --person, not several.")

    @property
    def whole(self) -> bool:
        """Whether every course and person is read, and the checkpoints move."""
        return self.course_lms_id is None and self.person_lms_id is None

    @property
    def streams(self) -> frozenset[Stream]:
        """What can be read within the scope."""
        if self.whole:
            return frozenset(Stream)
        one = {Stream.ENROLMENTS, Stream.PEOPLE, Stream.COMPLETIONS}
        if self.course_lms_id is not None:
            one |= {Stream.COURSES, Stream.DISCUSSIONS}
        return frozenset(one)

    def __str__(self) -> str:
        if self.course_lms_id is not None:
            return f"course {self.course_lms_id}"
        if self.person_lms_id is not None:
            return f"person {self.person_lms_id}"
        return "full" if self.full else ""


EVERYTHING_DUE = Scope()
