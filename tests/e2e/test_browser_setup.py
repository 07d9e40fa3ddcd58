"""The setup in a real browser, from the address that ``init`` prints to the admin's page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from bridge.bootstrap import Bridge
from bridge.demo.lms.server import Lms, running_lms
from bridge.storage import Store
from bridge.storage import tables as t
from tests.conftest import FrozenClock
from tests.e2e.conftest import PATIENCE, REPORT
from tests.e2e.flaws import flaws_of, unfold
from tests.e2e.setup_walk import READING, Walk, serving
from tests.setting_up import empty_bridge, link, wait_for_reading

pytestmark = pytest.mark.browser


@dataclass
class Fresh:
    """An empty bridge that is served, the LMS that is to be connected, and a browser window."""

    bridge: Bridge
    lms: Lms
    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def fresh(
    request: pytest.FixtureRequest, browser: Browser, lite_store: Store, clock: FrozenClock
) -> Iterator[Fresh]:
    """Right after ``socialbridge init``; with scripts no page of it may have complained."""
    bridge = empty_bridge(lite_store, clock)
    at = int(clock.now().timestamp())
    with running_lms(clock=lambda: at) as lms, serving(bridge) as url:
        context = browser.new_context(
            base_url=url, reduced_motion="reduce", java_script_enabled=request.param
        )
        context.set_default_timeout(PATIENCE)
        if request.param:
            context.add_init_script(REPORT)
        one = Fresh(bridge, lms, context.new_page())
        one.page.on(
            "console",
            lambda said: one.complaints.append(said.text) if said.type == "error" else None,
        )
        yield one
        wait_for_reading()
        context.close()
    # The form that is refused on purpose is answered with 422.
    assert [] == [said for said in one.complaints if "status of 422" not in said]


@pytest.mark.parametrize("fresh", [True], indirect=True, ids=["scripts"])
def test_the_whole_setup_is_for_everybody(fresh: Fresh) -> None:
    """No flaw that axe knows on any of its pages, light and dark, on a phone and a screen; nothing
    is told before the last step, and then the feed has something."""
    flaws: list[str] = []

    def stop(page: Page, name: str) -> None:
        if name == "setup-reading":
            return  # It changes under the eyes of whoever looks; the test below stands still.
        unfold(page)
        flaws.extend(flaws_of(page, name))
        page.set_viewport_size({"width": 1280, "height": 900})
        with fresh.bridge.store.reading() as work:
            told = work.sql.execute(select(func.count()).select_from(t.activities)).scalar_one()
        assert 0 == told, name

    Walk(fresh.bridge, fresh.lms, fresh.page, stop).all()
    assert not flaws, "\n".join(flaws)
    expect(fresh.page.get_by_role("heading", name="Admin", exact=True)).to_be_visible()
    with fresh.bridge.store.reading() as work:
        assert work.telling.any(work.connections.named("academy").id)


@pytest.mark.parametrize("fresh", [False], indirect=True, ids=["no-scripts"])
def test_the_setup_needs_no_scripts(fresh: Fresh) -> None:
    """Plain links and forms; the page that waits has a link to look again."""
    page = fresh.page
    page.goto(link(fresh.bridge))
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("#role")).to_have_value(re.compile("<role>"))
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the file").click()
    assert "socialbridge-role.xml" == saved.value.suggested_filename
    page.get_by_label("Address of the site's front page").fill(fresh.lms.url)
    page.get_by_label("Token, from step 7").fill(fresh.lms.token)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Go on without looking").click()
    wait_for_reading()
    page.reload()
    expect(page.locator("#reading")).to_have_count(0, timeout=READING)
    expect(page.locator(".policy").first).to_be_visible()


@pytest.mark.parametrize("fresh", [True], indirect=True, ids=["scripts"])
def test_the_setup_goes_by_keyboard(fresh: Fresh) -> None:
    """The button has the focus; the steps, the form and the way on are reached by Tab."""
    page = fresh.page
    page.goto(link(fresh.bridge))
    expect(page.get_by_role("button", name="Begin")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Address of the site's front page").focus()
    page.keyboard.type(fresh.lms.url)
    page.keyboard.press("Tab")
    page.keyboard.type(fresh.lms.token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Examine")).to_be_focused()
    expect(page.get_by_role("link", name="Check", exact=True)).to_have_attribute(
        "aria-current", "step"
    )
