"""A site from formulas: it is what its size says, it is one site from every side, and it lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from bridge.demo.generated import Site, Size
from bridge.demo.lms.__main__ import main
from bridge.demo.lms.generated_store import GeneratedStore
from bridge.demo.lms.records import Tables
from bridge.demo.lms.server import running_lms
from bridge.demo.lms.store import Store
from bridge.demo.world import STUDENT, TEACHER, Course, Enrolment
from tests.contract.wire_calls import CALLS, Caller
from tests.contract.wire_shapes import differences, opened, recorded, shape_of

NOW = int(datetime(2026, 11, 25, 9, 0, tzinfo=UTC).timestamp())
SMALL = Size(people=60, courses=9, enrolments=200, completions=70)
LARGE = Size(people=100_000, courses=2_000, enrolments=1_000_000, completions=300_000)


def store_of(size: Size = SMALL, seed: int = 7) -> GeneratedStore:
    return GeneratedStore(Site(size, seed, NOW), lambda: NOW)


def pairs(enrolments: Any) -> list[tuple[int, int]]:
    return [(e.course_id, e.person_id) for e in enrolments]


# --- its size ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size",
    [
        SMALL,
        LARGE,
        Size(people=1, courses=1, enrolments=1),
        Size(people=5, courses=4, enrolments=20, completions=16),
        Size(people=50, courses=300, enrolments=301),
        Size(people=1000, courses=3, enrolments=2900, completions=0),
    ],
)
def test_the_sizes_are_exact(size: Size) -> None:
    """The courses together have as many people as there are enrolments, and none twice."""
    store = store_of(size)
    sizes = [len(store.enrolled(course)) for course in store.courses]

    assert size.enrolments == sum(sizes) == len(store.enrolments())
    assert (size.courses, size.completions) == (len(store.courses), len(store.completions))
    assert size.people + 2 == len(store.people)
    assert min(sizes) >= 1
    assert max(sizes) <= size.people


def test_courses_differ_in_size() -> None:
    """Some are small, most are not large, and two are very large."""
    store = store_of(LARGE)
    sizes = sorted(len(store.enrolled(course)) for course in store.courses)

    assert 20 <= sizes[0] < 25
    assert sizes[1000] < 300
    assert (sizes[-3] < 2_000, sizes[-2] > 19_000, sizes[-1] > 29_000) == (True, True, True)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ((0, 1, 1, 0), "at least one person"),
        ((5, 4, 3, 0), "between 4 and 20"),
        ((5, 4, 21, 0), "between 4 and 20"),
        ((5, 4, 20, 17), "16 enrolments can be completed"),
    ],
)
def test_sizes_that_no_site_can_have(size: tuple[int, int, int, int], why: str) -> None:
    """More people in a course than there are, or more completions than learners."""
    with pytest.raises(ValueError, match=why):
        Size(*size)


def test_three_in_ten_unless_told_otherwise() -> None:
    """But never more than there are learners."""
    assert 300 == Size(people=500, courses=10, enrolments=1000).completions
    assert 1 == Size(people=5, courses=10, enrolments=11).completions


# --- one site from every side ------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_course_knows_its_people_and_they_know_it(seed: int) -> None:
    """Asked by course, by person, by pair or all together, the enrolments are the same."""
    store = store_of(seed=seed)
    by_course = [pair for course in store.courses for pair in pairs(store.enrolled(course))]
    by_person = [(c.id, person) for person in store.people for c in store.courses_of(person)]
    by_pair = [(c, p) for c in store.courses for p in store.people if store.enrolment(c, p)]

    assert SMALL.enrolments == len(set(by_course)) == len(by_course)
    assert sorted(by_course) == by_course == sorted(by_person) == by_pair
    assert by_course == sorted(pairs(store.enrolments()))


def test_each_course_has_one_teacher() -> None:
    """Who does not learn there, and cannot complete it."""
    store = store_of()
    roles = Counter((e.course_id, e.role) for e in store.enrolments())
    teachers = {(c, store.teachers_of(c)[0].id) for c in store.courses}

    assert {1} == {number for (_, role), number in roles.items() if role == TEACHER}
    assert teachers == {(e.course_id, e.person_id) for e in store.enrolments() if e.role == TEACHER}
    assert set() == teachers & set(store.completions)


def test_completions_from_every_side() -> None:
    """Asked by pair, by rank or by mark they are the same; the newest comes first."""
    store = store_of()
    listed = list(store.completions.values())
    times = [completion.completed_at for completion in listed]
    by_pair = [store.completion(*pair) for pair in pairs(store.enrolments())]
    marks = {(store.activities[a].course_id, p): at for (a, p), at in store.marks.items()}

    assert sorted(times, reverse=True) == times
    assert set(listed) == {completion for completion in by_pair if completion}
    assert marks == {(c.course_id, c.person_id): c.completed_at for c in listed}
    assert NOW - 60 == times[0]
    assert NOW - 2 * 366 * 86_400 < times[-1] < NOW - 700 * 86_400
    assert all(c.recorded_at <= NOW for c in listed)


def test_people_were_seen_where_they_finished() -> None:
    """Nobody finished a course after they were last seen there; a person was seen at the site."""
    store = store_of()
    for enrolment in store.enrolments():
        completion = store.completion(enrolment.course_id, enrolment.person_id)
        at = completion.completed_at if completion else 0
        person = store.people[enrolment.person_id]

        assert at <= enrolment.last_access <= person.last_access < NOW
        assert enrolment.since < (at or NOW)


def test_ranks_lead_back_to_their_places() -> None:
    """Each place has a rank of its own, also on a large site."""
    learning = Site(LARGE, 7, NOW).learning
    some = [*range(50), *Random(1).sample(range(LARGE.enrolments), 500), LARGE.enrolments - 1]

    assert some == [learning.place_by_order(learning.order(place)) for place in some]
    assert some == [
        learning.place(learning.course_at(place), learning.person_at(place)) for place in some
    ]


def test_as_many_are_newer_as_the_rank_says() -> None:
    """The moment of a rank and the number of completions since a moment are one formula."""
    learning = Site(SMALL, 7, NOW).learning
    times = [learning.completed_at(rank) for rank in range(SMALL.completions)]

    for moment in (NOW, *times, *(at + 1 for at in times), *(at - 1 for at in times), 0):
        assert sum(at >= moment for at in times) == learning.completed_since(moment)


def test_the_same_seed_makes_the_same_site() -> None:
    """And another seed another one."""

    def told(seed: int) -> tuple[Any, ...]:
        store = store_of(seed=seed)
        return (
            pairs(store.enrolments()),
            list(store.completions.values()),
            list(store.people.values()),
            list(store.posts.values()),
        )

    assert told(7) == told(7)
    assert told(7) != told(8)


def test_talk_hangs_together() -> None:
    """Every post is where it says, by somebody of the course; one question in three waits."""
    store = store_of()
    waiting = []
    for course in store.courses:
        (forum,) = store.forums_of(course)
        assert forum.activity_id in {activity.id for activity in store.activities_of(course)}
        for discussion in store.discussions_of(forum.id):
            posts = store.posts_of(discussion.id)
            waiting.append(len(posts) == 1)
            assert posts[0].id == discussion.first_post_id
            assert {discussion.id} == {post.discussion_id for post in posts}
            assert {0, posts[0].id} >= {post.parent_id for post in posts}
            assert discussion.modified_at == posts[-1].created_at < NOW
            for post in posts:
                assert store.enrolment(course, post.author_id)

    assert (27, 9) == (len(waiting), waiting.count(True))
    assert 27 == len(store.discussions)
    assert sum(len(store.posts_of(d)) for d in store.discussions) == len(list(store.posts.values()))


def test_nobody_is_in_two_teams() -> None:
    """Teams are neighbours; who is left over is in none."""
    store = store_of(LARGE)
    members = [person for team in store.teams.values() for person in team.member_ids]

    assert 666 == len(store.teams)
    assert len(members) == len(set(members)) == 99_900
    assert {"Sales"} == {store.people[p].department for p in store.teams[1].member_ids}


def test_people_by_name_are_found_without_looking_at_all() -> None:
    """By username and by address; who was renamed since is found under the new name."""
    store = store_of(LARGE)
    store.change_person(44, username="nova")
    store.add_person("Olga", "New", username="person7")

    assert [45] == [p.id for p in store.people_by("username", {"person000045"})]
    assert [46] == [p.id for p in store.people_by("email", {"person000046@larkfield.example"})]
    assert [44] == [p.id for p in store.people_by("username", {"nova", "person000044"})]
    assert ["Olga New"] == [p.name for p in store.people_by("username", {"person7"})]
    assert ["Social Bridge"] == [p.name for p in store.people_by("username", {"bridge"})]
    assert [] == store.people_by("email", {"nobody@larkfield.example", "person1"})


# --- what happens there ------------------------------------------------------------------------


def copied(store: GeneratedStore) -> Store:
    """The same site in plain tables."""
    tables = Tables(
        site_name=store.site_name,
        service_id=store.service_id,
        people=dict(store.people),
        teams=dict(store.teams),
        categories=dict(store.categories),
        courses=dict(store.courses),
        activities=dict(store.activities),
        forums=dict(store.forums),
        groups=dict(store.groups),
        discussions=dict(store.discussions),
        posts=dict(store.posts),
        marks=dict(store.marks),
        completions=dict(store.completions),
        enrolments=list(store.enrolments()),
    )
    return Store(tables, store.clock)


def told(store: Store) -> dict[str, Any]:
    """Everything that the web services could say of a site."""
    rows = list(store.by_completion(newest_first=True))
    turned = list(store.by_completion(newest_first=False))
    times, backwards = (
        [done.completed_at if (done := store.completion(*pair)) else 0 for pair in pairs(order)]
        for order in (rows, turned)
    )
    assert sorted(times, reverse=True) == times == backwards[::-1]
    return {
        "rows": sorted(rows, key=repr),
        "turned": sorted(turned, key=repr),
        "times": times,
        "enrolments": sorted(store.enrolments(), key=repr),
        "enrolled": {c: list(store.enrolled(c)) for c in (*store.courses, 999)},
        "learning": {p: store.courses_of(p) for p in store.people},
        "teachers": {c: store.teachers_of(c) for c in store.courses},
        "people": dict(store.people),
        "names": {p: store.name_of(p) for p in store.people},
        "teams": {t: list(team.member_ids) for t, team in store.teams.items()},
        "courses": dict(store.courses),
        "activities": {c: store.activities_of(c) for c in store.courses},
        "forums": {c: store.forums_of(c) for c in store.courses},
        "discussions": {f: store.discussions_of(f) for f in store.forums},
        "posts": {d: store.posts_of(d) for d in store.discussions},
        "marks": dict(store.marks),
        "completions": dict(store.completions),
        "number": (len(store.enrolments()), len(store.completions), len(store.people)),
    }


def pick(store: Store, rng: Random) -> Enrolment:
    """A learner's enrolment, whatever the order that the store has them in."""
    learners = [e for e in store.enrolments() if e.role == STUDENT]
    return rng.choice(sorted(learners, key=lambda e: (e.course_id, e.person_id)))


