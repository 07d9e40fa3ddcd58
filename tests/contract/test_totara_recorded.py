"""The Totara connector against what a real Totara 12.9 answered: every transcript is replayed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import responses

from bridge.errors import (
    LmsError,
    Missing,
    MissingCapability,
    NotAnLms,
    Refused,
    UnexpectedAnswer,
)
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.pages import TOTARA as PAGES
from bridge.lms.totara.connector import COURSES, TotaraConnector
from bridge.lms.totara.recognition import recognise
from bridge.model import CompletionFact, ForumFact, Listing, Stream
from tests.contract.recorded import RecordedSite
from tests.contract.test_refusals import KINDS
from tests.contract.transcripts import MOODLE, PAYLOADS, TOTARA, is_refusal, names, transcript

URL = "https://totara.example"
FORUM = ForumFact(
    lms_id=2, course_lms_id=2, name="Course forum", open_to_course=True, can_start=True
)
EVERYDAY = (
    "site_info_admin",
    "courses_all",
    "courses_by_field_all",
    "contents_modname",
    "categories_all",
    "enrolled_c01",
    "users_courses_learner01",
    "course_completion_complete",
    "users_by_field_id",
    "forums_c01",
    "discussions_c01",
    "posts_answered",
    "add_discussion",
    "add_post",
    "cohorts_all",
    "cohort_members",
    "message_sent",
)
"""What the site answers where a test is about something else."""

Ask = Callable[[TotaraConnector, dict[str, Any]], Any]

READ_BY: dict[str, Ask] = {
    "core_webservice_get_site_info": lambda c, _: c.site(),
    "core_course_get_courses": lambda c, _: c.courses(),
    "core_course_get_courses_by_field": lambda c, _: c.courses(),
    "core_course_get_categories": lambda c, _: c.categories(),
    "core_course_get_contents": lambda c, p: c.forums([p["courseid"]]),
    "core_enrol_get_enrolled_users": lambda c, p: [a for _, a in c.enrolments([p["courseid"]])],
    "core_enrol_get_users_courses": lambda c, p: c.courses_of(int(p["userid"])),
    "core_completion_get_course_completion_status": lambda c, p: [
        a for _, a in c.completions([(int(p["courseid"]), int(p["userid"]))])
    ],
    "core_user_get_users_by_field": lambda c, _: c.people([3]),
    "core_cohort_get_cohorts": lambda c, _: c.teams(),
    "core_cohort_get_cohort_members": lambda c, p: c.team_members(p["cohortids"]),
    "mod_forum_get_forums_by_courses": lambda c, _: c.forums([2]),
    "mod_forum_get_forum_discussions_paginated": lambda c, _: [
        a for _, a in c.discussions([FORUM], None)
    ],
    "mod_forum_get_forum_discussion_posts": lambda c, p: c.first_post(p["discussionid"]),
    "mod_forum_add_discussion": lambda c, _: c.start_discussion(2, "s", "m"),
    "mod_forum_add_discussion_post": lambda c, _: c.reply(1, "s", "m"),
    "core_message_send_instant_messages": lambda c, _: c.send_message(3, "Hello"),
}
"""Function → what asks the connector for it."""

NOT_CALLED = {
    "core_badges_get_user_badges": "badges are no part of what the bridge tells",
    "core_completion_get_activities_completion_status": "the bridge tells of courses; and the"
    " function answers 0 for people who are not enrolled",
    "core_course_get_enrolled_courses_by_timeline_classification": "Totara 12 has it not",
    "core_no_such_function": "nobody has it; it is how the LMS is recognised",
    "core_user_create_users": "the bridge makes no accounts",
    "core_user_get_users": "with a key that it does not know it answers everybody",
    "mod_forum_get_discussion_posts": "Totara 12 has it not: the older one is read",
    "mod_forum_get_forum_discussions": "Totara 12 has it not: the older one is read",
    "tool_mobile_get_config": "Totara 12 has it not",
}
"""Function → why the connector does not call it. The fake and the refusals answer for them."""

SILENT = {
    "core_course_get_contents": "what cannot be proven open counts as closed",
    "core_user_get_users_by_field/users_by_field_deleted": "who is deleted is absent",
    "core_enrol_get_enrolled_users/enrolled_c01_userfields": "it is asked again without the field",
}
"""Refusals that the connector takes for an answer, and why."""

NOT_DELIVERED = {"message_deleted_user": Refused, "message_two_one_unknown": UnexpectedAnswer}
"""Answers that are no refusals by their form, and what they are to who sends one message."""

ASKED = [name for name in names(TOTARA) if transcript(TOTARA, name)["function"] in READ_BY]


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def connector(mock: responses.RequestsMock, *recorded: str) -> tuple[TotaraConnector, RecordedSite]:
    """A connector to a site that answers those recordings, and the everyday ones beside them."""
    site = RecordedSite(*EVERYDAY, *recorded, site=TOTARA, url=URL)
    site.start(mock)
    return TotaraConnector(URL, "token", pause=lambda seconds: None), site


def outcome(ask: Callable[[], Any]) -> Any:
    """What was answered, or the error, whether it was raised or handed over."""
    try:
        answer = ask()
    except LmsError as error:
        return error
    if isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], LmsError):
        return answer[0]
    return answer


def test_no_transcript_is_left_out() -> None:
    """Each function is read by the connector, or it is said why not; one has no name at all."""
    functions = {transcript(TOTARA, name)["function"] for name in names(TOTARA)}
    assert functions - {None} == READ_BY.keys() | NOT_CALLED.keys()
    assert set() == READ_BY.keys() & NOT_CALLED.keys()


@pytest.mark.parametrize("name", ASKED)
def test_a_transcript_is_understood(mock: responses.RequestsMock, name: str) -> None:
    """The connector makes facts of it, or hands over the error that the refusal stands for."""
    recorded = transcript(TOTARA, name)
    function, response = recorded["function"], recorded["response"]
    totara, _ = connector(mock, name)
    params = {"courseid": 2, "userid": 3, "cohortids": [1], "discussionid": 1} | recorded["params"]
    found = outcome(lambda: READ_BY[function](totara, params))
    if is_refusal(response):
        if function in SILENT or f"{function}/{name}" in SILENT:
            assert not isinstance(found, LmsError) or name == "enrolled_c01_userfields"
        else:
            assert KINDS[response["errorcode"]] is type(found)
    elif isinstance(response, str):
        assert isinstance(found, LmsError)
    elif name in NOT_DELIVERED:
        assert NOT_DELIVERED[name] is type(found)
    else:
        assert not isinstance(found, LmsError)


@pytest.mark.parametrize("function", NOT_CALLED)
def test_what_is_not_called_is_not_called(mock: responses.RequestsMock, function: str) -> None:
    """Nothing that the connector does for a sync asks for it."""
    totara, site = connector(mock)
    params = {"courseid": 2, "userid": 3, "cohortids": [1], "discussionid": 1}
    for ask in READ_BY.values():
        ask(totara, params)
    totara.find_discussion(2, "x")
    totara.find_reply(1, "x")
    assert READ_BY.keys() == {called for called, _ in site.calls}
    assert function not in {called for called, _ in site.calls}


# --- who the site is ---------------------------------------------------------------------------


def test_the_functions_decide_and_not_the_release(mock: responses.RequestsMock) -> None:
    """The release is that of the Moodle inside; there are no batches and no report."""
    totara, _ = connector(mock)
    site = totara.site()
    assert ("3.3.9 (Build: 20181112)", 2, URL) == (site.release, site.user_id, site.url)
    assert ("plain", "plain", "plain") == (
        site.strategies[Stream.ENROLMENTS],
        site.strategies[Stream.COMPLETIONS],
        site.strategies[Stream.DISCUSSIONS],
    )
    assert "tool_mobile_call_external_functions" in site.reasons[Stream.ENROLMENTS]


@pytest.mark.parametrize(
    ("site", "answers", "expected"),
    [
        (TOTARA, ["err_unknown_function"], "totara"),
        (TOTARA, ["courses_by_ids"], "totara"),
        (TOTARA, ["courses_site_only_learner", "courses_by_field_ids"], "totara"),
        (MOODLE, ["courses", "courses_by_field_all"], "moodle"),
    ],
)
def test_an_lms_is_recognised(
    mock: responses.RequestsMock, site: str, answers: list[str], expected: str
) -> None:
    """By its word for what is missing, the courses' own fields, or how people are enrolled."""
    info = "site_info_admin" if site == TOTARA else "site_info"
    url = URL if site == TOTARA else "https://moodle.example"
    replay = RecordedSite(info, *answers, site=site, url=url)
    silent = {"function": "core_no_such_function", "http_status": 200, "response": None}
    if site == MOODLE:
        silent = transcript(MOODLE, "error_unknown_function") | {
            "function": "core_no_such_function"
        }
    replay.answers.setdefault("core_no_such_function", silent)
    replay.start(mock)
    assert expected == recognise(MoodleConnector(url, "token", pause=lambda seconds: None))
    assert 4 >= len(replay.calls)


