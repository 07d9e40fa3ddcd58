"""A strict stand-in for a Mastodon server: what the real one refuses, it refuses.

It is written from the published API documentation and from the rules by which Mastodon finds
mentions, hashtags, custom emojis and addresses in a text, and shares no code with the bridge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from tests.contract.serving import Moods, Reply, Request, serving

TOKEN = "a-token-for-tests"
ME = "109"
# A name of the account is ASCII; a word of a hashtag is a letter, mark, digit or connector.
MENTION = re.compile(r"(?<![=/\w])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)", re.IGNORECASE)
HASHTAG = re.compile(r"(?:^|[^/)\w])[#＃](\w*[^\W\d]\w*)")
EMOJI = re.compile(r"(?<![\w:]):([a-zA-Z0-9_]{2,}):(?![\w:])")
ADDRESS = re.compile(r"\bhttps?://[^\s<>\"]+", re.IGNORECASE)
URL_CHARACTERS = 23


class MastodonServer(Moods):
    """An account's statuses, and who was mentioned in them."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 500
        self.tells_limits = True
        self.edits = True
        self.scopes = {"write:statuses", "read:statuses", "read:accounts"}
        self.statuses: dict[str, dict[str, Any]] = {}
        """Id → the text and what the server made of it, oldest first."""
        self.keys: dict[str, str] = {}
        self.now = "2026-11-25T09:00:00.000Z"
        self.asked: list[str] = []
        self._last = 1000

    def answer(self, request: Request) -> Reply:
        self.asked.append(f"{request.method} {request.path}")
        if request.path == "/api/v2/instance" and self.tells_limits:
            return Reply(data={"configuration": {"statuses": {"max_characters": self.most}}})
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"error": "The access token is invalid"})
        if request.method == "GET":
            return self._read(request)
        return self.answered(request, lambda: self._write(request))

    def _read(self, request: Request) -> Reply:
        if request.path == "/api/v1/accounts/verify_credentials":
            return self._scoped("read:accounts", {"id": ME, "username": "bridge"})
        if request.path != f"/api/v1/accounts/{ME}/statuses":
            return Reply(404, {"error": "Record not found"})
        limit = int(request.query.get("limit", "20"))
        if not 1 <= limit <= 40:
            return Reply(400, {"error": "limit"})
        before = int(request.query.get("max_id", "999999999"))
        newest = [s for i, s in reversed(self.statuses.items()) if int(i) < before]
        return self._scoped("read:statuses", newest[:limit])

    def _scoped(self, scope: str, data: Any) -> Reply:
        if scope not in self.scopes:
            return Reply(403, {"error": "This action is outside the authorized scopes"})
        return Reply(data=data)

    def _write(self, request: Request) -> Reply:
        if "write:statuses" not in self.scopes:
            return Reply(403, {"error": "This action is outside the authorized scopes"})
        ident = request.path.removeprefix("/api/v1/statuses/")
        if request.method == "DELETE":
            gone = self.statuses.pop(ident, None)
            return Reply(data=gone) if gone else Reply(404, {"error": "Record not found"})
        content = request.headers.get("content-type", "").partition(";")[0]
        if content != "application/json":
            return Reply(422, {"error": "Validation failed: Text can't be blank"})
        if request.method == "POST" and request.path == "/api/v1/statuses":
            return self._post(request)
        if request.method != "PUT" or ident not in self.statuses:
            return Reply(404, {"error": "Record not found"})
        if not self.edits:
            return Reply(405)
        return self._take(ident, request.json["status"], self.statuses[ident]["visibility"])

    def _post(self, request: Request) -> Reply:
        key = request.headers.get("idempotency-key", "")
        if key in self.keys:
            return Reply(data=self.statuses[self.keys[key]])
        sent = request.json
        if sent.get("visibility") not in ("public", "unlisted", "private", "direct"):
            return Reply(422, {"error": "Validation failed: Visibility is invalid"})
        self._last += 1
        ident = str(self._last)
        reply = self._take(ident, sent["status"], sent["visibility"])
        if key and reply.status == 200:
            self.keys[key] = ident
        return reply

    def _take(self, ident: str, text: str, visibility: str) -> Reply:
        if "\0" in text:
            return Reply(500, {"error": "string contains null byte"})
        if not text.strip():
            return Reply(422, {"error": "Validation failed: Text can't be blank"})
        if len(ADDRESS.sub("x" * URL_CHARACTERS, text)) > self.most:
            return Reply(422, {"error": f"Validation failed: Text limit of {self.most} exceeded"})
        links = ADDRESS.findall(text)
        rest = ADDRESS.sub(" ", text)
        html = escape(text)
        for link in links:
            html = html.replace(escape(link), f'<a href="{escape(link)}">{escape(link)}</a>', 1)
        self.statuses[ident] = {
            "id": ident,
            "created_at": self.now,
            "url": f"https://mastodon.example/@bridge/{ident}",
            "visibility": visibility,
            "content": "<p>" + html.replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>",
            "text": text,
            "links": links,
            "mentions": MENTION.findall(rest),
            "tags": HASHTAG.findall(rest),
            "emojis": EMOJI.findall(rest),
        }
        return Reply(data=self.statuses[ident])


@contextmanager
def mastodon() -> Iterator[tuple[MastodonServer, str]]:
    """A server, and its address."""
    server = MastodonServer()
    with serving(server.answer) as url:
        yield server, url
