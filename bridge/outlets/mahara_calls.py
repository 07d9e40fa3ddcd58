"""Calls of Mahara's web services, and what its answers mean.

A refusal comes with HTTP 200 and names an exception of Mahara's. HTTP 403 without a word means that
the REST protocol is switched off, or that it was asked over plain HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from bridge.errors import (
    ConfigError,
    OutcomeUnknown,
    OutletBusy,
    OutletError,
    OutletRefused,
)
from bridge.outlets.answers import body, never_left, one_line, retry_after
from bridge.outlets.guard import guarded_session

LONGEST_ANSWER = 8 * 1024 * 1024
"""Bytes: a journal is read with its newest hundred entries and their texts."""
_COME_BACK = {408, 425, 429, 503}
_NOT_DONE = {
    "WebserviceAccessException",
    "WebserviceInvalidParameterException",
    "WebserviceParameterException",
}
_ECHO = "Invalid external api parameter value:"
"""After this Mahara repeats what it was sent, which is nobody's business in a ledger."""
LOOK = "Look there yourself before you send it again."


class MaharaCalls:
    """Calls functions with one token.

    :param url: the address of the site.
    :param timeout: seconds to wait for a connection and for the answer.
    :param allow_private: names of hosts inside the own network that may be reached.
    :raises ConfigError: if the address cannot be used, or there is no token.
    """

    def __init__(
        self, url: str, token: str, *, timeout: float, allow_private: Collection[str]
    ) -> None:
        self._endpoint = f"{_checked(url)}/webservice/rest/server.php"
        if not token:
            raise ConfigError("The Mahara outlet has no token.", "Add the outlet with its token.")
        self._token, self._timeout = token, timeout
        self._session = guarded_session(allow_private)

    def call(self, function: str, fields: Mapping[str, Any]) -> Any:
        """What a function answers. The token goes in the body, for addresses are logged.

        :raises OutletBusy: if it certainly did nothing, and may do it later.
        :raises OutletRefused: if it said that it does not do it.
        :raises OutcomeUnknown: if nobody knows whether it did it.
        """
        form = {"wsfunction": function, "wstoken": self._token, "alt": "json", **fields}
        try:
            with self._session.post(
                self._endpoint,
                data=form,
                headers={"Accept-Encoding": "identity", "User-Agent": "socialbridge"},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                said = body(response, self._timeout, LONGEST_ANSWER)
        except requests.RequestException as error:
            raise _no_answer(error, self._timeout) from error
        return _answer(response, said, function)


def _answer(response: requests.Response, said: bytes, function: str) -> Any:
    """What a call came to.

    :raises OutletError: one of its subclasses, unless Mahara did what it was asked.
    """
    status = response.status_code
    if status in _COME_BACK:
        raise OutletBusy(f"Mahara answered HTTP {status}.", after=retry_after(response))
    if status >= 500:
        raise OutcomeUnknown(f"Mahara answered HTTP {status}; it may have taken the entry.", LOOK)
    if status == 403 and not said:
        raise OutletRefused(
            "Mahara's web services are switched off, or it is asked over plain HTTP (HTTP 403).",
            "Switch on web services and their REST protocol there, and enter its https:// address.",
        )
    if status >= 300:
        raise OutletRefused(f"Mahara answered HTTP {status}.", "Check the address of the site.")
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise OutcomeUnknown(
            "What answered is not one of Mahara's web services.", "Check the address of the site."
        ) from error
    if isinstance(answer, dict) and answer.get("error"):
        raise _refusal(answer, function)
    return answer


def _refusal(answer: Mapping[str, Any], function: str) -> OutletError:
    kind = str(answer.get("error_class", ""))
    said = one_line(str(answer.get("error_message", "")).partition(_ECHO)[0]).rstrip(" :")
    if kind not in _NOT_DONE:
        return OutcomeUnknown(f"Mahara failed ({one_line(kind)}): {said}.", LOOK)
    if kind == "WebserviceAccessException":
        return OutletRefused(
            f"Mahara does not let the token in: {said}.",
            "See there, under Web services, whether the token is valid and not expired, and whether"
            f" its service is enabled, holds {function}, and admits the bridge's address.",
        )
    return OutletRefused(
        f"Mahara does not take it: {said}.",
        f"Check the journal and its owner, and that the token's service holds {function}; only an"
        " admin's token writes into the journals of others.",
    )


def _no_answer(error: requests.RequestException, timeout: float) -> OutletError:
    if never_left(error):
        return OutletBusy("Mahara cannot be reached.", "Check its address and that it is up.")
    if isinstance(error, requests.Timeout):
        return OutcomeUnknown(f"Mahara gave no answer within {timeout:g} seconds.", LOOK)
    return OutcomeUnknown("Mahara broke the connection off.", LOOK)


def first(answer: Any) -> Any:
    """The first of a list, if that is what it is."""
    return answer[0] if isinstance(answer, list) and answer else {}


def field(answer: Any, name: str) -> Any:
    """A field of an answer.

    :raises OutcomeUnknown: naming it, if it is not there.
    """
    if not isinstance(answer, dict) or answer.get(name) is None:
        raise OutcomeUnknown(f"Mahara answered without the field {name}.", LOOK)
    return answer[name]


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise ConfigError(
            "Mahara's address cannot be used.",
            "Begin it with https:// and the host's name, and end it before the first page's name.",
        )
    return url.rstrip("/")
