"""What the bridge reads of a Totara by its GraphQL API, and when (docs/decisions/006)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import requests

from bridge.errors import LmsError, MissingCapability, UnexpectedAnswer
from bridge.lms import wire
from bridge.lms.moodle.connector import PEOPLE_A_REQUEST
from bridge.lms.totara import graph_facts
from bridge.lms.totara.graphql import GraphClient
from bridge.lms.totara.listing import Page
from bridge.model import CourseFact, JobTeamFact, PersonFact

STATUS = "totara_webapi_status"
WHOLE = frozenset(field.name for field in graph_facts.PEOPLE.fields)
"""The fields of a person that a fact is made of."""


class TotaraGraph:
    """Reads people, courses and job assignments. Every method may raise an
    :class:`~bridge.errors.LmsError`; :class:`~bridge.errors.Missing` says that the site has no such
    API.

    :param oauth_client: ``client_id`` and ``client_secret``; the other parameters are those of
        :class:`GraphClient`.
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
        self.client = GraphClient(
            url,
            oauth_client,
            timeout=timeout,
            pause=pause,
            clock=clock,
            per_second=per_second,
            sessions=sessions,
        )
        self._people = _PeopleInOrder(self.client)

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, those for tokens included."""
        return self.client.meter.requests

    def close(self) -> None:
        """Give the HTTP connections back."""
        self.client.close()

    def status(self) -> None:
        """Prove that the API is there and takes the client.

        :raises LmsError: if it is not, or does not.
        """
        data = self.client.ask(STATUS, f"query status {{ {STATUS} {{ status }} }}")
        answer = data.get(STATUS)
        if not isinstance(answer, dict) or answer.get("status") != "ok":
            raise UnexpectedAnswer(
                "The API of the LMS does not say that it is well.",
                "The LMS's own log says more.",
                function=STATUS,
            )

    def courses(self) -> list[CourseFact]:
        """Every course that the client's service account sees, each as not visible: this API does
        not say which are hidden."""
        found: dict[int, CourseFact] = {}
        for page in self.client.pages(graph_facts.COURSES):
            found.update({c.lms_id: c for c in graph_facts.courses(page, self.client.url)})
        return list(found.values())

    def job_teams(self) -> list[JobTeamFact]:
        """Who reports to whom, by manager; without names where one of them may not be seen."""
        try:
            return graph_facts.job_teams(self.client.pages(graph_facts.JOBS))
        except LmsError as error:
            if type(error) is not LmsError and not isinstance(error, MissingCapability):
                raise
            return graph_facts.job_teams(self.client.pages(graph_facts.JOBS_BY_ID))

    def people(self, person_ids: Sequence[int]) -> tuple[list[PersonFact], list[int]]:
        """People by their ids, and those ids that are better asked for by REST.

        The API cannot be asked by ids, so its list is gone through as the ids go up, and only where
        that costs no more requests than asking by ids; what it does not name is left over as well.
        """
        return self._people.find(sorted(set(person_ids)))


class _PeopleInOrder:
    """Goes through the list of people beside ascending ids, with one page in memory."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client
        self._begin()

    def _begin(self) -> None:
        self._pages: Iterator[Page] = self._client.pages(graph_facts.PEOPLE)
        self._page: dict[int, PersonFact] = {}
        self._first = 0
        self._last = 0
        """The page in memory has everybody from the first of these ids to the last."""
        self._ended = False

    def find(self, ids: Sequence[int]) -> tuple[list[PersonFact], list[int]]:
        """The people of the sorted ``ids`` that the list has, and the other ids."""
        if not ids or not self._worth(ids):
            return [], list(ids)
        if ids[0] < self._first:
            self._begin()
        found: list[PersonFact] = []
        left: list[int] = []
        for person_id in ids:
            while person_id > self._last and not self._ended:
                self._turn()
            person = self._page.get(person_id)
            if person is None:
                left.append(person_id)
            else:
                found.append(person)
        return found, left

    def _worth(self, ids: Sequence[int]) -> bool:
        """Whether going on to the last of ``ids`` takes no more requests than asking for them.

        No more people than ids can lie between two ids, so this never underrates the list.
        """
        anew = ids[0] < self._first
        if self._ended and not anew:
            return True
        size = max(1, graph_facts.PEOPLE.size(self._client.limit))
        pages = -(-max(0, ids[-1] - (0 if anew else self._last)) // size)
        return pages <= -(-len(ids) // PEOPLE_A_REQUEST)

    def _turn(self) -> None:
        page = next(self._pages, None)
        if page is None:
            self._ended = True
            return
        if missing := WHOLE - {field.name for field in page.listing.fields}:
            raise UnexpectedAnswer(
                f"The API of this LMS does not say {', '.join(sorted(missing))} of people.",
                "They are read by REST; a later release of Totara may say it.",
                function=page.listing.name,
            )
        # The list may begin anew with smaller pages: what was passed already is passed again.
        people = [p for p in graph_facts.people(page) if p.lms_id > self._last]
        if people:
            self._page = {p.lms_id: p for p in people}
            self._first = self._last + 1
            self._last = max(self._page)
