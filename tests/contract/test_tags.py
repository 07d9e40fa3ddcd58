"""Which courses carry a tag: what the connector asks, and what it makes of odd answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses
from requests import PreparedRequest

from bridge.demo.lms.server import running_lms
from bridge.errors import LmsError, Missing, Unavailable, UnexpectedAnswer
from bridge.lms.moodle import MoodleConnector
from bridge.lms.moodle.tags import PAGE_OF_TAG, SEARCH
from tests.small_company import small_company

URL = "https://moodle.example"
Answers = dict[str, Callable[[dict[str, str]], Any]]


def _connector(mock: responses.RequestsMock, answers: Answers) -> MoodleConnector:
    info = {"sitename": "M", "siteurl": URL, "userid": 2, "functions": []}
    info["functions"] = [{"name": name} for name in answers]

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        form = dict(parse_qsl(str(request.body)))
        make = answers.get(form["wsfunction"], lambda _: info)
        return 200, {}, json.dumps(make(form))

    mock.add_callback(responses.POST, f"{URL}/webservice/rest/server.php", callback=answer)
    return MoodleConnector(URL, "token", pause=lambda seconds: None)


def _page(form: dict[str, str]) -> Any:
    return [{"tagid": 7}] if form["tagindex[tag]"] == "staff" else []


def test_two_requests_say_which_courses_carry_a_tag() -> None:
    """On the demo, over real HTTP; an unknown tag is told apart from one without courses."""
    story = small_company()
    tagged = tuple(replace(c, tags=("staff",) if c.id != 3 else ("new",)) for c in story.courses)
    with running_lms(story=replace(story, courses=tagged)) as lms:
        connector = MoodleConnector(lms.url, lms.token, pause=lambda seconds: None)
        connector.site()
        before = connector.requests
        found = connector.courses_tagged(["staff", "gone"])
        assert 3 == connector.requests - before
        connector.close()
    assert [2, 4] == found["staff"]
    assert isinstance(found["gone"], Missing)
    assert "notagsfound" == found["gone"].code


def test_a_long_answer_is_read_to_its_end() -> None:
    """Page by page; a page that repeats what is known ends it."""
    asked: list[str] = []

    def search(form: dict[str, str]) -> Any:
        assert ("tagid", "7") == (form["criterianame"], form["criteriavalue"])
        asked.append(form["page"])
        rows = {"0": [10, 11], "1": [12], "2": [12]}[form["page"]]
        return {"total": 5, "courses": [{"id": i} for i in rows]}

    with responses.RequestsMock() as mock:
        connector = _connector(mock, {PAGE_OF_TAG: _page, SEARCH: search})
        assert {"staff": [10, 11, 12], "none": []} == connector.courses_tagged(["staff", "none"])
    assert ["0", "1", "2"] == asked


def test_a_search_without_end_is_not_believed() -> None:
    """Ever new courses, and more to come."""

    def search(form: dict[str, str]) -> Any:
        return {"total": 10**9, "courses": [{"id": 10 + int(form["page"])}]}

    with responses.RequestsMock() as mock:
        connector = _connector(mock, {PAGE_OF_TAG: _page, SEARCH: search})
        assert isinstance(connector.courses_tagged(["staff"])["staff"], UnexpectedAnswer)


@pytest.mark.parametrize("without", [PAGE_OF_TAG, SEARCH])
def test_a_site_without_the_functions_says_which(without: str) -> None:
    """Totara 12 has not the first; the remedy names the place and another way."""
    answers: Answers = {PAGE_OF_TAG: _page, SEARCH: lambda form: {"total": 0, "courses": []}}
    del answers[without]
    with responses.RequestsMock() as mock:
        error = _connector(mock, answers).courses_tagged(["staff"])["staff"]
    assert isinstance(error, Missing)
    assert ("", without) == (error.code, error.function)
    assert "categories" in error.remedy


@pytest.mark.parametrize(
    "answer",
    [
        {"exception": "moodle_exception", "errorcode": "tagsaredisabled", "message": "Disabled"},
        {"tagid": 7},
        [{"tagid": "x"}],
        [7],
        None,
    ],
)
def test_what_is_no_answer_is_an_error_and_no_empty_list(answer: Any) -> None:
    """Otherwise every course would lose its tag."""
    with responses.RequestsMock() as mock:
        connector = _connector(mock, {PAGE_OF_TAG: lambda form: answer, SEARCH: _page})
        assert isinstance(connector.courses_tagged(["staff"])["staff"], LmsError)


def test_a_site_that_is_down_ends_the_reading() -> None:
    """A passing failure is the whole connection's."""
    down = {"exception": "x", "errorcode": "sitemaintenance", "message": "Down"}
    with responses.RequestsMock() as mock:
        connector = _connector(mock, {PAGE_OF_TAG: lambda form: down, SEARCH: _page})
        with pytest.raises(Unavailable):
            connector.courses_tagged(["staff"])
