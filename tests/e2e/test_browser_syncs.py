"""The page of the syncs and the banner, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bridge.errors import Unreachable
from bridge.model import Health, SyncReport
from bridge.sync import breaker
from tests.e2e.conftest import Site
from tests.e2e.flaws import flaws_of, unfold

pytestmark = pytest.mark.browser


def fail(site: Site) -> None:
    """For more than an hour no sync has gone through, and the last run said why."""
    error = Unreachable(
        "The LMS at https://a-very-long-name-of-a-learning-site.example did not answer.",
        "Is it running? Check its address and its certificate.",
    )
    health, at = Health(), site.clock.now() - timedelta(minutes=80)
    with site.bridge.store.work() as work:
        for _ in range(4):
            run = work.runs.begin(site.cast.connection, at)
            report = SyncReport("acme", at, at, "failed", (), error=str(error), requests=3)
            work.runs.finish(run, report)
            health = breaker.failed(health, error, at, 0.0)
            at = health.retry_at or at
        work.health.put(site.cast.connection, health)


def test_a_failing_connection_is_for_everybody_too(site: Site) -> None:
    """The banner on the feed, and the page of the syncs, without a flaw."""
    fail(site)
    page, flaws = site.window(site.cast.dana), []
    for path in ("/", "/admin/runs"):
        page.goto(path)
        expect(page.get_by_role("region", name="cannot be read")).to_be_visible()
        unfold(page)
        flaws += flaws_of(page, path)
    assert not flaws, "\n".join(flaws)


def test_an_admin_gets_from_the_banner_to_the_reason_by_keyboard(site: Site) -> None:
    """Its link is the first thing after the frame; a run opens with the space bar."""
    fail(site)
    page = site.window(site.cast.dana)
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Skip to content.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="See the syncs")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/runs")
    second = page.locator("details.run").nth(1)
    second.locator("summary").focus()
    page.keyboard.press("Space")
    expect(second.get_by_text("did not answer")).to_be_visible()
