"""The Moodle connector against what a real Moodle 4.5.6 answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import responses

from bridge.errors import (
    LmsError,
    Missing,
    MissingCapability,
    Refused,
    UnexpectedAnswer,
)
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.refusals import refusal
from bridge.model import ForumFact
from tests.contract.recorded import PAYLOADS, URL, RecordedSite, transcript

FORUM = ForumFact(lms_id=7, course_lms_id=9, name="Discuss", open_to_course=True, can_start=True)


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def connector(mock: responses.RequestsMock, *names: str) -> tuple[MoodleConnector, RecordedSite]:
    """A connector to a site that answers the recordings."""
    site = RecordedSite("site_info", *names)
    site.start(mock)
    return MoodleConnector(URL, "token", pause=lambda seconds: None), site


def test_the_site_says_who_it_is_and_what_may_be_called(mock: responses.RequestsMock) -> None:
    """The functions of the site decide the strategies."""
    moodle, _ = connector(mock)
    site = moodle.site()
    assert ("Real Moodle 4.5", URL, 303) == (site.name, site.url, site.user_id)
    assert "core_cohort_get_cohorts" in site.functions
    assert {
        "courses": "one",
        "teams": "one",
        "enrolments": "batch",
        "people": "pages",
        "completions": "batch",
        "discussions": "batch",
        "reconciliation": "batch",
    } == dict(site.strategies)


def test_courses_come_without_the_site_itself(mock: responses.RequestsMock) -> None:
    """Course 1 is the site; summaries are plain text in the site's language."""
    moodle, _ = connector(mock, "courses_by_field_all")
    courses = moodle.courses()
    assert 1 not in {c.lms_id for c in courses}
    first = courses[0]
    assert ("Giving feedback", True, True, False) == (
        first.name,
        first.visible,
        first.tracked,
        first.self_enrol,
    )
    assert "Learn Giving feedback & apply it with your team. English text" == first.summary
    assert f"{URL}/course/view.php?id=2" == first.url


def test_categories_keep_their_order_and_place(mock: responses.RequestsMock) -> None:
    """A category at the top has no parent."""
    moodle, _ = connector(mock, "categories")
    leadership = next(c for c in moodle.categories() if c.lms_id == 12)
    assert ("Leadership", None, "/12", 120000) == (
        leadership.name,
        leadership.parent_lms_id,
        leadership.path,
        leadership.sort_order,
    )


def test_cohorts_are_teams_with_people(mock: responses.RequestsMock) -> None:
    """Every team that is asked for has a list, be it empty."""
    moodle, _ = connector(mock, "cohorts", "cohort_members")
    assert ["Sales", "Engineering"] == [team.name for team in moodle.teams()]
    members = moodle.team_members([1, 2, 3])
    assert ([258, 98], []) == (members[1][:2], members[3])


def test_enrolments_are_asked_for_leanly_and_together(mock: responses.RequestsMock) -> None:
    """Many courses travel in one request, with no more than two fields a person."""
    moodle, site = connector(mock, "enrolled_users_lean")
    answers = dict(moodle.enrolments([9, 4, 5]))
    assert [9, 4, 5] == list(answers)
    first = answers[9][0]
    assert (12, "Jonas O'Brien") == (first.person_lms_id, first.person_name)
    assert datetime(2026, 10, 3, 3, 18, 32, tzinfo=UTC) == first.last_access_at
    assert 2 == moodle.requests
    assert "id,lastcourseaccess" in site.calls[1][1]["requests[0][arguments]"]


def test_people_who_are_not_there_are_left_out(mock: responses.RequestsMock) -> None:
    """An unknown id is no error; the server's own time zone is nobody's."""
    moodle, _ = connector(mock, "users_by_id")
    people = moodle.people([12, 302, 999999])
    assert [12, 302] == [p.lms_id for p in people]
    assert ("user9@example.com", None, False) == (
        people[0].email,
        people[0].timezone,
        people[0].suspended,
    )


def test_nobody_named_of_many_is_a_missing_right(mock: responses.RequestsMock) -> None:
    """An empty list without an error is the silence of a missing capability."""
    moodle, _ = connector(mock, "silent_users_by_field")
    with pytest.raises(MissingCapability) as error:
        moodle.people([12, 13])
    assert "moodle/user:viewdetails" == error.value.capability


