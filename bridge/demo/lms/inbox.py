"""A receiver of signed webhooks, so that the demo's second outlet can be looked at.

It is as strict as a careful receiver should be (Standard Webhooks): the signature must fit, the
timestamp must be near, and what was seen before under its id is not shown twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request

LEEWAY = 300
"""Seconds that a timestamp may differ from the clock."""

KEPT = 50


@dataclass(frozen=True)
class Item:
    """What the inbox shows of one activity, by the key of its delivery."""

    title: str
    text: str
    link: str
    revision: int


class Inbox:
    """What was received, newest first; a withdrawn item is gone."""

    def __init__(self, secret: str, clock: Callable[[], int]) -> None:
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._items: dict[str, Item] = {}

    @property
    def items(self) -> list[Item]:
        """The newest first."""
        with self._lock:
            return list(reversed(self._items.values()))[:KEPT]

    def is_signed(self, ident: str, timestamp: str, signatures: str, body: bytes) -> bool:
        """Whether the message comes from who knows the secret, and now."""
        if not timestamp.isdecimal() or abs(int(timestamp) - self._clock()) > LEEWAY:
            return False
        signed = b".".join([ident.encode(), timestamp.encode(), body])
        digest = hmac.new(self._key, signed, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(digest).decode()
        return any(hmac.compare_digest(expected, one) for one in signatures.split())

    def take(self, ident: str, message: dict[str, Any]) -> None:
        """Show, change or take away what the message tells; a repeated one changes nothing."""
        data = message["data"]
        with self._lock:
            if ident in self._seen:
                return
            self._seen.add(ident)
            self._items.pop(data["key"], None)
            if message["type"] != "activity.withdrawn":
                self._items[data["key"]] = Item(
                    data["title"], data["text"], data["url"], data["revision"]
                )


def inbox_pages(inbox: Inbox) -> Blueprint:
    """``POST /inbox`` takes a webhook, ``GET /inbox`` shows what came."""
    site = Blueprint("inbox", __name__)

    @site.get("/inbox")
    def show() -> str:
        return render_template("lms_inbox.html", items=inbox.items)

    @site.post("/inbox")
    def take() -> Response:
        ident = request.headers.get("webhook-id", "")
        signed = inbox.is_signed(
            ident,
            request.headers.get("webhook-timestamp", ""),
            request.headers.get("webhook-signature", ""),
            request.get_data(),
        )
        if not ident or not signed:
            return Response("The signature does not fit.", 401)
        inbox.take(ident, request.get_json())
        return Response(status=204)

    return site
