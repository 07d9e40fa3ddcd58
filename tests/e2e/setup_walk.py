"""The way through the setup in a browser, against the demo LMS over real HTTP, stop by stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from playwright.sync_api import Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from bridge.bootstrap import Bridge
from bridge.demo.lms.server import Lms
from bridge.web import create_app
from tests.setting_up import link

READING = 60_000
"""Milliseconds in which the demo LMS is read."""


class _Quiet(WSGIRequestHandler):
    timeout = 2

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@contextmanager
def serving(bridge: Bridge) -> Iterator[str]:
    """The bridge's pages over HTTP: their address."""
    server = make_server("127.0.0.1", 0, create_app(bridge), threaded=True, request_handler=_Quiet)
    server.daemon_threads, server.block_on_close = False, True  # type: ignore[attr-defined]
    url = f"http://127.0.0.1:{server.server_port}"
    bridge.config = replace(bridge.config, base_url=url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Walk:
    """Somebody who goes through the whole setup, and stops at each page.

    :param stop: is told the name of each page as it stands there.
    """

    bridge: Bridge
    lms: Lms
    page: Page
    stop: Callable[[Page, str], None]

    def all(self) -> None:
        """From the address to the admin's page."""
        page = self.page
        page.goto(link(self.bridge))
        self.stop(page, "setup-begin")
        page.get_by_role("button", name="Begin").click()
        self._connect()
        self._check()
        self._read()
        self._people()
        self._outlets()
        self._invite()

    def _connect(self) -> None:
        page = self.page
        expect(page.get_by_role("heading", name="Connect your LMS")).to_be_visible()
        self.stop(page, "setup-connect")
        page.get_by_role("link", name="Totara", exact=True).click()
        expect(page.get_by_text("System information → Advanced features")).to_be_visible()
        self.stop(page, "setup-connect-totara")
        page.get_by_label("Address of the site's front page").fill(self.lms.url)
        page.get_by_label("Token, from step 7").fill("not-this-one")
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
        self.stop(page, "setup-connect-refused")
        page.get_by_label("Token, from step 7").fill(self.lms.token)
        page.get_by_role("button", name="Connect", exact=True).click()

    def _check(self) -> None:
        page = self.page
        page.get_by_role("button", name="Examine").click()
        expect(page.get_by_role("heading", name="Check-up")).to_be_visible()
        page.locator(".checklist").wait_for()
        self.stop(page, "setup-check")
        page.get_by_role("button", name="Go on").click()

    def _read(self) -> None:
        page = self.page
        expect(page.get_by_role("heading", name="What is shared, and what is not")).to_be_visible()
        self.stop(page, "setup-reading")
        expect(page.locator("#reading")).to_have_count(0, timeout=READING)
        self.stop(page, "setup-shared")
        row = page.locator(".policy", has_text="not announced").first
        row.get_by_role("button", name="No", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        page.get_by_role("button", name="Go on").click()

    def _people(self) -> None:
        page = self.page
        self.stop(page, "setup-people-none")
        page.get_by_label("E-mail address, user name or name in the LMS").fill(self.admin)
        page.get_by_role("button", name="This is me").click()
        expect(page.get_by_text("They get the role with the last step")).to_be_visible()
        page.get_by_label("Team: its name, id number or id").fill("Sales")
        page.get_by_label("Leader: e-mail address").fill(self.admin)
        page.get_by_role("button", name="Let them lead").click()
        expect(page.get_by_role("status").filter(has_text="leads Sales now")).to_be_visible()
        self.stop(page, "setup-people")
        page.get_by_role("button", name="Go on").click()

    @property
    def admin(self) -> str:
        """The e-mail address of somebody of the LMS."""
        with self.bridge.store.reading() as work:
            connection = work.connections.named("academy")
            found = work.access.people_like("a", connection.id, whole=False)
        return min(one.person.email or "~" for one in found if not one.person.suspended)

    def _outlets(self) -> None:
        page = self.page
        self.stop(page, "setup-outlets-none")
        page.get_by_role("link", name="Webhook").click()
        page.get_by_label("What you call it").fill("Intranet")
        page.get_by_label("Address of the receiver").fill("https://intranet.example.com/hook")
        for kind in ("Completions", "New courses"):
            page.get_by_label(kind).check()
        self.stop(page, "setup-outlet-add")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("heading", name="Intranet is added")).to_be_visible()
        page.get_by_role("link", name="I have copied it").click()
        expect(page.get_by_role("heading", name="Dry run: Intranet")).to_be_visible()
        page.get_by_role("link", name="Dry run of Intranet").click()
        expect(page.get_by_role("heading", name="Dry run: Intranet")).to_be_visible()
        self.stop(page, "setup-outlets")
        page.get_by_role("button", name="Go on").click()

    def _invite(self) -> None:
        page = self.page
        expect(page.get_by_role("heading", name="Invite, and open the doors")).to_be_visible()
        self.stop(page, "setup-invite")
        page.get_by_role("button", name="Finish, and open the bridge").click()
        page.wait_for_url("**/admin")
