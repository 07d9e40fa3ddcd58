"""The GraphQL API beside REST: asked for what it does better, for as long as it answers.

Why which is asked for what: docs/decisions/006-totara-graphql.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from bridge.errors import LmsError, Missing
from bridge.lms.meter import Meter
from bridge.lms.totara.graph import TotaraGraph
from bridge.model import CourseFact, JobTeamFact, PersonFact, Site, Stream

GRAPHQL = "graphql"


class BesideRest:
    """Hands to REST what the API is not better at, does not know, or fails at.

    :param graph: ``None`` where no API client is given: then REST has everything.
    """

    def __init__(self, graph: TotaraGraph | None) -> None:
        self._graph = graph
        self._failed: set[str] = set()
        self.reasons: dict[str, str] = {}
        """Stream → why it is read by REST all the same; added to as that is found."""

    @property
    def requests(self) -> int:
        """HTTP requests sent so far."""
        return self._graph.requests if self._graph else 0

    @property
    def meters(self) -> tuple[Meter, ...]:
        """What counts them."""
        return (self._graph.client.meter,) if self._graph else ()

    def close(self) -> None:
        """Give the HTTP connections back."""
        if self._graph:
            self._graph.close()

    def describe(self, site: Site) -> Site:
        """``site`` with the streams that are read by the API, and why others are not."""
        if self._graph is None:
            return site
        streams = (Stream.COURSES, Stream.TEAMS, Stream.PEOPLE)
        if self._fault:
            for stream in streams:
                self._fails(stream, self._fault)
        strategies = dict(site.strategies)
        # People and courses need REST as well: for whom the list does not name, and for who sees
        # what. Who reports to whom does not.
        usable = [s for s in streams if s not in self._failed]
        usable = [s for s in usable if s == Stream.TEAMS or strategies.get(s, "none") != "none"]
        strategies.update(dict.fromkeys(usable, GRAPHQL))
        if site.strategies.get(Stream.TEAMS) == "none":
            self.reasons.setdefault(
                Stream.TEAMS, "audiences cannot be read: the token's service has no function for it"
            )
        for name, why in site.reasons.items():
            self.reasons.setdefault(name, why)
        # The reasons are the very mapping: what a run finds on its way is told in its report.
        return replace(site, strategies=strategies, reasons=self.reasons)

    def courses(self, by_rest: Sequence[CourseFact]) -> Sequence[CourseFact]:
        """The courses that REST names, with what the API says of them, seen by whom REST says."""
        graph = self._usable(Stream.COURSES)
        if graph is None or not by_rest:
            return by_rest
        try:
            found = {course.lms_id: course for course in graph.courses()}
        except LmsError as error:
            self._fails(Stream.COURSES, error)
            return by_rest
        return [_joined(course, found.get(course.lms_id)) for course in by_rest]

    def people(self, person_ids: Sequence[int]) -> tuple[list[PersonFact], list[int]]:
        """Those of the people whom the API gives, and the ids to ask REST for."""
        graph = self._usable(Stream.PEOPLE)
        if graph is None:
            return [], list(person_ids)
        try:
            return graph.people(person_ids)
        except LmsError as error:
            self._fails(Stream.PEOPLE, error)
            return [], list(person_ids)

    def job_teams(self) -> Sequence[JobTeamFact]:
        """Who reports to whom; nothing where the site has no API that could say it.

        :raises LmsError: if it has one, and it cannot be read: then nobody knows.
        """
        if self._graph is None:
            return []
        try:
            if self._fault:
                raise self._fault
            return self._graph.job_teams()
        except Missing as error:
            self._fails(Stream.TEAMS, error)
            return []

    def _usable(self, stream: Stream) -> TotaraGraph | None:
        if stream in self._failed or self._fault:
            return None
        return self._graph

    def _fails(self, stream: Stream, error: LmsError) -> None:
        self._failed.add(stream)
        self.reasons[stream] = error.message

    @cached_property
    def _fault(self) -> LmsError | None:
        """Why the API as a whole cannot be used; asked once."""
        if self._graph is None:
            return None
        try:
            self._graph.status()
        except LmsError as error:
            return error
        return None


def _joined(by_rest: CourseFact, by_graph: CourseFact | None) -> CourseFact:
    if by_graph is None:
        return by_rest
    return replace(
        by_graph,
        visible=by_rest.visible,
        self_enrol=by_rest.self_enrol,
        tracked=by_rest.tracked and by_graph.tracked,
        url=by_rest.url,
    )
