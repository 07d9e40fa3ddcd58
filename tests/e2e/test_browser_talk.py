"""People talk: mentions by the keyboard, threads, edits, and what moderators do, in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bridge import flow
from bridge.feed import moderate
from bridge.model import Audience, AudienceKind
from tests.e2e.conftest import Site
from tests.e2e.flaws import flaws_of


def tell(site: Site, text: str = "Who is for lunch?") -> str:
    """Bob says something to everyone; its address."""
    audience = Audience(AudienceKind.EVERYONE, site.cast.connection)
    bob = site.cast.viewer(site.cast.bob)
    return flow.post(site.bridge.store, site.clock, bob, text, audience, False).uid


def say(page: Page, text: str) -> None:
    """Type a comment."""
    page.get_by_label("Write a comment").press_sequentially(text)


def test_mentioning_by_the_keyboard(site: Site) -> None:
    """An "@" opens a list; arrows choose in it, Enter takes, Escape closes; it is said aloud."""
    uid = tell(site)
    page = site.window(site.cast.alice)
    page.goto(f"/a/{uid}")
    field = page.get_by_label("Write a comment")
    say(page, "Ask @b")
    names = page.get_by_role("listbox", name="People to mention")
    expect(names.get_by_role("option")).to_have_text(["Ben Okafor", "Beth Becker", "Bob Brown"])
    expect(page.locator("#names-said")).to_have_text("3 people found. Arrows choose, Enter takes.")
    expect(field).to_have_attribute("aria-activedescendant", "names-0")
    field.press("ArrowUp")
    expect(names.get_by_role("option", selected=True)).to_have_text("Bob Brown")
    assert [] == flaws_of(page, page.url)
    field.press("Escape")
    expect(names).to_have_count(0)
    field.press_sequentially("e")
    expect(names.get_by_role("option")).to_have_text(["Ben Okafor", "Beth Becker"])
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Ask @Beth Becker ")
    expect(field).to_be_focused()
    field.press_sequentially("first")
    field.press("Control+Enter")
    said = page.locator(".comment", has_text="first")
    expect(said.get_by_role("link", name="@Beth Becker")).to_have_attribute(
        "href", f"/people/{site.cast.beth}"
    )


def test_without_scripts_a_whole_name_is_a_mention(site: Site) -> None:
    """And threads, edits and reports are plain links and forms."""
    uid = tell(site)
    page = site.window(site.cast.alice, scripts=False)
    page.goto(f"/a/{uid}")
    page.get_by_label("Write a comment").fill("Ask @bob brown, he knows")
    page.get_by_role("button", name="Send").first.click()
    first = page.locator(".comment", has_text="he knows")
    expect(first.get_by_role("link", name="@Bob Brown")).to_be_visible()
    first.get_by_text("Reply", exact=True).click()
    first.get_by_label("Write a reply").fill("Or not.")
    first.get_by_role("button", name="Send").click()
    expect(page.locator(".answers .comment", has_text="Or not.")).to_be_visible()
    mine = page.locator(".answers .comment")
    mine.locator("summary").first.click()
    mine.get_by_role("link", name="Edit").click()
    page.get_by_label("What it says").fill("Or so.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".answers .comment")).to_contain_text("edited")
    page.locator(".item-foot .menu summary").click()
    page.get_by_role("link", name="Report").click()
    page.get_by_label("What is wrong with it?").fill("It is not lunch yet.")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("status").first).to_contain_text("A moderator will look at it")


def test_a_moderator_hides_with_a_reason_and_the_author_reads_it(site: Site) -> None:
    """Without a reason nothing is hidden; restored, it is there again."""
    uid = tell(site, "Buy my bike!")
    with site.bridge.store.work() as work:
        beth = site.cast.viewer(site.cast.beth)
        moderate.report(work, beth, uid, None, "An advertisement", site.clock.now())
    page = site.window(site.cast.dana)
    page.goto("/moderation")
    case = page.locator(".case", has_text="Buy my bike!")
    expect(case).to_contain_text("An advertisement")
    assert [] == flaws_of(page, page.url)
    case.get_by_role("button", name="Hide it").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no text yet.")
    assert all("status of 422" in complaint for complaint in site.complaints)
    site.complaints.clear()
    case.get_by_label("Reason").fill("No advertisements here, please.")
    case.get_by_role("button", name="Hide it").click()
    expect(page.get_by_role("status").first).to_contain_text("Its author is told.")
    author = site.window(site.cast.bob)
    author.goto("/me")
    author.goto(f"/people/{site.cast.bob}")
    expect(author.get_by_role("main")).to_contain_text("No advertisements here, please.")
    case.get_by_label("Reason").fill("It was a gift.")
    case.get_by_role("button", name="Show it again").click()
    expect(page.get_by_role("status").first).to_contain_text("It is shown again.")
    author.goto(f"/a/{uid}")
    expect(author.get_by_role("main")).to_contain_text("Buy my bike!")


def test_a_form_that_is_refused_keeps_what_was_typed(site: Site) -> None:
    """Nobody loses their words to an error."""
    uid = tell(site)
    page = site.window(site.cast.bob)
    page.goto(f"/a/{uid}/edit")
    box = page.get_by_label("What it says")
    expect(box).to_have_value("Who is for lunch?")
    box.evaluate("box => box.removeAttribute('maxlength')")
    box.fill("x" * 4_100)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("4,000 are the most")
    expect(box).to_have_value("x" * 4_100)
    assert all("status of 422" in complaint for complaint in site.complaints)
    site.complaints.clear()
