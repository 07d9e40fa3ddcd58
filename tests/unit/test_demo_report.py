"""The custom report of the demo LMS: its rows, its order, its words, and who may have it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.__main__ import main
from bridge.demo.lms.server import Lms, running_lms
from bridge.demo.story import make_story
from bridge.demo.world import Story
from tests.contract.wire_calls import Caller

NOW = int(datetime(2026, 11, 25, 9, 0, tzinfo=UTC).timestamp())
AT = int(datetime(2026, 11, 23, 4, 5, 30, tzinfo=UTC).timestamp())
LIST = "core_reportbuilder_list_reports"
RETRIEVE = "core_reportbuilder_retrieve_report"
ADD = "core_reportbuilder_columns_add"
SORTING = "core_reportbuilder_columns_sort_get"
TOGGLE = "core_reportbuilder_columns_sort_toggle"
COMPLETED, TIME = 4, 5
"""Where these stand in a row of the report that is ready."""


@pytest.fixture(scope="module")
def story() -> Story:
    """The company on a Wednesday morning."""
    return make_story(datetime.fromtimestamp(NOW, UTC))


@contextmanager
def asking(story: Story, **how: Any) -> Iterator[Caller]:
    with running_lms(story=story, clock=lambda: NOW, **how) as lms, requests.Session() as http:
        yield Caller(lms, http)


def rows(call: Caller, page: int = 0, size: int = 10) -> list[list[str]]:
    answer = call(RETRIEVE, {"reportid": 1, "page": page, "perpage": size})
    return [row["columns"] for row in answer["data"]["rows"]]


def ids(row: list[str]) -> tuple[int, int]:
    """The course and the person that a row links to."""
    course, person = (int(re.search(r"id=(\d+)\"", cell)[1]) for cell in row[:2])
    return course, person


def learner(lms: Lms) -> tuple[int, int]:
    """A course that can be completed, and one of its students who has not."""
    store = lms.store
    return next(
        (e.course_id, e.person_id)
        for e in store.enrolments()
        if e.role == "student"
        and store.criteria(e.course_id)
        and not store.completion(e.course_id, e.person_id)
    )


# --- rows --------------------------------------------------------------------------------------


def test_every_enrolment_is_a_row(story: Story) -> None:
    """The pages together hold each enrolment once: first the completed, then the others."""
    with asking(story) as call:
        found = [row for page in range(20) for row in rows(call, page, 200)]
        total = call(RETRIEVE, {"reportid": 1})["data"]["totalrowcount"]
        completed = len([key for key in story.completions if key.recorded_at <= NOW])

    answers = [row[COMPLETED] for row in found]
    assert {(e.course_id, e.person_id) for e in story.enrolments} == {ids(row) for row in found}
    assert len(story.enrolments) == len(found) == total
    assert ["Yes"] * completed == answers[:completed]
    assert {"No"} == set(answers[completed:])
    assert {""} == {row[TIME] for row in found[completed:]}


def test_the_newest_completion_is_the_first_row(story: Story) -> None:
    """What was just finished stands on top; what is dated back stands where its date is."""
    with asking(story) as call:
        course, person = learner(call.lms)
        call.lms.store.complete(person, course, at=NOW)
        first = ids(rows(call)[0])
        call.lms.store.undo_completion(person, course)
        call.lms.store.complete(person, course, at=NOW - 60 * 86_400)
        top = [ids(row) for row in rows(call, size=20)]
        everywhere = [ids(row) for page in range(20) for row in rows(call, page, 200)]

    assert (course, person) == first
    assert (course, person) not in top
    assert (course, person) in everywhere


def test_a_completion_that_cron_has_not_seen_is_not_told(story: Story) -> None:
    """The report says so when the LMS says so."""
    with asking(story) as call:
        course, person = learner(call.lms)
        call.lms.store.complete(person, course, at=NOW, recorded_at=NOW + 60)

        assert (course, person) != ids(rows(call)[0])


def test_ten_rows_a_page_unless_told_otherwise(story: Story) -> None:
    """The default of Moodle's; no size at all is no limit."""
    with asking(story) as call:
        answer = call(RETRIEVE, {"reportid": 1})["data"]

        assert 10 == len(answer["rows"])
        assert answer["totalrowcount"] == len(rows(call, size=0))


def test_progress_is_told_of_learners(story: Story) -> None:
    """A finished course is 100 per cent; of a teacher nothing is told."""
    with asking(story) as call:
        found = {ids(row): row[6] for row in rows(call, size=0)}
        done = ids(rows(call)[0])
        course = done[0]
        teacher = call.lms.store.teachers_of(course)[0].id

    assert ("100.0%", "") == (found[done], found[course, teacher])


# --- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "zone", "expected"),
    [
        ("en", "99", ("Yes", "Monday, 23 November 2026, 4:05 AM")),
        ("en", "America/Toronto", ("Yes", "Sunday, 22 November 2026, 11:05 PM")),
        ("de", "Europe/Berlin", ("Ja", "Montag, 23. November 2026, 05:05")),
        ("es", "Europe/Madrid", ("Sí", "lunes, 23 de noviembre de 2026, 05:05")),
    ],
)
def test_dates_are_text_in_the_readers_language(
    story: Story, language: str, zone: str, expected: tuple[str, str]
) -> None:
    """To the minute, in the language and the time zone of the token's user."""
    with asking(story, language=language, timezone=zone) as call:
        course, person = learner(call.lms)
        call.lms.store.complete(person, course, at=AT)
        row = next(r for r in rows(call, size=0) if ids(r) == (course, person))
        info = call("core_webservice_get_site_info")

    assert expected == (row[COMPLETED], row[TIME])
    assert language == info["lang"]


def test_headings_are_translated_too(story: Story) -> None:
    """A reader who looks for "Time completed" finds nothing in another language."""
    heads = {}
    for language in ("en", "de", "es"):
        with asking(story, language=language) as call:
            heads[language] = call(RETRIEVE, {"reportid": 1})["data"]["headers"]

    assert "Time completed" == heads["en"][TIME]
    assert 3 == len({tuple(names) for names in heads.values()})
    assert {7} == {len(names) for names in heads.values()}


def test_names_are_hostile_text(story: Story) -> None:
    """A title is escaped as in Moodle, and its link still tells the id."""
    with asking(story) as call:
        course, person = learner(call.lms)
        call.lms.store.change_course(course, name='R&D "<b>now</b>"')
        call.lms.store.complete(person, course, at=NOW)
        (cell, *_) = rows(call)[0]

    assert cell.endswith(f'/course/view.php?id={course}">R&amp;D "now"</a>')


# --- columns and their order -------------------------------------------------------------------


def test_a_column_is_added_again(story: Story) -> None:
    """Adding what is there already makes it stand there twice."""
    with asking(story) as call:
        call(ADD, {"reportid": 1, "uniqueidentifier": "course:shortname"})
        answer = call(ADD, {"reportid": 1, "uniqueidentifier": "course:shortname"})
        data = call(RETRIEVE, {"reportid": 1})["data"]

    titles = [column["title"] for column in answer["sortablecolumns"]]
    assert 3 == titles.count("Course short name") == data["headers"].count("Course short name")
    assert {9} == {len(row["columns"]) for row in data["rows"]}


def test_from_bare_to_ready(story: Story) -> None:
    """The report of four clicks gets its columns and its order by web service."""
    with asking(story, report="bare") as call:
        empty = call(RETRIEVE, {"reportid": 1})["data"]
        for name in ("course:coursefullnamewithlink", "user:fullnamewithlink"):
            call(ADD, {"reportid": 1, "uniqueidentifier": name})
        added = call(ADD, {"reportid": 1, "uniqueidentifier": "completion:timecompleted"})
        column = added["sortablecolumns"][-1]
        toggle = {"reportid": 1, "columnid": column["id"], "enabled": 1, "direction": 3}
        answer = call(TOGGLE, toggle)
        course, person = learner(call.lms)
        call.lms.store.complete(person, course, at=NOW)
        newest = ids(rows(call)[0])
        call(TOGGLE, toggle | {"direction": 4})
        oldest = rows(call)[0][2]
        call(TOGGLE, toggle | {"enabled": 0})
        unsorted = ids(rows(call)[0])

    assert ([], [], 0) == (empty["headers"], empty["rows"], empty["totalrowcount"])
    assert (False, 4) == (column["sortenabled"], column["sortdirection"])
    assert (True, 3) == tuple(
        answer["sortablecolumns"][-1][name] for name in ("sortenabled", "sortdirection")
    )
    assert (course, person) == newest
    assert "" == oldest
    assert unsorted == (story.courses[0].id, min_person(story, story.courses[0].id))


def min_person(story: Story, course_id: int) -> int:
    return min(e.person_id for e in story.enrolments if e.course_id == course_id)


