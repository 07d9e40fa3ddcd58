"""Keeps requests to addresses that others chose out of the network the bridge stands in.

A name is looked up once, every address it stands for is checked, and the connection goes to an
address that was checked: a name that answers differently the second time (DNS rebinding) gains
nothing. The host's own name still stands in the ``Host`` header and in the TLS handshake.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

Refuse = Callable[[str, str], Exception]
"""Makes what is raised of a host and of the private address that it stands for."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, an IPv4 one inside an IPv6 one too."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if any(not is_public(str(one)) for one in inner if one is not None):
            return False
        if ip.ipv4_mapped is not None:
            return True
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def can_be_asked(url: str) -> bool:
    """Whether it is a web address: a scheme of the web, a host, and no user's name before it."""
    try:
        parts = urlsplit(url)
    except ValueError:  # A bracket that is no IPv6 address.
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


class Staying(requests.Session):
    """HTTP that follows no redirect, and does not work out where one would lead.

    The library does that also for who follows none, and breaks off where it is no address.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Nowhere."""
        return None


def guarded_session(
    allow_private: Collection[str], refuse: Refuse, cut_after: float | None = None
) -> requests.Session:
    """A session that reaches public addresses, and private ones of the hosts that are listed.

    It follows the environment in nothing: no proxy, which would look names up for itself, and no
    stored passwords. Every request through it may raise what ``refuse`` makes.

    :param allow_private: host names in lower case.
    :param cut_after: seconds after which a connection is cut, whatever still comes by it. A time
        limit of ``requests`` begins anew with each byte, those of the headers too.
    """
    session = Staying()
    session.trust_env = False
    adapter = _GuardedAdapter(frozenset(allow_private), refuse, cut_after)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def checked_addresses(
    host: str, port: int, allow_private: Collection[str], refuse: Refuse
) -> list[str]:
    """The addresses of a host, all of them fit to be connected to.

    :raises Exception: what ``refuse`` makes, if one is private and the host is not listed.
    :raises OSError: if the name cannot be looked up.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    name = host.strip("[]").rstrip(".").lower()
    inside = [a for a in addresses if not is_public(a)]
    if inside and name not in allow_private:
        raise refuse(name, inside[0])
    return addresses


class _Guarded:
    """Connects to addresses that were checked, and to no other."""

    allow_private: frozenset[str] = frozenset()
    refuse: Refuse
    cut_after: float | None = None
    _dns_host: str
    host: Any
    port: Any
    timeout: Any
    source_address: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        try:
            addresses = checked_addresses(
                self._dns_host, self.port, self.allow_private, self.refuse
            )
        except (OSError, UnicodeError) as error:  # The latter for a name that cannot be one.
            gai = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(self.host, self, gai) from error  # type: ignore[arg-type]
        failure: OSError = OSError("the name stands for no address")
        for address in addresses:
            try:
                found = create_connection(
                    (address, self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as error:
                failure = error
            else:
                if self.cut_after is not None:
                    _cut_later(found, self.cut_after)
                return found
        raise NewConnectionError(self, f"no connection: {failure}") from failure  # type: ignore[arg-type]


def _cut_later(connected: socket.socket, seconds: float) -> None:
    # A twin of its own: TLS takes the socket over, and who is done closes it.
    twin = connected.dup()

    def cut() -> None:
        with twin, suppress(OSError):  # The other side was quicker.
            twin.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()


class _GuardedAdapter(HTTPAdapter):
    def __init__(
        self, allow_private: frozenset[str], refuse: Refuse, cut_after: float | None
    ) -> None:
        self._allow_private, self._refuse = allow_private, refuse
        self._cut_after = cut_after
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        allow = {
            "allow_private": self._allow_private,
            "refuse": staticmethod(self._refuse),
            "cut_after": self._cut_after,
        }
        plain = type("GuardedConnection", (_Guarded, HTTPConnection), dict(allow))
        secure = type("GuardedTlsConnection", (_Guarded, HTTPSConnection), dict(allow))
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }
