"""The rights that a token's user may have, with the names that Moodle's refusals give them."""

from __future__ import annotations

from collections.abc import Iterable

REST = "webservice/rest:use"
VIEW_COURSE = "moodle/course:view"
VIEW_HIDDEN_COURSES = "moodle/course:viewhiddencourses"
VIEW_CATEGORIES = "moodle/category:viewcourselist"
UPDATE_COURSE = "moodle/course:update"
VIEW_PARTICIPANTS = "moodle/course:viewparticipants"
REVIEW_ENROLMENTS = "moodle/course:enrolreview"
VIEW_HIDDEN_ACTIVITIES = "moodle/course:viewhiddenactivities"
IGNORE_RESTRICTIONS = "moodle/course:ignoreavailabilityrestrictions"
VIEW_DETAILS = "moodle/user:viewdetails"
VIEW_ALL_DETAILS = "moodle/user:viewalldetails"
VIEW_IDENTITY = "moodle/site:viewuseridentity"
USER_EMAIL = "moodle/course:useremail"
VIEW_COMPLETION = "report/completion:view"
VIEW_PROGRESS = "report/progress:view"
VIEW_COHORTS = "moodle/cohort:view"
VIEW_DISCUSSION = "mod/forum:viewdiscussion"
ALL_GROUPS = "moodle/site:accessallgroups"
START_DISCUSSION = "mod/forum:startdiscussion"
REPLY_POST = "mod/forum:replypost"
EDIT_ANY_POST = "mod/forum:editanypost"
DELETE_OWN_POST = "mod/forum:deleteownpost"
DELETE_ANY_POST = "mod/forum:deleteanypost"
SEND_MESSAGE = "moodle/site:sendmessage"
MESSAGE_ANY_USER = "moodle/site:messageanyuser"
VIEW_REPORTS = "moodle/reportbuilder:view"
VIEW_ALL_REPORTS = "moodle/reportbuilder:viewall"
EDIT_REPORTS = "moodle/reportbuilder:edit"
EDIT_ALL_REPORTS = "moodle/reportbuilder:editall"

TITLES = {
    REST: "Use REST protocol",
    VIEW_COURSE: "View courses without participation",
    VIEW_HIDDEN_COURSES: "View hidden courses",
    VIEW_CATEGORIES: "View course lists",
    UPDATE_COURSE: "Update course settings",
    VIEW_PARTICIPANTS: "View participants",
    REVIEW_ENROLMENTS: "Review course enrolments",
    VIEW_HIDDEN_ACTIVITIES: "View hidden activities",
    IGNORE_RESTRICTIONS: "Ignore access restrictions",
    VIEW_DETAILS: "View user profiles",
    VIEW_ALL_DETAILS: "View user full information",
    VIEW_IDENTITY: "See full user identity in lists",
    USER_EMAIL: "See user's email address regardless of profile settings",
    VIEW_COMPLETION: "View course completion report",
    VIEW_PROGRESS: "View activity completion reports",
    VIEW_COHORTS: "View site-wide cohorts",
    VIEW_DISCUSSION: "View discussions",
    ALL_GROUPS: "Access all groups",
    START_DISCUSSION: "Start new discussions",
    REPLY_POST: "Reply to posts",
    EDIT_ANY_POST: "Edit any post",
    DELETE_OWN_POST: "Delete own posts (within deadline)",
    DELETE_ANY_POST: "Delete any posts (anytime)",
    SEND_MESSAGE: "Send messages to any user",
    MESSAGE_ANY_USER: "Bypass user privacy preferences for sending messages to any user",
    VIEW_REPORTS: "View custom reports",
    VIEW_ALL_REPORTS: "View all custom reports",
    EDIT_REPORTS: "Edit your own custom reports",
    EDIT_ALL_REPORTS: "Edit all custom reports",
}

SEE_CLOSED = frozenset({VIEW_HIDDEN_ACTIVITIES, IGNORE_RESTRICTIONS})
"""Rights that open what is closed to a part of a course: the bridge does not ask for them."""

DEFAULT = frozenset(TITLES) - SEE_CLOSED - {REVIEW_ENROLMENTS, UPDATE_COURSE}
"""All that the bridge can make use of, editing, deleting and messages included."""


def known(capabilities: Iterable[str]) -> frozenset[str]:
    """The same capabilities.

    :raises ValueError: naming one that the demo LMS does not know, because taking away a
        misspelt right would prove nothing.
    """
    chosen = frozenset(capabilities)
    for name in chosen - TITLES.keys():
        raise ValueError(f"{name} is no capability that the demo LMS knows.")
    return chosen
