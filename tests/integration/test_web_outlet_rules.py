"""The admin's page of one outlet, and the page of a digest."""

from __future__ import annotations

import re

import pytest

from bridge.delivery import outlets
from bridge.feed import read
from bridge.model import Audience, AudienceKind, Choice, Outlet
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.integration.test_delivery_digests import Wall
from tests.statements import statements
from tests.visitor import Visit, words


@pytest.fixture
def square(lite_cast: Cast) -> int:
    """An outlet of Slack's that takes completions; its id."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    settings = {"kinds": ["completion"], "channel": "C1"}
    with lite_cast.store.work() as work:
        made = outlets.add(work, lite_cast.connection, "Square", "slack", everyone, settings, "x")
    return made.id


def stored(cast: Cast, outlet: int) -> Outlet:
    """The outlet as it is."""
    with cast.store.reading() as work:
        return outlets.get(work, cast.connection, outlet)


def test_rules_are_set_and_shown_by_name(lite_cast: Cast, square: int, visit: Visit) -> None:
    """Line by line; the page says what a change does not do."""
    visitor = visit(lite_cast.dana)
    said = visitor.follow(
        f"/admin/outlets/{square}/rules",
        kinds=["course", "completion"],
        only="course: giving feedback\n\n team:  Sales ",
        never="topic: Pilot",
    )
    assert "Saved. It applies to what comes; what stands there stays." in said
    kept = stored(lite_cast, square).settings
    assert {f"course:{lite_cast.feedback}", f"team:{lite_cast.sales}"} == set(kept["only"])
    assert (["topic:pilot"], "C1") == (kept["never"], kept["channel"])
    page = visitor.page(f"/admin/outlets/{square}")
    assert "course: Giving feedback\nteam: Sales</textarea>" in page
    assert ["completion", "course"] == re.findall(r'value="(\w+)" checked', page)


def test_a_rule_that_is_none_is_said_and_what_was_typed_kept(
    lite_cast: Cast, square: int, visit: Visit
) -> None:
    """Beside the form; nothing is changed."""
    answer = visit(lite_cast.dana).post(
        f"/admin/outlets/{square}/rules", kinds="course", only="course: <Nothing>", never=""
    )
    assert 422 == answer.status_code
    assert "There is no course called <Nothing>." in words(answer.text)
    assert "course: &lt;Nothing&gt;</textarea>" in answer.text
    assert ["course"] == re.findall(r'value="(\w+)" checked', answer.text)
    assert ["completion"] == stored(lite_cast, square).settings["kinds"]


def test_a_pace_is_set_and_shown(lite_cast: Cast, square: int, visit: Visit) -> None:
    """With when the next digest is made, by the reader's clock."""
    visitor = visit(lite_cast.dana)
    page = visitor.page(f"/admin/outlets/{square}")
    assert 'name="budget" inputmode="numeric" autocomplete="off" value="5"' in page
    assert "Empty: 50 a minute" in words(page)
    assert "The next digest, if anything waits for it: Wed 25 Nov 2026, 16:00 UTC." in words(page)

    said = visitor.follow(
        f"/admin/outlets/{square}/pace",
        budget="",
        edition="weekly",
        at="15:30",
        weekday="friday",
        quiet="19:00-08:00",
        zone="Europe/Paris",
        per_minute="",
        weekends="yes",
    )
    assert "Saved. It applies to what comes." in said
    kept = stored(lite_cast, square).settings
    expected = {
        "budget": None,
        "edition": "weekly",
        "at": "15:30",
        "weekday": 4,
        "quiet": "19:00-08:00",
        "zone": "Europe/Paris",
        "weekends": True,
    }
    assert expected == {name: kept.get(name) for name in expected}
    assert "per_minute" not in kept
    page = visitor.page(f"/admin/outlets/{square}")
    assert ["weekly", "friday"] == re.findall(r'value="(\w+)" selected', page)


def test_a_pace_that_is_none_is_said(lite_cast: Cast, square: int, visit: Visit) -> None:
    """What was typed stays in its field."""
    answer = visit(lite_cast.dana).post(
        f"/admin/outlets/{square}/pace", budget="many", zone="Europe/Paris"
    )
    assert 422 == answer.status_code
    assert "A budget: 'many' cannot be used." in words(answer.text)
    assert 'value="many"' in answer.text
    assert "zone" not in stored(lite_cast, square).settings


def test_an_outlet_of_nobody_is_not_found(lite_cast: Cast, visit: Visit) -> None:
    """To look at it or to change it."""
    visitor = visit(lite_cast.dana)
    for answer in (
        visitor.get("/admin/outlets/9999"),
        visitor.post("/admin/outlets/9999/rules"),
        visitor.post("/admin/outlets/9999/pace", budget="1"),
    ):
        assert 404 == answer.status_code


class TestTheDigestsPage:
    """An outlet's digest links to a page that shows all of it."""

    @pytest.fixture
    def path(self, lite_cast: Cast, clock: FrozenClock) -> str:
        """That of a digest with one line for everyone and one for Sales alone."""
        wall = Wall(lite_cast, clock, budget=0)
        sales = Audience(AudienceKind.TEAM, lite_cast.sales)
        den = wall.outlet("Den", kinds=["completion"], audience=sales, settings={"budget": 0})
        lite_cast.choose(lite_cast.bob, Choice.TEAMS)
        wall.completion(others=9)
        told = wall.completion(lite_cast.bob)
        wall.revise(told, audience=sales.key)
        wall.edition()
        (post,) = wall.boards[den.id].posts.values()
        assert "Bob Brown" in post.text
        return post.url.removeprefix("https://bridge.example")

    def test_it_shows_what_the_viewer_may_see(
        self, lite_cast: Cast, path: str, visit: Visit
    ) -> None:
        """A teammate all of it; an outsider what is for everyone."""
        alice = visit(lite_cast.alice).read(path)
        assert "Learning at Acme Academy, 25 Nov" in alice
        assert "Bob Brown finished Giving feedback" in alice
        assert "9 people finished Giving feedback" in alice
        charlie = visit(lite_cast.charlie).read(path)
        assert "9 people finished Giving feedback" in charlie
        assert "Bob Brown" not in charlie

    def test_it_costs_the_same_however_much_it_lists(
        self, lite_cast: Cast, clock: FrozenClock
    ) -> None:
        """A constant number of statements."""
        wall = Wall(lite_cast, clock, budget=0)
        costs = []
        for number in (1, 30):
            wall.finished(*["x"] * number)
            clock.advance(days=1)
            while wall.work().claimed:
                pass
            *_, post = wall.shown.posts.values()
            uid = post.url.rpartition("/")[2]
            with statements(wall.store) as sent, wall.store.reading() as work:
                _, page = read.digest(work, lite_cast.viewer(lite_cast.alice), uid)
            costs.append((len(page.items), len(sent)))
        assert [1, 30] == [items for items, _ in costs]
        assert costs[0][1] == costs[1][1]

    def test_whoever_guesses_finds_nothing(self, lite_cast: Cast, path: str, visit: Visit) -> None:
        """What is no digest, and what is no word at all."""
        visitor = visit(lite_cast.alice)
        for wrong in ("/a/uid-1", "/a/0", "/a/" + "0" * 8):
            assert 404 == visitor.get(wrong).status_code
        assert 200 == visitor.get(path).status_code
