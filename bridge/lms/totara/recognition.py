"""Whether a site is Totara or Moodle. Totara never says so: its release is that of its Moodle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.errors import LmsError
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.site import MoodleSite

NOBODY_HAS = "core_no_such_function"
"""A web-service function that no LMS has."""
_OF_EVERYTHING_MISSING = "invalidrecordunknown"
_OWN_FIELDS = {"audiencevisible", "coursetype"}
_OWN_ENROLMENTS = {"totara_program", "totara_learningplan", "totara_facetoface"}
_SOME_COURSES = ",".join(str(number) for number in range(2, 42))


def recognise(connector: MoodleConnector) -> str:
    """``totara`` or ``moodle``, by the first sign that is found; at most three small requests.

    :raises LmsError: if the site cannot be reached, or does not know the token.
    """
    signs: tuple[Callable[[MoodleSite], bool], ...] = (
        _says_the_same_of_everything_missing,
        _has_audience_visibility,
        _enrols_by_programs,
    )
    return "totara" if any(sign(connector.rest) for sign in signs) else "moodle"


def _says_the_same_of_everything_missing(site: MoodleSite) -> bool:
    """Moodle names the table in which it found nothing, Totara does not."""
    try:
        site.read(NOBODY_HAS)
    except LmsError as error:
        if error.retry or error.code == "invalidtoken":
            raise
        return error.code == _OF_EVERYTHING_MISSING
    return False


def _has_audience_visibility(site: MoodleSite) -> bool:
    """Course 1, the site itself, has the fields too, for who may edit it."""
    answer = _asked(site, "core_course_get_courses", {"options": {"ids": [1]}})
    return any(_OWN_FIELDS & row.keys() for row in _rows(answer))


def _enrols_by_programs(site: MoodleSite) -> bool:
    parameters = {"field": "ids", "value": _SOME_COURSES}
    answer = _asked(site, "core_course_get_courses_by_field", parameters)
    found = _rows(answer.get("courses") if isinstance(answer, dict) else None)
    return any(_OWN_ENROLMENTS.intersection(row.get("enrollmentmethods") or ()) for row in found)


def _asked(site: MoodleSite, function: str, parameters: dict[str, Any]) -> Any:
    """What the function answers; ``None`` where it is not there or refuses: that is no sign."""
    if function not in site.functions:
        return None
    try:
        return site.read(function, parameters)
    except LmsError as error:
        if error.retry:
            raise
        return None


def _rows(answer: Any) -> list[dict[str, Any]]:
    return [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []
