"""Totara's external API (release 17 and later): one endpoint, one query a request.

``POST {site}/api/graphql.php`` with JSON ``{query, variables}`` and a bearer token.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

from bridge.errors import LmsError, Missing, NotAnLms, Refused, Unavailable, UnexpectedAnswer
from bridge.lms import wire
from bridge.lms.meter import Meter
from bridge.lms.moodle.budget import Budget
from bridge.lms.totara.graph_refusals import SETTINGS, BadToken, NotKnown, TooDear, refusal
from bridge.lms.totara.listing import Listing, Page
from bridge.lms.totara.oauth import Tokens

ENDPOINT = "/api/graphql.php"
LIMIT = 6000
"""What a query may cost, where nobody changed it."""
ENOUGH = 0.9
"""A listing that ends with less than this part of what it counts is not believed."""


class GraphClient:
    """Asks one site with one API client. Nothing it does changes the LMS.

    :param oauth_client: ``client_id`` and ``client_secret``.
    :param timeout: seconds to wait for a connection, and for each piece of an answer.
    :param pause: waits between two attempts; tests hand in one that does not.
    :param clock: seconds, never going back. :param per_second: requests, at most; 0 for no limit.
    """

    def __init__(
        self,
        url: str,
        oauth_client: Mapping[str, str],
        *,
        timeout: float = 30,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        per_second: float = 0,
        sessions: Callable[[], requests.Session] = wire.plain_session,
    ) -> None:
        self.url = url.rstrip("/")
        self.meter = Meter()
        self.limit = LIMIT
        """What a query may cost; the site has the last word."""
        self._timeout = timeout
        self._pause = pause
        self._budget = Budget(per_second, clock=clock, pause=pause)
        self._session = sessions()
        self._session.headers["User-Agent"] = "socialbridge"
        self._tokens = Tokens(self.url, oauth_client, self._post_form, clock=clock)

    def close(self) -> None:
        """Give the HTTP connections back."""
        self._session.close()

    def ask(
        self, function: str, query: str, variables: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The ``data`` of one query; passing failures are tried again.

        A token that is refused is renewed, once.

        :param function: the name of what is asked, for errors.
        :raises LmsError: one of its subclasses, by what came instead of an answer.
        """
        body = {"query": query, "variables": dict(variables or {})}
        return wire.patiently(lambda: self._call(function, body), self._pause)

    def pages(self, listing: Listing) -> Iterator[Page]:
        """The pages of a listing to its end, as large as the cost limit lets them be.

        A page that costs too much is asked for again with fewer records, never with as many. The
        cursor carries the size of its pages, so the listing then begins anew: **a record may come
        twice**. Optional fields and filters that the site does not have are left out.

        :raises UnexpectedAnswer: if a cursor comes again, or the end before what was counted.
        :raises LmsError: as :meth:`ask`.
        """
        while True:
            size = listing.size(self.limit)
            if size < 1:
                raise Refused(
                    f"The LMS allows a query no more than {self.limit}, and one record of"
                    f" {listing.name} costs {listing.cost(1)}.",
                    f"Raise the maximum query complexity under {SETTINGS}.",
                    function=listing.name,
                )
            try:
                yield from self._through(listing, size)
                return
            except TooDear as error:
                sent = listing.cost(size)
                named = error.limit if error.limit is not None else sent
                self.limit = named if named < sent else sent // 2
            except NotKnown as error:
                smaller = listing.without(error.names)
                if smaller is None:
                    raise
                listing = smaller

    def _through(self, listing: Listing, size: int) -> Iterator[Page]:
        cursor, seen, count = "", {""}, 0
        while True:
            data = self.ask(listing.name, listing.text, listing.variables(cursor, size))
            page, cursor = _page(listing, data)
            count += len(page.items)
            yield page
            if not cursor:
                break
            if cursor in seen or not page.items:
                raise UnexpectedAnswer(
                    f"The pages of {listing.name} turn in a circle after {count} records.",
                    "Please report this with the release of the LMS.",
                    function=listing.name,
                )
            seen.add(cursor)
        if count < ENOUGH * page.total:
            raise UnexpectedAnswer(
                f"{listing.name} ended after {count} of {page.total} records.",
                "The bridge does not believe it and keeps what it has. If it lasts, please report"
                " it with the release of the LMS.",
                function=listing.name,
            )

    def _call(self, function: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._answer(function, body)
        except BadToken:
            self._tokens.forget()
            return self._answer(function, body)

    def _answer(self, function: str, body: Mapping[str, Any]) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {self._tokens.bearer()}"}
        response = self._post(self.url + ENDPOINT, function, json=body, headers=bearer)
        answer = _json(response, self.url, function)
        errors = answer.get("errors")
        if isinstance(errors, list) and errors:
            raise _refusal(errors, response, self.url, function)
        if response.status_code != 200:
            raise _by_status(response.status_code, self.url, function)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise UnexpectedAnswer(
                f"The answer of {ENDPOINT} to {function} has no data.",
                "Please report this with the release of the LMS.",
                function=function,
            )
        return data

    def _post_form(self, address: str, form: Mapping[str, str]) -> requests.Response:
        return self._post(address, address.removeprefix(self.url), data=form)

    def _post(self, address: str, function: str, **what: Any) -> requests.Response:
        self._budget.take()
        try:
            with self.meter.measured() as answered:
                response = self._session.post(
                    address, timeout=self._timeout, allow_redirects=False, stream=True, **what
                )
                answered(response)
                wire.read_whole(response, wire.WHOLE_ANSWER * self._timeout)
            return response
        except requests.RequestException as error:
            raise wire.unreachable(self.url, function, error, self._timeout) from error


def _json(response: requests.Response, url: str, function: str) -> dict[str, Any]:
    """The object in an answer of any status; what is none is named by the status."""
    status = response.status_code
    text = response.text.strip()
    # Totara words its refusals as JSON under any status; an intermediary's are pages.
    if status != 200 and not text.startswith("{"):
        wire.check_status(response, url, ENDPOINT, function)
        raise _by_status(status, url, function)
    try:
        return wire.object_of(text, url, ENDPOINT, function)
    except LmsError:
        wire.check_status(response, url, ENDPOINT, function)
        raise


def _refusal(errors: list[Any], response: requests.Response, url: str, function: str) -> LmsError:
    error = refusal(errors, function)
    if isinstance(error, Unavailable):
        asked = wire.retry_after(response)
        error.after = error.after if asked is None else asked
    elif type(error) is LmsError:
        # Words that say nothing: then the status has the word.
        wire.check_status(response, url, ENDPOINT, function)
    return error


def _by_status(status: int, url: str, function: str) -> LmsError:
    if status == 401:
        return BadToken(
            "The LMS does not take the token of the API client (HTTP 401).",
            "See that the web server passes the Authorization header on.",
            function=function,
        )
    if status == 403:
        return Refused(
            "The LMS refuses its API (HTTP 403).",
            f"See that the web server lets {ENDPOINT} through.",
            function=function,
        )
    if status == 404:
        return Missing(
            f"{url} has no external API ({ENDPOINT} is not there).",
            "Totara has one from release 17 on; an older one is read by REST alone.",
            function=function,
        )
    return NotAnLms(
        f"{url}{ENDPOINT} answered HTTP {status}.",
        "Give the address of the site's front page.",
        function=function,
    )


def _page(listing: Listing, data: Mapping[str, Any]) -> tuple[Page, str]:
    answer = data.get(listing.name)
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(items, list):
        raise UnexpectedAnswer(
            f"The answer of {listing.name} has no list `items`.",
            "Please report this with the release of the LMS.",
            function=listing.name,
        )
    cursor, total = answer.get("next_cursor") or "", answer.get("total")
    if not isinstance(cursor, str) or not isinstance(total, int):
        raise UnexpectedAnswer(
            f"The answer of {listing.name} has no usable `total` and `next_cursor`.",
            "Please report this with the release of the LMS.",
            function=listing.name,
        )
    if not all(isinstance(item, dict) for item in items):
        raise UnexpectedAnswer(
            f"The answer of {listing.name} has an item that is no record.",
            "Please report this with the release of the LMS.",
            function=listing.name,
        )
    return Page(listing, tuple(items), total), cursor
