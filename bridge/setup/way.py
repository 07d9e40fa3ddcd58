"""What the way to the LMS means: its address, its certificate, proxies, and its pace; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from shlex import quote
from urllib.parse import urlsplit

from bridge.errors import LmsError, NotAnLms
from bridge.model import Carried, Traffic, Way
from bridge.setup.address import front_page, place
from bridge.setup.around import Check, Health

SOON = timedelta(days=14)
"""A certificate that ends sooner is told of; they are renewed a month before their end."""
NOW = timedelta(days=2)

_SIGN_IN = re.compile(r"log-?in|sign-?in|sso|saml|oauth|auth|adfs|idp", re.IGNORECASE)


@dataclass(frozen=True)
class Own:
    """How the bridge itself is reached, by its settings."""

    base_url: str
    trusted_proxies: int


def on_the_way(
    url: str, own: str | None, way: Way, error: LmsError | None, now: datetime
) -> Iterator[Check]:
    """Each thing once, green or not.

    :param url: by which the LMS is asked. :param own: how it calls itself, if it answered.
    :param error: what came instead of an answer.
    """
    yield _address(url, own, way)
    if url.startswith("https://"):
        yield _certificate(way, now)
    yield _proxy(url, way, error)


def _address(url: str, own: str | None, way: Way) -> Check:
    bad = Health.RED if own is None else Health.AMBER
    if way.redirect and place(front_page(way.redirect)) != place(url):
        if _SIGN_IN.search(urlsplit(way.redirect).path) and _host(way.redirect) != _host(url):
            return Check(
                "address",
                bad,
                f"{url} sends visitors to a login page elsewhere, {way.redirect}",
                "Let the web services of the LMS through the single sign-on that stands before it.",
            )
        return Check(
            "address",
            bad,
            f"{url} sends visitors on to {way.redirect}",
            f"Connect it by the address that it leads to: {_connect(front_page(way.redirect))}",
        )
    if own is not None and place(own) != place(url):
        return Check(
            "address",
            Health.AMBER,
            f"the LMS calls itself {own}, and is asked at {url}",
            "Connect it by its own address (wwwroot), where links in the feed lead to:"
            f" {_connect(own)}",
        )
    if url.startswith("http://") and not way.inside:
        return Check(
            "address",
            Health.AMBER,
            f"{url} is not https: anybody on the way can read the token",
            "Switch https on at the LMS, and connect it by its https:// address.",
        )
    if own is None:
        return Check("address", Health.GREEN, f"{url} sends nobody elsewhere")
    return Check("address", Health.GREEN, f"{own}, as the LMS itself says")


def _connect(url: str) -> str:
    # What a server says is typed into a shell by who believes it.
    return f"socialbridge connect NAME --url {quote(url)}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _certificate(way: Way, now: datetime) -> Check:
    if way.distrust:
        return Check(
            "certificate",
            Health.RED,
            f"the certificate cannot be verified: {way.distrust}",
            _mend(way.distrust),
        )
    if way.expires is None:
        return Check(
            "certificate",
            Health.AMBER,
            "no certificate was seen",
            "It is shown when a connection is made: see whether the LMS can be reached at all.",
        )
    left = way.expires - now
    if left <= SOON:
        return Check(
            "certificate",
            Health.RED if left <= NOW else Health.AMBER,
            f"the certificate ends on {way.expires:%Y-%m-%d at %H:%M} UTC",
            "Renew it at the web server of the LMS, and see why that does not happen by itself.",
        )
    return Check("certificate", Health.GREEN, f"verified, and good until {way.expires:%Y-%m-%d}")


def _mend(said: str) -> str:
    lower = said.lower()
    if "expired" in lower:
        return "Renew it at the web server of the LMS, and see why that does not happen by itself."
    if "mismatch" in lower or "not valid for" in lower or "doesn't match" in lower:
        return "Connect the LMS by a name that stands in its certificate, or add the name to that."
    return (
        "Let the web server of the LMS send the certificates in between too; if an authority of"
        " your own signed it, name that authority's file in REQUESTS_CA_BUNDLE."
    )


def _proxy(url: str, way: Way, error: LmsError | None) -> Check:
    through = f"requests go through {way.proxy} ({way.variable})" if way.proxy else ""
    if isinstance(error, NotAnLms) and not error.code:
        seen = "; ".join(filter(None, [way.between, through]))
        return Check(
            "proxy",
            Health.AMBER,
            "something else answers in place of the LMS" + f" ({seen})" * bool(seen),
            "Open the address in a browser on this machine: a login page, a maintenance page, or"
            " one of a firewall, a delivery network or a hotspot has to let the web services"
            " through unchanged.",
        )
    if way.proxy and error is not None:
        return Check(
            "proxy",
            Health.AMBER,
            f"{through}, and the LMS does not answer by it",
            f"See that the proxy lets {_host(url)} through, or go around it: add {_host(url)} to"
            " NO_PROXY in the bridge's environment.",
        )
    if way.proxy:
        return Check("proxy", Health.GREEN, f"{through}, and the LMS answers by it")
    if way.between:
        return Check("proxy", Health.GREEN, f"{way.between} stands between, and lets data through")
    return Check("proxy", Health.GREEN, "nothing is seen between the bridge and the LMS")


def carried(found: Carried | None) -> Check:
    """Whether the longest form arrives whole."""
    if found is None:
        return Check(
            "batches",
            Health.AMBER,
            "too few people were read to try how long a form the LMS takes",
            "Run the doctor again when two people or more are enrolled in a course.",
        )
    if found.arrived < found.sent:
        return Check(
            "batches",
            Health.AMBER,
            f"of a form of {found.sent} fields only some {found.arrived} arrived",
            f"Raise max_input_vars in the LMS's PHP to {max(1000, found.sent)} at least: PHP drops"
            " what is beyond it and says nothing, and the bridge has to ask again.",
        )
    return Check(
        "batches",
        Health.GREEN,
        f"a form of {found.sent} fields, the longest that is ever sent, arrives whole",
    )


def pace(traffic: Traffic) -> Check:
    """How fast the LMS answers, and whether it asked for patience meanwhile."""
    asked = f"{traffic.requests} request{'s' * (traffic.requests != 1)}"
    if traffic.waits:
        longest = f" (the longest: {traffic.after:g} seconds)" if traffic.after else ""
        times = "once" if traffic.waits == 1 else f"{traffic.waits} times"
        return Check(
            "pace",
            Health.AMBER,
            f"the LMS, or what stands before it, asked {times} to come back later{longest}, in"
            f" {asked}",
            "Set SOCIALBRIDGE_LMS_REQUESTS_PER_SECOND lower than it is, or let the bridge's address"
            " through the limit at the LMS's web server.",
        )
    return Check(
        "pace", Health.GREEN, f"{asked}; an answer took {traffic.seconds:.2f} seconds (median)"
    )


def own_side(own: Own) -> Check:
    """Whether what people reach the bridge by fits together."""
    secure = own.base_url.startswith("https://")
    here = _host(own.base_url) in {"localhost", "127.0.0.1", "::1"}
    if secure and not own.trusted_proxies:
        return Check(
            "own address",
            Health.AMBER,
            f"people reach the bridge at {own.base_url}, so a proxy stands before it that is not"
            " believed: everybody seems to come from its address, and they share its limits",
            "Set SOCIALBRIDGE_TRUSTED_PROXIES to how many there are, mostly 1, and let them set"
            " X-Forwarded-For, -Proto and -Host.",
        )
    if own.trusted_proxies and here:
        return Check(
            "own address",
            Health.AMBER,
            f"people reach the bridge at {own.base_url} directly, and yet {own.trusted_proxies}"
            " proxies are believed: anybody may say whose address theirs is",
            "Set SOCIALBRIDGE_BASE_URL to the address of the proxy, or"
            " SOCIALBRIDGE_TRUSTED_PROXIES to 0.",
        )
    if not secure and not here:
        return Check(
            "own address",
            Health.AMBER,
            f"people reach the bridge at {own.base_url}, which is not https: sign-in links can be"
            " read on the way, and an LMS does not show it inside its pages",
            "Put a web server with a certificate before it, and set SOCIALBRIDGE_BASE_URL and"
            " SOCIALBRIDGE_TRUSTED_PROXIES.",
        )
    return Check("own address", Health.GREEN, f"people reach the bridge at {own.base_url}")
