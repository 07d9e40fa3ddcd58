"""What HTTP can bring instead of an answer, whatever protocol an LMS speaks over it."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from bridge.errors import LmsError, NotAnLms, Unavailable, UnexpectedAnswer, Unreachable
from bridge.guard import Staying
from bridge.lms.way import distrust

T = TypeVar("T")

ATTEMPTS = 3
LONGEST_WAIT = 60.0
LARGEST = 64 * 1024 * 1024
"""Bytes of an answer: the people of a course with everything about them are fewer by far."""
PIECE = 65_536
WHOLE_ANSWER = 10
"""An answer as a whole may take so many times as long as a piece of it."""


def plain_session() -> requests.Session:
    """HTTP to an address that somebody typed where the bridge runs, inside the network or not."""
    return Staying()


def patiently(
    call: Callable[[], T],
    pause: Callable[[float], None],
    passes: Callable[[LmsError], bool] = lambda error: error.retry,
) -> T:
    """What ``call`` gives; a passing failure is tried again, :data:`ATTEMPTS` times in all.

    Only for reads: after a failure nobody knows what a write has done.

    :param pause: waits so many seconds.
    :param passes: whether a failure may pass by itself.
    :raises LmsError: what the last attempt met.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except LmsError as error:
            if attempt == ATTEMPTS or not passes(error):
                raise
            pause(_wait(error, attempt))
    raise AssertionError("unreachable")


def garbled(error: LmsError) -> bool:
    """Whether something came that is no answer at all, though not a refusal either.

    Of a site that has answered well before it is a passing failure: a proxy's page, a half-written
    answer. Of one that never did, it is the wrong address.
    """
    return isinstance(error, NotAnLms | UnexpectedAnswer) and not error.code


def _wait(error: LmsError, attempt: int) -> float:
    asked = error.after if isinstance(error, Unavailable) else None
    backed_off = 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)
    return min(LONGEST_WAIT, backed_off if asked is None else max(asked, backed_off))


def clock_of(response: requests.Response, begun: float, ended: float) -> tuple[float, float] | None:
    """Seconds by which the other clock is ahead of ours, by the ``Date`` of its answer.

    And by how many that may be wrong: half of the way there and back, and the second that a
    ``Date`` is rounded down by. ``None`` where it says none.

    :param begun: when the request left and, ``ended``, when the answer began, in Unix time.
    """
    try:
        said = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (TypeError, ValueError):
        return None
    return said + 0.5 - (begun + ended) / 2, (ended - begun) / 2 + 0.5


