"""A bad line: an HTTP proxy between a sync and an LMS that spoils a share of the answers.

What a sync cannot notice, whatever it does, because an honest LMS could have answered the same:

- a list that is shorter than it was (``null`` where a list stands is that as well, since Moodle
  answers ``null`` for nothing): only *far* shorter is refused;
- an old answer once more (:attr:`Kind.STALE`): what was true when it was first given;
- the page before once more (:attr:`Kind.PAGE_AGAIN`), if the LMS moved so much between the two;
- a field that other versions do not have either: a criterion without its time is what the
  recognition of prior learning looks like, a person without ``suspended`` is an older Moodle.

Such an answer is believed until a later one says otherwise, and everything must be right again
once it does. Everything else has to be refused, and to leave what is stored as it was.
"""

from __future__ import annotations

import http.client
import socket
import struct
import sys
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.benchmarks import lies


class Kind(StrEnum):
    """What may happen to an answer."""

    RESET_BEFORE = "reset_before"
    RESET_WITHIN = "reset_within"
    TIME_OUT = "time_out"
    TOO_MANY = "429"
    SERVER_ERROR = "500_empty"
    MAINTENANCE = "503_html"
    LOGIN_PAGE = "login_page"
    NOTHING = "empty_body"
    TRUNCATED = "truncated_json"
    OTHER_SHAPE = "other_shape"
    NULL = "null"
    WORD_FOR_NUMBER = "word_for_number"
    MISSING_FIELD = "missing_field"
    DRIP = "slow_drip"
    REPEATED = "repeated_entries"
    SHUFFLED = "shuffled_entries"
    PAGE_AGAIN = "page_again"
    STALE = "stale"


LIES: Mapping[Kind, lies.Lie] = {
    Kind.OTHER_SHAPE: lies.other_shape,
    Kind.NULL: lies.null,
    Kind.WORD_FOR_NUMBER: lies.word_for_number,
    Kind.MISSING_FIELD: lies.missing_field,
    Kind.REPEATED: lies.repeated,
    Kind.SHUFFLED: lies.shuffled,
}

_JSON, _HTML = "application/json", "text/html"
_MAINTENANCE_PAGE = "<html><head><title>503 Service Unavailable</title></head><body></body></html>"
_LOGIN_PAGE = "<html><head><title>Sign in</title></head><body><form></form></body></html>"
_REMEMBERED = 2_000
_DRIPS = 10


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    mimetype: str = _JSON
    headers: tuple[tuple[str, str], ...] = ()


INSTEAD: Mapping[Kind, Answer] = {
    Kind.TOO_MANY: Answer(429, b"Too many requests", "text/plain", (("Retry-After", "0"),)),
    Kind.SERVER_ERROR: Answer(500, b"", _HTML),
    Kind.MAINTENANCE: Answer(503, _MAINTENANCE_PAGE.encode(), _HTML),
    Kind.LOGIN_PAGE: Answer(200, _LOGIN_PAGE.encode(), _HTML),
    Kind.NOTHING: Answer(200, b""),
}