def test_a_completion_is_dated_by_its_newest_criterion(mock: responses.RequestsMock) -> None:
    """Moodle gives no overall date."""
    moodle, _ = connector(mock, "completion_complete")
    [(pair, verdict)] = list(moodle.completions([(9, 302)]))
    assert (9, 302) == pair
    assert not isinstance(verdict, LmsError)
    assert verdict.completed
    assert datetime.fromtimestamp(1795406736, UTC) == verdict.completed_at


def test_who_is_not_complete_has_no_date(mock: responses.RequestsMock) -> None:
    """The verdict is a no, and no error."""
    moodle, _ = connector(mock, "completion_incomplete")
    [(_, verdict)] = list(moodle.completions([(9, 296)]))
    assert not isinstance(verdict, LmsError)
    assert (False, None) == (verdict.completed, verdict.completed_at)


def test_a_refusal_within_a_batch_keeps_to_its_own_entry(mock: responses.RequestsMock) -> None:
    """Each failing entry ends its batch, and the rest is carried on."""
    moodle, _ = connector(mock, "completion_not_enrolled")
    answers = [answer for _, answer in moodle.completions([(9, 3), (9, 4), (9, 5)])]
    assert [Missing, Missing, Missing] == [type(answer) for answer in answers]
    assert 1 + 3 == moodle.requests


def test_the_recorded_batch_is_understood(mock: responses.RequestsMock) -> None:
    """Two verdicts, one refusal, and the entry that Moodle left out is asked for again."""
    recorded = transcript("batch")["response"]["responses"]
    sent = []

    def answer(request: object) -> tuple[int, dict[str, str], str]:
        import json

        sent.append(request)
        body = recorded if len(sent) == 1 else recorded[:1]
        return 200, {}, json.dumps({"responses": body})

    site = RecordedSite("site_info")
    moodle = MoodleConnector(URL, "token", pause=lambda seconds: None)
    mock.add_callback(
        responses.POST,
        f"{URL}/webservice/rest/server.php",
        lambda request: (
            answer(request) if b"tool_mobile" in _bytes(request.body) else site._answer(request)
        ),
    )
    pairs = [(9, 302), (9, 296), (9, 3), (9, 302)]
    answers = list(moodle.completions(pairs))
    assert pairs == [pair for pair, _ in answers]
    kinds = [getattr(a, "completed", getattr(a, "code", None)) for _, a in answers]
    assert [True, False, "usernotenroled", True] == kinds
    assert 2 == len(sent)


def _bytes(body: str | bytes | None) -> bytes:
    return body if isinstance(body, bytes) else (body or "").encode()


def test_an_open_forum_is_recognised(mock: responses.RequestsMock) -> None:
    """Its module is visible, in no separate groups, without a restriction."""
    moodle, site = connector(mock, "forums", "course_contents")
    [forum] = moodle.forums([9])
    assert (7, 9, True, True) == (
        forum.lms_id,
        forum.course_lms_id,
        forum.open_to_course,
        forum.can_start,
    )
    assert "forum" in site.calls[-1][1]["requests[0][arguments]"]


def test_forums_of_silence_are_none(mock: responses.RequestsMock) -> None:
    """Without the right to view discussions the list is empty, and nothing breaks."""
    moodle, _ = connector(mock, "silent_forums")
    assert [] == moodle.forums([9])


def test_discussions_since_a_moment(mock: responses.RequestsMock) -> None:
    """A listing may reach further back than asked; the address leads to the discussion."""
    moodle, _ = connector(mock, "discussions")
    since = datetime.fromtimestamp(1795407400, UTC)
    [(_, listing)] = list(moodle.discussions([FORUM], since))
    assert not isinstance(listing, LmsError)
    found = listing.found
    assert ([124, 123, 122, 121], None) == ([d.lms_id for d in found[:4]], listing.since)
    assert (206, 0, "Social Bridge", "Well done all!") == (
        found[0].first_post_lms_id,
        found[0].replies,
        found[0].author_name,
        found[0].text,
    )
    assert f"{URL}/mod/forum/discuss.php?d=124" == found[0].url


