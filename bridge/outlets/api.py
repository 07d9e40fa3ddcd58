"""Requests to an outlet's JSON API, and what the status of an answer means.

Every request goes through the guard, follows no redirect, and is given up in time; of an answer no
more is read than a well-meant one has.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from bridge.errors import ConfigError, OutcomeUnknown, OutletBusy, OutletError, OutletRefused
from bridge.guard import can_be_asked
from bridge.outlets.answers import body, never_left, one_line, rate_limit_reset, retry_after
from bridge.outlets.guard import guarded_session

MOST = 4 * 1024 * 1024
"""Bytes of an answer that are read: forty posts with everything about them fit in easily."""
_COME_BACK = {408, 425, 429, 503}


@dataclass(frozen=True)
class Answer:
    """What came back. ``data`` is ``None`` where it is not JSON."""

    status: int
    data: Any = None
    said: str = ""
    """Its text in brackets, if it was refused."""
    after: float | None = None
    """Seconds to wait, where it says so."""
    location: str = ""
    writes: bool = True
    """Whether the request may have changed something."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass
class Api:
    """The API of one outlet.

    :param name: what people call the outlet.
    :param url: where its API begins.
    :param token: sent as a bearer token, if there is one.
    :param timeout: seconds to wait for a connection and for the answer.
    :param allow_private: names of hosts inside the own network that may be reached.
    :raises ConfigError: if the address or the token cannot be used.
    """

    name: str
    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    timeout: float = 15
    allow_private: Collection[str] = ()

    def __post_init__(self) -> None:
        if not can_be_asked(self.url):
            raise ConfigError(
                f"The address of {self.name} cannot be used.",
                "Begin it with https:// and the host's name, without a user name.",
            )
        if self.token and not (self.token.isascii() and self.token.isprintable()):
            raise ConfigError(f"The token of {self.name} cannot be used.", "Copy it once more.")
        self._session = guarded_session(self.allow_private)

    def read(self, path: str, **params: str | int) -> Answer:
        """Ask for something.

        :raises OutletBusy: if no answer came.
        :raises OutletRefused: if the address is not to be reached.
        """
        return self._call("GET", path, params=params)

    def write(
        self,
        method: str,
        path: str,
        content: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Change something.

        :raises OutletBusy: if it certainly was not sent.
        :raises OutcomeUnknown: if it was sent and no answer came.
        :raises OutletRefused: if the address is not to be reached.
        """
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        data = None if content is None else json.dumps(content, ensure_ascii=False).encode()
        return self._call(method, path, data=data, headers=sent)

    def failure(self, answer: Answer, remedies: Mapping[int, str] | None = None) -> OutletError:
        """What an answer that is not ``ok`` means.

        :param remedies: what to do about a refusal, by its status.
        """
        return failure(self.name, answer, remedies)

    def not_understood(self, answer: Answer) -> OutletError:
        """What an answer means that is well and does not say what it should."""
        what = f"{self.name} answered something that is none of its answers."
        if answer.writes:
            return OutcomeUnknown(what, "It may have done what it was asked all the same.")
        return OutletBusy(what, "Check that the address is that of its API.")

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"User-Agent": "socialbridge", **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        url = self.url.rstrip("/") + path if path else self.url
        options = {"params": params, "data": data, "headers": sent}
        response, read = exchange(self._session, self.name, self.timeout, method, url, **options)
        return answer_of(response, read, writes=method != "GET")


def exchange(
    session: requests.Session, name: str, timeout: float, method: str, url: str, **options: Any
) -> tuple[requests.Response, bytes]:
    """Send a request, and read as much of the answer, for as long, as a well-meant one takes.

    :param session: a guarded one.
    :param name: what people call the outlet.
    :param timeout: seconds to wait for a connection and for the answer.
    :param options: what :meth:`requests.Session.request` takes more.
    :raises OutletBusy: if it certainly was not sent, or changes nothing.
    :raises OutcomeUnknown: if it was sent and no answer came.
    :raises OutletRefused: if the address is not to be reached.
    """
    headers = {"Accept-Encoding": "identity", **(options.pop("headers", None) or {})}
    how = {**options, "headers": headers, "timeout": timeout}
    try:
        with session.request(method, url, allow_redirects=False, stream=True, **how) as response:
            return response, body(response, timeout, MOST)
    except requests.RequestException as error:
        raise _silence(name, timeout, error, writes=method != "GET") from error


def failure(name: str, answer: Answer, remedies: Mapping[int, str] | None = None) -> OutletError:
    """What an answer that is not ``ok`` means.

    :param name: what people call the outlet.
    :param remedies: what to do about a refusal, by its status.
    """
    status, what = answer.status, f"{name} answered HTTP {answer.status}{answer.said}."
    if status in _COME_BACK:
        return OutletBusy(what, after=answer.after)
    if status >= 500 and answer.writes:
        return OutcomeUnknown(what, "It may have done what it was asked all the same.")
    if status >= 500:
        return OutletBusy(what)
    if 300 <= status < 400:
        return OutletRefused(
            f"{name} sends the bridge on to {answer.location or 'another address'}.",
            "The bridge follows no redirect: enter the address of the server itself.",
        )
    check = "Check the outlet's address and its secret."
    return OutletRefused(what, (remedies or {}).get(status, check))


def _silence(
    name: str, timeout: float, error: requests.RequestException, *, writes: bool
) -> OutletError:
    if never_left(error):
        return OutletBusy(
            f"{name} cannot be reached.",
            "Check its address and certificate, and that it is up; the bridge tries again.",
        )
    slow = f"{name} gave no answer within {timeout:g} seconds."
    broke = f"{name} broke the connection off."
    what = slow if isinstance(error, requests.Timeout) else broke
    return OutcomeUnknown(what, "It may be there.") if writes else OutletBusy(what)


def answer_of(response: requests.Response, read: bytes, *, writes: bool) -> Answer:
    """What came back.

    :param read: the beginning of its body.
    """
    read = b"" if response.headers.get("Content-Encoding") else read
    try:
        data = json.loads(read)
    except (ValueError, RecursionError):
        data = None
    after = retry_after(response)
    error = data.get("error") if isinstance(data, dict) else None
    said = one_line(error if isinstance(error, str) else read[:2000].decode("utf-8", "replace"))
    return Answer(
        status=response.status_code,
        data=data,
        said=f" ({said})" if said and response.status_code >= 400 else "",
        after=rate_limit_reset(response) if after is None else after,
        location=response.headers.get("Location", "")[:200],
        writes=writes,
    )