class Proxy(ThreadingHTTPServer):
    """Passes requests on to an LMS, and spoils a share of the answers.

    The same seed draws the same faults in the same order; which request meets which depends on when
    it comes. A fault that an answer gives no occasion for is replaced by the next one drawn.

    :param target: the address of the LMS, which is told to be asked under it.
    :param share: of the answers, from 0 to 1; may be changed at any time.
    :param patience: seconds after which a time-out ends even if the client did not give up.
    :param drip: seconds between two drops of a slow answer, of which there are ten.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        target: str,
        *,
        share: float,
        seed: int,
        kinds: tuple[Kind, ...] = tuple(Kind),
        patience: float = 5,
        drip: float = 0.005,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.share = share
        self.kinds = kinds
        self.patience = patience
        self.drip = drip
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.answers = 0
        """How many requests were answered, or left without an answer on purpose."""
        self.faults: Counter[Kind] = Counter()
        self._target = urlsplit(target)
        self._chance = Random(seed)
        self._lock = threading.Lock()
        self._told: OrderedDict[bytes, bytes] = OrderedDict()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of the proxy."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def draw(self) -> tuple[list[Kind], Random]:
        """The faults to try on the next answer, best first; none for one that is left alone."""
        with self._lock:
            self.answers += 1
            hit = self._chance.random() < self.share
            own = Random(self._chance.random())
            return (self._chance.sample(self.kinds, len(self.kinds)) if hit else []), own

    def happened(self, kind: Kind) -> None:
        """The fault befell an answer."""
        with self._lock:
            self.faults[kind] += 1

    def ask(self, path: str, body: bytes, mimetype: str) -> Answer:
        """What the LMS answers."""
        line = http.client.HTTPConnection(self._target.netloc, timeout=60)
        try:
            line.request("POST", path, body, {"Content-Type": mimetype})
            response = line.getresponse()
            return Answer(
                response.status, response.read(), response.headers.get("Content-Type", _JSON)
            )
        finally:
            line.close()

    def remembered(self, question: bytes) -> bytes | None:
        """What the LMS answered to that question the last time."""
        with self._lock:
            return self._told.get(question)

    def remember(self, question: bytes, answer: Answer) -> None:
        """Keep an honest answer."""
        if answer.status != 200:
            return
        with self._lock:
            self._told[question] = answer.body
            self._told.move_to_end(question)
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)


class _Handler(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # Who asked was killed while asking.
            return
        kinds, chance = self.server.draw()
        earlier = {
            Kind.STALE: self.server.remembered(body),
            Kind.PAGE_AGAIN: self.server.remembered(_page_before(body)),
        }
        answer: Answer | None = None
        for kind in kinds:
            if kind in INSTEAD:
                self.server.happened(kind)
                self._send(INSTEAD[kind])
                return
            if kind is Kind.TIME_OUT:
                self.server.happened(kind)
                self._wait_for_the_end()
                return
            if kind is Kind.RESET_BEFORE:
                self.server.happened(kind)
                self._reset()
                return
            answer = answer or self._honest(body)
            if self._spoil(kind, answer, earlier.get(kind), chance):
                return
        self._send(answer or self._honest(body))

    def _honest(self, body: bytes) -> Answer:
        answer = self.server.ask(self.path, body, self.headers.get("Content-Type", ""))
        self.server.remember(body, answer)
        return answer

    def _spoil(self, kind: Kind, answer: Answer, earlier: bytes | None, chance: Random) -> bool:
        """Send the answer with that fault; whether it gave an occasion for it."""
        text = answer.body.decode()
        if kind in LIES:
            try:
                told = lies.told(LIES[kind], text, chance)
            except lies.HasNone:
                return False
            self.server.happened(kind)
            self._send(Answer(answer.status, told.encode()))
        elif kind in (Kind.STALE, Kind.PAGE_AGAIN):
            if earlier is None or earlier == answer.body:
                return False
            self.server.happened(kind)
            self._send(Answer(200, earlier))
        elif kind is Kind.DRIP:
            self.server.happened(kind)
            self._drip(answer)
        elif len(text) < 2:
            return False
        elif kind is Kind.TRUNCATED:
            self.server.happened(kind)
            self._send(Answer(answer.status, text[: chance.randint(1, len(text) - 1)].encode()))
        else:
            self.server.happened(kind)
            self._head(answer)
            self.wfile.write(answer.body[: chance.randint(1, len(answer.body) - 1)])
            self._reset()
        return True

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.mimetype)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()

    def _send(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.write(answer.body)

    def _drip(self, answer: Answer) -> None:
        self._head(answer)
        size = max(1, -(-len(answer.body) // _DRIPS))
        for start in range(0, len(answer.body), size):
            self.wfile.write(answer.body[start : start + size])
            time.sleep(self.server.drip)

    def _wait_for_the_end(self) -> None:
        self.close_connection = True
        self.connection.settimeout(self.server.patience)
        with suppress(TimeoutError):
            self.connection.recv(1, socket.MSG_PEEK)

    def _reset(self) -> None:
        """End the connection as a router does that has forgotten it: with RST, not with FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _page_before(body: bytes) -> bytes:
    """The same question about the page before; nobody's question if it is not about a page."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True)
    page = dict(pairs).get("page", "0")
    if not page.isdigit() or page == "0":
        return b""
    before = str(int(page) - 1)
    return urlencode([(k, before if k == "page" else v) for k, v in pairs]).encode()


@contextmanager
def running_proxy(target: str, **details: Any) -> Iterator[Proxy]:
    """A proxy in a thread of this process, for as long as the block lasts."""
    proxy = Proxy(target, **details)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