def test_a_forum_that_may_not_be_read_says_so(mock: responses.RequestsMock) -> None:
    """The refusal belongs to the forum, not to the whole reading."""
    moodle, _ = connector(mock, "error_no_view_discussions")
    [(_, answer)] = list(moodle.discussions([FORUM], None))
    assert isinstance(answer, MissingCapability)
    assert "mod/forum:viewdiscussion" == answer.capability


def test_posting_answers_with_the_new_ids(mock: responses.RequestsMock) -> None:
    """A discussion's id, a post's id, and the first post of a discussion."""
    moodle, _ = connector(mock, "add_discussion", "add_discussion_post", "discussion_posts")
    assert 125 == moodle.start_discussion(7, "Three people", "<p>Well done</p>")
    assert 209 == moodle.reply(206, "Re", "<p>Thanks</p>")
    assert 206 == moodle.first_post(124)


def test_editing_and_deleting_are_void(mock: responses.RequestsMock) -> None:
    """A status is all that comes back."""
    moodle, site = connector(mock, "own_update_post", "privileged_delete_post")
    moodle.update_post(211, "Six people", "<p>Well done</p>")
    moodle.delete_post(212)
    assert ["mod_forum_update_discussion_post", "mod_forum_delete_post"] == [
        function for function, _ in site.calls
    ]


def test_what_we_posted_is_found_again(mock: responses.RequestsMock) -> None:
    """Only the token user's own posts count, by what their text contains."""
    moodle, _ = connector(mock, "discussions", "discussion_posts")
    assert 124 == moodle.find_discussion(7, "Well done")
    assert None is moodle.find_discussion(7, "never said")
    assert 206 == moodle.find_reply(124, "Well done")
    assert None is moodle.find_reply(124, "never said")


def test_a_deleted_discussion_is_missing(mock: responses.RequestsMock) -> None:
    """Moodle runs into a PHP error without a code there."""
    moodle, _ = connector(mock, "deleted_discussion")
    with pytest.raises(Missing):
        moodle.first_post(128)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error_bad_token", Refused),
        ("error_no_rest_capability", Refused),
        ("error_bad_param", UnexpectedAnswer),
        ("error_missing_param", UnexpectedAnswer),
        ("enrolled_users_bad_sort", UnexpectedAnswer),
        ("error_no_course", Missing),
        ("error_unknown_function", Missing),
        ("add_discussion_no_forum", Missing),
        ("completion_not_enrolled", Missing),
        ("error_no_cohort_capability", MissingCapability),
        ("error_cannot_view_report", MissingCapability),
        ("error_report_view", MissingCapability),
        ("error_no_view_discussions", MissingCapability),
        ("error_cannot_create_discussion", MissingCapability),
        ("error_not_in_course", MissingCapability),
        ("own_delete_post", MissingCapability),
    ],
)
def test_every_recorded_refusal_has_a_name_and_a_remedy(name: str, kind: type[LmsError]) -> None:
    """One sentence says what is wrong, another what to do."""
    recorded = transcript(name)
    error = refusal(recorded["response"], recorded["function"])
    assert kind is type(error)
    assert error.remedy.endswith(".")
    assert recorded["function"] == error.function


def test_no_recorded_refusal_is_unnamed() -> None:
    """Every error code that was ever recorded has its own kind of error."""
    codes = set()
    for path in PAYLOADS.glob("*.json"):
        recorded = transcript(path.stem)
        answer = recorded["response"]
        if isinstance(answer, dict) and answer.get("errorcode"):
            codes.add((answer["errorcode"], type(refusal(answer, recorded["function"]))))
    assert codes
    assert set() == {code for code, kind in codes if kind is LmsError}


def test_a_field_that_is_gone_is_named(mock: responses.RequestsMock) -> None:
    """The message names the field and the function."""
    moodle, site = connector(mock, "cohorts")
    del site.answers["core_cohort_get_cohorts"]["response"][1]["name"]
    with pytest.raises(UnexpectedAnswer, match=r"core_cohort_get_cohorts.*1\.name"):
        moodle.teams()
