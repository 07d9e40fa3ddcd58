"""The way by which Apprise's services send: ours, and not their own.

Each service of Apprise calls ``requests`` by itself: it would reach the own network, follow
redirects, read any answer whole, and keep to itself whether a request was sent. So its modules are
given a :class:`Line` where they expect ``requests``, which sends through the guard and writes down
what came of every request.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from io import BytesIO
from types import ModuleType
from typing import Any

import requests

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletError, OutletRefused
from bridge.outlets.api import answer_of, exchange, failure

_OTHER_WAYS = {"asyncio", "smtplib", "socket", "ssl", "subprocess"}
"""Modules by which a service would go another way."""
_KEPT = {"params", "data", "json", "headers", "files", "auth", "cookies"}
"""What a service may say about a request; certificates are always checked."""


@dataclass
class Tries:
    """What came of the requests of one publication.

    :param name: what people call the service.
    :param session: a guarded one.
    :param timeout: seconds to wait for a connection and for an answer.
    """

    name: str
    session: requests.Session
    timeout: float
    failed: list[OutletError] = field(default_factory=list)
    written: int = 0
    """Requests that may have changed something and were answered well."""

    def outcome(self) -> OutletError:
        """What it means that Apprise did not send it."""
        if not self.failed and not self.written:
            return OutletRefused(
                f"Apprise sent nothing to {self.name}.", "Check the outlet's address."
            )
        doubts = [error for error in self.failed if isinstance(error, OutcomeUnknown)]
        if doubts:
            return doubts[0]
        if self.written:
            return OutcomeUnknown(
                f"{self.name} was not told all of it, or did not take it.", "Look for it there."
            )
        busy = [error for error in self.failed if isinstance(error, OutletBusy)]
        return (busy or self.failed)[0]


_PRESENT: ContextVar[Tries] = ContextVar("tries")


@contextmanager
def trying(tries: Tries) -> Iterator[None]:
    """What services send meanwhile, in this thread, is written down there."""
    token = _PRESENT.set(tries)
    try:
        yield
    finally:
        _PRESENT.reset(token)


class Line:
    """Stands where a service expects the module ``requests``."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send a request.

        :raises requests.RequestException: if it must not go on, which each service understands.
        """
        tries = _PRESENT.get(None)
        if tries is None:
            raise requests.ConnectionError("nobody asked for this request")
        how = {name: value for name, value in options.items() if name in _KEPT}
        writes = method.upper() not in ("GET", "HEAD")
        try:
            response, read = exchange(
                tries.session, tries.name, tries.timeout, method.upper(), url, **how
            )
        except OutletError as error:
            tries.failed.append(error)
            raise requests.ConnectionError(str(error)) from error
        response.raw = BytesIO(read)
        answer = answer_of(response, read, writes=writes)
        if answer.ok:
            tries.written += writes
            return response
        # What it says, and where it sends on to, may repeat the secret in the address.
        refusal = failure(tries.name, replace(answer, said="", location=""))
        tries.failed.append(refusal)
        if refusal.retry or isinstance(refusal, OutcomeUnknown):
            raise requests.ConnectionError(str(refusal))  # Some would try again at once.
        return response

    def get(self, url: str, params: Any = None, **options: Any) -> requests.Response:
        return self.request("GET", url, params=params, **options)

    def post(self, url: str, data: Any = None, json: Any = None, **more: Any) -> requests.Response:
        return self.request("POST", url, data=data, json=json, **more)

    def put(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        return self.request("PUT", url, data=data, **options)

    def patch(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        return self.request("PATCH", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> requests.Response:
        return self.request("DELETE", url, **options)

    def head(self, url: str, **options: Any) -> requests.Response:
        return self.request("HEAD", url, **options)

    def session(self) -> requests.Session:
        """None: a session would go its own way."""
        raise requests.ConnectionError("the bridge gives no sessions")

    Session = session


LINE = Line()


def lead(service: type) -> None:
    """Have a service of Apprise send by the :class:`Line`, and everything around it.

    :raises ConfigError: if it has another way to send.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith("apprise.") and vars(module).get("requests") is requests:
            vars(module)["requests"] = LINE
    own = [module for kind in service.__mro__ for module in _modules(kind)]
    known = {
        part.__name__ for m in own for part in vars(m).values() if isinstance(part, ModuleType)
    }
    led = any(vars(module).get("requests") is LINE for module in own)
    if not led or known & _OTHER_WAYS:
        raise ConfigError(
            "This service of Apprise does not send by HTTP.",
            "The bridge could not keep it out of the own network; choose another.",
        )


def _modules(kind: type) -> list[ModuleType]:
    """The modules of one plugin, which is a file or a package."""
    parts = kind.__module__.split(".")
    if parts[:2] != ["apprise", "plugins"] or parts[2:] in ([], ["base"]):
        return []
    top = ".".join(parts[:3])
    return [m for name, m in sys.modules.items() if name == top or name.startswith(f"{top}.")]
