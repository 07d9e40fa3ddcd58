"""A Totara that is read by REST and by GraphQL: who is asked what, and what each has the say on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import LmsError, MissingCapability
from bridge.lms.totara.connector import TotaraConnector
from bridge.model import JobTeamFact, Stream
from tests.contract.graphql_server import CLIENT, GraphServer, Site, running_graph
from tests.contract.test_totara_graphql import Ticks, course, job, person

INFO = "core_webservice_get_site_info"
COURSES = "core_course_get_courses"
PEOPLE = "core_user_get_users_by_field"
COHORTS = "core_cohort_get_cohorts"
BOTH = (Stream.COURSES, Stream.TEAMS, Stream.PEOPLE)

Connect = Callable[[], TotaraConnector]


def rest_course(course_id: int, **more: Any) -> dict[str, Any]:
    """A course as REST says it."""
    return {
        "id": course_id,
        "fullname": f"Course {course_id} by REST",
        "shortname": f"C{course_id}",
        "summary": "",
        "categoryid": 3,
        "format": "topics",
        "visible": 1,
        "audiencevisible": 2,
        "startdate": 0,
        **more,
    }


def rest_people(form: Mapping[str, str]) -> list[dict[str, Any]]:
    """Whoever is asked for, but for 404, who was deleted."""
    ids = [int(value) for name, value in form.items() if name.startswith("values[")]
    return [{"id": i, "fullname": f"Person {i} by REST"} for i in ids if i != 404]


@pytest.fixture
def site() -> Site:
    """Alice (2) manages Bob (3) and Beth (4)."""
    return Site(
        people=[person(n) for n in range(2, 5)],
        courses=[course(9), course(10), course(11)],
        jobs=[job(21, 2), job(31, 3, 21), job(41, 4, 21)],
    )


@pytest.fixture
def functions() -> list[str]:
    """What the token may call."""
    return [INFO, COURSES, PEOPLE, COHORTS]


@pytest.fixture
def server(site: Site, functions: list[str]) -> Iterator[GraphServer]:
    """The Totara, with both ways in."""
    with running_graph(site, Ticks()) as server:
        server.rest = {
            INFO: lambda form: {
                "sitename": "Acme Academy",
                "siteurl": server.url,
                "userid": 7,
                "functions": [{"name": name} for name in functions],
            },
            COURSES: lambda form: [
                rest_course(9),
                rest_course(10, visible=0),
                rest_course(12, audiencevisible=0),
            ],
            PEOPLE: rest_people,
            COHORTS: lambda form: [],
        }
        yield server


@pytest.fixture
def connect(server: GraphServer) -> Iterator[Connect]:
    """A connector with the client's credentials, a fresh one each time, as a sync has it."""
    made: list[TotaraConnector] = []

    def connect() -> TotaraConnector:
        made.append(
            TotaraConnector(
                server.url, "t0ken", oauth_client=CLIENT, timeout=5, pause=lambda seconds: None
            )
        )
        return made[-1]

    yield connect
    for connector in made:
        connector.close()


def test_the_site_says_what_is_read_by_graphql(connect: Connect) -> None:
    """People, courses and teams; completions stay on REST."""
    found = connect().site()
    assert dict.fromkeys(BOTH, "graphql") == {s: found.strategies[s] for s in BOTH}
    assert "graphql" not in {found.strategies.get(s) for s in Stream if s not in BOTH}
    assert not set(BOTH) & set(found.reasons)


def test_without_a_client_nothing_is_asked_by_graphql(server: GraphServer) -> None:
    """And there are no teams by job assignment."""
    connector = TotaraConnector(server.url, "t0ken")
    connector.site()
    assert ([], 0) == (list(connector.job_teams()), server.tokens_given)
    assert ["Course 9 by REST"] == [c.name for c in connector.courses()][:1]
    connector.close()


def test_rest_has_the_say_on_who_sees_a_course(connect: Connect) -> None:
    """GraphQL tells of courses better, but not which are hidden; one that only it names is not
    taken, and one that it does not name is as REST says."""
    found = connect().courses()
    assert [
        (9, "Course 9", True),
        (10, "Course 10", False),
        (12, "Course 12 by REST", False),
    ] == [(c.lms_id, c.name, c.visible) for c in found]
    assert "What it is about." == found[0].summary


def test_a_course_without_completion_is_not_asked_about(connect: Connect, site: Site) -> None:
    """REST does not say it to everybody; either of the two can rule it out."""
    site.courses[0]["completionenabled"] = False
    assert [False, True, True] == [c.tracked for c in connect().courses()]


def test_people_come_by_graphql_and_the_rest_by_rest(connect: Connect, server: GraphServer) -> None:
    """Whom the list does not name is asked for by id, before they count as gone."""
    found = connect().people([2, 3, 404, 77])
    assert [2, 3, 77] == [p.lms_id for p in found]
    assert ["Person 2", "Person 3", "Person 77 by REST"] == [p.name for p in found]
    [form] = [form for form in server.rest_asked if form["wsfunction"] == PEOPLE]
    assert {"77", "404"} == {v for n, v in form.items() if n.startswith("values[")}


def test_several_who_were_deleted_are_no_missing_right(
    connect: Connect, server: GraphServer
) -> None:
    """Where others are named, silence about the rest is no silence."""
    server.rest = {**server.rest, PEOPLE: lambda form: []}
    assert [2] == [p.lms_id for p in connect().people([2, 404, 405])]
    with pytest.raises(MissingCapability):
        connect().people([404, 405])


