"""The admin's page of outlets: what is shown before one is switched on."""

from __future__ import annotations

import pytest

from bridge.delivery import outlets
from bridge.model import Audience, AudienceKind
from tests.cast import Cast
from tests.visitor import Visit, words

TEAMS = "https://prod.example/workflows/abc?sig=a-signature"


def add(cast: Cast, name: str, kind: str, audience: Audience, secret: str = "") -> int:
    """An outlet that is off; its id."""
    with cast.store.work() as work:
        made = outlets.add(work, cast.connection, name, kind, audience, {"url": TEAMS}, secret)
        outlets.change(work, cast.connection, made.id, enabled=False)
    return made.id


@pytest.fixture
def staff(lite_cast: Cast) -> int:
    """A channel of the Sales team in Teams, where nothing can be taken back; switched off."""
    return add(lite_cast, "Staff", "teams", Audience(AudienceKind.TEAM, lite_cast.sales), TEAMS)


def is_on(cast: Cast, outlet: int) -> bool:
    with cast.store.reading() as work:
        return outlets.get(work, cast.connection, outlet).enabled


def test_readers_and_abilities_stand_before_the_switch(
    lite_cast: Cast, staff: int, visit: Visit
) -> None:
    """Who reads there, that nothing can be taken back, and no secret."""
    page = visit(lite_cast.dana).page("/admin/outlets")
    shown, _, after = page.partition('name="on" value="yes"')

    said = words(shown)
    assert "Read bythe members of the channel" in said
    assert "Gets only what these may seeSales" in said
    assert "No editing" in said and "No deleting" in said
    assert "What is sent there cannot be taken back." in said
    assert "Switch on" in words(after)
    assert "a-signature" not in page


def test_an_outlet_is_switched_on_and_off(lite_cast: Cast, staff: int, visit: Visit) -> None:
    """By its own button; the page says what is now."""
    visitor = visit(lite_cast.dana)
    path = f"/admin/outlets/{staff}/switch"

    assert "Staff is on." in visitor.follow(path, on="yes")
    assert is_on(lite_cast, staff)
    assert "Staff is off." in visitor.follow(path, on="no")
    assert not is_on(lite_cast, staff)


@pytest.mark.parametrize(("outlet", "on"), [(None, "maybe"), (None, ""), (9_999, "yes")])
def test_what_makes_no_sense_is_said_on_the_page(
    lite_cast: Cast, staff: int, visit: Visit, outlet: int | None, on: str
) -> None:
    """Another word, or an outlet that is not there: nothing is switched."""
    answer = visit(lite_cast.dana).post(f"/admin/outlets/{outlet or staff}/switch", on=on)

    assert 422 == answer.status_code
    assert "Choose on or off." in answer.text or "There is no such outlet." in answer.text
    assert not is_on(lite_cast, staff)


def test_without_an_outlet_the_page_says_how_to_add_one(lite_cast: Cast, visit: Visit) -> None:
    """By the command that compares them."""
    assert "socialbridge outlets kinds" in visit(lite_cast.dana).page("/admin/outlets")


def test_settings_that_cannot_be_used_leave_the_page_whole(
    lite_cast: Cast, staff: int, visit: Visit
) -> None:
    """A letter's mail server is not set here; what a letter can do is known all the same."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    add(lite_cast, "Letters", "email", everyone)
    add(lite_cast, "Odd", "telegraph", everyone)

    said = visit(lite_cast.dana).read("/admin/outlets")

    assert "Mail that went out cannot be taken back." in said
    assert "telegraph" in said and "not known" in said
