"""The envelope: one web-service call over HTTP, and what can come back instead of an answer."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from bridge.errors import LmsError, NotAnLms, Refused, Unavailable, Unreachable
from bridge.lms.moodle.budget import Budget, Lanes
from bridge.lms.moodle.refusals import refusal

ATTEMPTS = 3
LONGEST_WAIT = 60.0
ENDPOINT = "/webservice/rest/server.php"


class MoodleClient:
    """Calls web-service functions of one site with one token. Several threads may do so at once.

    :param timeout: seconds to wait for a connection, and for each piece of an answer.
    :param pause: waits between two attempts at a read; tests hand in one that does not.
    :param connections: HTTP connections that are open at once, at most.
    :param per_second: requests a second, at most; 0 for no limit.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 30,
        pause: Callable[[float], None] = time.sleep,
        connections: int = 2,
        per_second: float = 0,
    ) -> None:
        self.url = url.rstrip("/")
        self.requests = 0
        self.lanes = Lanes(connections)
        self._token = token
        self._timeout = timeout
        self._pause = pause
        self._budget = Budget(per_second, pause=pause)
        self._lock = threading.Lock()
        self._sessions: dict[int, requests.Session] = {}

    def close(self) -> None:
        """Give the threads and the HTTP connections back."""
        self.lanes.close()
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def read(self, function: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Call a function that changes nothing; passing failures are tried again.

        :raises LmsError: one of its subclasses, by what came instead of an answer.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._call(function, parameters or {})
            except (Unreachable, Unavailable) as error:
                if attempt == ATTEMPTS:
                    raise
                self._pause(_wait(error, attempt))
        raise AssertionError("unreachable")

    def write(self, function: str, parameters: Mapping[str, Any]) -> Any:
        """Call a function that changes something: once, whatever happens.

        :raises LmsError: one of its subclasses; after :class:`~bridge.errors.Unreachable` the
            change may have happened or not.
        """
        return self._call(function, parameters)

    def _call(self, function: str, parameters: Mapping[str, Any]) -> Any:
        form = {
            "wstoken": self._token,
            "wsfunction": function,
            "moodlewsrestformat": "json",
            **dict(flatten(parameters)),
        }
        self._budget.take()
        with self._lock:
            self.requests += 1
        try:
            response = self._session().post(
                self.url + ENDPOINT, data=form, timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise _unreachable(self.url, function, error, self._timeout) from error
        return _answer(response, self.url, function)

    def _session(self) -> requests.Session:
        """The calling thread's own: a session is not made for several at once."""
        thread = threading.get_ident()
        session = self._sessions.get(thread)
        if session is None:
            session = requests.Session()
            session.headers["User-Agent"] = "socialbridge"
            with self._lock:
                self._sessions[thread] = session
        return session


def flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters as Moodle reads them from a form: ``a[0][b]=c``; booleans are 1 and 0."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flatten(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from flatten(inner, f"{name}[{index}]")
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    else:
        yield name, str(value)


def _answer(response: requests.Response, url: str, function: str) -> Any:
    status = response.status_code
    text = response.text.strip()
    if status in {301, 302, 303, 307, 308}:
        target = response.headers.get("Location", "")
        raise NotAnLms(
            f"{url} sends the bridge on to {target or 'another page'}.",
            "Use the address that the LMS itself shows as its own (wwwroot), and let the path"
            f" {ENDPOINT} through any single sign-on.",
            function=function,
        )
    if status == 429 or status >= 500:
        raise Unavailable(
            f"The LMS answered HTTP {status}" + _page_title(text) + ".",
            "It is overloaded, failing or in maintenance; the bridge tries again later."
            " If it lasts, look into the web server's log.",
            function=function,
            too_much=status in {500, 502, 504},
            after=_retry_after(response),
        )
    if status == 403 and not text:
        raise Refused(
            "The LMS refuses web services (HTTP 403).",
            "Switch them on: Site administration → General → Advanced features → Enable web"
            " services, and Server → Web services → Manage protocols → REST.",
            function=function,
        )
    if status != 200:
        raise NotAnLms(
            f"{url}{ENDPOINT} answered HTTP {status}: there is no Moodle there.",
            "Give the address of the site's front page, for example https://lms.example.com or"
            " https://example.com/moodle.",
            function=function,
        )
    answer = _json(text, url, function)
    if isinstance(answer, Mapping) and "exception" in answer:
        raise refusal(answer, function)
    return answer


def _json(text: str, url: str, function: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
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
            f"{url} answered with a web page instead of data" + _page_title(text) + ".",
            "Check the address; if it is right, a login page, a proxy or a PHP error stands in the"
            f" way of {ENDPOINT}: open that address in a browser to see it.",
            function=function,
        ) from error


def _page_title(text: str) -> str:
    lower = text[:5000].lower()
    start = lower.find("<title>")
    end = lower.find("</title>", start)
    if start < 0 or end < 0:
        return ""
    title = " ".join(text[start + 7 : end].split())
    return f' ("{title[:80]}")' if title else ""


def _unreachable(
    url: str, function: str, error: requests.RequestException, timeout: float
) -> LmsError:
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return NotAnLms(
            f"{url} is no address.",
            "Begin it with https:// and the host's name.",
            function=function,
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Unreachable(
            f"{url} has no certificate that this machine trusts.",
            "Mend the certificate of the LMS, or add its authority to this machine's store"
            " (REQUESTS_CA_BUNDLE).",
            function=function,
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


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
        sent = parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (at - sent).total_seconds())
    except (TypeError, ValueError):
        return None


def _wait(error: LmsError, attempt: int) -> float:
    asked = error.after if isinstance(error, Unavailable) else None
    backed_off = 2.0 ** (attempt - 1) * random.uniform(0.75, 1.25)
    return min(LONGEST_WAIT, backed_off if asked is None else max(asked, backed_off))
