"""Reading in a real browser: what is new, without reloading, and what was read, without asking."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from bridge import flow
from tests.e2e.conftest import Site
from tests.lively import everyone, viewer

pytestmark = pytest.mark.browser

HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) window.shifted += shift.value;
    }).observe({ type: "layout-shift" });
}"""


def opened(site: Site, person: int) -> tuple[Page, list[str]]:
    """The feed in a window whose clock the test turns, and the paths that it asks for."""
    page = site.window(person)
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site.url)))
    page.goto("/")
    return page, asked


def news(asked: list[str]) -> int:
    """How often it was asked for news."""
    return sum(path.startswith("/news") for path in asked)


def test_what_is_new_waits_behind_a_button_and_moves_nothing(site: Site) -> None:
    """It says how many; pressed, it shows them above a line, on the same page."""
    page, asked = opened(site, site.cast.charlie)
    with page.expect_response("**/read"):
        page.clock.run_for(2_100)
    erin = viewer(site.bridge, site.cast.erin)
    for text in ("Breaking!", "And more"):
        site.clock.advance(seconds=1)
        flow.post(site.bridge.store, site.clock, erin, text, everyone(site.cast), False)
    page.evaluate(SHIFTS)
    page.evaluate("window.same = true")
    with page.expect_response("**/news*"):
        page.clock.run_for(33_000)
    page.clock.resume()
    button = page.get_by_role("link", name="2 new items")
    expect(button).to_be_visible()
    assert 0 == page.evaluate("window.shifted")
    button.click()
    expect(page.locator("article.item").first).to_contain_text("And more")
    expect(page.locator("#feed .read-line")).to_have_text("New since your last visit")
    expect(page.locator(".read-line + .feed-row article")).not_to_contain_text("Breaking!")
    assert page.evaluate("window.same")
    expect(button).to_have_count(0)
    assert 1 == news(asked)


def test_nobody_asks_without_end(site: Site) -> None:
    """Ever more seldom while nothing comes, not in a hidden tab, at once when one is back."""
    page, asked = opened(site, site.cast.charlie)
    with page.expect_response("**/news*"):
        page.clock.run_for(33_000)
    page.clock.run_for(53_000)
    assert 1 == news(asked)
    with page.expect_response("**/news*"):
        page.clock.run_for(14_000)
    page.evaluate(HIDE, True)
    page.clock.run_for(3_600_000)
    assert 2 == news(asked)
    with page.expect_response("**/news*"):
        page.evaluate(HIDE, False)
    assert 3 == news(asked)


def test_a_page_that_nobody_looks_at_is_not_read(site: Site) -> None:
    """Two seconds before somebody's eyes count, an hour in a hidden tab does not."""
    page, asked = opened(site, site.cast.charlie)
    page.evaluate(HIDE, True)
    page.clock.run_for(3_600_000)
    assert "/read" not in asked
    page.evaluate(HIDE, False)
    page.clock.run_for(1_900)
    assert "/read" not in asked
    with page.expect_response("**/read"):
        page.clock.run_for(200)
    page.clock.run_for(10_000)
    assert 1 == asked.count("/read")


def test_without_scripts_links_and_buttons_do_it(site: Site) -> None:
    """Look for new items, search, follow, mark as read: each is a link or a form."""
    page = site.window(site.cast.bob, scripts=False)
    page.goto("/")
    page.get_by_role("link", name="Look for new items").click()
    page.get_by_role("link", name="Search").first.click()
    page.get_by_role("searchbox", name="Search").fill("feedback")
    page.get_by_role("searchbox", name="Search").press("Enter")
    expect(page.get_by_role("heading", name="Items, newest first")).to_be_visible()
    page.get_by_role("link", name="Giving feedback").first.click()
    page.get_by_role("button", name="Follow: Giving feedback").click()
    expect(page.get_by_role("button", name="Follow: Giving feedback")).to_have_text("Following")
    page.get_by_role("link", name="Notices").first.click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
