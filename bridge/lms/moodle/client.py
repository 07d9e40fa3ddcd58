"""The envelope: one web-service call over HTTP, and what can come back instead of an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

from bridge.errors import LmsError, NotAnLms, Refused
from bridge.lms import wire
from bridge.lms.meter import Meter
from bridge.lms.moodle.budget import Budget, Lanes
from bridge.lms.moodle.pages import MOODLE, Pages
from bridge.lms.moodle.refusals import refusal

ENDPOINT = "/webservice/rest/server.php"


class MoodleClient:
    """Calls web-service functions of one site with one token. Several threads may do so at once.

    :param timeout: seconds to wait for a connection, and for each piece of an answer.
    :param pause: waits between two attempts at a read; tests hand in one that does not.
    :param connections: HTTP connections that are open at once, at most.
    :param per_second: requests a second, at most; 0 for no limit.
    :param sessions: begins HTTP; one that is guarded may raise an LmsError of its own.
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
        sessions: Callable[[], requests.Session] = wire.plain_session,
    ) -> None:
        self.url = url.rstrip("/")
        self.meter = Meter()
        self.lanes = Lanes(connections)
        self.pages = MOODLE
        """Where an admin finds things in this LMS; remedies name them."""
        self._token = token
        self.timeout = timeout
        self._pause = pause
        self._budget = Budget(per_second, pause=pause)
        self._lock = threading.Lock()
        self._new_session = sessions
        self._sessions: dict[int, requests.Session] = {}
        self.clock: tuple[float, float] | None = None
        """Seconds by which the site's clock is ahead of ours, by its last answer, and the doubt."""
        self._proven = False
        """Whether the site has answered well before."""

    def close(self) -> None:
        """Give the threads and the HTTP connections back."""
        self.lanes.close()
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def read(
        self,
        function: str,
        parameters: Mapping[str, Any] | None = None,
        check: Callable[[Any], Any] = lambda answer: answer,
    ) -> Any:
        """Call a function that changes nothing; passing failures are tried again.

        :param check: makes of the answer what is wanted, and raises where it cannot.
        :raises LmsError: one of its subclasses, by what came instead of an answer.
        """

        def once() -> Any:
            checked = check(self._call(function, parameters or {}))
            self._proven = True
            return checked

        return wire.patiently(once, self._pause, self._passes)

    def _passes(self, error: LmsError) -> bool:
        return error.retry or (self._proven and wire.garbled(error))

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
        try:
            with self.meter.measured() as answered:
                begun = time.time()
                response = self._session().post(
                    self.url + ENDPOINT,
                    data=form,
                    timeout=self.timeout,
                    allow_redirects=False,
                    stream=True,
                )
                answered(response)
                self.clock = wire.clock_of(response, begun, time.time())
                wire.read_whole(response, wire.WHOLE_ANSWER * self.timeout)
        except requests.RequestException as error:
            raise wire.unreachable(self.url, function, error, self.timeout) from error
        return _answer(response, self.url, function, self.pages)

    def _session(self) -> requests.Session:
        """The calling thread's own: a session is not made for several at once."""
        thread = threading.get_ident()
        session = self._sessions.get(thread)
        if session is None:
            session = self._new_session()
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


def _answer(response: requests.Response, url: str, function: str, pages: Pages) -> Any:
    wire.check_status(response, url, ENDPOINT, function)
    text = response.text.strip()
    if response.status_code == 403 and not text:
        raise Refused(
            "The LMS refuses web services (HTTP 403).",
            f"Switch them on: {pages.features} → Enable web services, and {pages.protocols} →"
            " REST.",
            function=function,
        )
    if response.status_code != 200:
        raise NotAnLms(
            f"{url}{ENDPOINT} answered HTTP {response.status_code}: there is no Moodle there.",
            "Give the address of the site's front page, for example https://lms.example.com or"
            " https://example.com/moodle.",
            function=function,
        )
    answer = wire.json_of(text, url, ENDPOINT, function)
    if isinstance(answer, Mapping) and "exception" in answer:
        raise refusal(answer, function, pages)
    return answer
