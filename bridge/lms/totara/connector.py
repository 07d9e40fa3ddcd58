"""Totara by the REST services that it has of Moodle, where the two differ; GraphQL beside them.

What the functions of a site decide (no batches, the older forum functions, no access by course) is
decided in :mod:`bridge.lms.moodle` for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.errors import Missing, MissingCapability
from bridge.lms.meter import traffic
from bridge.lms.moodle import MoodleConnector, facts, schemas
from bridge.lms.moodle.pages import TOTARA
from bridge.lms.totara.beside_rest import GRAPHQL, BesideRest
from bridge.lms.totara.graph import TotaraGraph
from bridge.model import CourseFact, JobTeamFact, PersonFact, Site, Stream, TeamFact, Traffic

COHORTS = "core_cohort_get_cohorts"
COURSES = "core_course_get_courses"
CATALOGUE = "core_course_get_courses_by_field"

_ALL_USERS = 2
"""``audiencevisible``: 0 the enrolled, 1 they and members of chosen audiences, 2 all, 3 nobody."""
_BOTH = ("timeout", "pause", "per_second", "sessions")
"""What REST and GraphQL are both given."""
_MAY_EDIT = "moodle/course:update"


class TotaraConnector(MoodleConnector):
    """A :class:`~bridge.ports.Connector` for Totara 12 and later.

    Takes what a :class:`~bridge.lms.moodle.MoodleConnector` takes, and
    ``oauth_client`` (``client_id``, ``client_secret``) for the GraphQL API of Totara 17 and later.
    """

    def __init__(
        self, url: str, token: str, *, oauth_client: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(url, token, **more)
        self._site.client.pages = TOTARA
        both = {name: more[name] for name in _BOTH if name in more}
        self._beside = BesideRest(TotaraGraph(url, oauth_client, **both) if oauth_client else None)

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, by both ways."""
        return super().requests + self._beside.requests

    @property
    def traffic(self) -> Traffic:
        return traffic(self._site.client.meter, *self._beside.meters)

    def close(self) -> None:
        super().close()
        self._beside.close()

    def site(self) -> Site:
        site = self._beside.describe(super().site())
        if self._profile_fields and site.strategies.get(Stream.PEOPLE) == GRAPHQL:
            self._beside.reasons[Stream.PEOPLE] = "profile fields are read, which REST tells"
            return replace(site, strategies={**site.strategies, Stream.PEOPLE: "pages"})
        return site

    def people(self, person_ids: Sequence[int]) -> list[PersonFact]:
        if self._profile_fields:
            # Only REST is known to tell them: what the API calls them differs with the release.
            return super().people(person_ids)
        found, left = self._beside.people(person_ids)
        try:
            return found + (super().people(left) if left else [])
        except MissingCapability:
            # Whoever is left may have been deleted, where others were named.
            if not found:
                raise
            return found

    def teams(self) -> Sequence[TeamFact]:
        return super().teams() if self.can(COHORTS) else []

    def job_teams(self) -> Sequence[JobTeamFact]:
        return self._beside.job_teams()

    def courses(self) -> Sequence[CourseFact]:
        """Every course; visible is only one that everybody sees, whichever way Totara decides it.

        Totara decides by the course's own switch or, if audience visibility is on, by
        ``audiencevisible`` alone, and does not say by which. So both have to allow it.

        :raises MissingCapability: if of no course it is told who sees it.
        """
        rows = [row for row in self._listed() if row["id"] != 1 and row["format"] != "site"]
        if rows and all(row["audiencevisible"] is None for row in rows):
            raise MissingCapability(
                "Totara does not tell the bridge who may see its courses.",
                f"Give the role of the token's user the capability {_MAY_EDIT} under"
                f" {TOTARA.roles}: only who may edit a course is told its audience visibility, and"
                " without it nothing of a course may be shown to anybody.",
                function=COURSES,
                capability=_MAY_EDIT,
            )
        catalogue = self._catalogue()
        by_rest = [
            facts.course(
                _joined(row, catalogue.get(row["id"], {})),
                self._site.url,
                self._site.language,
                visible_unless_said=False,
            )
            for row in rows
        ]
        return self._beside.courses(by_rest)

    def _listed(self) -> list[dict[str, Any]]:
        if not self.can(COURSES):
            raise Missing(
                f"The token's service has not {COURSES}.",
                f"Add it under {TOTARA.services}: no other function tells who may see a course.",
                function=COURSES,
            )
        return self._site.read_list(COURSES, schemas.Course)

    def _catalogue(self) -> dict[int, dict[str, Any]]:
        """Course id → what the catalogue adds to it: how people enrol."""
        if not self.can(CATALOGUE):
            return {}
        answer = schemas.load(schemas.Courses, self._site.read(CATALOGUE), CATALOGUE)
        return {row["id"]: row for row in answer["courses"]}


def _joined(row: dict[str, Any], in_catalogue: dict[str, Any]) -> dict[str, Any]:
    """A course as its two lists describe it."""
    completion = row["enablecompletion"]
    return row | {
        "visible": bool(row["visible"]) and row["audiencevisible"] == _ALL_USERS,
        "enrollmentmethods": in_catalogue.get("enrollmentmethods"),
        "enablecompletion": in_catalogue.get("enablecompletion")
        if completion is None
        else completion,
    }
