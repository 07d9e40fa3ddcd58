"""An admin looks on a page whether the LMS lets the bridge do its work."""

from __future__ import annotations

import pytest

from bridge.bootstrap import Bridge
from bridge.demo.lms.capabilities import DEFAULT
from bridge.demo.lms.server import running_lms
from bridge.storage import tables as t
from tests.cast import Cast
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
