"""Totara's GraphQL API, by real HTTP against a server that is strict about what is documented."""

from __future__ import annotations

import base64
import dataclasses
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import (
    LmsError,
    Missing,
    MissingCapability,
    NotAnLms,
    Refused,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from bridge.lms.totara import graph_facts
from bridge.lms.totara.graph import TotaraGraph
from bridge.lms.totara.listing import Field, Listing
from bridge.model import CourseFact, JobTeamFact, PersonFact
from tests.contract.graphql_server import CLIENT, Answer, GraphServer, Site, running_graph

HOSTILE = "<script>alert(1)</script>Zoë & <b>Co</b> &lt;i&gt;\x07 @channel"
SEEN = 1_795_600_000


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def person(person_id: int, **more: Any) -> dict[str, Any]:
    """A person as Totara keeps them."""
    return {
        "id": person_id,
        "fullname": f"Person {person_id}",
        "username": f"p{person_id}",
        "email": f"p{person_id}@example.com",
        "department": "Sales &amp; Service",
        "timezone": "99",
        "lang": "en",
        "profileimageurl": f"https://lms.example/pic/{person_id}",
        "suspended": False,
        "lastaccess": SEEN,
        **more,
    }


def course(course_id: int, **more: Any) -> dict[str, Any]:
    """A course as Totara keeps it."""
    return {
        "id": course_id,
        "fullname": f"Course {course_id}",
        "shortname": f"C{course_id}",
        "summary": "What it is about.",
        "categoryid": 3,
        "startdate": SEEN,
        "enddate": None,
        "completionenabled": True,
        **more,
    }


def job(job_id: int, person_id: int, manager_job_id: int | None = None) -> dict[str, Any]:
    """A job assignment as Totara keeps it."""
    return {"id": job_id, "userid": person_id, "managerjaid": manager_job_id}


@pytest.fixture
def ticks() -> Ticks:
    """The clock of client and server."""
    return Ticks()


@pytest.fixture
def site() -> Site:
    """Alice (2) manages Bob (3) and Beth (4); Charlie (5) has a job and no manager."""
    return Site(
        people=[person(n) for n in range(2, 6)],
        courses=[course(1, categoryid=0), course(9), course(10)],
        jobs=[job(21, 2), job(31, 3, 21), job(41, 4, 21), job(51, 5)],
    )


@pytest.fixture
def server(site: Site, ticks: Ticks) -> Iterator[GraphServer]:
    """The Totara."""
    with running_graph(site, ticks) as server:
        yield server


@pytest.fixture
def pauses() -> list[float]:
    """The waits between attempts, in seconds."""
    return []


@pytest.fixture
def graph(server: GraphServer, ticks: Ticks, pauses: list[float]) -> Iterator[TotaraGraph]:
    """What the bridge asks it with; it notes its waits instead of waiting."""
    graph = TotaraGraph(server.url + "/", CLIENT, timeout=5, pause=pauses.append, clock=ticks)
    yield graph
    graph.close()


def limits(server: GraphServer) -> list[int]:
    """The page sizes that were asked for, in order."""
    return [asked.variables["query"]["pagination"]["limit"] for asked in server.asked]


# --- what is read ------------------------------------------------------------------------------


def test_the_api_is_well(graph: TotaraGraph, server: GraphServer) -> None:
    """The first question costs a token and a request; later ones only the request."""
    graph.status()
    graph.status()
    assert (3, 1) == (graph.requests, server.tokens_given)
    assert [6, 6] == [asked.cost for asked in server.asked]


def test_people_in_full(graph: TotaraGraph) -> None:
    """A person's record is what a fact is made of; the site's own time zone is none."""
    found, left = graph.people([3, 2])
    assert [] == left
    assert [2, 3] == [p.lms_id for p in found]
    assert (
        PersonFact(
            lms_id=2,
            name="Person 2",
            username="p2",
            email="p2@example.com",
            photo_url="https://lms.example/pic/2",
            timezone=None,
            language="en",
            department="Sales & Service",
            suspended=False,
            last_access_at=datetime.fromtimestamp(SEEN, UTC),
        )
        == found[0]
    )


def test_the_suspended_are_listed_too(graph: TotaraGraph, site: Site) -> None:
    """They are asked for by the status filter; else they would count as gone."""
    site.people[1]["suspended"] = True
    found, left = graph.people([2, 3])
    assert ([False, True], []) == ([p.suspended for p in found], left)


def test_who_is_not_listed_is_left_to_rest(graph: TotaraGraph) -> None:
    """Nobody counts as gone because of this list alone."""
    found, left = graph.people([2, 3, 77])
    assert ([2, 3], [77]) == ([p.lms_id for p in found], left)


def test_courses_say_everything_but_who_sees_them(graph: TotaraGraph, server: GraphServer) -> None:
    """The site itself is no course; visibility is REST's word, so here all are hidden."""
    found = graph.courses()
    assert [9, 10] == [c.lms_id for c in found]
    assert (
        CourseFact(
            lms_id=9,
            name="Course 9",
            short_name="C9",
            summary="What it is about.",
            category_lms_id=3,
            visible=False,
            tracked=True,
            starts_at=datetime.fromtimestamp(SEEN, UTC),
            ends_at=None,
            self_enrol=None,
            url=f"{server.url}/course/view.php?id=9",
        )
        == found[0]
    )


def test_who_reports_to_whom(graph: TotaraGraph) -> None:
    """A job without a manager makes no team, and no member of one."""
    assert [JobTeamFact(2, "Person 2", frozenset({3, 4}))] == graph.job_teams()


def test_several_jobs_under_one_manager_are_one_team(graph: TotaraGraph, site: Site) -> None:
    """A manager with two jobs has one team; somebody with two managers is in two teams; nobody is
    their own manager."""
    site.jobs += [job(22, 2), job(52, 5, 22), job(53, 5, 31), job(23, 2, 21)]
    assert [
        JobTeamFact(2, "Person 2", frozenset({3, 4, 5})),
        JobTeamFact(3, "Person 3", frozenset({5})),
    ] == graph.job_teams()


def test_hostile_names_become_one_line_of_text(graph: TotaraGraph, site: Site) -> None:
    """Markup, scripts and control characters stay behind, whoever's name it is."""
    site.people[0]["fullname"] = site.courses[1]["fullname"] = HOSTILE
    site.courses[1]["summary"] = "<p>One</p><script>two()</script><p>Three</p>"
    clean = "Zoë & Co <i> @channel"
    [team] = graph.job_teams()
    assert [clean, clean, clean, "One\nThree"] == [
        graph.people([2])[0][0].name,
        graph.courses()[0].name,
        team.manager_name,
        graph.courses()[0].summary,
    ]


# --- pages and what they cost ------------------------------------------------------------------


def test_a_long_list_is_read_in_pages_just_under_the_limit(
    graph: TotaraGraph, server: GraphServer, site: Site
) -> None:
    """599 people with ten fields each are 5,995 of 6,000."""
    site.people = [person(n) for n in range(2, 1502)]
    ids = list(range(2, 1502))
    found: list[int] = []
    for start in range(0, len(ids), 100):
        some, left = graph.people(ids[start : start + 100])
        assert [] == left
        found += [p.lms_id for p in some]
    assert ids == found
    assert [599, 599, 599] == limits(server)
    assert [5995, 5995, 3025] == [asked.cost for asked in server.asked]
    assert 4 == graph.requests


def test_what_a_page_will_cost_is_known_before(graph: TotaraGraph, server: GraphServer) -> None:
    """The client's sum is never less than the server's, and equal where every record is full."""
    listings = (graph_facts.PEOPLE, graph_facts.COURSES, graph_facts.JOBS)
    for listing in listings:
        list(graph.client.pages(listing))
    counts = [4, 3, 4]
    reckoned = [listing.cost(count) for listing, count in zip(listings, counts, strict=True)]
    # Two of the four jobs have no manager, whose three fields are then not paid for.
    assert [0, 0, 6] == [
        more - asked.cost for more, asked in zip(reckoned, server.asked, strict=True)
    ]


def test_a_lower_limit_is_learnt_from_its_refusal(
    graph: TotaraGraph, server: GraphServer, site: Site
) -> None:
    """The site names 200: pages of 39 jobs from then on, and of 19 people at once."""
    site.cost_limit = 200
    site.people = [person(n) for n in range(2, 102)]
    site.jobs = [job(n, n, 2) for n in range(2, 102)]
    [team] = graph.job_teams()
    assert 99 == len(team.person_lms_ids)
    graph.people(list(range(2, 20)))
    assert [1000, 39, 39, 39, 19] == limits(server)
    assert [True, False, False, False, False] == [asked.refused for asked in server.asked]


def test_a_limit_without_a_name_is_halved_until_it_fits(
    graph: TotaraGraph, server: GraphServer, site: Site
) -> None:
    """Never the same page twice."""
    site.cost_limit, site.names_limit = 1200, False
    site.jobs = [job(n, n, 2) for n in range(2, 1002)]
    [team] = graph.job_teams()
    assert 999 == len(team.person_lms_ids)
    assert [1000, 499, 249] == limits(server)[:3]
    assert limits(server)[:3] == sorted(set(limits(server)[:3]), reverse=True)


def test_a_limit_that_is_lowered_on_the_way_loses_nobody(
    graph: TotaraGraph, server: GraphServer, site: Site
) -> None:
    """The cursor carries the old page size, so the list begins anew with smaller pages."""
    site.people = [person(n) for n in range(2, 1202)]
    found = [p.lms_id for p in graph.people(list(range(2, 102)))[0]]
    site.cost_limit = 1005
    for start in range(102, 1202, 100):
        some, left = graph.people(list(range(start, start + 100)))
        assert [] == left
        found += [p.lms_id for p in some]
    assert list(range(2, 1202)) == found
    assert {599, 100} == set(limits(server))


def test_a_limit_below_one_record_is_refused_with_where_to_raise_it(
    graph: TotaraGraph, server: GraphServer, site: Site
) -> None:
    """It ends; the remedy names the page."""
    site.cost_limit = 4
    with pytest.raises(Refused, match="no more than 4") as error:
        graph.job_teams()
    assert "API settings" in error.value.remedy
    assert 1 == len(server.asked)


FIRST = base64.b64encode(b'{"limit": 1, "after": 0}').decode()


@pytest.mark.parametrize("falsify", [lambda cursor: FIRST, lambda cursor: cursor or FIRST])
def test_a_cursor_that_comes_again_is_not_followed(
    graph: TotaraGraph, server: GraphServer, falsify: Callable[[str], str]
) -> None:
    """A list that never ends is given up."""
    server.cursor_for = falsify
    with pytest.raises(UnexpectedAnswer, match="circle"):
        graph.courses()
    assert graph.requests < 10


def test_a_list_that_ends_too_early_is_not_believed(
    graph: TotaraGraph, server: GraphServer
) -> None:
    """What it counts is more than it gives."""
    server.total_for = lambda total: total * 2
    with pytest.raises(UnexpectedAnswer, match="ended after 4 of 8"):
        graph.job_teams()


def test_a_few_people_far_apart_are_left_to_rest(graph: TotaraGraph, site: Site) -> None:
    """Going through the whole list for three would cost more than asking for three."""
    site.people = [person(n) for n in range(2, 2002)]
    assert ([], [5, 900, 1900]) == graph.people([5, 900, 1900])
    assert 0 == graph.requests


def test_people_of_lower_ids_are_found_again(graph: TotaraGraph, site: Site) -> None:
    """The list is begun anew where that is worth it."""
    site.people = [person(n) for n in range(2, 1202)]
    for start in range(2, 1202, 100):
        graph.people(list(range(start, start + 100)))
    found, left = graph.people(list(range(2, 102)))
    assert (100, []) == (len(found), left)


# --- releases ----------------------------------------------------------------------------------


def test_totara_17_0_has_no_filters(graph: TotaraGraph, site: Site) -> None:
    """It lists only who is not suspended: the others are left to REST, and nobody is lost."""
    site.release = "17.0"
    site.people[1]["suspended"] = True
    found, left = graph.people([2, 3, 4])
    assert ([2, 4], [3]) == ([p.lms_id for p in found], left)


def test_totara_17_0_has_no_list_of_jobs(graph: TotaraGraph, site: Site) -> None:
    """That is said; it is no fault of the site."""
    site.release = "17.0"
    with pytest.raises(Missing, match="no totara_job_job_assignments"):
        graph.job_teams()


def test_people_without_a_field_of_theirs_are_left_to_rest(graph: TotaraGraph, site: Site) -> None:
    """Facts that lose a field on one way and get it back on the other would never come to rest."""
    site.without = frozenset({"department", "lastaccess"})
    with pytest.raises(UnexpectedAnswer, match="department, lastaccess"):
        graph.people([2, 3])


def test_courses_without_an_optional_field_are_read(graph: TotaraGraph, site: Site) -> None:
    """Where it is not said, completion counts as tracked."""
    site.without = frozenset({"completionenabled"})
    assert [True, True] == [c.tracked for c in graph.courses()]


def test_a_field_that_is_needed_and_not_there_is_named(graph: TotaraGraph, site: Site) -> None:
    """The sentence names it."""
    site.without = frozenset({"shortname"})
    with pytest.raises(UnexpectedAnswer, match="no shortname"):
        graph.courses()


def test_before_17_there_is_no_api(graph: TotaraGraph, site: Site) -> None:
    """One request tells it."""
    site.there = False
    with pytest.raises(Missing, match="no API clients") as error:
        graph.status()
    assert "17" in error.value.remedy
    assert 1 == graph.requests


# --- tokens ------------------------------------------------------------------------------------


def test_a_token_is_renewed_before_it_ends(
    graph: TotaraGraph, server: GraphServer, ticks: Ticks
) -> None:
    """A minute before, so that none ends on its way."""
    graph.status()
    ticks.at += 3600 - 61
    graph.status()
    assert 1 == server.tokens_given
    ticks.at += 2
    graph.status()
    assert (2, 5) == (server.tokens_given, graph.requests)


def test_a_token_of_seconds_is_used_for_seconds(
    graph: TotaraGraph, server: GraphServer, site: Site, ticks: Ticks
) -> None:
    """A site may give tokens that are shorter than the margin."""
    site.lifetime = 20
    graph.status()
    ticks.at += 4
    graph.status()
    ticks.at += 2
    graph.status()
    assert 2 == server.tokens_given


def test_a_token_that_is_refused_is_renewed_once(graph: TotaraGraph, server: GraphServer) -> None:
    """Somebody revoked it: a fresh one is tried, and only one."""
    graph.status()
    server.revoke()
    graph.status()
    assert (2, 5) == (server.tokens_given, graph.requests)


def test_tokens_that_are_never_taken_are_not_fetched_for_ever(
    graph: TotaraGraph, server: GraphServer, site: Site
) -> None:
    """A web server that strips the header refuses every token."""
    site.lifetime = 0
    with pytest.raises(Refused, match="does not take the token") as error:
        graph.status()
    assert "Authorization header" in error.value.remedy
    assert (2, 4) == (server.tokens_given, graph.requests)


def test_a_wrong_secret_is_refused_with_the_page_of_the_clients(server: GraphServer) -> None:
    """And shown nowhere."""
    graph = TotaraGraph(server.url, {**CLIENT, "client_secret": "s3cret-of-another"})
    with pytest.raises(Refused, match="does not know the API client") as error:
        graph.status()
    graph.close()
    assert "Development → API → Clients" in error.value.remedy
    assert "s3cret" not in repr(error.value) + str(error.value)
    assert 1 == graph.requests


def test_neither_secret_nor_token_is_logged(
    graph: TotaraGraph, server: GraphServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even by the libraries, at their most talkative; not in a traceback's objects."""
    caplog.set_level(logging.DEBUG)
    graph.status()
    [token] = server._good
    said = caplog.text + repr(vars(graph.client)) + repr(graph.client._tokens)
    assert CLIENT["client_secret"] not in said
    assert token not in said


@pytest.mark.parametrize(
    "answer",
    [
        {"expires_in": 60},
        {"access_token": "", "expires_in": 60},
        {"access_token": "abc"},
        {"access_token": "abc", "expires_in": "soon"},
        {"access_token": "a b\nX: y", "expires_in": 60},
        {"access_token": 7, "expires_in": 60},
    ],
)
def test_a_token_that_is_none_is_not_taken(
    graph: TotaraGraph, server: GraphServer, answer: dict[str, Any]
) -> None:
    """The sentence names what is missing."""
    server.moods = [Answer(200, json.dumps(answer), "application/json")]
    with pytest.raises(UnexpectedAnswer, match=r"access_token|expires_in"):
        graph.status()


# --- refusals and faults -----------------------------------------------------------------------


def test_a_missing_right_has_a_name(graph: TotaraGraph, site: Site) -> None:
    """Both lists need that the service account sees people."""
    site.may_view = False
    for read in (lambda: graph.people([2, 3]), graph.job_teams):
        with pytest.raises(MissingCapability) as error:
            read()
        assert "moodle/user:viewdetails" == error.value.capability
        assert "service account" in error.value.remedy


def test_one_manager_who_may_not_be_seen_costs_names_only(
    graph: TotaraGraph, site: Site, server: GraphServer
) -> None:
    """The list is read again without names; who reports to whom stays whole."""
    site.unseen = frozenset({2})
    site.debug = False
    assert [JobTeamFact(2, "", frozenset({3, 4}))] == graph.job_teams()
    assert [True, False] == [asked.refused for asked in server.asked]


def test_an_api_that_is_switched_off_says_where_to_switch_it_on(
    graph: TotaraGraph, site: Site
) -> None:
    """It counts as not there: everything is read by REST."""
    site.enabled = False
    with pytest.raises(Missing, match="switched off") as error:
        graph.status()
    assert "Configure features" in error.value.remedy


def test_a_fault_that_says_nothing_says_how_to_hear_more(graph: TotaraGraph, site: Site) -> None:
    """The site's error response can be made to speak."""
    site.may_view, site.debug = False, False
    with pytest.raises(LmsError, match="Internal server error") as error:
        graph.job_teams()
    assert "error response set to Normal" in error.value.remedy


@pytest.mark.parametrize(
    ("errors", "kind", "says"),
    [
        ([{"message": "API user is invalid."}], Refused, "refused the API client"),
        ([{"message": "Forbidden"}], Refused, "refused the API client"),
        ([{"message": "x", "debugMessage": "Couldn't identify API client"}], Refused, "identify"),
        ([{"message": "Authentication error"}], Refused, "does not take the token"),
        ([{"message": "Max query complexity should be 3 but got 6."}], LmsError, "costs more"),
        ([{"message": "Max query depth should be 1 but got 2."}], LmsError, "query depth"),
        (["what?", {}, {"message": None}], LmsError, "no message"),
        ([{"message": "one"}, {"message": "one"}, {"message": "two"}], LmsError, "one two"),
    ],
)
def test_each_refusal_has_one_sentence_and_one_remedy(
    graph: TotaraGraph, server: GraphServer, errors: list[Any], kind: type[LmsError], says: str
) -> None:
    """In the words of several releases."""
    body = json.dumps({"errors": errors})
    refusal = Answer(200, body, "application/json")
    # A token and its query; where the token is at fault, once more.
    server.moods = [None, refusal, None, refusal]
    with pytest.raises(kind, match=says) as error:
        graph.status()
    assert error.value.remedy


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (Answer(400, '{"error": "unsupported_grant_type"}'), UnexpectedAnswer, "grant_type"),
        (Answer(200, '{"error": "invalid_client"}'), Refused, "does not know the API client"),
        (Answer(418, "{}"), NotAnLms, "HTTP 418"),
        (Answer(200, "<title>Sign in</title>"), NotAnLms, "a web page"),
    ],
)
def test_a_refused_token_has_one_sentence_and_one_remedy(
    graph: TotaraGraph, server: GraphServer, answer: Answer, kind: type[LmsError], says: str
) -> None:
    """Whatever the endpoint answers."""
    server.moods = [answer]
    with pytest.raises(kind, match=says) as error:
        graph.status()
    assert error.value.remedy
    assert 1 == graph.requests


