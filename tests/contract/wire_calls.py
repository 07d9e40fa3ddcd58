"""The calls of the transcripts, made to the demo LMS: the same question about its own people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.server import Lms
from bridge.demo.world import Course, Person

FULL = can.DEFAULT
AS_RECORDED = FULL - {
    can.EDIT_ANY_POST,
    can.DELETE_OWN_POST,
    can.DELETE_ANY_POST,
    can.MESSAGE_ANY_USER,
}
"""The rights of the user whose answers most of the transcripts are."""
NO_REPORTS = FULL - {can.VIEW_ALL_REPORTS, can.EDIT_ALL_REPORTS}
"""Every right but those to other people's reports; either of the two would show them."""


class Caller:
    """Asks the demo LMS as a connector does: by HTTP, with a form."""

    def __init__(self, lms: Lms, http: requests.Session) -> None:
        self.lms, self._http = lms, http

    def __call__(self, function: str, params: Mapping[str, Any] | None = None) -> Any:
        return self.get(function, params).json()

    def get(
        self, function: str, params: Mapping[str, Any] | None = None, token: str = ""
    ) -> requests.Response:
        """The whole HTTP answer."""
        form = {
            "wstoken": token or self.lms.token,
            "wsfunction": function,
            "moodlewsrestformat": "json",
        }
        address = f"{self.lms.url}/webservice/rest/server.php"
        return self._http.post(address, data=form | _flat(params or {}), timeout=10)

    # --- whom and what to ask about ------------------------------------------------------------

    @property
    def course(self) -> Course:
        """A course with one thing to finish, a forum and answers in it."""
        return self._course("Coaching conversations")

    @property
    def other(self) -> Course:
        return self._course("Safety at work")

    def _course(self, name: str) -> Course:
        return next(c for c in self.lms.store.courses.values() if c.name == name)

    @property
    def graduate(self) -> int:
        """A person who completed :attr:`course`."""
        store = self.lms.store
        return next(
            e.person_id
            for e in store.enrolled(self.course.id)
            if store.completion(self.course.id, e.person_id)
        )

    @property
    def beginner(self) -> int:
        """A student of :attr:`course` who did not complete it."""
        store = self.lms.store
        return next(
            e.person_id
            for e in store.enrolled(self.course.id)
            if e.role == "student" and not store.completion(self.course.id, e.person_id)
        )

    @property
    def stranger(self) -> int:
        """A person who is not in :attr:`course`."""
        store = self.lms.store
        return next(p for p in store.people if store.enrolment(self.course.id, p) is None)

    @property
    def regular(self) -> Person:
        """A person who was seen in each of their courses, and finished some but not all."""
        store = self.lms.store
        for person in store.people.values():
            courses = store.courses_of(person.id)
            done = [c for c in courses if store.completion(c.id, person.id)]
            seen = [c for c in courses if store.enrolment(c.id, person.id).last_access]
            tracked = all(store.criteria(course.id) for course in courses)
            if tracked and courses == seen and 0 < len(done) < len(courses):
                return person
        raise LookupError("the story has such a person")

    @property
    def forum(self) -> int:
        return self.lms.store.forums_of(self.course.id)[0].id

    def start(self, subject: str = "Seven people finished this course") -> tuple[int, int]:
        """A fresh discussion by the token's user; the ids of the discussion and its first post."""
        store = self.lms.store
        discussion = store.start_discussion(store.service_id, self.forum, subject, "<p>Hi</p>")
        return discussion, store.discussions[discussion].first_post_id

    def pairs(self, *people: int) -> list[dict[str, str]]:
        """The requests of a batch: the completion of each person in :attr:`course`."""
        function = "core_completion_get_course_completion_status"
        return [
            {
                "function": function,
                "arguments": json.dumps({"courseid": self.course.id, "userid": person}),
            }
            for person in people
        ]

    def lean(self, *course_ids: int) -> list[dict[str, str]]:
        """The requests of a batch: three people of each course, two fields each."""
        wanted = [
            {"name": "userfields", "value": "id,lastcourseaccess"},
            {"name": "limitnumber", "value": "3"},
        ]
        return [
            {
                "function": "core_enrol_get_enrolled_users",
                "arguments": json.dumps({"courseid": course_id, "options": wanted}),
            }
            for course_id in course_ids
        ]


