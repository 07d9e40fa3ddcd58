"""The two answers that come by the hundred thousand, read as fast as they can be.

What is exactly as Moodle sends it is taken at once. Anything else goes through the schema, which
names what is wrong or makes the best of it: the rules stand there, and only there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from bridge.lms.moodle import facts, schemas, text
from bridge.model import EnrolmentFact, Rule

ENROLLED = "core_enrol_get_enrolled_users"
VERDICT = "core_completion_get_course_completion_status"

_NOT_AS_USUAL = (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError)


def enrolments(answer: Any) -> list[EnrolmentFact]:
    """The people of a course.

    :raises UnexpectedAnswer: as :func:`schemas.load`.
    """
    try:
        return [_enrolment(row) for row in _exactly(list, answer)]
    except _NOT_AS_USUAL:
        rows = schemas.load(schemas.EnrolledUser, answer, ENROLLED, many=True)
        return [facts.enrolment(row) for row in rows]


Verdict = tuple[bool, datetime | None, Rule | None]
"""Whether, when, and what completes the course."""


def verdict(answer: Any) -> Verdict:
    """Whether somebody completed a course, when, and by what; of whom the answer does not say.

    There is no overall date: the newest met criterion's is the best there is.

    :raises UnexpectedAnswer: as :func:`schemas.load`.
    """
    try:
        status = answer["completionstatus"]
        criteria = status["completions"]
        return _verdict(
            _exactly(bool, status["completed"]),
            [_moment(criterion["timecompleted"]) for criterion in criteria],
            completed_by(
                frozenset(_exactly(int, c["type"]) for c in criteria), status["aggregation"]
            ),
        )
    except _NOT_AS_USUAL:
        status = schemas.load(schemas.Completion, answer, VERDICT)["completionstatus"]
        criteria = status["completions"]
        return _verdict(
            status["completed"],
            [criterion["timecompleted"] for criterion in criteria],
            completed_by(frozenset(c["type"] for c in criteria), status["aggregation"]),
        )


@cache
def completed_by(types: frozenset[int | None], aggregation: int | None) -> Rule | None:
    """What completes a course with criteria of these types (completion/criteria/ of Moodle).

    Where all of them are wanted the one that asks most counts, where any is enough the one that
    asks least. ``None`` where the LMS does not say.
    """
    found = [_RULES.get(kind, Rule.WORK) for kind in types if kind]
    if not found:
        return None
    pick = min if aggregation == _ANY else max
    return pick(found, key=list(Rule).index)


_ANY = 2
_RULES = {
    1: Rule.SELF,
    2: Rule.TIME,  # A date.
    3: Rule.TIME,  # The end of the enrolment.
    5: Rule.TIME,  # So long after the enrolment.
    7: Rule.ROLE,
}
"""By the numbers of Moodle's criteria; 4, 6 and 8 are activities, a grade, other courses."""


def _verdict(completed: bool, dates: list[datetime | None], rule: Rule | None) -> Verdict:
    return completed, max(filter(None, dates), default=None) if completed else None, rule


def _enrolment(row: dict[str, Any]) -> EnrolmentFact:
    seen = row.get("lastcourseaccess") or row.get("lastaccess")
    return EnrolmentFact(
        person_lms_id=_exactly(int, row["id"]),
        person_name=text.name(_exactly(str, row["fullname"])),
        last_access_at=_moment(seen),
        staff=facts.is_staff({role["shortname"] for role in row.get("roles", ())}),
    )


def _moment(seconds: Any) -> datetime | None:
    """Seconds since 1970; nothing and 0 mean "never"."""
    if not seconds:
        return None
    if _exactly(int, seconds) < 0:
        raise ValueError("is before 1970")
    return datetime.fromtimestamp(seconds, UTC)


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"is no {kind.__name__}")
    return value
