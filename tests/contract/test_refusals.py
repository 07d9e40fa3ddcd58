"""Every refusal that was ever recorded has one sentence, one remedy and a kind of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple

import pytest
import responses

from bridge.errors import (
    LmsError,
    Missing,
    MissingCapability,
    NotAnLms,
    Refused,
    Unavailable,
    UnexpectedAnswer,
)
from bridge.lms.moodle.client import ENDPOINT, MoodleClient
from bridge.lms.moodle.pages import MOODLE as MOODLE_PAGES
from bridge.lms.moodle.pages import TOTARA as TOTARA_PAGES
from bridge.lms.moodle.pages import Pages
from bridge.lms.moodle.refusals import MEANINGS, refusal
from tests.contract.transcripts import MOODLE, TOTARA, is_refusal, names, transcript

URL = "https://lms.example"
PAGES = {MOODLE: MOODLE_PAGES, TOTARA: TOTARA_PAGES}
REFUSALS = [
    (site, name)
    for site in PAGES
    for name in names(site)
    if is_refusal(transcript(site, name)["response"])
]
CAPABILITY = re.compile(r"\b(?:moodle|mod|report|webservice)/\w+:\w+\b")
LEFT_ALONE = "Nothing needs to be done"

KINDS: dict[str, type[LmsError]] = {
    "accessexception": Refused,
    "badgesdisabled": Refused,
    "cannotcreatediscussion": MissingCapability,
    "cannotdeletepost": MissingCapability,
    "cannotviewreport": MissingCapability,
    "codingerror": UnexpectedAnswer,
    "disabled": Refused,
    "errorcoursecontextnotvalid": MissingCapability,
    "errorinvalidparam": UnexpectedAnswer,
    "errorreportview": MissingCapability,
    "formatnotsupported": UnexpectedAnswer,
    "guestsarenotallowed": Missing,
    "invalidparameter": UnexpectedAnswer,
    "invalidparentpostid": Missing,
    "invalidrecord": Missing,
    "invalidrecordunknown": Missing,
    "invalidtoken": Refused,
    "invaliduserfield": UnexpectedAnswer,
    "keyalreadyset": UnexpectedAnswer,
    "nocriteriaset": Missing,
    "nopermissions": MissingCapability,
    "noviewdiscussionspermission": MissingCapability,
    "requireloginerror": MissingCapability,
    "sitemaintenance": Unavailable,
    "userdeleted": Missing,
    "usernotenroled": Missing,
}
"""The code of a recorded refusal → the kind of error that it is to the bridge."""


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """No request leaves the test."""
    with responses.RequestsMock() as mock:
        yield mock


def met(site: str, name: str) -> LmsError:
    """The error that a recorded refusal becomes."""
    recorded = transcript(site, name)
    return refusal(recorded["response"], recorded["function"] or "", PAGES[site])


@pytest.mark.parametrize(("site", "name"), REFUSALS)
def test_a_recorded_refusal_is_known(site: str, name: str) -> None:
    """It has a kind, and its sentence is a sentence; only a fault of PHP's has no code."""
    answer = transcript(site, name)["response"]
    error = met(site, name)
    code = answer.get("errorcode", "")
    assert code == error.code
    if code:
        assert KINDS[code] is type(error)
        assert code in MEANINGS
    else:
        assert ("deleted_discussion", LmsError) == (name, type(error))
        assert "web server's error log" in error.remedy
    assert error.message.endswith((".", "!"))
    assert "{" not in str(error)


@pytest.mark.parametrize(("site", "name"), REFUSALS)
def test_a_remedy_says_where(site: str, name: str) -> None:
    """It names a page of that LMS or the right to grant there, unless nothing is amiss."""
    error = met(site, name)
    pages = [page for page in astuple(PAGES[site]) if " → " in page]
    says_where = any(page in error.remedy for page in pages) or "→" in error.remedy
    asks_to_report = "socialbridge doctor" in error.remedy
    assert error.remedy.endswith(".")
    assert says_where or asks_to_report or LEFT_ALONE in error.remedy
    if isinstance(error, MissingCapability):
        assert CAPABILITY.search(error.remedy)
        assert PAGES[site].roles in error.remedy