def test_an_unknown_token_is_not_taken_for_a_moodle(mock: responses.RequestsMock) -> None:
    """Nothing is recognised by what says nothing."""
    replay = RecordedSite("site_info_admin", site=TOTARA, url=URL)
    replay.answers["core_no_such_function"] = transcript(TOTARA, "err_bad_token")
    replay.start(mock)
    with pytest.raises(Refused, match="does not know the token"):
        recognise(MoodleConnector(URL, "token", pause=lambda seconds: None))


# --- courses and who may see them --------------------------------------------------------------


def test_only_what_everybody_sees_is_visible(mock: responses.RequestsMock) -> None:
    """Neither the enrolled only, nor an audience, nor nobody; nor what the old switch hides."""
    totara, _ = connector(mock, "audiencevisibility_courses_admin")
    shown = {course.short_name: course.visible for course in totara.courses()}
    assert {"C04", "C08", "C09"} == {name for name, visible in shown.items() if not visible}
    assert 13 == len(shown)


def test_what_totara_hides_from_learners_is_never_visible(mock: responses.RequestsMock) -> None:
    """Against the truth: with audience visibility on, what a learner's catalogue leaves out."""
    totara, _ = connector(mock, "audiencevisibility_courses_admin")
    learner = transcript(TOTARA, "audiencevisibility_courses_by_field_learner")["response"]
    seen_by_learner = {row["id"] for row in learner["courses"]}
    visible = {course.lms_id for course in totara.courses() if course.visible}
    assert visible <= seen_by_learner
    enrolled = transcript(TOTARA, "users_courses_learner01")["response"]
    still_seen = transcript(TOTARA, "audiencevisibility_users_courses_learner")["response"]
    hidden = {row["id"] for row in enrolled} - {row["id"] for row in still_seen}
    assert {9} == hidden
    assert set() == hidden & visible