def stranger(store: Store, rng: Random) -> tuple[int, int]:
    course = rng.choice(sorted(store.courses))
    outside = [p for p in sorted(store.people) if store.enrolment(course, p) is None]
    return rng.choice(outside), course


def happen(store: Store, rng: Random) -> None:
    """One thing happens; the same with the same dice on two stores that hold the same."""
    one = pick(store, rng)
    past = NOW - rng.randrange(700 * 86_400)
    match rng.randrange(14):
        case 0 | 1:
            store.complete(one.person_id, one.course_id)
        case 2:
            store.complete(one.person_id, one.course_id, at=past)
        case 3:
            store.complete(one.person_id, one.course_id, recorded_at=NOW + 60)
        case 4:
            store.undo_completion(one.person_id, one.course_id)
        case 5:
            store.visit(one.person_id, one.course_id)
        case 6:
            store.unenrol(one.person_id, one.course_id)
        case 7 | 8:
            store.enrol(*stranger(store, rng), role=rng.choice((STUDENT, TEACHER)))
        case 9:
            store.change_person(one.person_id, first_name=f"Name{past}")
        case 10:
            store.change_course(one.course_id, name=f"Course {past}", visible=past % 2 == 0)
        case 11:
            discussion = store.ask(one.person_id, one.course_id, "Why?", at=NOW)
            store.answer(one.person_id, discussion, "Because.", at=NOW)
        case 12:
            store.remove_post(rng.choice(sorted(store.posts)))
        case 13:
            team = rng.choice(sorted(store.teams))
            store.leave(one.person_id, team)
            store.join(one.person_id, team)


