"""What Moodle's refusals mean: ``errorcode`` → an error with one sentence and one remedy.

The codes were all seen on real sites; see ``tests/payloads``. Moodle answers them with HTTP 200.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.errors import (
    LmsError,
    Missing,
    MissingCapability,
    Refused,
    Unavailable,
    UnexpectedAnswer,
)

TOKENS = "Site administration → Server → Web services → Manage tokens"
SERVICES = "Site administration → Server → Web services → External services"
ROLES = "Site administration → Users → Permissions → Define roles"

CAPABILITY_OF: Mapping[str, str] = {
    "core_course_get_courses": "moodle/course:view",
    "core_course_get_courses_by_field": "moodle/course:view",
    "core_course_get_contents": "moodle/course:view",
    "core_course_get_categories": "moodle/category:viewcourselist",
    "core_enrol_get_enrolled_users": "moodle/course:viewparticipants",
    "core_enrol_get_users_courses": "moodle/user:viewdetails",
    "core_user_get_users_by_field": "moodle/user:viewdetails",
    "core_cohort_get_cohorts": "moodle/cohort:view",
    "core_cohort_get_cohort_members": "moodle/cohort:view",
    "core_completion_get_course_completion_status": "report/completion:view",
    "core_completion_get_activities_completion_status": "report/progress:view",
    "mod_forum_get_forums_by_courses": "mod/forum:viewdiscussion",
    "mod_forum_get_forum_discussions": "mod/forum:viewdiscussion",
    "mod_forum_get_discussion_posts": "mod/forum:viewdiscussion",
    "mod_forum_add_discussion": "mod/forum:startdiscussion",
    "mod_forum_add_discussion_post": "mod/forum:replypost",
    "mod_forum_update_discussion_post": "mod/forum:editanypost",
    "mod_forum_delete_post": "mod/forum:deleteanypost",
    "core_message_send_instant_messages": "moodle/site:sendmessage",
}
"""The capability that most often is what is missing when the function is refused."""

_CAPABILITY_CODES = {
    "nopermissions",
    "requireloginerror",
    "errorcoursecontextnotvalid",
    "cannotviewreport",
    "errorreportview",
    "noviewdiscussionspermission",
    "cannotcreatediscussion",
    "cannotaddpost",
    "nopostforum",
    "cannotupdatepost",
    "cannoteditposts",
    "cannotdeletepost",
}

_MISSING_CODES = {
    "invalidrecord",
    "invalidrecordunknown",
    "usernotenroled",
    "notenroled",
    "nocriteriaset",
    "invaliduser",
    "invalidcourseid",
}


def refusal(answer: Mapping[str, Any], function: str) -> LmsError:
    """The error that an ``{exception, errorcode, message}`` object stands for."""
    code = str(answer.get("errorcode") or "")
    said = str(answer.get("message") or answer.get("exception") or "no message").strip()
    kind = str(answer.get("exception") or "")
    if code == "invalidtoken":
        return Refused(
            "The LMS does not know the token.",
            f"Make or copy one under {TOKENS}, then run `socialbridge connect` again.",
            function=function,
            code=code,
        )
    if code == "accessexception":
        return Refused(
            f"The LMS refused {function}.",
            f"Check under {SERVICES} that the service is enabled, holds this function and the"
            f" token's user; under {TOKENS} that the token has not expired and its IP restriction"
            " fits; and that the user is not suspended and has the capability webservice/rest:use"
            f" ({ROLES}).",
            function=function,
            code=code,
        )
    if code == "sitemaintenance":
        return Unavailable(
            "The LMS is in maintenance mode.",
            "Nothing needs to be done: the bridge tries again later.",
            function=function,
            code=code,
        )
    if code in _CAPABILITY_CODES:
        return _capability(function, code, said)
    if code in _MISSING_CODES or kind == "dml_missing_record_exception":
        return Missing(
            f"{function}: {said}",
            "The record, or the function itself, is not there on this site (any more).",
            function=function,
            code=code,
        )
    if code in {"invalidparameter", "invaliduserfield"}:
        return UnexpectedAnswer(
            f"{function} of this LMS does not take the parameters of the bridge: {said}",
            "Please report it with the release of the LMS (`socialbridge doctor` prints it).",
            function=function,
            code=code,
        )
    return LmsError(
        f"{function} failed in the LMS: {said}" + (f" ({code})" if code else ""),
        "The LMS's own log says more (Site administration → Reports → Logs).",
        function=function,
        code=code,
    )


def _capability(function: str, code: str, said: str) -> MissingCapability:
    capability = CAPABILITY_OF.get(function, "")
    named = f"the capability {capability}" if capability else "a capability"
    return MissingCapability(
        f"{function}: {said}",
        f"Give the role of the token's user {named} under {ROLES}.",
        function=function,
        code=code,
        capability=capability,
    )