def test_a_course_is_described_by_both_lists(mock: responses.RequestsMock) -> None:
    """One says who sees it, the other how people enrol; names come out of their escapes."""
    totara, _ = connector(mock)
    courses = {course.short_name: course for course in totara.courses()}
    assert (False, True, True) == (
        courses["C01"].self_enrol,
        courses["C01"].tracked,
        courses["C01"].visible,
    )
    assert (False, False) == (courses["NOCOMP"].tracked, courses["C09"].visible)
    assert "Sécurité au travail – niveau 1" == courses["C03"].name
    categories = {category.name for category in totara.categories()}
    assert "Compliance & Safety" in categories


def test_without_being_told_who_sees_courses_nothing_is_read(mock: responses.RequestsMock) -> None:
    """A token that may not edit courses is not told; the right that is missing has a name."""
    totara, site = connector(mock)
    told = site.answers["core_course_get_courses"]["response"]
    own = {"audiencevisible", "coursetype", "completionprogressonview", "visible"}
    site.answers["core_course_get_courses"]["response"] = [
        {key: value for key, value in row.items() if key not in own} for row in told
    ]
    with pytest.raises(MissingCapability) as error:
        totara.courses()
    assert "moodle/course:update" == error.value.capability
    assert PAGES.roles in error.value.remedy


def test_a_course_of_which_it_is_not_told_is_hidden(mock: responses.RequestsMock) -> None:
    """Where the right reaches some categories only, the courses of the others show to nobody."""
    totara, site = connector(mock)
    for row in site.answers["core_course_get_courses"]["response"][3:]:
        del row["audiencevisible"], row["enablecompletion"]
    courses = {course.short_name: course for course in totara.courses()}
    assert ["C01", "C02"] == [name for name, course in courses.items() if course.visible]
    assert (True, False) == (courses["C05"].tracked, courses["NOCOMP"].tracked)