@pytest.mark.parametrize("seed", range(6))
def test_it_lives_like_any_other_site(seed: int) -> None:
    """Whatever happens leaves a generated site and its copy in plain tables the same."""
    generated = store_of(seed=seed)
    plain = copied(generated)
    assert told(plain) == told(generated)

    for step in range(120):
        for store in (generated, plain):
            happen(store, Random(seed * 1000 + step))
    for store in (generated, plain):
        course = store.add_course("A new one", 1, lessons=2)
        store.enrol(5, course)
        store.complete(5, course)
        store.remove_course(3)
        store.remove_person(7)
        store.add_person("Nova", "New")

    assert told(plain) == told(generated)


def test_what_is_not_there_cannot_be_taken_away() -> None:
    """As in any other store."""
    store = store_of()
    someone = store.enrolled(2)[1].person_id
    store.unenrol(someone, 2)
    for take in (
        lambda: store.unenrol(someone, 2),
        lambda: store.remove_person(999),
        lambda: store.remove_course(999),
        lambda: store.completions.pop((2, someone)),
    ):
        with pytest.raises(KeyError):
            take()


def test_who_comes_back_has_finished_nothing() -> None:
    """A completion goes with its enrolment."""
    store = store_of()
    done = next(iter(store.completions.values()))
    store.unenrol(done.person_id, done.course_id)
    store.enrol(done.person_id, done.course_id)

    assert store.completion(done.course_id, done.person_id) is None
    assert SMALL.enrolments == len(store.by_completion(newest_first=True))


