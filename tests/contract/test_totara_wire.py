"""The demo's Totara answers every call of the transcripts as the recorded Totara 12.9 did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.demo.generated import Size
from bridge.demo.lms.server import running_lms
from bridge.demo.lms.totara.service import ELSEWHERE, FUNCTIONS
from bridge.demo.story import make_story
from bridge.demo.world import Story
from tests.contract.totara_calls import Stage
from tests.contract.transcripts import TOTARA, is_refusal, names, transcript
from tests.contract.wire_shapes import differences, shape_of, template

NOW = int(datetime(2026, 11, 25, 9, 0, tzinfo=UTC).timestamp())
NOT_IN_THE_COMPANY = {
    "description": "labels, and the guest's own words, are not what the bridge reads",
    "descriptionformat": "of the same",
    "institution": "accounts of the machinery have none",
    "groups": "what a group is described by is long and says nothing",
}
"""Keys that some answers have or lack by what the site holds, and why that is no difference."""


@pytest.fixture(scope="module")
def story() -> Story:
    """The company on a Wednesday morning."""
    return make_story(datetime.fromtimestamp(NOW, UTC))


@pytest.fixture
def stage(story: Story) -> Iterator[Stage]:
    """The demo's Totara with somebody in the place of everybody who was recorded."""
    with running_lms(flavour="totara-12", story=story, clock=lambda: NOW) as lms:
        yield Stage(lms)


def test_every_recorded_function_is_there_or_missing_there_too() -> None:
    """The demo has what the recorded service listed, and nothing else."""
    listed = transcript(TOTARA, "site_info_admin")["response"]["functions"]
    asked = {transcript(TOTARA, name)["function"] for name in names(TOTARA)}
    assert {function["name"] for function in listed} == FUNCTIONS.keys()
    refused_as_unknown = {
        transcript(TOTARA, name)["function"]
        for name in names(TOTARA)
        if transcript(TOTARA, name)["function"] not in FUNCTIONS | dict.fromkeys(ELSEWHERE)
        and transcript(TOTARA, name)["function"]
    }
    assert asked - {None} == FUNCTIONS.keys() & asked | ELSEWHERE | refused_as_unknown


@pytest.mark.parametrize("name", names(TOTARA))
def test_an_answer_is_that_of_the_recorded_site(stage: Stage, name: str) -> None:
    """The same status, the same words of a refusal, the same keys and types of an answer."""
    recorded = transcript(TOTARA, name)
    expected = recorded["response"]
    answer = stage.ask(name)
    assert recorded["http_status"] == answer.status_code
    assert recorded["content_type"].split(";")[0] == answer.headers["Content-Type"].split(";")[0]
    if isinstance(expected, str):
        assert _skeleton(expected) == _skeleton(answer.text)
    elif is_refusal(expected):
        assert _words(expected) == _words(answer.json())
    else:
        _compare(expected, answer.json())


def _compare(expected: Any, actual: Any) -> None:
    assert _is_empty(expected) == _is_empty(actual)
    found = differences(shape_of([expected]), shape_of([actual]))
    assert [] == [d for d in found if not set(NOT_IN_THE_COMPANY) & set(_keys(d))]


def _is_empty(answer: Any) -> bool:
    """Whether nothing was found: an empty list, or an object of empty lists."""
    if isinstance(answer, dict):
        return bool(answer) and all(value == [] for value in answer.values())
    return answer == []


def _keys(difference: str) -> list[str]:
    return difference.split(" ")[0].replace("[]", "").split(".")


def _words(refusal: dict[str, Any]) -> dict[str, Any]:
    """A refusal without its numbers; what developer debugging adds is a text, whatever it says."""
    words = template(refusal)
    return words | {"debuginfo": "…"} if "debuginfo" in words else words


def _skeleton(text: str) -> str:
    """What a text is: nothing, one of the two kinds of XML, or a page."""
    if not text.startswith("<?xml"):
        return "page" if text else ""
    return "refusal" if "<EXCEPTION" in text else "answer"


# --- what is true of both ----------------------------------------------------------------------

Ask = Callable[[str], Any]