def test_without_the_function_that_tells_it_is_named(mock: responses.RequestsMock) -> None:
    """The other list does not say who sees a course."""
    totara, site = connector(mock)
    functions = site.answers["core_webservice_get_site_info"]["response"]["functions"]
    functions[:] = [f for f in functions if f["name"] != "core_course_get_courses"]
    with pytest.raises(Missing, match="core_course_get_courses") as error:
        totara.courses()
    assert PAGES.services in error.value.remedy


def test_the_manifest_names_what_totara_needs_beyond_moodle() -> None:
    """An admin reads it there before the bridge has to say so."""
    manifest = json.loads((PAYLOADS.parent.parent / "plugin_manifest.json").read_text("utf-8"))
    needs = manifest["lms"]["totara"]["beyond_moodle"]["courses"]
    assert [COURSES] == needs["functions"]
    assert ["moodle/course:update"] == needs["capabilities"]


# --- people ------------------------------------------------------------------------------------


def test_access_is_that_of_the_site(mock: responses.RequestsMock) -> None:
    """The course access is refused once, and then not asked for any more."""
    totara, site = connector(mock)

    def enrolled(form: dict[str, str]) -> dict[str, Any]:
        asked = form["options[0][value]"]
        refused = "lastcourseaccess" in asked
        return transcript(TOTARA, "enrolled_c01_userfields" if refused else "enrolled_c01")

    _answer_by(mock, site, {"core_enrol_get_enrolled_users": enrolled})
    answers = dict(totara.enrolments([2, 3, 4]))
    first = answers[2]
    assert not isinstance(first, LmsError)
    assert [2, 3, 4] == list(answers)
    assert datetime.fromtimestamp(1795408421, UTC) == first[0].last_access_at
    assert 1 + 4 == totara.requests


def test_one_deleted_person_does_not_hide_the_others(mock: responses.RequestsMock) -> None:
    """Totara fails the whole call for one deleted id; the call is halved until it is found.

    Both connections ask about half of the people; one half holds the deleted person.
    """
    totara, site = connector(mock)
    row = transcript(TOTARA, "users_by_field_id")["response"][0]

    def people(form: dict[str, str]) -> dict[str, Any]:
        ids = [int(value) for name, value in form.items() if name.startswith("values[")]
        if 35 in ids:
            return transcript(TOTARA, "users_by_field_deleted")
        return {"http_status": 200, "response": [row | {"id": number} for number in ids]}

    _answer_by(mock, site, {"core_user_get_users_by_field": people})
    found = totara.people(list(range(3, 67)))
    assert [n for n in range(3, 67) if n != 35] == sorted(person.lms_id for person in found)
    assert 2 + 2 * 5 == totara.requests


def test_a_suspended_account_says_so(mock: responses.RequestsMock) -> None:
    """Lists of enrolled people carry no flag; the person's own record does."""
    totara, _ = connector(mock, "users_by_field_suspended")
    [person] = totara.people([32])
    assert (True, "Jun Sato 30", "Sales") == (person.suspended, person.name, person.department)
    totara, _ = connector(mock, "enrolled_c02_all")
    [(_, enrolled)] = list(totara.enrolments([3]))
    assert not isinstance(enrolled, LmsError)
    assert 31 in {enrolment.person_lms_id for enrolment in enrolled}


def test_of_the_profile_fields_only_those_named_are_kept(mock: responses.RequestsMock) -> None:
    """Totara sends every field that is filled in; a field that was not named stays there."""
    kept = []
    for named in ({"region"}, {"other"}, set()):
        site = RecordedSite(*EVERYDAY, site=TOTARA, url=URL)
        site.start(mock)
        totara = TotaraConnector(URL, "token", pause=lambda seconds: None, profile_fields=named)
        kept.append(dict(totara.people([3])[0].profile))
    assert [{"region": "North"}, {}, {}] == kept


