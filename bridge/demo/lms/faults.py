"""What may go wrong between an LMS and its reader, switched on by a test.

There is no way to reach these switches from outside the process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

_MAINTENANCE_PAGE = (
    "<!DOCTYPE html><html><head><title>Under maintenance</title></head>"
    "<body><p>This site is undergoing maintenance and is currently not available.</p></body></html>"
)
_LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head>"
    "<body><form action='/sso'><input name='user'></form></body></html>"
)


class Kind(Enum):
    MAINTENANCE = "503 with a page of HTML"
    HTML = "200 with a page of HTML"
    TRUNCATED = "the first half of the answer"
    TOO_MANY = "429 with Retry-After"
    SERVER_ERROR = "500 with nothing in it"
    SLOW = "the answer, late"
    LOST = "what was asked is done, and the answer is a 504 of a proxy"
    WITHOUT = "the answer without one of its fields"
    EMPTY = "an empty list"


@dataclass
class Fault:
    """One thing that goes wrong.

    :param function: the web-service function that it befalls; empty for all of them.
    :param times: how often; ``None`` for as long as the fault is switched on.
    :param seconds: of being late, or of ``Retry-After``.
    :param field: the field that is gone, wherever it stood.
    """

    kind: Kind
    function: str = ""
    times: int | None = None
    seconds: float = 0
    field: str = ""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: str
    mimetype: str
    headers: tuple[tuple[str, str], ...] = ()


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []

    def switch_on(self, kind: Kind, **details: Any) -> Fault:
        """From now on this goes wrong, until it is switched off or has happened often enough."""
        fault = Fault(kind, **details)
        with self._lock:
            self._on.append(fault)
        return fault

    def switch_off(self, fault: Fault | None = None) -> None:
        """That fault, or all of them, go wrong no more."""
        with self._lock:
            self._on = [one for one in self._on if fault is not None and one is not fault]

    @contextmanager
    def during(self, kind: Kind, **details: Any) -> Iterator[Fault]:
        """Goes wrong inside the ``with`` block only."""
        fault = self.switch_on(kind, **details)
        try:
            yield fault
        finally:
            self.switch_off(fault)

    def strike(self, function: str) -> Fault | None:
        """The fault that befalls this call, if any; it counts as having happened."""
        with self._lock:
            for fault in self._on:
                if fault.function in ("", function) and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None


def instead(fault: Fault) -> Reply | None:
    """What is answered without the LMS being asked at all, for the faults that are like that."""
    match fault.kind:
        case Kind.MAINTENANCE:
            return Reply(503, _MAINTENANCE_PAGE, "text/html", (("Retry-After", "1"),))
        case Kind.HTML:
            return Reply(200, _LOGIN_PAGE, "text/html")
        case Kind.TOO_MANY:
            after = (("Retry-After", f"{fault.seconds:g}"),)
            return Reply(429, "Too many requests", "text/plain", after)
        case Kind.SERVER_ERROR:
            return Reply(500, "", "text/html")
        case Kind.EMPTY:
            return Reply(200, "[]", "application/json")
    return None


def spoilt(fault: Fault, answer: Any) -> Any:
    """The answer as the fault leaves it, before it becomes text."""
    if fault.kind is Kind.SLOW:
        time.sleep(fault.seconds)
    return _without(answer, fault.field) if fault.kind is Kind.WITHOUT else answer


def garbled(fault: Fault, reply: Reply) -> Reply:
    """The reply as the fault lets it through."""
    match fault.kind:
        case Kind.TRUNCATED:
            return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.mimetype)
        case Kind.LOST:
            return Reply(504, "<html><body>Gateway time-out</body></html>", "text/html")
    return reply


def _without(value: Any, field: str) -> Any:
    if isinstance(value, dict):
        return {name: _without(one, field) for name, one in value.items() if name != field}
    if isinstance(value, list):
        return [_without(one, field) for one in value]
    return value
