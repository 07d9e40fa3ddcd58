"""A strict receiver of signed webhooks, over real HTTP: what is not right is not taken.

It is written from the Standard Webhooks specification and shares no code with the bridge. It drops
a ``webhook-id`` that it has seen, keeps of each ``data.key`` the highest revision, and can be told
to misbehave.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"a-secret-for-tests-and-nothing-else").decode()
TOLERANCE = 300
FIELDS = {
    "activity.published": {"key", "revision", "url", "title", "text", "link", "activity"},
    "activity.updated": {"key", "revision", "url", "title", "text", "link", "activity"},
    "activity.withdrawn": {"key", "revision", "url"},
}


@dataclass(frozen=True)
class Answer:
    """What the receiver does with a request.

    ``keep`` takes the message in first; ``then`` is ``answer``, ``hang`` or ``drop``.
    """

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    keep: bool = True
    then: str = "answer"


OK = Answer()


class Receiver:
    """The receiver's memory, and its mood.

    ``choose`` is asked for every valid message what to do with it.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.url = ""
        self.choose: Callable[[str], Answer] = lambda ident: OK
        self.shown: dict[str, dict[str, Any]] = {}
        """Key → the data of its highest revision."""
        self.taken: list[str] = []
        """Each ``webhook-id`` once, in the order of arrival."""
        self.requests: list[str] = []
        """The ``webhook-id`` of every request."""
        self.bodies: list[bytes] = []
        """Of every request that was valid."""
        self.refusals: list[str] = []
        """What was wrong with requests that were not valid."""
        self.closing = threading.Event()
        self._withdrawn: dict[str, int] = {}
        self._lock = threading.Lock()

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Check a request, take it in, and say how to answer it."""
        wrong = self._wrong(headers, body)
        with self._lock:
            if wrong:
                self.refusals.append(wrong)
                return Answer(400, body=wrong.encode(), keep=False)
            ident = headers["webhook-id"]
            self.requests.append(ident)
            self.bodies.append(body)
            answer = self.choose(ident)
            if answer.keep and ident not in self.taken:
                self.taken.append(ident)
                self._take(json.loads(body))
            return answer

    def _wrong(self, headers: Mapping[str, str], body: bytes) -> str:
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
            if not headers.get(name):
                return f"{name} is missing"
        if headers.get("content-type") != "application/json":
            return "the body is not said to be JSON"
        ident, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        if "." in ident:
            return "the id holds a dot"
        if not timestamp.isdigit() or abs(int(timestamp) - self.now()) > TOLERANCE:
            return "the timestamp is not of now"
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        signed = f"{ident}.{timestamp}.".encode() + body
        mac = hmac.new(key, signed, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(mac).decode()
        offered = headers["webhook-signature"].split(" ")
        if not any(hmac.compare_digest(expected, one) for one in offered):
            return "no signature is right"
        message = json.loads(body)
        if {"type", "timestamp", "data"} != message.keys():
            return "the message has other members"
        if FIELDS.get(message["type"]) != message["data"].keys():
            return "the data does not fit the type"
        return ""

    def _take(self, message: Any) -> None:
        data = message["data"]
        key, revision = data["key"], data["revision"]
        if message["type"] == "activity.withdrawn":
            self._withdrawn[key] = revision
            self.shown.pop(key, None)
        elif revision > self._withdrawn.get(key, -1):
            before = self.shown.get(key)
            if before is None or before["revision"] < revision:
                self.shown[key] = data


@contextmanager
def receiving(now: Callable[[], float]) -> Iterator[Receiver]:
    """A receiver on a free port of this machine, for as long as the block lasts."""
    receiver = Receiver(now)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = receiver.receive(headers, body)
            if answer.then == "hang":
                receiver.closing.wait(20)
            if answer.then != "answer":
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204 and "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A sender that went away is part of the test."""

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