def test_who_reports_to_whom_comes_by_graphql(connect: Connect) -> None:
    """One team."""
    assert [JobTeamFact(2, "Person 2", frozenset({3, 4}))] == connect().job_teams()


def test_requests_of_both_ways_are_counted(connect: Connect, server: GraphServer) -> None:
    """A token, a status, a page; and the site's own word by REST."""
    connector = connect()
    connector.site()
    connector.job_teams()
    assert 4 == connector.requests
    assert (1, 2, 1) == (server.tokens_given, len(server.asked), len(server.rest_asked))


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ({"there": False}, "no API clients"),
        ({"enabled": False}, "switched off"),
        ({"lifetime": 0}, "does not take the token"),
        ({"cost_limit": 4}, "costs more than the LMS allows"),
    ],
)
def test_without_the_api_everything_is_read_by_rest_and_why_is_said(
    connect: Connect, site: Site, server: GraphServer, trouble: dict[str, Any], why: str
) -> None:
    """One question finds out; the sync goes on."""
    vars(site).update(trouble)
    connector = connect()
    found = connector.site()
    sent = server.tokens_given, len(server.asked)
    assert [True] * 3 == [why in found.reasons[s] for s in BOTH]
    assert "graphql" not in found.strategies.values()
    assert ["Course 9 by REST", "Person 2 by REST"] == [
        connector.courses()[0].name,
        connector.people([2, 3])[0].name,
    ]
    assert sent == (server.tokens_given, len(server.asked))


def test_where_there_is_no_api_nobody_reports_to_anybody(connect: Connect, site: Site) -> None:
    """Before Totara 17 the question has no answer, and none is needed."""
    site.there = False
    assert [] == connect().job_teams()


def test_where_the_api_fails_nobody_knows_who_reports_to_whom(connect: Connect, site: Site) -> None:
    """An empty answer would take every manager's team away."""
    site.may_view = False
    with pytest.raises(LmsError):
        connect().job_teams()
    site.may_view, site.lifetime = True, 0
    with pytest.raises(LmsError):
        connect().job_teams()


def test_a_list_that_fails_on_the_way_is_left_to_rest(
    connect: Connect, site: Site, server: GraphServer
) -> None:
    """It is not tried again in this run, and the reason is told."""
    connector = connect()
    found = connector.site()
    site.without = frozenset({"timezone"})
    assert ["Person 2 by REST"] == [p.name for p in connector.people([2])]
    asked = len(server.asked)
    connector.people([3])
    assert asked == len(server.asked)
    assert "does not say timezone" in found.reasons[Stream.PEOPLE]
    assert "What it is about." == connector.courses()[0].summary


def test_courses_that_fail_on_the_way_are_as_rest_says_them(connect: Connect, site: Site) -> None:
    """Nothing is lost but what the API would have added."""
    connector = connect()
    found = connector.site()
    site.without = frozenset({"fullname"})
    assert "Course 9 by REST" == connector.courses()[0].name
    assert "no fullname" in found.reasons[Stream.COURSES]


def test_without_a_function_for_audiences_there_are_teams_by_job(
    connect: Connect, functions: list[str]
) -> None:
    """The stream is read, and what is missing is said."""
    functions.remove(COHORTS)
    connector = connect()
    found = connector.site()
    assert "graphql" == found.strategies[Stream.TEAMS]
    assert "audiences cannot be read" in found.reasons[Stream.TEAMS]
    assert ([], 1) == (list(connector.teams()), len(connector.job_teams()))


@pytest.mark.parametrize(
    ("function", "stream"), [(COURSES, Stream.COURSES), (PEOPLE, Stream.PEOPLE)]
)
def test_what_needs_both_ways_is_not_read_by_one(
    connect: Connect, functions: list[str], function: str, stream: Stream
) -> None:
    """Without REST nobody says who sees a course, and whether a person is gone."""
    functions.remove(function)
    found = connect().site().strategies
    assert ("none", "graphql") == (found[stream], found[Stream.TEAMS])


def test_a_site_that_is_well_is_asked_once(
    connect: Connect, server: GraphServer, functions: list[str]
) -> None:
    """However often the run asks what the site is, it is the same."""
    functions.remove(COHORTS)
    connector = connect()
    first = replace(connector.site())
    assert first == connector.site()
    assert 1 == len(server.asked)


def test_profile_fields_are_read_by_rest(server: GraphServer) -> None:
    """Where an admin named one, people are read in the way that is known to tell it."""
    server.rest[PEOPLE] = lambda form: [
        {**row, "customfields": [{"shortname": "minor", "type": "text", "value": "yes"}]}
        for row in rest_people(form)
    ]
    totara = TotaraConnector(
        server.url,
        "t0ken",
        oauth_client=CLIENT,
        timeout=5,
        pause=lambda seconds: None,
        profile_fields={"minor"},
    )
    found, site = totara.people([2, 3]), totara.site()
    totara.close()
    assert [{"minor": "yes"}] * 2 == [dict(person.profile) for person in found]
    assert ("pages", "graphql") == (
        site.strategies[Stream.PEOPLE],
        site.strategies[Stream.COURSES],
    )
    assert "profile fields" in site.reasons[Stream.PEOPLE]
