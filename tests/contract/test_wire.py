"""The demo LMS answers as the recorded Moodle did, field for field; and what both of them do.

The shapes are taken from the transcripts and never from the demo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api import FUNCTIONS
from bridge.demo.lms.faults import Kind
from bridge.demo.lms.server import running_lms
from bridge.demo.story import make_story
from bridge.demo.world import Story
from tests.contract.wire_calls import AS_RECORDED, CALLS, FULL, Caller, without
from tests.contract.wire_shapes import (
    differences,
    opened,
    recorded,
    shape_of,
    template,
    transcripts,
)

NOW = int(datetime(2026, 11, 25, 9, 0, tzinfo=UTC).timestamp())
PAST_EDITING = 31 * 60

Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def story() -> Story:
    """The company on a Wednesday morning."""
    return make_story(datetime.fromtimestamp(NOW, UTC))


class Time:
    """The moment, in epoch seconds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def call(story: Story, time: Time) -> Iterator[Caller]:
    """Asks a fresh demo LMS whose token has every right."""
    with running_lms(story=story, clock=time) as lms, requests.Session() as http:
        yield Caller(lms, http)


def replay(call: Caller, name: str) -> Any:
    """The demo's answer to what the transcript of that name asked."""
    case = CALLS[name]
    params = case.params(call)
    call.lms.service.capabilities = case.rights
    response = call.get(recorded(name)["function"], params, token=case.token)
    assert 200 == response.status_code
    return response.json()