def test_the_rate_of_a_client_is_waited_for(
    graph: TotaraGraph, site: Site, pauses: list[float], ticks: Ticks
) -> None:
    """A minute each time; then the sync tries again later."""
    site.rate = 6
    graph.status()
    with pytest.raises(Unavailable, match="used up") as error:
        graph.status()
    assert [60.0, 60.0] == pauses
    assert "rate limit" in error.value.remedy
    ticks.at += 61
    graph.status()


HTML = Answer(200, "<html><title>Sign in</title>")
FAULTS = [
    (HTML, NotAnLms, '"Sign in"', 1),
    (Answer(200, "<p>Under maintenance</p>"), Unavailable, "maintenance", 3),
    (Answer(503, "<title>Down</title>"), Unavailable, 'HTTP 503 ("Down")', 3),
    (Answer(500, '{"errors": [{"message": "Unknown internal error"}]}'), Unavailable, "500", 3),
    (Answer(429, "", headers={"Retry-After": "7"}), Unavailable, "429", 3),
    (Answer(200, '{"data": {"totara'), Unreachable, "cut off", 3),
    (Answer(302, "", headers={"Location": "https://sso.example"}), NotAnLms, "sso.example", 1),
    (Answer(403, "Forbidden"), Refused, "HTTP 403", 1),
    (Answer(404, "<title>No</title>"), Missing, "no external API", 1),
    (Answer(418, "tea"), NotAnLms, "HTTP 418", 1),
    (Answer(200, "[]"), UnexpectedAnswer, "no object", 1),
    (Answer(200, "{}"), UnexpectedAnswer, "no data", 1),
    (Answer(200, '{"data": {}}'), UnexpectedAnswer, "well", 1),
]


