"""Asking who vouches for people something over HTTP, without trusting it.

Every request goes through the guard, follows no redirect, is given up in time, and no more of its
answer is read than a well-meant one has.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from bridge.errors import IdentityError, NoAnswer
from bridge.guard import can_be_asked, guarded_session

MOST = 256 * 1024
"""Bytes of an answer: a key set or a registration has a few thousand."""


@dataclass(frozen=True)
class Asking:
    """A way to a platform or a provider.

    :param timeout: seconds for a whole answer.
    :param allow_private: names of hosts inside the own network that may be asked, in lower case.
    """

    timeout: float
    allow_private: Collection[str] = ()

    def json(
        self,
        url: str,
        what: str,
        *,
        method: str = "GET",
        content: object = None,
        form: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
        token: str = "",
    ) -> Any:
        """What stands at the address; the content type that the answer says plays no part.

        :param what: what is asked for, for the message.
        :param content: is sent as JSON, ``form`` as a form.
        :param basic: a name and a secret of HTTP's own authentication.
        :raises NoAnswer: if no whole answer came in time.
        :raises IdentityError: if the address is not to be asked, or answers something else.
        """
        return self.answer(
            url, what, method=method, content=content, form=form, basic=basic, token=token
        )[0]

    def answer(
        self,
        url: str,
        what: str,
        *,
        method: str = "GET",
        content: object = None,
        form: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
        token: str = "",
        accept: str = "application/json",
    ) -> tuple[Any, Mapping[str, str]]:
        """As :meth:`json`, with the headers of the answer beside it.

        :param accept: the content type that is asked for.
        """
        if not can_be_asked(url):
            raise IdentityError(f"{what} stands at no address that can be asked.")
        host = urlsplit(url).hostname
        headers = {
            "User-Agent": "socialbridge",
            "Accept": accept,
            "Accept-Encoding": "identity",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        session = guarded_session(self.allow_private, inside, cut_after=self.timeout)
        begun = time.monotonic()
        try:
            with session.request(
                method,
                url,
                headers=headers,
                json=content,
                data=form,
                auth=basic,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                read = self._read(response, what, begun + self.timeout)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise NoAnswer(
                f"{what} could not be read: {host} did not answer.",
                "Try again in a few minutes.",
            ) from error
        if not 200 <= response.status_code < 300:
            kind = NoAnswer if response.status_code >= 500 else IdentityError
            raise kind(f"{what} could not be read: {host} says {response.status_code}.")
        try:
            return json.loads(read), response.headers
        except (ValueError, RecursionError) as error:
            raise IdentityError(f"{what} of {host} is not JSON.") from error

    def _read(self, response: requests.Response, what: str, deadline: float) -> bytes:
        read = bytearray()
        while True:
            if time.monotonic() > deadline:
                raise NoAnswer(f"{what} could not be read: the answer took too long.")
            piece = response.raw.read1(MOST, decode_content=False)
            if not piece:
                return bytes(read)
            read += piece
            if len(read) > MOST:
                raise IdentityError(f"{what} is longer than any is.")


def inside(host: str, address: str) -> IdentityError:
    """What is said of a platform's address that stands inside a private network."""
    return IdentityError(
        f"{host} stands for {address}, an address inside a private network.",
        "If that is meant, make the platform known at the command line (socialbridge lti add), or"
        " list the host in SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE.",
    )
