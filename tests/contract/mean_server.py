"""A server that means no good: it answers with more than anybody should read."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MUCH = 100 * 1024 * 1024
PIECE = b"[" * 65_536
PATIENCE = 30
"""Seconds after which it gives up being mean, so that a test that hangs fails."""


class Mean:
    """What it was asked for, and how much of its answer somebody took.

    :param way: ``huge`` (100 MB), ``endless`` (a little, for ever), ``headers`` (nothing but
        those), ``bomb`` (100 MB that were packed small) or ``redirect`` (to ``elsewhere``).
    """

    def __init__(self, way: str, elsewhere: str = "") -> None:
        self.way, self.elsewhere = way, elsewhere
        self.requests = 0
        self.most = 0
        """Bytes of its longest answer that were taken, those still on their way included."""
        self.closing = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        """Answer what comes by one connection."""
        connection.settimeout(PATIENCE)
        with connection, suppress(OSError):
            while self._asked(connection):
                self.requests += 1
                taken = 0
                for piece in self._answer():
                    connection.sendall(piece)
                    taken += len(piece)
                    self.most = max(self.most, taken)
                if self.way != "redirect":
                    return

    def _asked(self, connection: socket.socket) -> bool:
        """Read a request."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65_536)
            if not piece:
                return False
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                left = int(line.partition(b":")[2]) - len(body)
                while left > 0:
                    left -= len(connection.recv(65_536)) or left
        return True

    def _answer(self) -> Iterator[bytes]:
        begun = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        match self.way:
            case "huge":
                yield begun + b"Content-Length: %d\r\n\r\n" % MUCH
                yield from [PIECE] * (MUCH // len(PIECE))
            case "endless":
                yield begun + b"\r\n"
                while not self.closing.wait(0.01):
                    yield b" "
            case "headers":
                yield begun
                while not self.closing.is_set():
                    yield b"X-More: " + b"x" * 1_000 + b"\r\n"
            case "bomb":
                packed = gzip.compress(b" " * MUCH)
                length = b"Content-Length: %d\r\n" % len(packed)
                yield begun + b"Content-Encoding: gzip\r\n" + length + b"\r\n" + packed
            case _:
                to = b"Location: " + self.elsewhere.encode() + b"\r\nContent-Length: 0\r\n\r\n"
                yield b"HTTP/1.1 302 Found\r\n" + to


@contextmanager
def meaning_no_good(way: str, elsewhere: str = "") -> Iterator[tuple[Mean, str]]:
    """The server, and its address."""
    mean = Mean(way, elsewhere)
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=mean.serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield mean, f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        mean.closing.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)