@pytest.mark.parametrize(("fault", "kind", "says", "times"), FAULTS)
def test_what_is_no_answer_is_said_in_one_sentence(
    graph: TotaraGraph,
    server: GraphServer,
    fault: Answer,
    kind: type[LmsError],
    says: str,
    times: int,
) -> None:
    """Passing failures are tried three times, lasting ones once."""
    graph.status()
    server.moods = [fault] * times
    with pytest.raises(kind) as error:
        graph.status()
    assert kind is type(error.value)
    assert says in error.value.message
    assert error.value.remedy
    assert 2 + times == graph.requests
    assert [] == server.moods


def test_the_wait_that_is_asked_for_is_kept(
    graph: TotaraGraph, server: GraphServer, pauses: list[float]
) -> None:
    """Retry-After counts, in whatever way the refusal is worded; then the answer of the second
    attempt."""
    words = '{"errors": [{"message": "Too many requests"}]}'
    server.moods = [None, Answer(429, words, "application/json", {"Retry-After": "7"})]
    graph.status()
    assert [7.0] == pauses


@pytest.mark.parametrize("which", [0, 1])
def test_an_answer_that_does_not_come_is_given_up(
    server: GraphServer, pauses: list[float], which: int
) -> None:
    """The token's as well as the query's."""
    graph = TotaraGraph(server.url, CLIENT, timeout=0.1, pause=pauses.append)
    silent = Answer(200, "", hang=True)
    server.moods = [None] * which + [silent] * 3
    with pytest.raises(Unreachable, match=r"within 0\.1 seconds"):
        graph.status()
    graph.close()
    assert 3 + which == graph.requests


