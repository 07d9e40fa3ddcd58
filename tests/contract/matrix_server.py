"""A strict stand-in for a Matrix homeserver with one room: what the real one refuses, it refuses.

It is written from the client-server specification and shares no code with the bridge. What would
become a mention, a pill or a link is found as clients find it: by anchors, and in the bare text.
The same suite is put to a real homeserver in ``test_synapse.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from tests.contract.serving import Moods, Reply, Request, serving

TOKEN = "syt_a_token_for_tests"
ROOM = "!news:matrix.example"
ME, OTHER = "@bridge:matrix.example", "@mallory:matrix.example"
MOST = 65_536
TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote"}
ALIVE = re.compile(
    r"@room\b|[@#!][\w.=/+-]+:[\w.-]+|\b(?:https?://|www\.)\w\S*|\b[\w-]+\.(?:example|org|com)\b",
    re.IGNORECASE,
)


class MatrixServer(Moods):
    """A room's events, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[str, dict[str, Any]] = {}
        self.transactions: dict[str, str] = {}
        self.encrypted = False
        self.joined = True
        self.asked: list[str] = []
        self.acts: list[bytes] = []
        """One body of each message, edit and deletion, which redacts the edits as well."""

    def answer(self, request: Request) -> Reply:
        self.asked.append(f"{request.method} {request.path}")
        bearer = request.headers.get("authorization", "")
        if bearer != f"Bearer {TOKEN}":
            code = "M_UNKNOWN_TOKEN" if bearer else "M_MISSING_TOKEN"
            return _no(401, code, "Invalid access token passed.")
        parts = [unquote(part) for part in request.path.split("/")[2:]]
        if request.method == "GET":
            return self._read(parts, request)
        if not self._is_of_an_edit(parts):
            self.acts.append(request.body)
        return self.answered(request, lambda: self._write(parts, request))

    def _is_of_an_edit(self, parts: list[str]) -> bool:
        """Whether it takes away an edit, and not a message."""
        if len(parts) != 7 or parts[4] != "redact":
            return False
        return parts[5] in self.events and bool(_replaces(self.events[parts[5]]))

    def _read(self, parts: list[str], request: Request) -> Reply:
        match parts:
            case ["client", "v3", "account", "whoami"]:
                return Reply(data={"user_id": ME, "device_id": "D"})
            case ["client", _, "rooms", room, *_] if room != ROOM or not self.joined:
                return _no(403, "M_FORBIDDEN", "User is not in the room")
            case ["client", "v3", "rooms", _, "state", "m.room.encryption", ""]:
                found = {"algorithm": "m.megolm.v1.aes-sha2"}
                absent = _no(404, "M_NOT_FOUND", "Event not found.")
                return Reply(data=found) if self.encrypted else absent
            case ["client", "v3", "rooms", _, "event", event] if event in self.events:
                return Reply(data=self.events[event])
            case ["client", "v3", "rooms", _, "event", _]:
                return _no(404, "M_NOT_FOUND", "Event not found.")
            case ["client", "v3", "rooms", _, "messages"]:
                return self._messages(request)
            case ["client", "v1", "rooms", _, "relations", event, "m.replace"]:
                if event not in self.events:
                    return _no(404, "M_NOT_FOUND", "Unknown parent event.")
                return _page([e for e in self.events.values() if _replaces(e) == event], request)
        return _no(404, "M_UNRECOGNIZED", "Unrecognized request")

    def _messages(self, request: Request) -> Reply:
        if request.query.get("dir") != "b":
            return _no(400, "M_MISSING_PARAM", "Missing query parameter: dir")
        wanted = json.loads(request.query.get("filter", "{}"))
        fit = [
            event
            for event in self.events.values()
            if event["sender"] in wanted.get("senders", [event["sender"]])
            and event["type"] in wanted.get("types", [event["type"]])
        ]
        return _page(fit, request, "end")

    def _write(self, parts: list[str], request: Request) -> Reply:
        if request.method != "PUT":
            return _no(405, "M_UNRECOGNIZED", "Unrecognized request")
        try:
            content = json.loads(request.body)
        except ValueError:
            return _no(400, "M_NOT_JSON", "Content not JSON.")
        match parts:
            case ["client", "v3", "rooms", room, *_] if room != ROOM or not self.joined:
                return _no(403, "M_FORBIDDEN", f"User {ME} not in room {room}")
            case ["client", "v3", "rooms", _, "send", "m.room.message", transaction]:
                return self._send(transaction, content, request)
            case ["client", "v3", "rooms", _, "redact", event, _]:
                return self._redact(event)
        return _no(404, "M_UNRECOGNIZED", "Unrecognized request")

    def _send(self, transaction: str, content: Any, request: Request) -> Reply:
        if transaction in self.transactions:
            return Reply(data={"event_id": self.transactions[transaction]})
        if wrong := _wrong(content, request.body.decode()):
            return wrong
        event = self.add(content)
        self.transactions[transaction] = event
        return Reply(data={"event_id": event})

    def add(self, content: dict[str, Any], sender: str = ME) -> str:
        """Somebody's message; its id."""
        event = f"${len(self.events):06}-{'abcd' * 9}"
        self.events[event] = {
            "event_id": event,
            "type": "m.room.message",
            "sender": sender,
            "content": content,
        }
        return event

    def _redact(self, event: str) -> Reply:
        if event not in self.events:
            return _no(404, "M_NOT_FOUND", "Could not find event")
        self.events[event]["content"] = {}
        return Reply(data={"event_id": f"$redaction-of-{event[1:]}"})

    def contents(self) -> list[dict[str, Any]]:
        """What each message says after its edits."""
        shown = []
        for event, told in self.events.items():
            if not told["content"] or _replaces(told):
                continue
            edits = [e for e in self.events.values() if _replaces(e) == event]
            ours = [e["content"]["m.new_content"] for e in edits if e["sender"] == told["sender"]]
            shown.append(ours[-1] if ours else told["content"])
        return shown

    def words(self) -> list[Any]:
        """Everything that anybody could read, edits included."""
        return [event["content"] for event in self.events.values() if event["content"]]


