"""A person with a browser that runs no scripts: what the tests of the pages are told with."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge import config, flow
from bridge.access import links, sessions
from bridge.bootstrap import Bridge
from tests.cast import Cast
from tests.conftest import SECRET_KEY, FrozenClock

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def bridge_of(cast: Cast, clock: FrozenClock, base_url: str = "http://localhost") -> Bridge:
    """The bridge that keeps the cast."""
    given = {
        "SOCIALBRIDGE_SECRET_KEY": SECRET_KEY,
        "SOCIALBRIDGE_DATABASE_URL": cast.store.url,
        "SOCIALBRIDGE_BASE_URL": base_url,
    }
    return Bridge(config=config.load(None, given), store=cast.store, clock=clock)


def tell(bridge: Bridge, cast: Cast) -> int:
    """Turn what happened in the LMS into the feed."""
    return flow.tell(bridge.store, bridge.clock, cast.connection)


def sign_in_link(bridge: Bridge, person: int) -> str:
    """The path of a fresh one-time link for the person."""
    with bridge.store.work() as work:
        return f"/sign-in/{links.issue(work, person, bridge.clock.now())}"


def session_of(bridge: Bridge, person: int) -> str:
    """The secret of a fresh session of the person, as their cookie would hold it."""
    with bridge.store.work() as work:
        return sessions.begin(work, person, bridge.clock.now())


@dataclass
class Visitor:
    """A client that sends the form token along, as a page's own form does."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, buffered=True, **options)

    def page(self, path: str, **options: Any) -> str:
        """The source of a page that must be there."""
        answer = self.get(path, **options)
        assert 200 == answer.status_code, answer.text
        return answer.text

    def json(self, path: str) -> Any:
        """What a page in JSON says."""
        return self.get(path).json

    def read(self, path: str, **options: Any) -> str:
        """The words of a page, as somebody reads them: without markup, in one line."""
        return words(self.page(path, **options))

    def post(
        self, path: str, *, htmx: bool = False, referrer: str = "", **form: Any
    ) -> TestResponse:
        """Send a form."""
        found = TOKEN.search(self.client.get("/sign-in").text)
        assert found is not None
        headers = {"HX-Request": "true"} if htmx else {}
        headers |= {"Referer": referrer} if referrer else {}
        data = {**form, "csrf_token": found[1]}
        return self.client.post(path, data=data, headers=headers, buffered=True)

    def follow(self, path: str, **form: Any) -> str:
        """Send a form, and read the page that it leads to."""
        answer = self.post(path, **form)
        assert 303 == answer.status_code, answer.text
        return self.read(answer.headers["Location"])


def field(source: str, name: str) -> str:
    """What stands in the text field of that name, as the person who typed it would read it."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>(.*?)</textarea>', source, re.DOTALL)
    assert found is not None, source
    return html.unescape(found[1])


def words(source: str) -> str:
    """The words of a page's body."""
    body = source.partition("</svg>")[2] or source
    plain = re.sub(r"<(script|style|title).*?</\1>|<[^>]+>", "", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(plain)).strip()


Visit = Callable[..., Visitor]
