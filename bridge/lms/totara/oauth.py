"""A bearer token for Totara's external API, by OAuth 2 client credentials.

``POST {site}/totara/oauth2/token.php`` with a form ``grant_type``, ``client_id``,
``client_secret`` → ``{token_type, expires_in, access_token}``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import requests

from bridge.errors import LmsError, Missing, NotAnLms, Refused, UnexpectedAnswer
from bridge.lms import wire

ENDPOINT = "/totara/oauth2/token.php"
CLIENTS = "Site administration → Development → API → Clients"
MARGIN = 60.0
"""Seconds before its end from which a token is not used any more: requests take their time."""
SHORTEST = 5.0
"""A token that would be in its margin from the beginning is used so many seconds."""


class Tokens:
    """Fetches a token when one is needed, keeps it while it is good, and never shows it.

    :param client: ``client_id`` and ``client_secret``.
    :param send: posts a form to an address and gives the answer; it counts the request.
    :param clock: seconds, never going back.
    """

    def __init__(
        self,
        url: str,
        client: Mapping[str, str],
        send: Callable[[str, Mapping[str, str]], requests.Response],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._client = client
        self._send = send
        self._clock = clock
        self._token = ""
        self._good_until = 0.0

    def bearer(self) -> str:
        """A token that is good now.

        :raises Refused: if the client is not known, or its secret is another one.
        :raises Missing: if the site has no such endpoint: it is older than Totara 17.
        :raises LmsError: another of its subclasses, by what came instead of an answer.
        """
        if not self._token or self._clock() >= self._good_until:
            self._fetch()
        return self._token

    def forget(self) -> None:
        """The site does not take the token any more: the next one is a fresh one."""
        self._token = ""

    def _fetch(self) -> None:
        asked_at = self._clock()
        response = self._send(
            self._url + ENDPOINT,
            {
                "grant_type": "client_credentials",
                "client_id": self._client.get("client_id", ""),
                "client_secret": self._client.get("client_secret", ""),
            },
        )
        wire.check_status(response, self._url, ENDPOINT, ENDPOINT)
        if response.status_code == 404:
            raise Missing(
                f"{self._url} has no API clients ({ENDPOINT} is not there).",
                "Totara has them from release 17 on; an older one is read by REST alone.",
                function=ENDPOINT,
            )
        # A token is asked for by form and answered as JSON, a refusal too (RFC 6749, 5.2).
        answer = wire.object_of(response.text, self._url, ENDPOINT, ENDPOINT)
        if response.status_code in {400, 401, 403} or "error" in answer:
            raise _refusal(answer)
        if response.status_code != 200:
            raise NotAnLms(
                f"{self._url}{ENDPOINT} answered HTTP {response.status_code}.",
                "Give the address of the site's front page.",
                function=ENDPOINT,
            )
        self._keep(answer, asked_at)

    def _keep(self, answer: Mapping[str, object], asked_at: float) -> None:
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not token.isascii() or " " in token:
            raise UnexpectedAnswer(
                f"The answer of {ENDPOINT} has no access_token.",
                "Please report this with the release of the LMS.",
                function=ENDPOINT,
            )
        try:
            lasts = float(seconds)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise UnexpectedAnswer(
                f"The answer of {ENDPOINT} does not say how long the token is good (expires_in).",
                "Please report this with the release of the LMS.",
                function=ENDPOINT,
            ) from error
        self._token = token
        self._good_until = asked_at + max(lasts - MARGIN, min(lasts, SHORTEST))


def _refusal(answer: Mapping[str, object]) -> LmsError:
    code = str(answer.get("error") or "")
    if code in {"unsupported_grant_type", "invalid_request", "invalid_scope"}:
        return UnexpectedAnswer(
            f"{ENDPOINT} does not take the request of the bridge ({code}).",
            "Please report this with the release of the LMS.",
            function=ENDPOINT,
            code=code,
        )
    return Refused(
        "The LMS does not know the API client, or its secret is another one.",
        f"Copy the client's id and secret from {CLIENTS}, see there that it is enabled, then"
        " connect again.",
        function=ENDPOINT,
        code=code,
    )
