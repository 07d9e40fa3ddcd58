"""One look at the way to an LMS: redirects, certificate, proxies, and who else answers."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from bridge.errors import LmsError
from bridge.guard import Staying, is_public
from bridge.model import Way

MOST, PIECE = 1_000_000, 65_536
"""Bytes of a page that are read, and thrown away; and at a time."""
LONGEST = 200
"""Characters of an address or a header that are shown."""
MARKS = ("Via", "X-Cache", "X-Served-By", "CF-RAY", "X-Amz-Cf-Id", "X-Sucuri-ID", "X-Iinfo")
"""Headers that proxies, caches and delivery networks add to an answer of somebody else."""


def look(url: str, timeout: float, guarded: Callable[[], requests.Session] | None = None) -> Way:
    """What one ``GET`` of the address shows, which goes the way that every call goes.

    It is asked without the token and no redirect is followed. Where nothing answers, there is no
    more to be seen than by which proxy it was asked, and what was wrong with the certificate.

    :param timeout: seconds to wait for a connection, and for the head of an answer.
    :param guarded: begins HTTP to an address that came from a page, and looks at every address.
    """
    proxy, variable = ("", "") if guarded else _proxy(url)
    known = Way(inside=_inside(url), proxy=proxy, variable=variable)
    ends = _Ends()
    with closing(guarded() if guarded else Staying()) as session:
        session.headers["User-Agent"] = "socialbridge"
        if guarded is None:
            session.mount("https://", _Seeing(ends))
        else:
            ends.watch(session.get_adapter("https://").poolmanager)  # type: ignore[attr-defined]
        try:
            with session.get(
                f"{url.rstrip('/')}/", timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                _read_some(response, timeout)
                target = response.headers.get("Location", "") if response.is_redirect else ""
                return replace(
                    known,
                    redirect=_led_to(url, target) if target else "",
                    expires=ends.seen,
                    between=_between(response.headers),
                )
        except LmsError:  # The guard lets nobody to that address.
            return known
        except (requests.RequestException, HTTPError) as error:
            return replace(known, expires=ends.seen, distrust=distrust(error))


def _read_some(response: requests.Response, timeout: float) -> None:
    """Let a server say what it has to, within bounds: hanging up leaves a line in its log."""
    end, size = time.monotonic() + timeout, 0
    with suppress(HTTPError, OSError):
        while time.monotonic() < end and size < MOST:
            piece = response.raw.read1(PIECE, decode_content=False)
            if not piece:
                return
            size += len(piece)


def distrust(error: BaseException) -> str:
    """Why a certificate was not believed, in the words of the TLS library; empty if it was."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _line(cause.verify_message or "it cannot be verified")
    return "there is no TLS at that address" if _is_tls(error) else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    # The libraries hand the cause on in their arguments as well as in the chain.
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        further = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting += [other for other in further if isinstance(other, BaseException)]


def _is_tls(error: BaseException) -> bool:
    return isinstance(error, requests.exceptions.SSLError)


class _Ends:
    """Remembers when the certificate ends that the last connection was made with."""

    def __init__(self) -> None:
        self.seen: datetime | None = None

    def watch(self, manager: PoolManager) -> None:
        """Look at each connection that is made from there, in the way it is made there."""
        ends, pool = self, manager.pool_classes_by_scheme["https"]

        class Connection(pool.ConnectionCls):  # type: ignore[name-defined]
            def connect(self) -> None:
                super().connect()
                shown = self.sock.getpeercert() if isinstance(self.sock, ssl.SSLSocket) else None
                ends.seen = _end_of(shown)

        watched = type("Pool", (pool,), {"ConnectionCls": Connection})
        manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "https": watched}


class _Seeing(HTTPAdapter):
    """Has the ends of certificates remembered, by a proxy too."""

    def __init__(self, ends: _Ends) -> None:
        self._ends = ends
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._ends.watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        self._ends.watch(manager)
        return manager


def _end_of(certificate: Any) -> datetime | None:
    end = (certificate or {}).get("notAfter")
    if not isinstance(end, str):
        return None
    try:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _proxy(url: str) -> tuple[str, str]:
    """Host and port of the proxy that a request would take, and the variable that says so."""
    chosen = select_proxy(url, get_environ_proxies(url))
    if not chosen:
        return "", ""
    scheme = urlsplit(url).scheme
    names = [f"{word}_proxy" for word in (scheme, "all")]
    asked = [spelt for name in names for spelt in (name, name.upper())]
    variable = next((name for name in asked if os.environ.get(name)), "the system's settings")
    parts = urlsplit(chosen if "//" in chosen else f"//{chosen}")
    # Without the user and the password that may stand before the host.
    return _line(parts.netloc.rpartition("@")[2]), variable


def _inside(url: str) -> bool:
    """Whether the host is of this machine or of a private network, by all of its addresses."""
    host = urlsplit(url).hostname or ""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and not any(is_public(address) for address in found)


def _led_to(url: str, target: str) -> str:
    """Where a redirect leads; empty if that is no address."""
    try:
        led = _line(urljoin(f"{url}/", target))
        urlsplit(led)
    except ValueError:
        return ""
    return led


def _between(headers: Mapping[str, str]) -> str:
    named = [f"{mark}: {headers[mark]}" for mark in MARKS if headers.get(mark)]
    server = headers.get("Server", "")
    if server.lower() in {"cloudflare", "akamaighost", "cloudfront"}:
        named.append(f"Server: {server}")
    return _line("; ".join(named))


def _line(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:LONGEST]
