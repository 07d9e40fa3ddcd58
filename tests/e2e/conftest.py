"""Fixtures for the tests that drive a real browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from bridge.bootstrap import Bridge
from bridge.web import create_app
from bridge.web.cookies import COOKIE
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.e2e.browser import chromium, launch
from tests.lively import Lively, make_lively
from tests.visitor import bridge_of, session_of

PATIENCE = 5_000
"""Milliseconds that a page may take for anything; a test that waits longer has failed."""

# Whoever breaks the policy is heard, also where the browser itself would keep quiet.
REPORT = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""


class _Quiet(WSGIRequestHandler):
    """Serves, keeps no log, and waits for no browser that opened a connection and says nothing."""

    timeout = 2

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@dataclass
class Site:
    """A running bridge in which something goes on, and every browser window that looks at it."""

    bridge: Bridge
    cast: Cast
    lively: Lively
    clock: FrozenClock
    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What any page wrote to its console as an error, and what it failed to load."""

    def window(
        self,
        person: int | None = None,
        *,
        width: int = 1280,
        scripts: bool = True,
        motion: bool = False,
    ) -> Page:
        """A window in which the person is signed in."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 844 if width < 500 else 900},
            java_script_enabled=scripts,
            reduced_motion="no-preference" if motion else "reduce",
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if person is not None:
            token = session_of(self.bridge, person)
            context.add_cookies([{"name": COOKIE, "value": token, "url": self.url}])
        if scripts:
            context.add_init_script(REPORT)
        page = context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        return page

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


Window = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole session; in CI a missing one is a failure."""
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            why = "There is no Chromium here: install one, or run `playwright install chromium`."
            if os.environ.get("CI"):
                pytest.fail(why)
            pytest.skip(why)
        browser = launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture
def site(browser: Browser, lite_cast: Cast, clock: FrozenClock) -> Iterator[Site]:
    """The bridge of the cast, served over HTTP; no page of it may have complained in the end."""
    bridge = bridge_of(lite_cast, clock)
    server = make_server("127.0.0.1", 0, create_app(bridge), threaded=True, request_handler=_Quiet)
    # A request that is still being answered is waited for, so that nothing of it outlives the test.
    server.daemon_threads, server.block_on_close = False, True  # type: ignore[attr-defined]
    url = f"http://127.0.0.1:{server.server_port}"
    bridge.config = replace(bridge.config, base_url=url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site = Site(bridge, lite_cast, make_lively(bridge, lite_cast), clock, url, browser)
    yield site
    for context in site.contexts:
        context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert [] == site.complaints
