"""Somebody who sets the bridge up: an empty database, and a browser that holds the setup."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from flask import Flask

from bridge import config
from bridge.access import setup_keys
from bridge.bootstrap import Bridge
from bridge.demo.lms.server import Lms
from bridge.storage import Store
from bridge.web import create_app
from bridge.web.cookies import SETUP
from tests.conftest import SECRET_KEY, FrozenClock
from tests.visitor import Visitor

LOCAL = frozenset({"127.0.0.1", "localhost"})
"""The hosts at which the demo LMS is reached in tests."""


def empty_bridge(
    store: Store, clock: FrozenClock, *, allow: frozenset[str] = LOCAL, url: str = ""
) -> Bridge:
    """A bridge right after ``socialbridge init``, which may reach those hosts of its network."""
    given = {
        "SOCIALBRIDGE_SECRET_KEY": SECRET_KEY,
        "SOCIALBRIDGE_DATABASE_URL": store.url,
        "SOCIALBRIDGE_BASE_URL": url or "http://localhost",
    }
    read = replace(config.load(None, given), outlet_allow_private=allow)
    return Bridge(config=read, store=store, clock=clock)


def link(bridge: Bridge) -> str:
    """The path of a fresh address by which the setup begins."""
    with bridge.store.work() as work:
        return f"/setup/{setup_keys.issue(work, bridge.clock.now())}"


def opened(bridge: Bridge, app: Flask | None = None) -> Visitor:
    """A browser in which the setup was begun."""
    visitor = Visitor((app or create_app(bridge)).test_client())
    answer = visitor.post(link(bridge))
    assert 303 == answer.status_code, answer.text
    assert visitor.client.get_cookie(SETUP) is not None
    return visitor


def typed(lms: Lms, **more: Any) -> dict[str, Any]:
    """What is typed to connect that LMS."""
    return {"url": lms.url, "token": lms.token, "name": "academy", "kind": "auto", **more}


def wait_for_reading() -> None:
    """Until the first reading has ended."""
    for thread in threading.enumerate():
        if thread.name.startswith("setup-"):
            thread.join(60)