def test_audiences_are_teams(mock: responses.RequestsMock) -> None:
    """An audience without people has an empty list; a refusal speaks of audiences."""
    totara, _ = connector(mock)
    assert ["All new starters", "Category audience"] == [t.name for t in totara.teams()][:2]
    assert ([8, 9, 10, 7], []) == (totara.team_members([1, 2, 3])[2], totara.team_members([3])[3])
    totara, _ = connector(mock, "cohorts_learner")
    with pytest.raises(MissingCapability, match="site-wide audiences"):
        totara.teams()


# --- completions -------------------------------------------------------------------------------


def verdict(mock: responses.RequestsMock, name: str) -> CompletionFact:
    """The connector's reading of a recorded verdict."""
    totara, _ = connector(mock, name)
    recorded = transcript(TOTARA, name)["params"]
    [(pair, answer)] = list(
        totara.completions([(int(recorded["courseid"]), int(recorded["userid"]))])
    )
    assert isinstance(answer, CompletionFact)
    assert pair == (answer.course_lms_id, answer.person_lms_id)
    return answer


@pytest.mark.parametrize(
    ("name", "completed", "at"),
    [
        ("course_completion_complete", True, 1795408261),
        ("course_completion_incomplete", False, None),
        ("course_completion_rpl", True, None),
        ("course_completion_two_criteria_complete", True, 1795408262),
        ("course_completion_two_criteria_partial", False, None),
        ("course_completion_self_criterion", False, None),
        ("course_completion_suspended_user", False, None),
        ("recertification_before_course", True, 1795408261),
        ("recertification_after_course", False, None),
    ],
)
def test_the_verdict_and_its_date(
    mock: responses.RequestsMock, name: str, completed: bool, at: int | None
) -> None:
    """Prior learning has no date at all; a new certification window takes the verdict back."""
    found = verdict(mock, name)
    expected = None if at is None else datetime.fromtimestamp(at, UTC)
    assert (completed, expected) == (found.completed, found.completed_at)


def test_a_course_without_completion_is_not_asked_about_everybody(
    mock: responses.RequestsMock,
) -> None:
    """One refusal is that of the course; the next course is asked as if nothing had been."""
    totara, site = connector(mock)

    def status(form: dict[str, str]) -> dict[str, Any]:
        off = form["courseid"] == "13"
        return transcript(
            TOTARA, "course_completion_disabled" if off else "course_completion_incomplete"
        )

    _answer_by(mock, site, {"core_completion_get_course_completion_status": status})
    pairs = [(13, person) for person in range(3, 23)] + [(2, 4)]
    answers = dict(totara.completions(pairs))
    assert {"cannotviewreport"} == {
        answer.code for (course, _), answer in answers.items() if isinstance(answer, LmsError)
    }
    assert isinstance(answers[2, 4], CompletionFact)
    # Two lanes may both be at it before either has heard of the refusal.
    assert len([1 for function, _ in site.calls if function.endswith("completion_status")]) <= 4


# --- forums ------------------------------------------------------------------------------------


def test_forums_of_a_course(mock: responses.RequestsMock) -> None:
    """The same whether the token's user sees hidden things or not."""
    for contents in ("contents_modname", "contents_c01", "contents_c01_learner"):
        totara, site = connector(mock, contents)
        forums = totara.forums([2])
        assert [(1, True, True), (2, True, True)] == [
            (f.lms_id, f.open_to_course, f.can_start) for f in forums
        ]
    form = site.calls[-1][1]
    assert ("modname", "forum", "excludecontents", "1") == tuple(
        form[f"options[{n}][{key}]"] for n in (0, 1) for key in ("name", "value")
    )


def listing(mock: responses.RequestsMock, *recorded: str) -> tuple[Listing, RecordedSite]:
    """The connector's reading of the forum's discussions."""
    totara, site = connector(mock, *recorded)
    [(_, answer)] = list(totara.discussions([FORUM], None))
    assert isinstance(answer, Listing)
    return answer, site


