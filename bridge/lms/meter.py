"""How much an LMS is asked, how long it takes to answer, and whether it asks for patience."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import requests

from bridge.lms import wire
from bridge.model import Traffic

LAST = 1000
"""Of so many answers it is known how long they took; a run has many thousand."""


class Meter:
    """Counts what goes over the wire, and how long it takes. Several threads may do so at once."""

    def __init__(self) -> None:
        self.requests = 0
        """HTTP requests sent so far."""
        self.seconds: deque[float] = deque(maxlen=LAST)
        """How long the last answers took to their end, or to the end of patience."""
        self.waits: list[float] = []
        """Of each answer that asked to come back later (429, 503): seconds; 0 where it named none.
        """
        self._lock = threading.Lock()

    @contextmanager
    def measured(self) -> Iterator[Callable[[requests.Response], None]]:
        """Around one request; what it gives is called with the answer's head."""
        with self._lock:
            self.requests += 1
        began = time.monotonic()
        try:
            yield self._answered
        finally:
            with self._lock:
                self.seconds.append(time.monotonic() - began)

    def _answered(self, response: requests.Response) -> None:
        if response.status_code in {429, 503}:
            with self._lock:
                self.waits.append(wire.retry_after(response) or 0.0)


def traffic(*meters: Meter) -> Traffic:
    """What these counted, together."""
    seconds = [second for meter in meters for second in meter.seconds]
    waits = [wait for meter in meters for wait in meter.waits]
    return Traffic(
        requests=sum(meter.requests for meter in meters),
        seconds=median(seconds) if seconds else 0.0,
        waits=len(waits),
        after=max(waits, default=0.0),
    )
