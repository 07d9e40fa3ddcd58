"""A leader sees a share before it is one: in the feed, and as each outlet would show it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.model import Audience, AudienceKind
from bridge.outlets.signing import new_secret
from bridge.storage import tables as t
from tests.cast import Cast
from tests.integration.test_desk import suggest
from tests.visitor import Visit, Visitor, words

WORDS = "It helped me <b>more</b> than I thought."
SHARED = "You recommend Giving feedback"
WORKFLOW = "https://workflows.example.com/1?sig=secret"


@pytest.fixture
def alice(lite_cast: Cast, visit: Visit) -> Visitor:
    """Alice, at her desk."""
    return visit(lite_cast.alice)


@pytest.fixture
def wall(bridge: Bridge, lite_cast: Cast) -> int:
    """A webhook that everybody reads; its id."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    settings = {"url": "https://intranet.example/hook"}
    with bridge.store.work() as work:
        return outlets.add(
            work, lite_cast.connection, "Wall", "webhook", everyone, settings, new_secret()
        ).id


def look(alice: Visitor, cast: Cast, **changes: Any) -> Any:
    """Alice presses *See it first*."""
    form = {
        "suggestion_id": changes.pop("suggestion", 0) or suggest(cast),
        "course_id": cast.feedback,
        "audience": f"everyone:{cast.connection}",
        "text": WORDS,
        **changes,
    }
    return alice.post("/desk/preview", **form)


def rows(bridge: Bridge) -> list[int]:
    """How many activities, deliveries and plans there are."""
    with bridge.store.reading() as work:
        tables = (t.activities, t.deliveries, t.plans)
        return [work.sql.execute(select(func.count()).select_from(x)).scalar_one() for x in tables]


def test_nothing_is_stored(bridge: Bridge, lite_cast: Cast, wall: int, alice: Visitor) -> None:
    """However often she looks."""
    suggestion, before = suggest(lite_cast), rows(bridge)
    for _ in range(2):
        answer = look(alice, lite_cast, outlet=wall, suggestion=suggestion)
        assert 200 == answer.status_code
    assert before == rows(bridge)


def test_it_stands_in_the_feed_and_at_the_outlet(
    lite_cast: Cast, wall: int, alice: Visitor
) -> None:
    """In her own words, which nobody takes for markup; and what can become of it there."""
    answer = look(alice, lite_cast, outlet=wall)
    page = words(answer.text)
    assert SHARED in page
    assert "&lt;b&gt;more&lt;/b&gt;" in answer.text
    assert "<b>more</b>" not in answer.text
    assert "Wall Read by" in page
    assert "You can change it and take it back there." in page
    assert "Nothing is shared yet." in page


def test_without_an_outlet_it_says_so(lite_cast: Cast, alice: Visitor) -> None:
    """It is shared here, and nowhere else."""
    assert "You chose no outlet" in words(look(alice, lite_cast).text)


def test_an_outlet_that_takes_every_share_is_shown_unticked(
    bridge: Bridge, lite_cast: Cast, alice: Visitor
) -> None:
    """What would leave is shown, whoever chose it."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    settings = {"url": "https://all.example/hook", "kinds": ["share"]}
    with bridge.store.work() as work:
        outlets.add(
            work, lite_cast.connection, "All of it", "webhook", everyone, settings, new_secret()
        )
    page = words(look(alice, lite_cast).text)
    assert "All of it Read by" in page


def test_what_cannot_be_taken_back_is_said(bridge: Bridge, lite_cast: Cast, alice: Visitor) -> None:
    """Microsoft Teams takes nothing back."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    with bridge.store.work() as work:
        outlet = outlets.add(work, lite_cast.connection, "Hall", "teams", everyone, {}, WORKFLOW)
    page = words(look(alice, lite_cast, outlet=outlet.id).text)
    assert "What is sent there cannot be taken back." in page
    assert "It cannot be taken back." in page


def test_an_outlet_that_others_read_is_named(lite_cast: Cast, wall: int, alice: Visitor) -> None:
    """She chose her team; the intranet is read by everybody. The rest is shown all the same."""
    answer = look(alice, lite_cast, outlet=wall, audience=f"team:{lite_cast.sales}")
    page = words(answer.text)
    assert (200, True, True) == (
        answer.status_code,
        "read by people whom you did not choose" in page,
        SHARED in page,
    )


def test_settings_that_cannot_be_used_are_named(
    bridge: Bridge, lite_cast: Cast, alice: Visitor
) -> None:
    """Mail without a mail server: she learns it before she shares."""
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    with bridge.store.work() as work:
        settings = {"to": ["anna@example.com"]}
        outlet = outlets.add(work, lite_cast.connection, "Mail", "email", everyone, settings, "")
    assert "No mail server is set" in words(look(alice, lite_cast, outlet=outlet.id).text)


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
def test_what_would_be_refused_is_refused(lite_cast: Cast, alice: Visitor, text: str) -> None:
    """Beside the form, with what she typed."""
    answer = look(alice, lite_cast, text=text)
    assert (422, True) == (answer.status_code, 'role="alert"' in answer.text)


def test_the_words_go_on_from_there(lite_cast: Cast, wall: int, alice: Visitor) -> None:
    """The page has the form again, with all that was chosen: she shares from it."""
    page = look(alice, lite_cast, outlet=wall).text
    form = page[page.index('class="share-form"') :]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert str(wall) == hidden["outlet"]
    hidden.pop("csrf_token")
    answer = alice.post("/desk/share", text=WORDS, **hidden)
    assert 303 == answer.status_code
    assert "Giving feedback" in alice.read("/desk")


def test_only_a_leader_looks(lite_cast: Cast, visit: Visit) -> None:
    """Bob leads nobody."""
    assert 403 == look(visit(lite_cast.bob), lite_cast).status_code
