"""The pages in a real browser: what people do with them, by mouse, by keyboard, without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bridge import curation
from bridge.access import links
from bridge.delivery import note_wishes, outlets
from bridge.feed import write
from tests.e2e.conftest import Site
from tests.e2e.flaws import flaws_of, unfold
from tests.lively import BOB_ASKS, ERIN_SAYS, everyone, viewer
from tests.visitor import sign_in_link

pytestmark = pytest.mark.browser


def item(page: Page, text: str) -> Any:
    """The item of a feed that says so."""
    return page.locator("article.item", has_text=text)


# --- stories -------------------------------------------------------------------------------------


def test_signing_in_choosing_and_taking_part(site: Site) -> None:
    """Charlie's first visit: the button, who may see his name, a cheer, a comment, a post."""
    page = site.window()
    page.goto(sign_in_link(site.bridge, site.cast.charlie))
    expect(page.get_by_role("heading", name="Hello, Charlie Chen")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title("Feed · Socialbridge")

    page.get_by_role("button", name="Everyone at Acme Academy").click()
    said = "Everyone here sees your name beside what you finish."
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
    expect(page.get_by_role("heading", name="who may see your name?")).to_have_count(0)

    share = item(page, ERIN_SAYS)
    cheer = share.get_by_role("button", name="Cheer")
    expect(cheer).to_have_attribute("aria-pressed", "false")
    cheer.click()
    expect(cheer).to_have_attribute("aria-pressed", "true")
    expect(cheer).to_have_text("Cheer2")
    expect(cheer).to_be_focused()

    share.get_by_role("link", name="Comment", exact=True).click()
    field = share.get_by_label("Write a comment")
    expect(field).to_be_focused()
    field.fill("Next Monday?")
    field.press("Control+Enter")
    expect(share.locator(".comment", has_text="Next Monday?")).to_be_visible()
    expect(share.get_by_label("Write a comment")).to_be_focused()
    expect(share.get_by_label("Write a comment")).to_have_value("")

    page.get_by_label("Say something to your colleagues").fill("I start on Monday.")
    page.get_by_label("Who sees it").select_option(label="Engineering")
    page.get_by_label("This is a Question").check()
    page.get_by_role("button", name="Post").click()
    mine = page.locator("article.item").first
    expect(mine).to_contain_text("I start on Monday.")
    expect(mine.locator(".sentence")).to_have_text("You ask")
    expect(page.get_by_label("Say something to your colleagues")).to_have_value("")
    # All of it happened on one page, and is there after it is loaded again.
    page.reload()
    expect(page.locator("article.item").first).to_contain_text("I start on Monday.")
    expect(item(page, ERIN_SAYS)).to_contain_text("Next Monday?")


def test_what_others_say_meanwhile_waits_behind_a_pill(site: Site) -> None:
    """A page that is open learns of news by itself, and shows them when asked."""
    page = site.window(site.cast.charlie)
    page.goto("/")
    other = site.window(site.cast.erin)
    other.goto("/")
    other.get_by_label("Say something to your colleagues").fill("Breaking!")
    other.get_by_role("button", name="Post").click()
    expect(other.locator("article.item").first).to_contain_text("Breaking!")
    expect(item(page, "Breaking!")).to_have_count(0)
    page.evaluate(
        "htmx.trigger('#news', 'htmx:abort'); htmx.ajax('GET',"
        " document.querySelector('#news').getAttribute('hx-get'), '#news')"
    )
    page.get_by_role("link", name="1 new item").click()
    expect(page.locator("article.item").first).to_contain_text("Breaking!")
    expect(page.get_by_role("link", name="1 new item")).to_have_count(0)


def test_a_request_that_fails_says_so(site: Site) -> None:
    """What was withdrawn in the meantime cannot be cheered; the page says it and stays."""
    page = site.window(site.cast.charlie)
    page.goto("/")
    bob = site.window(site.cast.bob)
    bob.goto(f"/a/{site.lively.post}")
    bob.get_by_label("More about this item").click()
    bob.get_by_role("button", name="Take it back").click()
    bob.wait_for_url("**/")
    item(page, BOB_ASKS).get_by_role("button", name="Cheer").click()
    expect(page.get_by_role("status").filter(has_text="There is no such item.")).to_be_visible()
    assert ["404"] == [c.partition("status of ")[2][:3] for c in site.complaints[:1]]
    site.complaints.clear()


def test_choosing_what_is_shared(site: Site) -> None:
    """Bob takes his name back from everybody, hides an item, and makes a private feed address."""
    page = site.window(site.cast.bob)
    page.goto("/")
    page.get_by_role("link", name="Who sees this?").first.click()
    expect(page.get_by_label("Everyone here")).to_be_checked()
    page.get_by_label("Nobody").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_label("Nobody")).to_be_checked()
    other = site.window(site.cast.charlie)
    other.goto(f"/courses/{site.cast.feedback}")
    expect(other.get_by_role("main")).not_to_contain_text("Bob Brown")

    page.get_by_role("button", name="Hide: Giving feedback").click()
    expect(page.get_by_role("button", name="Show again: Giving feedback")).to_be_visible()

    page.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("Private feed address").input_value()
    assert address.startswith(f"{site.url}/feeds/home.atom?key=")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()


