"""What the refusals of Moodle and Totara mean: ``errorcode`` → one sentence and one remedy.

The codes were seen on real sites (``tests/payloads``) or stand in their sources. They come with
HTTP 200.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bridge.errors import (
    LmsError,
    Missing,
    MissingCapability,
    Refused,
    Unavailable,
    UnexpectedAnswer,
)
from bridge.lms.moodle.pages import MOODLE, Pages

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
    "mod_forum_get_forum_discussions_paginated": "mod/forum:viewdiscussion",
    "mod_forum_get_discussion_posts": "mod/forum:viewdiscussion",
    "mod_forum_get_forum_discussion_posts": "mod/forum:viewdiscussion",
    "mod_forum_add_discussion": "mod/forum:startdiscussion",
    "mod_forum_add_discussion_post": "mod/forum:replypost",
    "mod_forum_update_discussion_post": "mod/forum:editanypost",
    "mod_forum_delete_post": "mod/forum:deleteanypost",
    "core_reportbuilder_retrieve_report": "moodle/reportbuilder:viewall",
    "core_reportbuilder_columns_add": "moodle/reportbuilder:editall",
    "core_reportbuilder_columns_sort_get": "moodle/reportbuilder:editall",
    "core_reportbuilder_columns_sort_toggle": "moodle/reportbuilder:editall",
    "core_message_send_instant_messages": "moodle/site:sendmessage",
    "core_reportbuilder_list_reports": "moodle/reportbuilder:viewall",
}
"""The capability that most often is what is missing when the function is refused."""


@dataclass(frozen=True)
class Meaning:
    """What a code stands for.

    :param sentence: may name ``{function}`` and what the LMS ``{said}``.
    :param remedy: may name ``{function}``, ``{capability}`` and any of the
        :class:`~bridge.lms.moodle.pages.Pages`.
    """

    kind: type[LmsError]
    sentence: str
    remedy: str


_GRANT = "Give the role of the token's user {capability} under {roles}."
_NEVER_MIND = "Nothing needs to be done: the bridge goes on without it."
_REPORT = "Please report it with the release of the LMS (`socialbridge doctor` prints it)."
_STRANGE_PARAMETERS = Meaning(
    UnexpectedAnswer,
    "{function} of this LMS does not take the parameters of the bridge: {said}",
    _REPORT,
)
_ENTER = Meaning(
    MissingCapability,
    "The token's user may not enter the course that {function} was asked about: {said}",
    "Give the user's role moodle/course:view, and for hidden courses"
    " moodle/course:viewhiddencourses, under {roles}; the function itself wants {capability}.",
)
_POSTING = Meaning(MissingCapability, "The LMS does not let the bridge write there: {said}", _GRANT)
_GONE = Meaning(
    Missing,
    "What {function} was asked about is not there (any more): {said}",
    "If it should be, look for it in the LMS; if the function itself is what is missing, add it"
    " under {services}.",
)

MEANINGS: Mapping[str, Meaning] = {
    # The token and the service.
    "invalidtoken": Meaning(
        Refused,
        "The LMS does not know the token.",
        "Make or copy one under {tokens}, then connect again. One that has expired is taken"
        " away by the LMS.",
    ),
    "accessexception": Meaning(
        Refused,
        "The LMS refused {function}.",
        "Check under {services} that the service is enabled, holds this function and the token's"
        " user; under {tokens} that the token has not expired and its IP restriction fits; under"
        " {accounts} that the user is not suspended; and under {roles} that the user's role has"
        " the capability webservice/rest:use.",
    ),
    "sitemaintenance": Meaning(
        Unavailable,
        "The LMS is in maintenance mode.",
        "Nothing needs to be done: the bridge tries again later. It is switched off under"
        " {maintenance}.",
    ),
    # Rights.
    "nopermissions": Meaning(MissingCapability, "{function} is not permitted: {said}", _GRANT),
    "requireloginerror": _ENTER,
    "errorcoursecontextnotvalid": _ENTER,
    "cannotviewreport": Meaning(
        MissingCapability,
        "The LMS shows no completion for {function}: {said}",
        "Give the role of the token's user {capability} under {roles}. If it has it, completion is"
        " switched off: in that course (its settings → Completion tracking), or for all under"
        " {features} → Enable completion tracking.",
    ),
    "errorreportview": Meaning(
        MissingCapability, "The custom report may not be viewed: {said}", _GRANT
    ),
    "errorreportedit": Meaning(
        MissingCapability, "The custom report may not be changed: {said}", _GRANT
    ),
    "noviewdiscussionspermission": Meaning(
        MissingCapability, "The forum's discussions may not be read: {said}", _GRANT
    ),
    "cannotcreatediscussion": _POSTING,
    "cannotaddpost": _POSTING,
    "nopostforum": _POSTING,
    "cannotupdatepost": _POSTING,
    "cannoteditposts": _POSTING,
    "cannotdeletepost": _POSTING,
    # Records. On Totara the first of them stands for anything that is not there.
    "invalidrecordunknown": _GONE,
    "invalidrecord": _GONE,
    "invalidcourseid": _GONE,
    "invalidpostid": _GONE,
    "invalidparentpostid": _GONE,
    "invaliddiscussionid": _GONE,
    "invaliduser": _GONE,
    "userdeleted": Meaning(
        Missing, "The LMS deleted the person whom {function} was asked about.", _NEVER_MIND
    ),
    "guestsarenotallowed": Meaning(
        Missing, "{function} was asked about the guest account, who learns nothing.", _NEVER_MIND
    ),
    "usernotenroled": Meaning(
        Missing,
        "The LMS judges only learners with an active enrolment in the course: {said}",
        _NEVER_MIND,
    ),
    "notenroled": Meaning(
        Missing, "The person is not (any more) enrolled in the course: {said}", _NEVER_MIND
    ),
    "nocriteriaset": Meaning(
        Missing,
        "The course says nowhere when it is completed: {said}",
        "To have its completions, set criteria in the course: Course administration → Course"
        " completion.",
    ),
    "completionnotenabled": Meaning(
        Missing,
        "Completion is switched off in the course: {said}",
        "To have its completions, switch it on: the course's settings → Completion tracking, and"
        " {features} → Enable completion tracking.",
    ),
    # What is switched off.
    "badgesdisabled": Meaning(
        Refused, "Badges are switched off in the LMS.", "Switch them on under {features}."
    ),
    "disabled": Meaning(
        Refused,
        "What {function} needs is switched off in the LMS: {said}",
        "Switch it on under {features}.",
    ),
    # What the bridge should not have asked.
    "invalidparameter": _STRANGE_PARAMETERS,
    "errorinvalidparam": _STRANGE_PARAMETERS,
    "invaliduserfield": _STRANGE_PARAMETERS,
    "keyalreadyset": _STRANGE_PARAMETERS,
    "formatnotsupported": _STRANGE_PARAMETERS,
    "codingerror": _STRANGE_PARAMETERS,
}
"""``errorcode`` → what it stands for."""

_MISSING_RECORD = "dml_missing_record_exception"
_PHP_FAILED = Meaning(
    LmsError,
    "{function} failed inside the LMS: {said}",
    "It is a fault of the LMS's own program: the web server's error log and {logs} say more.",
)
_UNKNOWN = Meaning(
    LmsError,
    "{function} failed in the LMS: {said}",
    "The bridge does not know this refusal; {logs} of the LMS says more.",
)


def refusal(answer: Mapping[str, Any], function: str, pages: Pages = MOODLE) -> LmsError:
    """The error that an ``{exception, errorcode, message}`` object stands for.

    Where PHP itself failed there is no code, and the error has none either.
    """
    code = str(answer.get("errorcode") or "")
    kind = str(answer.get("exception") or "")
    meaning = MEANINGS.get(code) or _of_kind(kind, code)
    capability = CAPABILITY_OF.get(function, "")
    words = asdict(pages) | {
        "function": function,
        "said": _sentence(str(answer.get("message") or kind or "no message"), code),
        "capability": f"the capability {capability}" if capability else "what it lacks",
    }
    sentence, remedy = meaning.sentence.format(**words), meaning.remedy.format(**words)
    if issubclass(meaning.kind, MissingCapability):
        return meaning.kind(sentence, remedy, function=function, code=code, capability=capability)
    return meaning.kind(sentence, remedy, function=function, code=code)


def _of_kind(kind: str, code: str) -> Meaning:
    if kind.rpartition("\\")[2] == _MISSING_RECORD:
        return _GONE
    return _UNKNOWN if code else _PHP_FAILED


def _sentence(said: str, code: str) -> str:
    """What the LMS said, as the end of a sentence; Totara answers some codes with their key only.

    For ``error/userdeleted`` the code is all there is.
    """
    said = " ".join(said.split())
    if said.endswith(f"/{code}") and code:
        said = code
    return said if said.endswith((".", "!", "?")) else f"{said}."
