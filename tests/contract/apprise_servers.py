"""Strict stand-ins for services that Apprise speaks to: Rocket.Chat, ntfy, and a receiver of JSON.

They are written from the services' published references and share no code with the bridge. What
Rocket.Chat would make of a text is found as its reader of markdown finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.contract.serving import Moods, Reply, Request, serving

HOOK = "/hooks/atokenfortests/anditssecondhalf"
TOPIC = "news"
ALIVE = re.compile(
    r"(?<![\w.])[@#][\w.-]|\[[^\]\n]*\]\(|<(?:https?:|/?\w|[!@#:])|\b(?:https?://|www\.)\w\S*"
    r"|\b[\w-]+\.(?:example|org|com)\b|:[\w+-]+:|[*_~`|\\]|&\w+;|(?m:^\s*(?:#|>|[-+]\s|\d+\.\s))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Message:
    """What a service took."""

    title: str
    text: str


class Services(Moods):
    """All three at one address, and what each has taken."""

    def __init__(self) -> None:
        super().__init__()
        self.rocket: list[Message] = []
        self.ntfy: list[Message] = []
        self.json: list[Message] = []
        self.asked: list[str] = []

    def answer(self, request: Request) -> Reply:
        self.asked.append(request.path)
        if request.method != "POST":
            return Reply(405)
        return self.answered(request, lambda: self._take(request))

    def _take(self, request: Request) -> Reply:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return Reply(415, {"error": "not JSON"})
        sent = request.json
        if "\0" in str(sent) or re.search("[\ud800-\udfff]", str(sent)):
            return Reply(400, {"error": "no such character"})
        match request.path:
            case "/":
                return self._ntfy(sent)
            case "/in":
                self.json.append(Message(sent["title"], sent["message"]))
                return Reply()
            case path if path == HOOK:
                return self._rocket(sent)
        # As many servers do, it repeats what it was asked for.
        return Reply(404, raw=f"Cannot POST {request.path}".encode())

    def _rocket(self, sent: dict[str, str]) -> Reply:
        if not sent.get("text") or len(sent["text"]) > 5_000:
            return Reply(400, {"success": False, "error": "error-invalid-message"})
        title, _, text = sent["text"].partition("\n")
        self.rocket.append(Message(title.removeprefix("# "), text))
        return Reply(data={"success": True})

    def _ntfy(self, sent: dict[str, str]) -> Reply:
        if sent.get("topic") != TOPIC:
            return Reply(403, {"code": 40301, "http": 403, "error": "forbidden"})
        self.ntfy.append(Message(sent.get("title", ""), sent["message"]))
        return Reply(data={"id": "sPs71M8A2T", "event": "message", "topic": TOPIC})


@contextmanager
def services() -> Iterator[tuple[Services, str]]:
    """The services, and the host and port at which they are."""
    server = Services()
    with serving(server.answer) as url:
        yield server, urlsplit(url).netloc