def test_a_leader_shares_from_the_desk_and_thinks_better_of_it(site: Site) -> None:
    """Alice shares the first suggestion with everyone and the intranet, and undoes it in time."""
    page = site.window(site.cast.alice)
    page.goto("/desk")
    first = page.locator(".suggestion").first
    box = first.get_by_label("Intranet")
    # The outlet is everyone's: for her team alone it cannot be ticked.
    expect(box).to_be_disabled()
    first.get_by_label("Who sees it").select_option(label="Everyone here")
    box.check(force=True)
    first.get_by_label("Who sees it").select_option(label="Sales")
    expect(box).not_to_be_checked()
    first.get_by_label("Who sees it").select_option(label="Everyone here")
    box.check(force=True)
    first.get_by_role("textbox").first.fill("This one changed my Mondays.")
    first.get_by_role("button", name="See it first").click()

    expect(page.get_by_role("heading", name="See it first")).to_be_visible()
    expect(page.locator(".seen-first")).to_contain_text("This one changed my Mondays.")
    expect(page.get_by_role("heading", name="Intranet")).to_be_visible()
    assert [] == flaws_of(page, "share-preview")
    page.get_by_role("button", name="Share", exact=True).click()

    fresh = page.locator(".fresh")
    expect(fresh).to_contain_text("Nothing leaves for a minute.")
    shared = page.locator("#became")
    expect(shared).to_contain_text("This one changed my Mondays.")
    expect(shared).to_contain_text("Intranet: on its way")
    fresh.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Taken back.")).to_be_visible()
    expect(page.locator("#became")).not_to_contain_text("This one changed my Mondays.")
    expect(page.locator(".suggestion")).to_have_count(3)


def test_a_leader_answers_puts_off_and_dismisses(site: Site) -> None:
    """The rest of Alice's five minutes."""
    page = site.window(site.cast.alice)
    page.goto("/desk")
    page.get_by_label("Your answer to When do you name a price?").fill("When they ask for it.")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("status").filter(has_text="on its way into the forum")).to_be_visible()
    expect(page.locator("#answer")).to_contain_text("Nobody of your people waits for an answer.")

    page.locator(".suggestion").first.get_by_role("button", name="Later").click()
    expect(page.locator(".suggestion").last).to_contain_text("Put off")
    first = page.locator(".suggestion").first
    first.get_by_text("Not for me").click()
    first.get_by_label("They know it already").check()
    first.get_by_label("In your own words").fill("We did this in spring.")
    first.get_by_role("button", name="Do not suggest it").click()
    expect(page.locator(".suggestion")).to_have_count(2)


def test_an_empty_answer_is_explained_where_it_was_typed(site: Site) -> None:
    """A browser that checks nothing itself: the reason stands by the field, which has the focus."""
    page = site.window(site.cast.alice)
    page.goto("/desk")
    page.locator(".reply-form textarea").evaluate("box => { box.required = false; }")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no text.")
    expect(page.get_by_label("Your answer to When do you name a price?")).to_be_focused()
    assert all("status of 422" in complaint for complaint in site.complaints)
    site.complaints.clear()


def test_by_keyboard_alone(site: Site) -> None:
    """From the link past the navigation to a post, a cheer, a menu and out of it again."""
    page = site.window(site.cast.bob)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Say something to your colleagues")).to_be_focused()
    page.keyboard.type("By keyboard alone.")
    page.keyboard.press("Control+Enter")
    mine = page.locator("article.item").first
    expect(mine).to_contain_text("By keyboard alone.")

    cheer = mine.get_by_role("button", name="Cheer")
    walk_to(page, cheer)
    page.keyboard.press("Space")
    expect(cheer).to_have_attribute("aria-pressed", "true")
    expect(cheer).to_be_focused()

    menu = mine.get_by_label("More about this item")
    walk_to(page, menu)
    page.keyboard.press("Enter")
    expect(mine.get_by_role("button", name="Take it back")).to_be_visible()
    page.keyboard.press("Escape")
    expect(mine.get_by_role("button", name="Take it back")).to_be_hidden()
    expect(menu).to_be_focused()


def walk_to(page: Page, target: Any, steps: int = 40) -> None:
    """Press Tab until the target has the focus; what has it can be seen to have it."""
    for _ in range(steps):
        page.keyboard.press("Tab")
        drawn = page.evaluate(
            """() => {
                const one = document.activeElement;
                const near = [one, one.nextElementSibling, one.closest("form, label")];
                return near.some((e) => e && getComputedStyle(e).outlineStyle !== "none");
            }"""
        )
        assert drawn, page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("The keyboard does not get there.")