def test_discussions_by_the_older_function(mock: responses.RequestsMock) -> None:
    """Replies are counted in a text; ``id`` is the first post; pinned ones come first."""
    found, site = listing(mock, "discussions_c01_after_writes")
    by_id = {d.lms_id: d for d in found.found}
    assert [5, 3] == [d.lms_id for d in found.found][:2]
    assert (9, 3, 0) == (
        by_id[6].first_post_lms_id,
        by_id[6].author_lms_id,
        by_id[6].replies,
    )
    assert (5, "Ana García", "How do I start?") == (
        by_id[1].replies,
        by_id[1].author_name,
        by_id[1].title,
    )
    assert f"{URL}/mod/forum/discuss.php?d=1" == by_id[1].url
    function, form = site.calls[-1]
    assert "mod_forum_get_forum_discussions_paginated" == function
    assert ("timemodified", "DESC", "0", "50") == tuple(
        form[key] for key in ("sortby", "sortdirection", "page", "perpage")
    )


@pytest.mark.parametrize(
    "change", [{"groupid": 4}, {"timestart": 1795408261}, {"timeend": 1795408261}]
)
def test_a_discussion_that_is_not_for_everybody_is_left_out(
    mock: responses.RequestsMock, change: dict[str, int]
) -> None:
    """One of a group, and one that is shown for a time only."""
    totara, site = connector(mock)
    answer = site.answers["mod_forum_get_forum_discussions_paginated"]["response"]
    answer["discussions"][1] |= change
    [(_, found)] = list(totara.discussions([FORUM], None))
    assert isinstance(found, Listing)
    assert len(answer["discussions"]) - 1 == len(found.found)


def test_posts_are_found_in_a_flat_list(mock: responses.RequestsMock) -> None:
    """The first post has no parent; ours is told by its author, and a deleted one is not there."""
    totara, site = connector(mock)
    assert 1 == totara.first_post(1)
    assert None is totara.find_reply(1, "In section 1")
    site.answers["core_webservice_get_site_info"]["response"]["userid"] = 33
    totara = TotaraConnector(URL, "token", pause=lambda seconds: None)
    assert 4 == totara.find_reply(1, "In section 1")
    site.answers["mod_forum_get_forum_discussion_posts"]["response"]["posts"][1]["deleted"] = True
    assert None is totara.find_reply(1, "In section 1")


def test_a_discussion_of_ours_is_found(mock: responses.RequestsMock) -> None:
    """By the words in it, among those that moved last."""
    totara, _ = connector(mock, "discussions_c01_after_writes")
    assert 5 == totara.find_discussion(2, "Body")
    assert None is totara.find_discussion(2, "Is anybody there?")


def test_writing_names_no_format(mock: responses.RequestsMock) -> None:
    """A parameter that Totara does not know would be refused."""
    totara, site = connector(mock)
    assert (4, 10) == (totara.start_discussion(2, "s", "<p>m</p>"), totara.reply(1, "s", "m"))
    sent = [set(form) for _, form in site.calls[-2:]]
    own = {"wstoken", "moodlewsrestformat"}
    assert [{"forumid", "subject", "message"}, {"postid", "subject", "message"}] == [
        form - own for form in sent
    ]
    assert not totara.can("mod_forum_update_discussion_post")


def test_a_page_of_xml_is_no_lms(mock: responses.RequestsMock) -> None:
    """Totara speaks XML to who does not ask for JSON; the bridge always asks."""
    totara, site = connector(mock, "proto_xml_default")
    site.answers["core_webservice_get_site_info"] = transcript(TOTARA, "proto_xml_default")
    mock.reset()
    mock.add(
        responses.POST, site.endpoint, body=transcript(TOTARA, "proto_xml_default")["response"]
    )
    with pytest.raises(NotAnLms):
        totara.site()
    assert b"moodlewsrestformat=json" in _bytes(mock.calls[0].request.body)


def _bytes(body: str | bytes | None) -> bytes:
    return body if isinstance(body, bytes) else (body or "").encode()


def _answer_by(
    mock: responses.RequestsMock,
    site: RecordedSite,
    choose: dict[str, Callable[[dict[str, str]], dict[str, Any]]],
) -> None:
    """Let the answers of some functions depend on what was asked."""

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        form = dict(parse_qsl(_bytes(request.body).decode(), keep_blank_values=True))
        if form["wsfunction"] in choose:
            site.calls.append((form["wsfunction"], form))
            recorded = choose[form["wsfunction"]](form)
            return recorded["http_status"], {}, json.dumps(recorded["response"])
        return site._answer(request)

    mock.reset()
    mock.add_callback(responses.POST, site.endpoint, answer)