class Formatted(HTMLParser):
    """What a client shows of ``formatted_body``."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.paragraphs: list[str] = []
        self.links: list[str] = []
        self.alive: list[str] = []
        self.feed(source)
        self.close()
        for paragraph in self.paragraphs:
            self.alive += ALIVE.findall(paragraph)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or {name for name, _ in attrs} > {"href"}:
            self.alive.append(f"<{tag}>")
        if tag == "p":
            self.paragraphs.append("")
        if tag == "br":
            self.paragraphs[-1] += "\n"
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.paragraphs[-1] += data


def _replaces(event: dict[str, Any]) -> str:
    related = event["content"].get("m.relates_to", {})
    return related.get("event_id", "") if related.get("rel_type") == "m.replace" else ""


def _page(events: list[dict[str, Any]], request: Request, following: str = "next_batch") -> Reply:
    limit, start = int(request.query["limit"]), int(request.query.get("from", "0"))
    page = list(reversed(events))[start : start + limit]
    more = {following: str(start + limit)} if start + limit < len(events) else {}
    return Reply(data={"chunk": page, **more})


def _wrong(content: Any, body: str) -> Reply | None:
    """Why a message is not taken."""
    if not isinstance(content, dict) or not isinstance(content.get("msgtype"), str):
        return _no(400, "M_BAD_JSON", "'msgtype' not in content")
    if not isinstance(content.get("body"), str):
        return _no(400, "M_BAD_JSON", "'body' not in content")
    if not isinstance(content.get("m.mentions"), dict):
        return _no(400, "M_BAD_JSON", "Mentions must be a JSON object")
    if "\\u0000" in body or "\\ud8" in body:
        return _no(400, "M_BAD_JSON", "no such character")
    if len(body.encode()) + 1_000 > MOST:
        return _no(413, "M_TOO_LARGE", "event too large")
    return None


def _no(status: int, code: str, error: str, **more: Any) -> Reply:
    return Reply(status, {"errcode": code, "error": error, **more})


@contextmanager
def matrix() -> Iterator[tuple[MatrixServer, str]]:
    """A homeserver, and its address."""
    server = MatrixServer()
    with serving(server.answer) as url:
        yield server, url
