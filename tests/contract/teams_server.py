"""A strict stand-in for a workflow of Teams that posts the card it is sent.

It is written from the published schema of Adaptive Cards and the connector's known limits, and
shares no code with the bridge. It accepts first, like the real one, and refuses what has no card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.contract.serving import Moods, Reply, Request, serving

PATH, SIGNATURE = "/workflows/abc/triggers/manual/paths/invoke", "a-signature-for-tests"
MOST = 28 * 1024


class TeamsServer(Moods):
    """A channel's cards."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.sizes: list[int] = []

    def answer(self, request: Request) -> Reply:
        self.asked.append(request.method)
        if request.path != PATH or request.query.get("sig") != SIGNATURE:
            return Reply(401, {"error": {"code": "AuthorizationFailed"}})
        if request.method != "POST":
            return Reply(405)
        return self.answered(request, lambda: self._take(request))

    def _take(self, request: Request) -> Reply:
        self.sizes.append(len(request.body))
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return Reply(400, {"error": {"code": "InvalidContentType"}})
        if len(request.body) > MOST:
            return Reply(413, {"error": {"code": "RequestEntityTooLarge"}})
        match request.json:
            case {"type": "message", "attachments": [{"contentType": kind, "content": card}]} if (
                kind == "application/vnd.microsoft.card.adaptive"
            ):
                wrong = _wrong(card)
            case _:
                wrong = "no card"
        if wrong:
            return Reply(400, {"error": {"code": "BadRequest", "message": wrong}})
        self.cards.append(card)
        return Reply(202, raw=b"")

    def runs(self) -> list[list[str]]:
        """Of each card, what its blocks say."""
        return [["".join(r["text"] for r in b["inlines"]) for b in c["body"]] for c in self.cards]

    def links(self) -> list[str]:
        return [action["url"] for card in self.cards for action in card["actions"]]


def _wrong(card: dict[str, Any]) -> str:
    if card.get("type") != "AdaptiveCard" or card.get("version") not in ("1.2", "1.3", "1.4"):
        return "not a card of a version that Teams shows"
    if "msteams" in card:
        return "nobody may be mentioned"
    for block in card["body"]:
        # A TextBlock would read markdown and dates; only text runs say what they hold.
        if block.get("type") != "RichTextBlock" or not block.get("inlines"):
            return "not a rich text"
        for run in block["inlines"]:
            if run.get("type") != "TextRun" or not run.get("text") or "\n" in run["text"]:
                return "not a line of text"
    for action in card["actions"]:
        address = action.get("url", "")
        if action.get("type") != "Action.OpenUrl" or not re.match(r"https?://[^\s]+$", address):
            return "not a button that opens an address"
        if not action.get("title"):
            return "a button without words"
    return ""


@contextmanager
def teams() -> Iterator[tuple[TeamsServer, str]]:
    """The workflow, and its address."""
    server = TeamsServer()
    with serving(server.answer) as url:
        yield server, f"{url}{PATH}?api-version=1&sp=%2Ftriggers&sig={SIGNATURE}"