def read_whole(
    response: requests.Response,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Read the answer to its end, which was asked for with ``stream=True``.

    The time-out of a request holds for each piece of its answer: one that comes a byte at a time
    would keep its reader for hours.

    :raises requests.RequestException: if it does not come, not within so many ``seconds``, or is
        larger than :data:`LARGEST`.
    """
    end, pieces, size = clock() + seconds, [], 0
    # A piece is what has come, and not as much as was asked for: that could take for ever.
    while piece := _piece(response):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            response.close()
            raise requests.exceptions.ContentDecodingError("The answer is too large.")
        if clock() > end:
            response.close()
            raise requests.exceptions.ReadTimeout(f"The answer was not read in {seconds:g} s.")
    # The library has no other way to say that an answer was read piece by piece.
    response._content = b"".join(pieces)


def _piece(response: requests.Response) -> bytes:
    """The next bytes of an answer, unpacked; none at its end.

    :raises requests.RequestException: as the library itself names what went wrong.
    """
    try:
        return bytes(response.raw.read1(PIECE, decode_content=True))
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from error
    except (HTTPError, OSError) as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error


def unreachable(
    url: str, function: str, error: requests.RequestException, timeout: float
) -> LmsError:
    """The error that a request without an answer stands for; the cause is chained by the caller."""
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return NotAnLms(
            f"{url} is no address.",
            "Begin it with https:// and the host's name.",
            function=function,
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(
            f"{url} has no certificate that this machine trusts: {distrust(error)}.",
            "Mend the certificate of the LMS, or add its authority to this machine's store"
            " (REQUESTS_CA_BUNDLE).",
            function=function,
        )
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Unreachable(
            f"{url} answered with more than {LARGEST // 1024**2} MB, or in broken packing.",
            "Look whether a proxy or something else answers in place of the LMS.",
            function=function,
            too_much=True,
        )
    if isinstance(error, requests.exceptions.Timeout):
        return Unreachable(
            f"The LMS did not answer within {timeout:g} seconds.",
            "Check that it is up and reachable from this machine; SOCIALBRIDGE_LMS_TIMEOUT waits"
            " longer.",
            function=function,
            too_much=True,
        )
    return Unreachable(
        f"{url} cannot be reached.",
        "Check the address, and that this machine may reach it (name, port, firewall, proxy).",
        function=function,
    )


def check_status(response: requests.Response, url: str, endpoint: str, function: str) -> None:
    """Refuse what is no answer of ``endpoint`` by its status alone.

    :raises NotAnLms: if the site sends the caller elsewhere.
    :raises Unavailable: for 429 and 5xx.
    """
    status = response.status_code
    if status in {301, 302, 303, 307, 308}:
        target = response.headers.get("Location", "")
        raise NotAnLms(
            f"{url} sends the bridge on to {target or 'another page'}.",
            "Use the address that the LMS itself shows as its own (wwwroot), and let the path"
            f" {endpoint} through any single sign-on.",
            function=function,
        )
    if status == 429 or status >= 500:
        raise Unavailable(
            f"The LMS answered HTTP {status}" + page_title(response.text) + ".",
            "It is overloaded, failing or in maintenance; the bridge tries again later."
            " If it lasts, look into the web server's log.",
            function=function,
            too_much=status in {500, 502, 504},
            after=retry_after(response),
        )


def json_of(text: str, url: str, endpoint: str, function: str) -> Any:
    """The JSON of an answer.

    :raises Unreachable: if it was cut off on its way.
    :raises Unavailable: for a maintenance page. :raises NotAnLms: for any other page.
    """
    text = text.strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # The latter for brackets without end.
        if text[:1] in {"{", "["}:
            raise Unreachable(
                f"The answer of the LMS to {function} was cut off after {len(text)} characters.",
                "The bridge tries again. If it lasts, a proxy or PHP's memory_limit is cutting"
                " answers short.",
                function=function,
                too_much=True,
            ) from error
        if "maintenance" in text[:5000].lower():
            raise Unavailable(
                "The LMS shows a maintenance page.",
                "Nothing needs to be done: the bridge tries again later.",
                function=function,
            ) from error
        raise NotAnLms(
            f"{url} answered with a web page instead of data" + page_title(text) + ".",
            "Check the address; if it is right, a login page, a proxy or a PHP error stands in the"
            f" way of {endpoint}: open that address in a browser to see it.",
            function=function,
        ) from error


def object_of(text: str, url: str, endpoint: str, function: str) -> dict[str, Any]:
    """The JSON object of an answer; as :func:`json_of`.

    :raises UnexpectedAnswer: if it is JSON, but no object.
    """
    answer = json_of(text, url, endpoint, function)
    if not isinstance(answer, dict):
        raise UnexpectedAnswer(
            f"The answer of {endpoint} is no object.",
            "Please report this with the release of the LMS.",
            function=function,
        )
    return answer


def page_title(text: str) -> str:
    """The title of a web page, quoted and in brackets, to be put into a sentence; or nothing."""
    lower = text[:5000].lower()
    start = lower.find("<title>")
    end = lower.find("</title>", start)
    if start < 0 or end < 0:
        return ""
    title = " ".join(text[start + 7 : end].split())
    return f' ("{title[:80]}")' if title else ""


def retry_after(response: requests.Response) -> float | None:
    """The seconds that the LMS asks to wait, where it says so."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
        sent = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (at - sent).total_seconds())
    except (TypeError, ValueError):
        return None
