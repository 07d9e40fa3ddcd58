"""Reading what an outlet answers over HTTP, without trusting it."""

from __future__ import annotations

import ssl
import time
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError

MOST = 64 * 1024
EXCERPT = 200


def body(response: requests.Response, seconds: float, most: int = MOST) -> bytes:
    """The beginning of an answer that is streamed: no more than ``most`` bytes of it.

    It is read for no longer than ``seconds``: an outlet that drips its answer is left alone. Where
    the connection breaks, what came before is given. It is never unpacked: ask for ``identity``.
    """
    deadline = time.monotonic() + seconds
    read = bytearray()
    try:
        while len(read) < most and time.monotonic() < deadline:
            piece = response.raw.read1(most - len(read), decode_content=False)
            if not piece:
                break
            read += piece
    except (HTTPError, OSError):
        pass  # The status came; how the rest of the answer was lost plays no part.
    return bytes(read)


def one_line(text: str) -> str:
    """The beginning of what an outlet said, in one printable line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:EXCERPT]


def excerpt(response: requests.Response, seconds: float) -> str:
    """The beginning of a refusal's text, in brackets, for a person to read; else nothing.

    No more than 64 KiB are read: the status has said everything by then.
    """
    read = body(response, seconds)
    if response.headers.get("Content-Encoding") or response.status_code < 400:
        return ""
    line = one_line(read.decode("utf-8", "replace"))
    return f" ({line})" if line else ""


def retry_after(response: requests.Response) -> float | None:
    """The seconds that the outlet asks to wait, by ``Retry-After``; ``None`` if it does not."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
        sent = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (at - sent).total_seconds())
    except (TypeError, ValueError):
        return None


def rate_limit_reset(response: requests.Response) -> float | None:
    """The seconds until ``X-RateLimit-Reset``, which is a moment in ISO 8601 or in Unix time."""
    value = response.headers.get("X-RateLimit-Reset", "").strip()
    try:
        sent = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
        number = value.isascii() and value.isdigit()
        at = float(value[:12]) if number else datetime.fromisoformat(value).timestamp()
        return max(0.0, at - sent)
    except (TypeError, ValueError):
        return None


def never_left(error: requests.RequestException) -> bool:
    """Whether a request certainly did not reach the outlet."""
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, TlsError):
        return any(isinstance(part, ssl.SSLCertVerificationError) for part in reason.args)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
