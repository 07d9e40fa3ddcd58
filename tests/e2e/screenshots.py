"""Pictures of every page, at 390 and at 1280 pixels, light and dark, for a person to look at.

    python -m tests.e2e.screenshots [--to screenshots] [--only desk]

It starts the demo on ports of its own, signs in as its learner, leader and admin, and stops it; the
setup is gone through on an empty bridge.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bridge.bootstrap import SystemClock
from bridge.config import new_secret_key
from bridge.demo.lms.server import running_lms
from bridge.storage import Store, schema
from tests.e2e.browser import chromium, launch
from tests.e2e.setup_walk import Walk, serving
from tests.setting_up import empty_bridge

SIZES = {390: 844, 1280: 900}
TALLEST = {390: 1500, 1280: 1500}
SCHEMES = ("light", "dark")
PORTS = ("8317", "8318")
LINK = re.compile(r"Sign in as an? (\w+),.*\n\s+(http\S+)")


def _first(selector: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.goto(page.url)
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return act


def _talk(page: Page) -> None:
    page.locator(".item-foot a.act").first.click()
    page.locator(".comment-form").first.wait_for()
    page.locator(".menu summary").nth(2).click()


def _follow(page: Page) -> None:
    page.goto(page.url.replace("/topics", "/"))
    page.locator("a.what").first.click()
    page.get_by_role("button", name="Follow").first.click()
    page.wait_for_load_state("networkidle")
    page.goto(page.url.partition("/courses")[0] + "/topics")


def _share(page: Page) -> None:
    page.locator(".suggestion textarea").first.fill(
        "This one changed how I open our Monday meeting: I ask first, and wait. Try it with me?"
    )
    page.get_by_role("button", name="Share", exact=True).first.click()
    page.wait_for_load_state("networkidle")


def _see_it_first(page: Page) -> None:
    first = page.locator(".suggestion", has=page.locator("input[name=course_id]")).first
    first.evaluate("card => { card.open = true; }")
    first.get_by_label("Who sees it").select_option(label="Everyone here")
    first.locator("textarea").first.fill(
        "This one changed how I open our Monday meeting: I ask first, and wait. Try it with me?"
    )
    for box in first.locator("input[name=outlet]").all():
        box.check(force=True)
    first.get_by_role("button", name="See it first").click()
    page.wait_for_load_state("networkidle")


def _document(page: Page) -> None:
    page.locator(".opblock").first.wait_for()


def _check(page: Page) -> None:
    page.get_by_role("button", name="Check now").click()
    page.wait_for_load_state("networkidle")


def _refused(page: Page) -> None:
    page.locator(".reply-form textarea").first.evaluate("box => box.required = false")
    page.get_by_role("button", name="Answer", exact=True).first.click()
    page.wait_for_load_state("networkidle")


@dataclass(frozen=True)
class Shot:
    """One page: who opens it, where, and what they do there first."""

    name: str
    who: str
    path: str
    act: Callable[[Page], None] | None = None


SHOTS = (
    Shot("sign-in-explained", "nobody", "/sign-in"),
    Shot("home", "learner", "/"),
    Shot("home-talk", "learner", "/", _talk),
    Shot("activity", "learner", "/", _first(".item-head .meta a.quiet")),
    Shot("course", "learner", "/", _first("a.what")),
    Shot("team", "leader", "/people/me-team", None),
    Shot("person", "learner", "/", _first("a.who")),
    Shot("me", "learner", "/me"),
    Shot("notices", "learner", "/notices"),
    Shot("letters", "learner", "/me/letters"),
    Shot("search", "learner", "/search?q=feedback"),
    Shot("search-nothing", "learner", "/search?q=nowhere"),
    Shot("topics-none", "learner", "/topics"),
    Shot("topics", "leader", "/topics", _follow),
    Shot("sharing", "learner", "/me/sharing"),
    Shot("receipts", "learner", "/me/receipts"),
    Shot("my-data", "learner", "/me/data"),
    Shot("not-found", "learner", "/a/none"),
    Shot("home-leader", "leader", "/"),
    Shot("desk", "leader", "/desk"),
    Shot("leaders", "admin", "/admin/leaders"),
    Shot("lti", "admin", "/admin/lti"),
    Shot("checkup", "admin", "/admin/doctor", _check),
    Shot("audit", "admin", "/admin/audit"),
    Shot("sessions", "learner", "/me/sessions"),
    Shot("tokens", "leader", "/me/tokens"),
    Shot("api", "learner", "/api/docs", _document),
    Shot("delegates", "leader", "/desk/delegates"),
    Shot("desk-seen-first", "leader", "/desk", _see_it_first),
    Shot("why", "leader", "/desk", _first(".suggestion .check")),
    Shot("desk-refused", "leader", "/desk", _refused),
    Shot("note", "leader", "/desk/note"),
    Shot("note-link-used", "nobody", "/note/none"),
    Shot("pulse", "leader", "/pulse"),
    Shot("pulse-all", "admin", "/pulse"),
    Shot("definitions", "leader", "/pulse/definitions"),
    Shot("admin", "admin", "/admin"),
    Shot("syncs", "admin", "/admin/runs"),
    Shot("syncs-none", "admin", "/admin/runs?ended=failed"),
    Shot("taken-back", "admin", "/admin/withdrawals"),
    Shot("erase", "admin", "/admin/erase"),
    Shot("preview", "admin", "/admin/preview"),
    Shot("ledger", "admin", "/admin/ledger"),
    Shot("outlets", "admin", "/admin/outlets"),
    Shot("outlet", "admin", "/admin/outlets/2"),
    Shot("outlet-add", "admin", "/admin/outlets/add"),
    Shot("outlet-add-slack", "admin", "/admin/outlets/add?kind=slack"),
    Shot("outlet-add-email", "admin", "/admin/outlets/add?kind=email"),
    Shot("moderation", "admin", "/moderation"),
    Shot("desk-shared", "leader", "/desk", _share),
)


def main() -> None:
    """Start the demo, take the pictures, stop the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", default="", help="the beginning of the pictures' names")
    parser.add_argument("--wait", type=float, default=0, help="seconds to let the demo live first")
    options = parser.parse_args()
    options.to.mkdir(exist_ok=True)
    shots = [shot for shot in SHOTS if shot.name.startswith(options.only)]
    with tempfile.TemporaryDirectory() as home:
        if "setup".startswith(options.only[:5]):
            _set_up(Path(home), options.to)
        if shots:
            demo, links = _start(home)
            try:
                time.sleep(options.wait)
                _take(shots, links, options.to)
            finally:
                demo.send_signal(signal.SIGINT)
                demo.wait(20)
    print(f"{len(list(options.to.glob('*.png')))} pictures in {options.to}/")