# --- over the wire -----------------------------------------------------------------------------


class SiteCaller(Caller):
    """Asks about a course of the generated site."""

    @property
    def course(self) -> Course:
        return self.lms.store.courses[2]

    @property
    def other(self) -> Course:
        return self.lms.store.courses[3]


@pytest.fixture(scope="module")
def call() -> Iterator[SiteCaller]:
    """Asks a generated site whose token has every right."""
    size = Size(people=300, courses=12, enrolments=900, completions=400)
    with running_lms(generated=size, clock=lambda: NOW) as lms, requests.Session() as http:
        yield SiteCaller(lms, http)


READ = (
    "activities_completion",
    "batch",
    "batch_ok",
    "categories",
    "cohort_members",
    "cohorts",
    "completion_complete",
    "completion_incomplete",
    "courses",
    "courses_by_field",
    "courses_by_field_all",
    "discussions",
    "discussion_posts",
    "enrolled_users_full",
    "enrolled_users_lean",
    "enrolled_users_page",
    "forums",
    "report_columns_sort",
    "report_list",
    "report_page",
    "report_past_end",
    "site_info",
    "users_by_email",
    "users_by_id",
    "users_courses",
)


@pytest.mark.parametrize("name", READ)
def test_it_answers_as_recorded(call: SiteCaller, name: str) -> None:
    """What the bridge reads has the keys and types of the recorded answers."""
    expected = recorded(name)["response"]
    call.lms.service.capabilities = CALLS[name].rights
    actual = call(recorded(name)["function"], CALLS[name].params(call))

    assert [] == differences(shape_of([opened(expected)]), shape_of([opened(actual)]))