def test_a_page_in_trouble_is_read_again(
    graph: TotaraGraph, server: GraphServer, site: Site
) -> None:
    """A list of several pages survives a fault in the middle."""
    site.jobs = [job(n, n, 2) for n in range(2, 2502)]
    server.moods = [None, None, Answer(502, ""), None, Answer(200, '{"data": ')]
    [team] = graph.job_teams()
    assert 2499 == len(team.person_lms_ids)
    assert 3 == len(server.asked)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('{"items": {}, "total": 1, "next_cursor": ""}', "no list `items`"),
        ('{"items": [7], "total": 1, "next_cursor": ""}', "no record"),
        ('{"items": [], "total": "1", "next_cursor": ""}', "no usable `total`"),
        ('{"items": [{"userid": "x"}], "total": 1, "next_cursor": ""}', "userid"),
        ('{"items": [{"userid": 3, "managerja": {}}], "total": 1, "next_cursor": ""}', "userid"),
        ("null", "no list `items`"),
    ],
)
def test_rows_of_another_shape_are_named(
    graph: TotaraGraph, server: GraphServer, rows: str, says: str
) -> None:
    """Nothing is guessed."""
    body = f'{{"data": {{"totara_job_job_assignments": {rows}}}}}'
    server.moods = [None, Answer(200, body, "application/json")]
    with pytest.raises(UnexpectedAnswer, match=says):
        graph.job_teams()