def test_without_scripts_everything_works(site: Site) -> None:
    """Cheer, comment, menu, post, more, share and theme: plain links and forms."""
    page = site.window(site.cast.charlie, scripts=False)
    page.goto("/")
    item(page, ERIN_SAYS).get_by_role("button", name="Cheer").click()
    expect(item(page, ERIN_SAYS).get_by_role("button", name="Cheer")).to_have_text("Cheer2")
    item(page, ERIN_SAYS).get_by_role("link", name="Comment", exact=True).click()
    page.get_by_label("Write a comment").fill("Without scripts.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".comment")).to_contain_text("Without scripts.")
    page.goto("/")
    page.get_by_label("Say something to your colleagues").fill("Plain as can be.")
    page.get_by_role("button", name="Post").click()
    expect(page.locator("article.item").first).to_contain_text("Plain as can be.")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    desk = site.window(site.cast.alice, scripts=False)
    desk.goto("/desk")
    first = desk.locator(".suggestion").first
    first.get_by_role("textbox").first.fill("Shared plainly.")
    first.get_by_role("button", name="Share", exact=True).click()
    expect(desk.locator("#became")).to_contain_text("Shared plainly.")
    desk.locator(".suggestion summary").first.click()
    desk.locator(".fresh").get_by_role("button", name="Undo").click()
    expect(desk.get_by_role("status").filter(has_text="Taken back.")).to_be_visible()


def test_a_feed_grows_where_it_is_read(site: Site) -> None:
    """Show more brings older items onto the same page, each once; the keyboard goes on there."""
    with site.bridge.store.work() as work:
        who = viewer(site.bridge, site.cast.bob)
        for number in range(30):
            at = site.clock.advance(minutes=1)
            write.post(work, who, f"post number {number}.", everyone(site.cast), False, at)
    page = site.window(site.cast.charlie)
    page.goto("/")
    expect(page.locator("article.item")).to_have_count(20)
    page.get_by_role("link", name="Show more").press("Enter")
    expect(item(page, "post number 0.")).to_have_count(1)
    expect(page.locator("article.item").nth(20).get_by_role("link").first).to_be_focused()
    ids = page.locator("article.item").evaluate_all("all => all.map((one) => one.id)")
    assert len(set(ids)) == len(ids) > 30
    assert page.url.endswith("/")


def test_light_and_dark_are_one_click_and_kept(site: Site) -> None:
    """The button changes the page at once, the next page has it from the start."""
    page = site.window(site.cast.bob)
    page.goto("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate(ground)
    assert light != dark
    page.goto("/me/sharing")
    assert dark == page.evaluate(ground)
    page.goto("/me")
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Light", exact=True).click()
    expect(page.get_by_role("button", name="Light", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert light == page.evaluate(ground)


def an_outlet(site: Site) -> int:
    """The id of an outlet."""
    with site.bridge.store.reading() as work:
        return outlets.of(work, site.cast.connection)[0].id


def note_link(site: Site, person: int) -> str:
    """The path of a fresh link that opens the person's desk."""
    with site.bridge.store.work() as work:
        return f"/note/{links.issue(work, person, site.bridge.clock.now())}"


def note_end(site: Site, person: int) -> str:
    """The path of the link that ends the person's notes."""
    with site.bridge.store.reading() as work:
        return f"/notes/{note_wishes.token(work, person)}"


def test_a_link_of_a_note_opens_its_suggestion(site: Site) -> None:
    """By the button, which signs in; not the first suggestion but the one that was clicked."""
    with site.bridge.store.reading() as work:
        now = site.bridge.clock.now()
        wanted = curation.suggestions(work, site.cast.alice, now)[-1].id
    page = site.window(None)
    page.goto(note_link(site, site.cast.alice) + f"?at=suggestion-{wanted}")
    page.get_by_role("button", name="Open my desk").click()
    expect(page.locator(f"#suggestion-{wanted}")).to_have_attribute("open", "")
    expect(page.locator("details.suggestion[open]")).to_have_count(1)


# --- every page ----------------------------------------------------------------------------------


def pages(site: Site) -> list[tuple[str, int | None, str]]:
    """Every page: its name, who opens it, and its address."""
    cast, lively = site.cast, site.lively
    return [
        ("sign-in", None, "/sign-in"),
        ("sign-in-link", None, sign_in_link(site.bridge, cast.bob)),
        ("home", cast.bob, "/"),
        ("home-first-visit", cast.charlie, "/"),
        ("home-leader", cast.alice, "/"),
        ("course-empty", cast.dana, f"/courses/{cast.safety}"),
        ("item", cast.bob, f"/a/{lively.post}"),
        ("course", cast.bob, f"/courses/{cast.feedback}"),
        ("team", cast.alice, f"/teams/{cast.sales}"),
        ("person", cast.charlie, f"/people/{cast.bob}"),
        ("me", cast.bob, f"/people/{cast.bob}"),
        ("sharing", cast.bob, "/me/sharing"),
        ("notices", cast.bob, "/notices"),
        ("notices-none", cast.dana, "/notices"),
        ("letters", cast.bob, "/me/letters"),
        ("search", cast.bob, "/search?q=feedback"),
        ("search-none", cast.bob, "/search?q=nowhere"),
        ("topics-none", cast.bob, "/topics"),
        ("category", cast.bob, f"/categories/{lively.category}"),
        ("my-data", cast.bob, "/me/data"),
        ("receipts", cast.bob, "/me/receipts"),
        ("taken-back", cast.dana, "/admin/withdrawals"),
        ("erase", cast.dana, "/admin/erase?person=Bob"),
        ("desk", cast.alice, "/desk"),
        ("delegates", cast.alice, "/desk/delegates"),
        ("why", cast.alice, f"/desk/why/{cast.feedback}"),
        ("note", cast.alice, "/desk/note"),
        ("note-link", None, note_link(site, cast.alice)),
        ("note-end", None, note_end(site, cast.alice)),
        ("desk-shared", cast.erin, "/desk"),
        ("pulse", cast.dana, "/pulse"),
        ("definitions", cast.alice, "/pulse/definitions"),
        ("leaders", cast.dana, "/admin/leaders"),
        ("in-the-lms", cast.dana, "/admin/lti"),
        ("check-up", cast.dana, "/admin/doctor"),
        ("audit", cast.dana, "/admin/audit"),
        ("signed-in", cast.bob, "/me/sessions"),
        ("tokens", cast.alice, "/me/tokens"),
        ("asked-for-a-link", None, "/sign-in?asked=yes"),
        ("admin", cast.dana, "/admin"),
        ("syncs", cast.dana, "/admin/runs"),
        ("syncs-none", cast.dana, "/admin/runs?ended=partial"),
        ("preview", cast.dana, "/admin/preview"),
        ("ledger", cast.dana, "/admin/ledger"),
        ("outlets", cast.dana, "/admin/outlets"),
        ("outlet", cast.dana, f"/admin/outlets/{an_outlet(site)}"),
        ("outlet-add", cast.dana, "/admin/outlets/add"),
        *(
            (f"outlet-add-{kind}", cast.dana, f"/admin/outlets/add?kind={kind}")
            for kind in ("email", "mastodon", "webhook")
        ),
        ("ledger-empty", cast.dana, "/admin/ledger?state=shown"),
        ("not-found", cast.bob, "/nowhere"),
    ]


@pytest.mark.parametrize("half", [0, 1])
def test_every_page_is_for_everybody(half: int, site: Site) -> None:
    """No flaw that axe knows, light and dark, on a phone and a screen; no scrolling sideways."""
    windows: dict[int | None, Page] = {}
    flaws: list[str] = []
    for name, person, path in pages(site)[half::2]:
        if person not in windows:
            windows[person] = site.window(person)
        page = windows[person]
        page.goto(path)
        unfold(page)
        flaws += flaws_of(page, name)
    site.complaints[:] = [c for c in site.complaints if "status of 404" not in c]
    assert not flaws, "\n".join(flaws)


def test_a_page_can_be_read_at_its_first_paint(site: Site) -> None:
    """With motion allowed, nothing that is there when the page comes has to fade in first."""
    page = site.window(site.cast.bob, motion=True)
    page.goto("/", wait_until="commit")
    page.locator("article.item").first.wait_for(state="attached")
    hidden = page.evaluate(
        """() => document.getAnimations()
            .flatMap((a) => a.effect.getKeyframes().map((k) => [a.animationName, k.opacity]))
            .filter(([name, opacity]) => opacity !== undefined && name !== "toast-out")"""
    )
    assert [] == hidden


def test_who_wants_no_motion_gets_none(site: Site) -> None:
    """Every animation and transition is over before it is seen."""
    page = site.window(site.cast.charlie)
    page.goto("/")
    item(page, ERIN_SAYS).get_by_role("button", name="Cheer").click()
    expect(item(page, ERIN_SAYS).get_by_role("button", name="Cheer")).to_have_text("Cheer2")
    longest = page.evaluate(
        """() => Math.max(0, ...[...document.querySelectorAll("*")].flatMap((one) => {
            const style = getComputedStyle(one);
            return [style.animationDuration, style.transitionDuration]
                .flatMap((list) => list.split(",")).map(parseFloat);
        }))"""
    )
    assert longest < 0.001