def _start(home: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    command = [sys.executable, "-m", "bridge.cli", "demo", "--home", home]
    command += ["--port", PORTS[0], "--lms-port", PORTS[1]]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = ""
    assert demo.stdout is not None
    for line in demo.stdout:
        said += line
        if "Ctrl-C" in line:
            return demo, dict(LINK.findall(said))
    raise SystemExit(said)


def _take(shots: list[Shot], links: dict[str, str], to: Path) -> None:
    base = f"http://127.0.0.1:{PORTS[0]}"
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            raise SystemExit("There is no Chromium here: run `playwright install chromium`.")
        browser = launch(playwright, path)
        states = {who: _sign_in(browser, link, to) for who, link in links.items()}
        for shot in shots:
            for width, height in SIZES.items():
                for scheme in SCHEMES:
                    context = browser.new_context(
                        viewport={"width": width, "height": height},
                        color_scheme=scheme,
                        device_scale_factor=2 if width < 500 else 1,
                        reduced_motion="reduce",
                        storage_state=states.get(shot.who),
                    )
                    page = context.new_page()
                    if shot.path == "/people/me-team":
                        page.goto(base + "/me")
                        team = page.locator("[aria-labelledby=my-teams] a").first
                        page.goto(base + str(team.get_attribute("href")))
                    else:
                        page.goto(base + shot.path)
                    if shot.act and not (shot.name == "desk-shared" and _shared_already(page)):
                        shot.act(page)
                    page.wait_for_load_state("networkidle")
                    whole = int(page.evaluate("document.documentElement.scrollHeight"))
                    clip = {"x": 0, "y": 0, "width": width, "height": min(whole, TALLEST[width])}
                    name = f"{shot.name}-{width}-{scheme}.png"
                    # A window as tall as the picture keeps what is fixed to its foot there.
                    page.set_viewport_size({"width": width, "height": clip["height"]})
                    page.screenshot(path=to / name, clip=clip)
                    context.close()
        browser.close()


def _set_up(home: Path, to: Path) -> None:
    """Every page of the setup, as somebody goes through it."""
    store = Store(f"sqlite:///{home / 'setup.db'}", [new_secret_key()])
    schema.upgrade(store)
    bridge = empty_bridge(store, SystemClock())
    with sync_playwright() as playwright, running_lms() as lms, serving(bridge) as url:
        path = chromium(playwright)
        if path is None:
            raise SystemExit("There is no Chromium here: run `playwright install chromium`.")
        browser = launch(playwright, path)
        context = browser.new_context(base_url=url, reduced_motion="reduce")

        def stop(page: Page, name: str) -> None:
            for width, height in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                    whole = int(page.evaluate("document.documentElement.scrollHeight"))
                    page.set_viewport_size({"width": width, "height": whole})
                    page.screenshot(path=to / f"{name}-{width}-{scheme}.png")

        Walk(bridge, lms, context.new_page(), stop).all()
        browser.close()
    store.close()


def _shared_already(page: Page) -> bool:
    return page.locator(".fresh").count() > 0


def _sign_in(browser: Browser, link: str, to: Path) -> dict[str, object]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page = context.new_page()
    page.goto(link)
    page.screenshot(path=to / "sign-in-390-light.png")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    state = context.storage_state()
    context.close()
    return dict(state)


if __name__ == "__main__":
    main()
