"""Serves what a strict stand-in of an outlet answers, over real HTTP on a port of this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What came in; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What goes out; ``then`` is ``answer``, ``hang`` or ``drop``."""

    status: int = 200
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    then: str = "answer"

    @property
    def body(self) -> bytes:
        return json.dumps(self.data).encode() if self.raw is None else self.raw


class Moods:
    """What a stand-in can be told to do with the next request that changes something."""

    def __init__(self) -> None:
        self._next: list[tuple[Reply, bool]] = []
        self.bodies: list[bytes] = []
        """What came in with each request that changes something."""

    def once(self, reply: Reply, *, kept: bool = False) -> None:
        """Answer the next such request so; ``kept`` does first what it asks for."""
        self._next.append((reply, kept))

    def answered(self, request: Request, does: Callable[[], Reply]) -> Reply:
        """The answer to a request that ``does`` would carry out."""
        self.bodies.append(request.body)
        if not self._next:
            return does()
        reply, kept = self._next.pop(0)
        if kept:
            does()
        return reply


@contextmanager
def serving(answer: Callable[[Request], Reply]) -> Iterator[str]:
    """The address at which ``answer`` is asked, one request at a time, while the block lasts."""
    lock, closing = threading.Lock(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                self.command,
                parts.path,
                {name: values[-1] for name, values in parse_qs(parts.query).items()},
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
            with lock:
                reply = answer(request)
            if reply.then == "hang":
                closing.wait(20)
            if reply.then != "answer":
                self.close_connection = True
                return
            self.send_response_only(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A sender that went away is part of the test."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