@pytest.fixture(params=["recorded", "demo"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """The answer to a transcript's question: as it was recorded, and as the demo gives it."""
    if request.param == "recorded":
        return lambda name: recorded(name)["response"]
    call = request.getfixturevalue("call")
    return lambda name: replay(call, name)


def test_each_transcript_has_its_equivalent() -> None:
    """No transcript of a function that the demo has is left out."""
    spoken = {
        name
        for name, transcript in transcripts().items()
        if transcript["function"] in FUNCTIONS or name == "error_unknown_function"
    }

    assert spoken == CALLS.keys()


ANSWERED_ALIKE = {
    "core_reportbuilder_columns_add": "report_columns_sort",
    "core_reportbuilder_columns_sort_toggle": "report_columns_sort",
}
"""Functions that were not recorded, and the transcript of another one with the same answer.

Moodle describes what the three return by one class (``custom_report_columns_sorting_exporter``).
"""


AS_DECLARED = {"core_tag_get_tagindex_per_area"}
"""Not recorded: made by what Moodle declares to answer (tag/classes/external.php, since 3.7)."""


def test_every_function_is_recorded() -> None:
    """The demo has no function of which nobody knows how Moodle answers."""
    known = {t["function"] for t in transcripts().values()} | ANSWERED_ALIKE.keys() | AS_DECLARED

    assert FUNCTIONS.keys() == known & FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("function", "params"),
    [
        (
            "core_reportbuilder_columns_add",
            {"reportid": 1, "uniqueidentifier": "course:shortname"},
        ),
        (
            "core_reportbuilder_columns_sort_toggle",
            {"reportid": 1, "columnid": 6, "enabled": 1, "direction": 3},
        ),
    ],
)
def test_shape_of_the_unrecorded(call: Caller, function: str, params: dict[str, Any]) -> None:
    """What changes the columns of a report answers with all of them, as the recorded one does."""
    expected = recorded(ANSWERED_ALIKE[function])["response"]

    assert [] == differences(shape_of([expected]), shape_of([call(function, params)]))


@pytest.mark.parametrize("name", CALLS)
def test_shape(call: Caller, name: str) -> None:
    """The demo's answer has the keys and types of the recorded one; a refusal has its words."""
    expected, actual = recorded(name)["response"], replay(call, name)

    if expected == []:
        assert expected == actual
    elif isinstance(expected, dict) and "exception" in expected:
        assert template(expected) == template(actual)
    else:
        found = differences(shape_of([opened(expected)]), shape_of([opened(actual)]))
        assert [] == found


@pytest.mark.parametrize("field", ["lastcourseaccess", "profileimageurl", "shortname", "roles"])
def test_a_field_that_is_dropped_is_found(call: Caller, field: str) -> None:
    """The suite would see it if the demo forgot a field, however deep."""
    expected = shape_of([recorded("enrolled_users_full")["response"]])

    with call.lms.faults.during(Kind.WITHOUT, field=field):
        actual = shape_of([replay(call, "enrolled_users_full")])

    found = differences(expected, actual)
    assert [True] * len(found) == [entry.endswith(f".{field} is gone") for entry in found]
    assert found


def test_a_field_that_is_added_is_found() -> None:
    """The suite would see a field that Moodle does not have, and a null where it has none."""
    expected = recorded("forums")["response"]
    actual = [expected[0] | {"mood": "good", "cmid": None}]

    found = differences(shape_of([expected]), shape_of([actual]))

    assert ["answer[].mood is new", "answer[].cmid is null now"] == found


# --- what is true of both ----------------------------------------------------------------------


def test_course_one_is_the_site(ask: Ask) -> None:
    """Both lists of courses begin with the site itself, which is no course."""
    first, named = ask("courses")[0], ask("courses_by_field_all")["courses"][0]

    assert (1, "site", 0) == (first["id"], first["format"], first["categoryid"])
    assert (1, "site", 0) == (named["id"], named["format"], named["categoryid"])


def test_id_and_name_come_unasked(ask: Ask) -> None:
    """``userfields`` trims the answer to what is asked and to id and full name."""
    fields = {"id", "fullname", "lastcourseaccess"}

    assert fields == set(ask("enrolled_users_lean")[0])


def test_pages_are_cut_from_the_whole(ask: Ask) -> None:
    """``limitfrom`` and ``limitnumber`` cut a page out of the list by id."""
    whole = [person["id"] for person in ask("enrolled_users_lean")]
    page = [person["id"] for person in ask("enrolled_users_page")]

    assert whole[2:4] == page


def test_unknown_people_are_left_out(ask: Ask) -> None:
    """Of three ids two are known: two people, no error."""
    assert 2 == len(ask("users_by_id"))


def test_a_completion_has_no_date_of_its_own(ask: Ask) -> None:
    """The verdict is ``completed``; the times are those of the criteria."""
    done = ask("completion_complete")["completionstatus"]
    begun = ask("completion_incomplete")["completionstatus"]

    assert {"completed", "aggregation", "completions"} == set(done)
    assert (True, True) == (done["completed"], done["completions"][0]["timecompleted"] > 0)
    assert (False, None) == (begun["completed"], begun["completions"][0]["timecompleted"])


def test_a_failure_ends_the_batch(ask: Ask) -> None:
    """Of four requests the third fails: three answers, and the last one tells why."""
    responses = ask("batch")["responses"]

    assert [False, False, True] == [response["error"] for response in responses]
    assert "usernotenroled" == opened(responses[-1])["exception"]["errorcode"]


def test_discussions_are_called_by_their_first_post(ask: Ask) -> None:
    """``id`` is the post, ``discussion`` the discussion; the newest comes first."""
    discussions = [d for d in ask("discussions")["discussions"] if not d["pinned"]]

    assert {0} == {discussion["parent"] for discussion in discussions}
    created = [discussion["created"] for discussion in discussions]
    assert sorted(created, reverse=True) == created


def test_a_fault_of_php_has_no_code(ask: Ask) -> None:
    """The posts of a deleted discussion are an error without an ``errorcode``."""
    assert {"exception", "message"} == set(ask("deleted_discussion"))


def test_the_report_is_newest_first(ask: Ask) -> None:
    """Ids stand in the links only; a page past the end has no rows and the same total."""
    page, past_end = ask("report_page")["data"], ask("report_past_end")["data"]
    links = [cell for cell in page["rows"][0]["columns"] if "href=" in cell]

    assert {True} == {"/course/view.php?id=" in c or "/user/profile.php?id=" in c for c in links}
    assert (5, 0) == (len(page["rows"]), len(past_end["rows"]))
    assert page["totalrowcount"] == past_end["totalrowcount"]


def test_a_refused_message_is_no_error(ask: Ask) -> None:
    """A message that is not delivered has the id -1 and a reason, and HTTP 200."""
    (answer,) = ask("message_sent")

    assert (-1, True) == (answer["msgid"], bool(answer["errormessage"]))


# --- the capability ladder, beyond what was recorded -------------------------------------------


def _refusal(code: str, message: str, kind: str = "moodle_exception") -> dict[str, str]:
    return {"exception": f"core\\exception\\{kind}", "errorcode": code, "message": message}


def _not_permitted(what: str) -> dict[str, str]:
    message = f"Sorry, but you do not currently have permissions to do that ({what})."
    return _refusal("nopermissions", message, "required_capability_exception")


CLOSED = _refusal(
    "requireloginerror", "Course or activity not accessible.", "require_login_exception"
)
LADDER: list[tuple[str, str, Callable[[Caller], dict[str, Any]], Any]] = [
    (
        can.VIEW_PARTICIPANTS,
        "core_enrol_get_enrolled_users",
        lambda c: {"courseid": c.course.id},
        _not_permitted("View participants"),
    ),
    (
        can.VIEW_PARTICIPANTS,
        "core_enrol_get_users_courses",
        lambda c: {"userid": c.graduate},
        [],
    ),
    (
        can.VIEW_PROGRESS,
        "core_completion_get_activities_completion_status",
        lambda c: {"courseid": c.course.id, "userid": c.graduate},
        _not_permitted("View activity completion reports"),
    ),
    (
        can.VIEW_COHORTS,
        "core_cohort_get_cohort_members",
        lambda _: {"cohortids": [1]},
        _not_permitted("View site-wide cohorts"),
    ),
    (
        can.VIEW_COURSE,
        "core_completion_get_course_completion_status",
        lambda c: {"courseid": c.course.id, "userid": c.graduate},
        CLOSED,
    ),
    (can.VIEW_COURSE, "mod_forum_get_forum_discussions", lambda c: {"forumid": c.forum}, CLOSED),
    (
        can.REPLY_POST,
        "mod_forum_add_discussion_post",
        lambda c: {"postid": c.start()[1], "subject": "Re", "message": "x"},
        _refusal("nopostforum", "Sorry, you are not allowed to post to this forum"),
    ),
    (
        can.SEND_MESSAGE,
        "core_message_send_instant_messages",
        lambda c: {"messages": [{"touserid": c.graduate, "text": "Hello"}]},
        _not_permitted("Send messages to any user"),
    ),
]


@pytest.mark.parametrize(("missing", "function", "params", "expected"), LADDER)
def test_ladder(
    call: Caller,
    missing: str,
    function: str,
    params: Callable[[Caller], dict[str, Any]],
    expected: Any,
) -> None:
    """Without the capability the function refuses, or is silent."""
    given = params(call)
    call.lms.service.capabilities = without(missing)

    assert expected == call(function, given)


def test_hidden_courses(call: Caller) -> None:
    """A hidden course is there for those who may see hidden ones, and closed to the others."""
    hidden = next(c for c in call.lms.store.courses.values() if not c.visible)
    listed = [c["visible"] for c in call("core_course_get_courses_by_field")["courses"]]
    call.lms.service.capabilities = without(can.VIEW_HIDDEN_COURSES)
    unlisted = [c["visible"] for c in call("core_course_get_courses_by_field")["courses"]]
    refusal = call("core_course_get_contents", {"courseid": hidden.id})

    assert (26, 1) == (len(listed), listed.count(0))
    assert (25, 0) == (len(unlisted), unlisted.count(0))
    assert "errorcoursecontextnotvalid" == refusal["errorcode"]


def test_the_catalogue_without_the_right_to_enter(call: Caller) -> None:
    """Without ``moodle/course:view`` a course is what the catalogue tells everybody."""
    call.lms.service.capabilities = without(can.VIEW_COURSE)

    course = call("core_course_get_courses_by_field")["courses"][1]

    public = set(recorded("search")["response"]["courses"][0])
    assert public == set(course)


def test_mail_addresses(call: Caller) -> None:
    """E-mail is simply absent: in a course without two rights, in a profile without one."""
    profile = {"field": "id", "values": [call.graduate]}
    in_course = {"courseid": call.course.id}
    seen = []
    for rights in (FULL, without(can.USER_EMAIL), without(can.VIEW_IDENTITY)):
        call.lms.service.capabilities = rights
        seen.append(
            (
                "email" in call("core_user_get_users_by_field", profile)[0],
                "email" in call("core_enrol_get_enrolled_users", in_course)[0],
            )
        )
    call.lms.service.capabilities = without(can.USER_EMAIL, can.VIEW_IDENTITY)
    none = "email" in call("core_enrol_get_enrolled_users", in_course)[0]

    assert [(True, True), (True, True), (False, True)] == seen
    assert not none


def test_people_without_details(call: Caller) -> None:
    """Without ``viewalldetails`` a person has a name, and neither account nor department."""
    profile = {"field": "id", "values": [call.graduate]}
    full = set(call("core_user_get_users_by_field", profile)[0])
    call.lms.service.capabilities = without(can.VIEW_ALL_DETAILS)
    bare = set(call("core_user_get_users_by_field", profile)[0])

    assert {"username", "department", "institution", "auth", "confirmed"} < full - bare
    assert {"id", "fullname", "email"} < bare


def test_separate_groups(call: Caller) -> None:
    """Who may not enter all groups sees what is for everybody, and may not write there."""
    forum = next(f for f in call.lms.store.forums.values() if f.name == "Practice groups")
    store = call.lms.store
    store.start_discussion(store.service_id, forum.id, "For all", "<p>!</p>")
    answers = []
    for rights in (FULL, without(can.ALL_GROUPS)):
        call.lms.service.capabilities = rights
        found = call("mod_forum_get_forum_discussions", {"forumid": forum.id})["discussions"]
        answers.append([(d["groupid"] == -1, d["canreply"]) for d in found])
    listed = call("mod_forum_get_forums_by_courses", {"courseids": [forum.course_id]})

    assert [[(True, True), (False, True)], [(True, False)]] == answers
    assert [True, False] == [f["cancreatediscussions"] for f in listed]


def test_editing_and_deleting_later(call: Caller, time: Time) -> None:
    """One's own post for thirty minutes; later with ``editanypost`` and ``deleteanypost`` only."""
    change = {"subject": "New", "message": "<p>New</p>"}
    outcomes = []
    for rights in (AS_RECORDED, AS_RECORDED | {can.DELETE_OWN_POST}, FULL):
        _, post = call.start()
        call.lms.service.capabilities = rights
        time.now += PAST_EDITING
        edited = call("mod_forum_update_discussion_post", {"postid": post, **change})
        deleted = call("mod_forum_delete_post", {"postid": post})
        outcomes.append((edited.get("errorcode"), deleted.get("errorcode")))

    late = ("cannotupdatepost", "cannotdeletepost")
    assert [late, late, (None, None)] == outcomes


def test_own_fresh_post_may_be_deleted(call: Caller) -> None:
    """``deleteownpost`` is enough within thirty minutes; with its first post a discussion goes."""
    discussion, post = call.start()
    call.lms.service.capabilities = AS_RECORDED | {can.DELETE_OWN_POST}

    answer = call("mod_forum_delete_post", {"postid": post})

    assert {"status": True, "warnings": []} == answer
    assert discussion not in call.lms.store.discussions
