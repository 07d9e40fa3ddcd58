"""The answers that come by the hundred thousand mean the same with and without ceremony."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import UnexpectedAnswer
from bridge.lms.moodle import facts, lean, schemas
from bridge.model import Rule

ALICE = {"id": 7, "fullname": "Alice &amp; Co", "lastcourseaccess": 1795000000, "roles": []}
STUDENT = {"roleid": 5, "name": "", "shortname": "student", "sortorder": 0}
TEACHER = {"roleid": 3, "name": "", "shortname": "editingteacher", "sortorder": 0}


def ceremonially(answer: Any) -> Any:
    """Through the schema."""
    rows = schemas.load(schemas.EnrolledUser, answer, lean.ENROLLED, many=True)
    return [facts.enrolment(row) for row in rows]


@pytest.mark.parametrize(
    "row",
    [
        ALICE,
        {**ALICE, "lastcourseaccess": 0},
        {**ALICE, "lastcourseaccess": None, "lastaccess": 1795000000},
        {**ALICE, "roles": [STUDENT]},
        {**ALICE, "roles": [TEACHER]},
        {**ALICE, "roles": [TEACHER, STUDENT]},
        {"id": "7", "fullname": "As text", "lastcourseaccess": "1795000000"},
        {"id": 7, "lastcourseaccess": 1795000000},
    ],
)
def test_a_person_in_a_course_is_the_same_either_way(row: dict[str, Any]) -> None:
    """What is exactly as Moodle sends it, and what is not quite."""
    assert ceremonially([row]) == lean.enrolments([row])


def status(completed: Any, *dates: Any) -> dict[str, Any]:
    """A verdict with a criterion for each date."""
    criteria = [{"type": 4, "complete": bool(date), "timecompleted": date} for date in dates]
    return {"completionstatus": {"completed": completed, "aggregation": 1, "completions": criteria}}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            status(True, 1795000000, 1795000060),
            (True, datetime.fromtimestamp(1795000060, UTC), Rule.WORK),
        ),
        (status(True, None), (True, None, Rule.WORK)),  # Prior learning has no date.
        (status(True), (True, None, None)),
        (status(False, 1795000000, None), (False, None, Rule.WORK)),
        (status(1, "1795000000"), (True, datetime.fromtimestamp(1795000000, UTC), Rule.WORK)),
    ],
)
def test_a_verdict_is_read(answer: dict[str, Any], expected: tuple[bool, Any, Any]) -> None:
    """The newest criterion's time is that of the completion; its types say what completes it."""
    assert expected == lean.verdict(answer)


def test_types_in_another_form_are_read_the_same() -> None:
    """As text they go through the schema; where there is none, nobody knows what completes it."""
    answer = status(True, 1795000000)
    answer["completionstatus"]["completions"][0]["type"] = "2"
    assert Rule.TIME is lean.verdict(answer)[2]
    del answer["completionstatus"]["completions"][0]["type"]
    assert None is lean.verdict(answer)[2]


@pytest.mark.parametrize(
    "answer", [None, [], {}, "text", {"completionstatus": {}}, status("perhaps"), status(True, "x")]
)
def test_no_verdict_is_named(answer: Any) -> None:
    """With the function, by the schema."""
    with pytest.raises(UnexpectedAnswer, match=lean.VERDICT):
        lean.verdict(answer)


@pytest.mark.parametrize("answer", [None, {}, [None], [{"fullname": "Nobody"}], "text", 7])
def test_no_list_of_people_is_named(answer: Any) -> None:
    """Nothing of it is believed."""
    with pytest.raises(UnexpectedAnswer, match=lean.ENROLLED):
        lean.enrolments(answer)