def test_pages_are_cut_without_making_the_rest(call: SiteCaller) -> None:
    """Forwards and backwards, lean and full, the pages are parts of the whole."""

    def ids(**options: Any) -> list[int]:
        given = [{"name": name, "value": value} for name, value in options.items()]
        params = {"courseid": 2, "options": given}
        return [one["id"] for one in call("core_enrol_get_enrolled_users", params)]

    whole = ids(userfields="id")
    assert sorted(whole) == whole == ids()
    assert whole[3:5] == ids(limitfrom=3, limitnumber=2)
    assert whole[::-1][3:5] == ids(limitfrom=3, limitnumber=2, sortdirection="DESC")
    assert set(whole) == set(ids(sortby="lastname"))


def test_the_report_is_paged_without_sorting(call: SiteCaller) -> None:
    """All pages together hold each enrolment once, the newest completion first."""
    rows = []
    for page in range(9):
        answer = call(
            "core_reportbuilder_retrieve_report", {"reportid": 1, "page": page, "perpage": 101}
        )
        rows += [tuple(row["columns"]) for row in answer["data"]["rows"]]

    assert 900 == len(rows) == len(set(rows)) == answer["data"]["totalrowcount"]
    assert 400 == [row[4] for row in rows].index("No") == [bool(row[5]) for row in rows].count(True)


def test_pages_for_people_who_follow_a_link(call: SiteCaller) -> None:
    """The front page, a course, a discussion, a person."""
    for path in ("", "course/view.php?id=2", "mod/forum/discuss.php?d=1", "user/view.php?id=3"):
        assert 200 == requests.get(f"{call.lms.url}/{path}", timeout=5).status_code


# --- the command line --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--people", "5"], "go together"),
        (["--people", "5", "--courses", "2", "--enrolments", "11"], "between 2 and 10"),
        (
            ["--people", "5", "--courses", "2", "--enrolments", "9", "--pace", "3"],
            "nothing happens by itself",
        ),
    ],
)
def test_sizes_that_make_no_site(arguments: list[str], why: str) -> None:
    """An error of use, and no traceback."""
    result = CliRunner().invoke(main, arguments)

    assert 2 == result.exit_code
    assert why in result.output


def test_nothing_happens_by_itself_there() -> None:
    """Life knows every learner by name, which a large site cannot afford."""
    with pytest.raises(ValueError, match="by itself"), running_lms(generated=SMALL, pace=1):
        pass


def test_a_large_site_is_served_by_a_process() -> None:
    """Of the size that was asked for, as of the moment that was asked for."""
    sizes = ["--people", "100000", "--courses", "2000", "--enrolments", "1000000"]
    command = [sys.executable, "-u", "-m", "bridge.demo.lms", "--port", "0", *sizes]
    command += ["--moment", str(NOW), "--seed", "3", "--costs", "real"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        address = process.stdout.readline().split()[-1]
        form = {
            "wstoken": "demo-token-of-the-social-bridge",
            "wsfunction": "core_reportbuilder_retrieve_report",
            "moodlewsrestformat": "json",
            "reportid": "1",
            "page": "299999",
            "perpage": "1",
        }
        with requests.Session() as http:
            url = f"{address}/webservice/rest/server.php"
            data = http.post(url, data=form, timeout=10).json()["data"]
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=10)

    assert (1_000_000, 0) == (data["totalrowcount"], ended)
    assert "Yes" == data["rows"][0]["columns"][4]