def test_order_by_more_than_one_column(story: Story) -> None:
    """By course name backwards, and then by the people's names."""
    with asking(story) as call:
        columns = call(SORTING, {"reportid": 1})["sortablecolumns"]
        course, person, *_, time = columns
        off = {"columnid": time["id"], "enabled": 0}
        for change in (
            off,
            {"columnid": course["id"], "enabled": 1, "direction": 3},
            {"columnid": person["id"], "enabled": 1},
        ):
            call(TOGGLE, {"reportid": 1, **change})
        found = [tuple(re.sub("<[^>]*>", "", c) for c in row[:2]) for row in rows(call, size=0)]

    by_person = sorted(found, key=lambda names: names[1])
    assert sorted(by_person, key=lambda names: names[0], reverse=True) == found
    assert len({names[0] for names in found}) > 1


@pytest.mark.parametrize(
    ("function", "params", "code"),
    [
        (RETRIEVE, {"reportid": 77}, "invalidrecord"),
        (SORTING, {"reportid": 77}, "invalidrecord"),
        (ADD, {"reportid": 77, "uniqueidentifier": "user:email"}, "invalidrecord"),
        (ADD, {"reportid": 1, "uniqueidentifier": "user:mood"}, "invalidparameter"),
        (ADD, {"reportid": 1}, "invalidparameter"),
        (TOGGLE, {"reportid": 1, "columnid": 99, "enabled": 1}, "invalidparameter"),
        (
            TOGGLE,
            {"reportid": 1, "columnid": 1, "enabled": 1, "direction": 5},
            "invalidparameter",
        ),
    ],
)
def test_what_is_not_there(story: Story, function: str, params: dict[str, Any], code: str) -> None:
    """An unknown report, column or direction is refused."""
    with asking(story) as call:
        assert code == call(function, params)["errorcode"]


# --- who may -----------------------------------------------------------------------------------


def test_who_sees_reports(story: Story) -> None:
    """Either right to all of them shows one; with neither the list is silent, with none refused."""
    every = {can.VIEW_REPORTS, can.VIEW_ALL_REPORTS, can.EDIT_REPORTS, can.EDIT_ALL_REPORTS}
    nothing = can.DEFAULT - every
    seen = []
    with asking(story) as call:
        for right in (can.VIEW_ALL_REPORTS, can.EDIT_ALL_REPORTS, can.VIEW_REPORTS):
            call.lms.service.capabilities = nothing | {right}
            listed = call(LIST)["reports"]
            code = call(RETRIEVE, {"reportid": 1}).get("errorcode")
            seen.append((len(listed), code))
        call.lms.service.capabilities = nothing
        refused = call(LIST)

    assert [(1, None), (1, None), (0, "errorreportview")] == seen
    assert "errorreportview" == refused["errorcode"]


def test_who_changes_reports(story: Story) -> None:
    """Seeing is not changing; the right to edit is for one's own, ``editall`` for all."""
    column = {"reportid": 1, "uniqueidentifier": "user:email"}
    codes = []
    with asking(story) as call:
        for rights in (
            can.DEFAULT - {can.EDIT_ALL_REPORTS},
            can.DEFAULT - {can.EDIT_REPORTS},
        ):
            call.lms.service.capabilities = rights
            codes.append(call(ADD, column).get("errorcode"))
        own = call.lms.store.reports.add("Mine", call.lms.store.service_id, NOW)
        call.lms.service.capabilities = can.DEFAULT - {can.EDIT_ALL_REPORTS}
        codes.append(call(ADD, column | {"reportid": own}).get("errorcode"))

    assert ["errorreportedit", None, None] == codes


def test_a_site_without_the_report(story: Story) -> None:
    """Nobody made one: the list is empty with every right."""
    with asking(story, report="none") as call:
        assert {"reports": [], "warnings": []} == call(LIST)


def test_several_reports_are_listed_by_name(story: Story) -> None:
    """Ten a page, by name."""
    with asking(story) as call:
        for number in range(12):
            call.lms.store.reports.add(f"Another {number:02}", 2, NOW)
        first = [report["name"] for report in call(LIST)["reports"]]
        second = [report["name"] for report in call(LIST, {"page": 1})["reports"]]

    assert [f"Another {number:02}" for number in range(10)] == first
    assert ["Another 10", "Another 11", "Social bridge completions"] == second


@pytest.mark.parametrize("how", [{"report": "soon"}, {"language": "xx"}, {"timezone": "Mars/Sea"}])
def test_what_the_demo_does_not_know(story: Story, how: dict[str, str]) -> None:
    """A report, language or time zone that is none would prove nothing."""
    with pytest.raises(ValueError, match=next(iter(how.values()))), asking(story, **how):
        pass


def test_a_misspelt_time_zone_is_an_error_of_use() -> None:
    """And no traceback."""
    result = CliRunner().invoke(main, ["--timezone", "Mars/Sea"])

    assert 2 == result.exit_code
    assert "Mars/Sea is no time zone." in result.output