@pytest.fixture(params=["recorded", "demo"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """The answer to a transcript's question: as it was recorded, and as the demo gives it."""
    if request.param == "recorded":
        return lambda name: transcript(TOTARA, name)["response"]
    stage = request.getfixturevalue("stage")
    return lambda name: stage.ask(name).json()


def test_prior_learning_has_no_date(ask: Ask) -> None:
    """The verdict is a yes, and every criterion is a no."""
    status = ask("course_completion_rpl")["completionstatus"]
    assert status["completed"]
    assert {(False, None)} == {(c["complete"], c["timecompleted"]) for c in status["completions"]}


def test_a_certification_window_takes_the_verdict_back(ask: Ask) -> None:
    """Completed before, not completed after."""
    before = ask("recertification_before_course")["completionstatus"]
    after = ask("recertification_after_course")["completionstatus"]
    assert (True, False) == (before["completed"], after["completed"])
    assert [None] == [c["timecompleted"] for c in after["completions"]]


def test_audience_visibility_hides_a_course_from_who_is_in_it(ask: Ask) -> None:
    """One course fewer of the person's own, for the admin as for the person."""
    own = len(ask("users_courses_learner01"))
    assert own - 1 == len(ask("audiencevisibility_users_courses_learner"))
    assert own - 1 == len(ask("audiencevisibility_users_courses_admin"))


def test_audience_visibility_shows_a_course_that_the_old_switch_hides(ask: Ask) -> None:
    """The catalogue of a learner leaves two out, and has the hidden one."""
    told = {c["id"]: c for c in ask("audiencevisibility_courses_admin")}
    shown = {c["id"] for c in ask("audiencevisibility_courses_by_field_learner")["courses"]}
    assert [1, 3] == sorted(c["audiencevisible"] for n, c in told.items() if n not in shown)
    assert [n for n, c in told.items() if not c["visible"]] == [
        n for n in shown if not told[n]["visible"]
    ]


def test_the_catalogue_says_nothing_of_audience_visibility(ask: Ask) -> None:
    """Only the list for who may edit courses has it."""
    assert all("audiencevisible" in course for course in ask("courses_all"))
    for catalogue in ("courses_by_field_all", "courses_by_field_all_learner"):
        assert not any("audiencevisible" in course for course in ask(catalogue)["courses"])
    assert "audiencevisible" not in ask("courses_site_only_learner")[0]


def test_an_unknown_key_finds_everybody(ask: Ask) -> None:
    """No error: a warning, and the whole site."""
    found = ask("users_bad_key")
    assert "invalidfieldparameter" == found["warnings"][0]["warningcode"]
    assert len(ask("users_no_criteria")["users"]) == len(found["users"]) > 30


def test_suspended_people_are_listed_without_a_flag(ask: Ask) -> None:
    """Accounts and enrolments alike; the person's own record tells, the enrolment never does."""
    everybody, active = ask("enrolled_c02_all"), ask("enrolled_c02_onlyactive")
    assert 1 == len(everybody) - len(active)
    assert not any("suspended" in person for person in everybody)
    assert [True] == [person["suspended"] for person in ask("users_by_field_suspended")]
    assert len(everybody) == len(ask("enrolled_c02_onlysuspended"))


def test_discussions_begin_with_the_pinned_ones(ask: Ask) -> None:
    """Behind them stands the one with the latest post; replies are counted in a text."""
    found = ask("discussions_c01")["discussions"]
    pinned = [d["pinned"] for d in found]
    moved = [d["timemodified"] for d in found if not d["pinned"]]
    assert sorted(pinned, reverse=True) == pinned
    assert sorted(moved, reverse=True) == moved
    assert {str} == {type(d["numreplies"]) for d in found}
    assert [d["id"] for d in found][2:] == [
        d["id"] for d in ask("discussions_page2")["discussions"]
    ]


def test_posts_point_at_what_they_answer(ask: Ask) -> None:
    """The newest first; the first post has no parent."""
    posts = {post["id"]: post for post in ask("posts_answered")["posts"]}
    first = [post for post in posts.values() if not post["parent"]]
    assert list(posts) == sorted(posts, reverse=True)
    assert 1 == len(first)
    for post in posts.values():
        assert all(posts[child]["parent"] == post["id"] for child in post["children"])


def test_a_message_that_is_not_delivered_is_one_of_several(ask: Ask) -> None:
    """The others go."""
    sent, refused = ask("message_two_one_unknown")
    assert (True, -1) == (sent["msgid"] > 0, refused["msgid"])


def test_an_expired_token_is_known_once(stage: Stage) -> None:
    """Then it is as if it had never been."""
    first = stage.ask("err_expired_token").json()
    token = transcript(TOTARA, "err_expired_token")["token"]
    assert "accessexception" == first["errorcode"]
    assert token not in stage.service.tokens


def test_only_a_company_has_a_totara() -> None:
    """A site that is made by formulas is a Moodle; and there is no third kind."""
    with (
        pytest.raises(ValueError, match="is a Moodle"),
        running_lms(flavour="totara-12", generated=Size(10, 2, 5)),
    ):
        pass
    with pytest.raises(ValueError, match="totara-12"), running_lms(flavour="totara-17"):
        pass