def _flat(value: Any, name: str = "") -> dict[str, str]:
    """Form fields such as ``a[0][b]=c``."""
    if isinstance(value, Mapping):
        members = value.items()
    elif isinstance(value, (list, tuple)):
        members = enumerate(value)
    else:
        return {name: str(int(value) if isinstance(value, bool) else value)}
    fields: dict[str, str] = {}
    for key, one in members:
        fields |= _flat(one, f"{name}[{key}]" if name else str(key))
    return fields


@dataclass(frozen=True)
class Recorded:
    """The equivalent of one transcript.

    :param params: what to ask the demo; made by the caller, who knows its ids.
    :param rights: of the token's user while it asks.
    :param token: another token than the right one.
    """

    params: Callable[[Caller], Mapping[str, Any]] = field(default=lambda _: {})
    rights: frozenset[str] = AS_RECORDED
    token: str = ""


def without(*capabilities: str) -> frozenset[str]:
    """Every right but these."""
    return FULL - set(capabilities)


def _option(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _posting(c: Caller) -> dict[str, Any]:
    return {"forumid": c.forum, "subject": "Three finished", "message": "<p>Well <b>done</b>!</p>"}


def _message(c: Caller) -> dict[str, Any]:
    return {"messages": [{"touserid": c.graduate, "text": "Your suggestions", "textformat": 1}]}


def _deleted(c: Caller) -> dict[str, Any]:
    discussion, first = c.start()
    c.lms.store.remove_post(first)
    return {"discussionid": discussion}


def _changed(c: Caller) -> dict[str, Any]:
    return {"postid": c.start()[1], "subject": "Six", "message": "<p>Six!</p>", "messageformat": 1}


def _some_posts(c: Caller) -> dict[str, Any]:
    return {"discussionid": c.start()[0]}


CALLS: dict[str, Recorded] = {
    "activities_completion": Recorded(lambda c: {"courseid": c.course.id, "userid": c.graduate}),
    "add_discussion": Recorded(lambda c: _posting(c) | {"groupid": 0}),
    "add_discussion_no_forum": Recorded(lambda c: _posting(c) | {"forumid": 99999}),
    "add_discussion_post": Recorded(
        lambda c: {"postid": c.start()[1], "subject": "Re", "message": "<p>Thanks</p>"}
    ),
    "batch": Recorded(
        lambda c: {"requests": c.pairs(c.graduate, c.beginner, c.stranger, c.graduate)}
    ),
    "batch_ok": Recorded(lambda c: {"requests": c.lean(2, 3, 4, 5)}),
    "categories": Recorded(),
    "cohort_members": Recorded(lambda _: {"cohortids": [1, 2]}),
    "cohorts": Recorded(),
    "completion_complete": Recorded(lambda c: {"courseid": c.course.id, "userid": c.graduate}),
    "completion_incomplete": Recorded(lambda c: {"courseid": c.course.id, "userid": c.beginner}),
    "completion_not_enrolled": Recorded(lambda c: {"courseid": c.course.id, "userid": c.stranger}),
    "course_contents": Recorded(lambda c: {"courseid": c.course.id}),
    "courses": Recorded(lambda c: {"options": {"ids": [1, c.course.id, c.other.id]}}),
    "courses_by_field": Recorded(
        lambda c: {"field": "ids", "value": f"{c.course.id},{c.other.id}"}
    ),
    "courses_by_field_all": Recorded(),
    "deleted_discussion": Recorded(_deleted),
    "discussion_posts": Recorded(_some_posts),
    "discussions": Recorded(
        lambda c: {"forumid": c.forum, "page": 0, "perpage": 10, "sortorder": 3}
    ),
    "enrolled_users_bad_sort": Recorded(
        lambda c: {"courseid": c.course.id, "options": _option(sortby="lastcourseaccess")}
    ),
    "enrolled_users_full": Recorded(lambda c: {"courseid": c.course.id}),
    "enrolled_users_lean": Recorded(
        lambda c: {"courseid": c.course.id, "options": _option(userfields="id,lastcourseaccess")}
    ),
    "enrolled_users_page": Recorded(
        lambda c: {
            "courseid": c.course.id,
            "options": _option(
                userfields="id,lastcourseaccess", limitfrom=2, limitnumber=2, sortby="id"
            ),
        }
    ),
    "error_bad_param": Recorded(lambda _: {"courseid": "abc"}),
    "error_bad_token": Recorded(token="wrong"),
    "error_cannot_create_discussion": Recorded(_posting, without(can.START_DISCUSSION)),
    "error_cannot_view_report": Recorded(
        lambda c: {"courseid": c.course.id, "userid": c.graduate}, without(can.VIEW_COMPLETION)
    ),
    "error_missing_param": Recorded(),
    "error_no_cohort_capability": Recorded(rights=without(can.VIEW_COHORTS)),
    "error_no_course": Recorded(lambda _: {"courseid": 99999}),
    "error_no_rest_capability": Recorded(rights=without(can.REST)),
    "error_no_view_discussions": Recorded(
        lambda c: {"forumid": c.forum}, without(can.VIEW_DISCUSSION)
    ),
    "error_not_in_course": Recorded(lambda c: {"courseid": c.course.id}, without(can.VIEW_COURSE)),
    "error_report_view": Recorded(lambda _: {"reportid": 1}, NO_REPORTS),
    "error_unknown_function": Recorded(),
    "forums": Recorded(lambda c: {"courseids": [c.course.id]}),
    "message_sent": Recorded(_message, without(can.MESSAGE_ANY_USER)),
    "message_sent_anyuser": Recorded(_message, FULL),
    "own_add_discussion": Recorded(lambda c: _posting(c) | {"groupid": 0}),
    "own_delete_post": Recorded(lambda c: {"postid": c.start()[1]}),
    "own_discussion_posts": Recorded(_some_posts),
    "own_update_post": Recorded(_changed),
    "privileged_delete_post": Recorded(lambda c: {"postid": c.start()[1]}, FULL),
    "privileged_update_post": Recorded(_changed, FULL),
    "report_columns_sort": Recorded(lambda _: {"reportid": 1}),
    "report_list": Recorded(),
    "report_missing": Recorded(lambda _: {"reportid": 77}),
    "report_page": Recorded(lambda _: {"reportid": 1, "page": 0, "perpage": 5}),
    "report_past_end": Recorded(lambda _: {"reportid": 1, "page": 9999, "perpage": 5}),
    "search": Recorded(
        lambda c: {"criterianame": "search", "criteriavalue": c.course.name.split()[0]}
    ),
    "silent_forums": Recorded(lambda c: {"courseids": [c.course.id]}, without(can.VIEW_DISCUSSION)),
    "silent_report_list": Recorded(rights=NO_REPORTS),
    "silent_users_by_field": Recorded(
        lambda c: {"field": "id", "values": [c.graduate]}, without(can.VIEW_DETAILS)
    ),
    "silent_users_courses": Recorded(
        lambda c: {"userid": c.graduate}, without(can.VIEW_DETAILS, can.VIEW_COURSE)
    ),
    "silent_users_courses_flags": Recorded(
        lambda c: {"userid": c.regular.id}, without(can.VIEW_COMPLETION)
    ),
    "site_info": Recorded(),
    "users_by_email": Recorded(lambda c: {"field": "email", "values": [c.regular.email]}),
    "users_by_id": Recorded(lambda c: {"field": "id", "values": [c.graduate, c.beginner, 999999]}),
    "users_courses": Recorded(lambda c: {"userid": c.regular.id, "returnusercount": 0}),
}
"""Transcript → its equivalent."""
