"""An admin looks on a page whether the LMS lets the bridge do its work."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bridge.access import audit
from bridge.bootstrap import Bridge
from bridge.delivery import outlets
from bridge.demo.lms.capabilities import DEFAULT
from bridge.demo.lms.server import running_lms
from bridge.model import Audience, AudienceKind
from bridge.setup import preset
from bridge.storage import tables as t
from tests.cast import Cast
from tests.contract.receiver import SECRET, receiving
from tests.visitor import Visit, words


def connected(bridge: Bridge, url: str, token: str) -> None:
    """The connection of the cast is this LMS's."""
    with bridge.store.work() as work:
        sealed = work.seal.close(token)
        work.sql.execute(t.connections.update().values(url=url, kind="moodle", token_sealed=sealed))


@pytest.mark.parametrize(
    "capability", [None, "moodle/cohort:view", "moodle/course:viewparticipants"]
)
def test_each_thing_is_proven_on_the_page(
    capability: str | None, bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Over real HTTP; what is missing is named, with where to grant it."""
    dana = visit(lite_cast.dana)
    assert "Press the button; it takes some seconds." in dana.read("/admin/doctor")
    with running_lms(capabilities=set(DEFAULT) - {capability}) as lms:
        connected(bridge, lms.url, lms.token)
        answer = dana.post("/admin/doctor")
    assert 200 == answer.status_code
    page = words(answer.text)
    assert "connectworksLarkfield Academy" in page
    assert "clockworksthe two clocks agree" in page
    assert (capability is None) == ("teamsworks" in page and "peopleworks" in page)
    if capability:
        assert capability in page


def test_an_lms_that_does_not_answer_is_said_on_the_page(
    bridge: Bridge, lite_cast: Cast, visit: Visit, no_lms: None
) -> None:
    """In the table, with what to do."""
    answer = visit(lite_cast.dana).post("/admin/doctor")
    assert 200 == answer.status_code
    assert "connectfailsThere is no LMS here. Start one." in words(answer.text)


def test_the_outlets_are_tried_by_a_message_that_goes_away(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Real ones: a webhook takes it and its removal, a letter is not sent; the log says who."""
    dana = visit(lite_cast.dana)
    assert "There is no outlet yet." in dana.post("/admin/doctor/outlets").text
    everyone = Audience(AudienceKind.EVERYONE, lite_cast.connection)
    with receiving(time.time) as receiver:
        with bridge.store.work() as work:
            settings, ours = {"url": receiver.url}, lite_cast.connection
            outlets.add(work, ours, "hook", "webhook", everyone, settings, SECRET)
            outlets.add(work, ours, "mail", "email", everyone, {}, "")
        config = replace(bridge.config, outlet_allow_private=frozenset({"127.0.0.1"}))
        bridge.config = config
        page = words(dana.post("/admin/doctor/outlets").text)
    assert "outlet hookworksa test was published and taken away again" in page
    assert "outlet mailfailsNo mail server is set" in page
    assert (2, {}) == (len(receiver.bodies), receiver.shown)
    with bridge.store.reading() as work:
        (entry,) = work.access.recent(1)
        kept = [work.sql.execute(select(table)).all() for table in (t.deliveries, t.activities)]
    assert ("outlets tried", lite_cast.dana) == (entry.act, entry.person_id)
    assert [[], []] == kept


def test_a_link_that_the_lms_refused_is_told_with_the_right_it_needs(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Lately, and of this connection's people; whoever was only put off is not counted."""
    now = bridge.clock.now()
    with bridge.store.work() as work:
        for act, days in (("refused", 1), ("refused", 8), ("put off", 1)):
            at = now - timedelta(days=days)
            audit.note(work, None, f"link {act} by message", str(lite_cast.bob), at)
        audit.note(work, None, "link refused by message", "999999", now)
    with running_lms(capabilities=preset.capabilities("moodle")) as lms:
        connected(bridge, lms.url, lms.token)
        page = words(visit(lite_cast.dana).post("/admin/doctor").text)
    assert "linksin partthe LMS did not deliver 1 sign-in link as a message in the last" in page
    assert "moodle/site:sendmessage and moodle/site:messageanyuser under Site administ" in page
