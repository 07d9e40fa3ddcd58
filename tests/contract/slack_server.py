"""A strict stand-in for Slack's Web API: what the real one refuses, it refuses.

It is written from the published reference of the four methods and of the blocks, and shares no
code with the bridge. Mentions and links are found as Slack finds them: in angle brackets, and as
bare addresses in what is not plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.contract.serving import Moods, Reply, Request, serving

TOKEN = "xoxb-a-token-for-tests"
CHANNEL = "C0123456789"
BRACKETS = re.compile(r"<([^<>]+)>")
BARE = re.compile(r"\b(?:https?://|www\.)\w\S*|@(?:channel|here|everyone)\b", re.IGNORECASE)
TS = re.compile(r"\d+(\.\d{1,6})?")
WORDS = {"channel", "text", "blocks", "metadata", "parse", "link_names"}
ARGUMENTS = {
    "chat.postMessage": WORDS | {"unfurl_links", "unfurl_media"},
    "chat.update": WORDS | {"ts", "unfurl_links", "unfurl_media"},
    "chat.delete": {"channel", "ts"},
}


class SlackServer(Moods):
    """One channel's messages."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes = {"chat:write", "channels:history"}
        self.messages: dict[str, dict[str, Any]] = {}
        """``ts`` → the message, oldest first."""
        self.locked = ""
        """The error with which it refuses to have messages changed."""
        self.member = True
        self.asked: list[str] = []
        self._last = 1_795_596_000

    def answer(self, request: Request) -> Reply:
        method = request.path.removeprefix("/")
        self.asked.append(method)
        bearer = request.headers.get("authorization", "")
        if bearer != f"Bearer {TOKEN}":
            return _no("invalid_auth" if bearer else "not_authed")
        if method == "conversations.history" and request.method == "GET":
            return self._history(request)
        if method not in ARGUMENTS:
            return _no("unknown_method")
        return self.answered(request, lambda: self._write(method, request))

    def _history(self, request: Request) -> Reply:
        if "channels:history" not in self.scopes:
            return _no("missing_scope", needed="channels:history", provided="chat:write")
        if request.query.get("channel") != CHANNEL:
            return _no("channel_not_found")
        limit, start = int(request.query["limit"]), int(request.query.get("cursor", "0"))
        if not 1 <= limit <= 999:
            return _no("invalid_limit")
        oldest = request.query.get("oldest", "0")
        if not TS.fullmatch(oldest):
            return _no("invalid_ts_oldest")
        since = [(ts, m) for ts, m in self.messages.items() if float(ts) > float(oldest)]
        newest = sorted(since, key=lambda one: float(one[0]), reverse=True)
        told = request.query.get("include_all_metadata") == "true"
        page = [
            {"type": "message", "ts": ts, "text": m["text"]}
            | ({"metadata": m["metadata"]} if told and "metadata" in m else {})
            for ts, m in newest[start : start + limit]
        ]
        more = start + limit < len(newest)
        following = {"next_cursor": str(start + limit) if more else ""}
        return _yes(messages=page, has_more=more, response_metadata=following)

    def _write(self, method: str, request: Request) -> Reply:
        if "chat:write" not in self.scopes:
            return _no("missing_scope", needed="chat:write", provided="")
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _no("invalid_form_data")
        sent = request.json
        if not sent.keys() <= ARGUMENTS[method]:
            return _no("invalid_arguments")
        if sent.get("channel") != CHANNEL:
            return _no("channel_not_found")
        if not self.member:
            return _no("not_in_channel")
        if method == "chat.postMessage":
            self._last += 1
            return self._take(f"{self._last}.000100", sent, most=40_000)
        if sent.get("ts") not in self.messages:
            return _no("message_not_found")
        if self.locked:
            return _no(self.locked)
        if method == "chat.update":
            return self._take(sent["ts"], sent, most=4_000)
        del self.messages[sent["ts"]]
        return _yes(channel=CHANNEL, ts=sent["ts"])

    def _take(self, ts: str, sent: dict[str, Any], *, most: int) -> Reply:
        if not sent.get("text") and not sent.get("blocks"):
            return _no("no_text")
        if len(sent["text"]) > most:
            return _no("msg_too_long")
        if wrong := _wrong(sent["blocks"]):
            return _no("invalid_blocks", response_metadata={"messages": [wrong]})
        kept = self.messages.get(ts, {}).get("metadata")
        self.messages[ts] = {"metadata": kept, **sent}
        return _yes(channel=CHANNEL, ts=ts)

    def links(self) -> list[str]:
        """The addresses behind the links of all messages."""
        found = []
        for message in self.messages.values():
            found += [e["url"] for e in _elements(message) if e["type"] == "link"]
        return found

    def alive(self) -> list[str]:
        """What would mention somebody, or become a link or an emoji, in all messages."""
        found = []
        for message in self.messages.values():
            found += BRACKETS.findall(message["text"]) + BARE.findall(message["text"])
            for block in message["blocks"]:
                if block["type"] in ("header", "section"):
                    found += BARE.findall(block["text"]["text"])
            found += [e["type"] for e in _elements(message) if e["type"] not in ("text", "link")]
        return found


def _elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        element
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for section in block["elements"]
        for element in section["elements"]
    ]


def _wrong(blocks: list[dict[str, Any]]) -> str:
    if len(blocks) > 50:
        return "more than 50 blocks"
    for block in blocks:
        match block:
            case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
                longest = 150
            case {"type": "section", "text": {"type": "plain_text", "text": str(text)}}:
                longest = 3_000
            case {"type": "rich_text", "elements": [{"type": "rich_text_section"}]}:
                text, longest = "…", 1
            case _:
                return "no such block"
        if not 0 < len(text) <= longest or "\0" in text:
            return f"must be 1 to {longest} characters"
    return ""


def _yes(**data: Any) -> Reply:
    return Reply(data={"ok": True, **data})


def _no(error: str, **data: Any) -> Reply:
    return Reply(data={"ok": False, "error": error, **data})


@contextmanager
def slack() -> Iterator[tuple[SlackServer, str]]:
    """The API, and its address."""
    server = SlackServer()
    with serving(server.answer) as url:
        yield server, url