def test_every_recorded_code_is_listed_here() -> None:
    """No kind is claimed for a code that was never seen, and none is forgotten."""
    codes = {transcript(site, name)["response"].get("errorcode") for site, name in REFUSALS}
    assert KINDS.keys() == codes - {None}


@pytest.mark.parametrize("site", [MOODLE, TOTARA])
def test_a_site_is_not_sent_to_the_pages_of_the_other(site: str) -> None:
    """The menus differ: a remedy for Totara names Totara's."""
    other: Pages = PAGES[TOTARA if site == MOODLE else MOODLE]
    foreign = {page for page in astuple(other) if " → " in page} - set(astuple(PAGES[site]))
    remedies = [met(s, name).remedy for s, name in REFUSALS if s == site]
    assert [] == [remedy for remedy in remedies if any(page in remedy for page in foreign)]


def test_totara_says_the_same_of_everything_that_is_missing() -> None:
    """A function, a course, a person, a forum, an audience: one code, one kind."""
    unknown = [
        "err_unknown_function",
        "contents_unknown_course",
        "course_completion_unknown_user",
        "discussions_unknown_forum",
        "cohort_members_unknown",
        "users_by_field_deleted",
    ]
    assert {(Missing, "invalidrecordunknown")} == {
        (type(error), error.code) for error in (met(TOTARA, name) for name in unknown)
    }


def test_a_refused_report_may_be_a_course_without_completion() -> None:
    """Totara does not tell the two apart, so the remedy names both."""
    errors = [
        met(TOTARA, name)
        for name in (
            "course_completion_disabled",
            "course_completion_site_disabled",
            "course_completion_other_learner",
        )
    ]
    assert 1 == len({error.remedy for error in errors})
    assert "report/completion:view" == errors[0].capability  # type: ignore[attr-defined]
    assert "Completion tracking" in errors[0].remedy
    assert TOTARA_PAGES.features in errors[0].remedy


def test_a_code_that_nobody_has_seen_is_shown_as_it_came() -> None:
    """The LMS's own words are never hidden."""
    answer = {"exception": "moodle_exception", "errorcode": "brandnew", "message": "Half past two"}
    error = refusal(answer, "core_x")
    assert (LmsError, "brandnew") == (type(error), error.code)
    assert "core_x failed in the LMS: Half past two." == error.message


def test_words_of_the_lms_are_no_template() -> None:
    """Braces in a message are text."""
    answer = {"exception": "e", "errorcode": "nopermissions", "message": "no {roles} {0}"}
    assert refusal(answer, "core_x").message.endswith("no {roles} {0}.")


# --- what comes instead of an answer -----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("err_webservices_disabled", Refused),
        ("err_rest_protocol_disabled", Refused),
        ("err_cli_maintenance", Unavailable),
        ("proto_xml_default", NotAnLms),
        ("proto_xml_error", NotAnLms),
    ],
)
def test_an_answer_that_is_no_json(
    mock: responses.RequestsMock, name: str, kind: type[LmsError]
) -> None:
    """An empty 403, a maintenance page, and the XML of a caller who forgot to ask for JSON."""
    recorded = transcript(TOTARA, name)
    mock.add(
        responses.POST,
        URL + ENDPOINT,
        body=recorded["response"],
        status=recorded["http_status"],
        content_type=recorded["content_type"],
    )
    client = MoodleClient(URL, "token", pause=lambda seconds: None)
    client.pages = TOTARA_PAGES
    with pytest.raises(kind) as error:
        client.read(recorded["function"])
    client.close()
    assert kind is type(error.value)
    if kind is Refused:
        assert TOTARA_PAGES.protocols in error.value.remedy


def test_no_answer_that_is_no_json_is_left_out() -> None:
    """Each of them is replayed above."""
    texts = {n for n in names(TOTARA) if isinstance(transcript(TOTARA, n)["response"], str)}
    assert {
        "err_webservices_disabled",
        "err_rest_protocol_disabled",
        "err_cli_maintenance",
        "proto_xml_default",
        "proto_xml_error",
    } == texts