def test_numbers_may_be_words(graph: TotaraGraph, site: Site) -> None:
    """Some releases write ids and times as text."""
    site.people = [person(2, id="2", lastaccess=str(SEEN))]
    site.jobs = [{"id": "1", "userid": "2"}, {"id": "2", "userid": "3", "managerjaid": "1"}]
    site.people = [{**site.people[0]}]
    [fact], _ = graph.people([2])
    assert (2, datetime.fromtimestamp(SEEN, UTC)) == (fact.lms_id, fact.last_access_at)


# --- the arithmetic ----------------------------------------------------------------------------


def test_a_record_in_a_record_is_paid_for() -> None:
    """5 for the query; a name, a manager, and the manager's own two fields for each record."""
    listing = Listing("x", (Field("a"), Field("b", fields=(Field("c"), Field("d")))))
    assert (5, 9, 45) == (listing.cost(0), listing.cost(1), listing.cost(10))
    assert (0, 0, 1, 10) == (listing.size(5), listing.size(8), listing.size(9), listing.size(45))


def test_a_page_is_never_of_more_than_a_thousand() -> None:
    """However cheap its records are."""
    assert 1000 == Listing("x", (Field("a"),)).size(1_000_000)


def test_only_what_is_optional_can_be_left_out() -> None:
    """``None`` says that one of the names is needed."""
    listing = graph_facts.PEOPLE
    smaller = listing.without({"lang", "filters"})
    assert smaller is not None
    assert (False, {}) == (smaller.has("lang"), smaller.filters)
    assert [None, None, None] == [
        listing.without({"id"}),
        listing.without({"lang", "fullname"}),
        dataclasses.replace(listing, filters={}).without({"filters"}),
    ]
