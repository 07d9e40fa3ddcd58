"""core_completion_*: verdicts without a date of their own, prior learning without any."""

from __future__ import annotations

from typing import Any

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Table
from bridge.demo.lms.parameters import Record, Type, Value
from bridge.demo.lms.records import SITE_COURSE_ID
from bridge.demo.lms.refusals import not_accessible
from bridge.demo.lms.totara.call import TotaraCall, function
from bridge.demo.lms.totara.store import GUEST
from bridge.demo.lms.totara.words import missing, refused
from bridge.demo.lms.wording import title
from bridge.demo.world import TEACHER, Activity

_ACTIVITY_CRITERION = 4
_PERSON_IN_COURSE = Record({"courseid": Value(Type.INT), "userid": Value(Type.INT)})


def get_course_completion_status(call: TotaraCall, params: dict[str, Any]) -> Any:
    """Completion switched off and a missing right are refused alike."""
    course_id, person_id = params["courseid"], params["userid"]
    _someone(call, course_id, person_id)
    if course_id == SITE_COURSE_ID:
        raise refused("usernotenroled", "User is not enrolled in this course")
    course = call.store.courses[course_id]
    if not call.may_enter(course):
        raise not_accessible()
    may_view = call.can(can.VIEW_COMPLETION) or person_id == call.user_id
    if not (course.tracked and call.totara.switches.completion and may_view):
        raise refused("cannotviewreport", "You cannot view this report")
    enrolment = call.store.enrolment(course_id, person_id)
    active = call.totara.is_active(course_id, person_id)
    if enrolment is None or not active or enrolment.role == TEACHER:
        raise refused("usernotenroled", "User is not enrolled in this course")
    criteria = call.store.criteria(course_id)
    if not criteria:
        raise refused("nocriteriaset", "No completion criteria set for this course")
    return {
        "completionstatus": {
            "completed": call.totara.has_completed(course_id, person_id),
            "aggregation": 1,
            "completions": [_criterion(call, activity, person_id) for activity in criteria],
        },
        "warnings": [],
    }


def _someone(call: TotaraCall, course_id: int, person_id: int) -> None:
    """:raises Refusal: if there is no such course or person, or the person is nobody to judge."""
    if course_id != SITE_COURSE_ID and course_id not in call.store.courses:
        raise missing()
    if call.totara.is_deleted(person_id):
        raise refused("userdeleted", "error/userdeleted")
    if person_id not in call.store.people:
        raise missing()
    if person_id == GUEST:
        raise refused("guestsarenotallowed", "The guest user is not allowed to do this")


def _criterion(call: TotaraCall, activity: Activity, person_id: int) -> dict[str, Any]:
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
            "requirement": "Viewing the page",
            "status": "Has not viewed the page" if at is None else "Completed",
        },
    }


def get_activities_completion_status(call: TotaraCall, params: dict[str, Any]) -> Any:
    """Who is not enrolled has done nothing; a course without completion has no activities."""
    course_id, person_id = params["courseid"], params["userid"]
    _someone(call, course_id, person_id)
    course = call.store.courses[course_id]
    if not call.may_enter(course):
        raise not_accessible()
    if person_id != call.user_id:
        call.require(can.VIEW_PROGRESS)
    return {
        "statuses": [
            _status(call, activity, person_id)
            for activity in call.store.criteria(course_id)
            if course.tracked
        ],
        "warnings": [],
    }


def _status(call: TotaraCall, activity: Activity, person_id: int) -> dict[str, Any]:
    at = call.store.marks.get((activity.id, person_id))
    return {
        "cmid": activity.id,
        "modname": activity.kind,
        "instance": activity.instance,
        "state": int(at is not None),
        "timecompleted": at or 0,
        "tracking": 2,
    }


FUNCTIONS: Table = {
    "core_completion_get_course_completion_status": function(
        get_course_completion_status, _PERSON_IN_COURSE
    ),
    "core_completion_get_activities_completion_status": function(
        get_activities_completion_status, _PERSON_IN_COURSE
    ),
}
