"""A key set is had in time or not at all."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

import pytest

from bridge.errors import NoAnswer
from bridge.identity import key_sets
from bridge.identity.asking import Asking


def test_headers_that_drip_are_given_up_in_time() -> None:
    """A byte now and then keeps no request open: the limit is for the whole answer."""
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        connected, _ = listening.accept()
        with connected, suppress(OSError):
            connected.recv(65_536)
            connected.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not over.wait(0.05):
                connected.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=drip, args=(listening,), daemon=True)
        server.start()
        begun = time.monotonic()
        try:
            with pytest.raises(NoAnswer, match="could not be read"):
                key_sets.read(
                    Asking(0.3, {"127.0.0.1"}), f"http://127.0.0.1:{listening.getsockname()[1]}/"
                )
            assert time.monotonic() - begun < 3
        finally:
            over.set()
            server.join(5)
