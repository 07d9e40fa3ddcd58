"""core_completion_*: who finished what."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import Record, Type, Value
from bridge.demo.lms.refusals import Refusal, no_record, refused
from bridge.demo.lms.wording import title
from bridge.demo.world import TEACHER, Activity, Course

_ACTIVITY_CRITERION = 4
_ALL_OF_THEM = 1
_MANUAL = 1

_PERSON_IN_COURSE = Record({"courseid": Value(Type.INT), "userid": Value(Type.INT)})


def get_course_completion_status(call: Call, params: dict[str, Any]) -> Any:
    course, person_id = _asked(call, params)
    if not (course.tracked and call.can(can.VIEW_COMPLETION)):
        raise refused("cannotviewreport", "You cannot view this report")
    enrolment = call.store.enrolment(course.id, person_id)
    if enrolment is None or enrolment.role == TEACHER:
        raise _completion_refusal("usernotenroled", "User is not enrolled in this course")
    criteria = call.store.criteria(course.id)
    if not criteria:
        raise _completion_refusal("nocriteriaset", "No completion criteria set for this course")
    return {
        "completionstatus": {
            "completed": call.store.completion(course.id, person_id) is not None,
            "aggregation": _ALL_OF_THEM,
            "completions": [_criterion(call, activity, person_id) for activity in criteria],
        },
        "warnings": [],
    }


def _asked(call: Call, params: dict[str, Any]) -> tuple[Course, int]:
    """The course, entered, and the id of the person, who exists.

    :raises Refusal: if there is no such course or person, or the course is closed.
    """
    course = call.store.courses.get(params["courseid"])
    if course is None:
        raise no_record("course")
    if params["userid"] not in call.store.people:
        raise no_record("user")
    call.enter(course)
    return course, params["userid"]


def _completion_refusal(code: str, message: str) -> Refusal:
    return refused(code, message, "completion")


def _criterion(call: Call, activity: Activity, person_id: int) -> dict[str, Any]:
    at = call.store.marks.get((activity.id, person_id))
    address = f"{call.url}/mod/{activity.kind}/view.php?id={activity.id}"
    return {
        "type": _ACTIVITY_CRITERION,
        "title": "Activity completion",
        "status": "No" if at is None else "Yes",
        "complete": at is not None,
        "timecompleted": at,
        "details": {
            "type": "Activity completion",
            "criteria": f'<a href="{address}">{title(activity.name)}</a>',
            "requirement": "Marking yourself complete",
            "status": "",
        },
    }


def get_activities_completion_status(call: Call, params: dict[str, Any]) -> Any:
    course, person_id = _asked(call, params)
    call.require(can.VIEW_PROGRESS)
    if not course.tracked:
        raise _completion_refusal("completionnotenabled", "Completion is not enabled")
    return {
        "statuses": [
            _status(call, activity, person_id)
            for activity in call.store.criteria(course.id)
            if call.may_use(activity)
        ],
        "warnings": [],
    }


def _status(call: Call, activity: Activity, person_id: int) -> dict[str, Any]:
    at = call.store.marks.get((activity.id, person_id))
    enrolment = call.store.enrolment(activity.course_id, person_id)
    return {
        "cmid": activity.id,
        "modname": activity.kind,
        "instance": activity.instance,
        "state": int(at is not None),
        "timecompleted": at or 0,
        "tracking": _MANUAL,
        "overrideby": None,
        "valueused": False,
        "hascompletion": True,
        "isautomatic": False,
        "istrackeduser": enrolment is not None and enrolment.role != TEACHER,
        "uservisible": True,
        "details": [],
        "isoverallcomplete": at is not None,
    }


FUNCTIONS: Table = {
    "core_completion_get_course_completion_status": Function(
        get_course_completion_status, _PERSON_IN_COURSE
    ),
    "core_completion_get_activities_completion_status": Function(
        get_activities_completion_status, _PERSON_IN_COURSE
    ),
}
