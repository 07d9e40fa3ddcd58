"""The connector: what a sync asks for, said in Moodle's functions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from bridge.errors import LmsError, Missing, MissingCapability
from bridge.lms.moodle import facts, schemas
from bridge.lms.moodle.batch import CARRIER
from bridge.lms.moodle.client import MoodleClient
from bridge.lms.moodle.forums import MoodleForums
from bridge.lms.moodle.refusals import ROLES
from bridge.lms.moodle.site import MoodleSite
from bridge.model import (
    CategoryFact,
    CompletionFact,
    CourseFact,
    EnrolmentFact,
    JobTeamFact,
    PersonFact,
    ReportPage,
    Site,
    Stream,
    TeamFact,
)

COURSES_A_BATCH = 50
PEOPLE_A_REQUEST = 100
COHORTS_A_REQUEST = 50
VERDICTS_A_BATCH = 100


class MoodleConnector(MoodleForums):
    """A :class:`~bridge.ports.Connector` for Moodle 3.7 and later.

    :param url: the address of the site's front page.
    :param timeout: seconds to wait for an answer.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 30,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(MoodleSite(MoodleClient(url, token, timeout=timeout, pause=pause)))

    @property
    def requests(self) -> int:
        """HTTP requests sent so far."""
        return self._site.client.requests

    def site(self) -> Site:
        info = self._site.info
        return Site(
            name=info["sitename"],
            url=self._site.url,
            release=info["release"],
            user_id=self._site.user_id,
            user_name=info["fullname"],
            functions=self._site.functions,
            strategies=_strategies(self._site.functions),
        )

    def categories(self) -> Sequence[CategoryFact]:
        rows = self._site.read_list("core_course_get_categories", schemas.Category)
        return [facts.category(row) for row in rows]

    def courses(self) -> Sequence[CourseFact]:
        function = "core_course_get_courses_by_field"
        if self.can(function):
            answer = schemas.load(schemas.Courses, self._site.read(function), function)
            # A course without the flag is one that only the catalogue shows: so it is visible.
            rows, unsaid = answer["courses"], True
        else:
            rows, unsaid = self._site.read_list("core_course_get_courses", schemas.Course), False
        return [
            facts.course(row, self._site.url, self._site.language, visible_unless_said=unsaid)
            for row in rows
            if row["id"] != 1 and row["format"] != "site"
        ]

    def teams(self) -> Sequence[TeamFact]:
        return [
            facts.team(row)
            for row in self._site.read_list("core_cohort_get_cohorts", schemas.Cohort)
        ]

    def team_members(self, team_ids: Sequence[int]) -> dict[int, list[int]]:
        function = "core_cohort_get_cohort_members"
        members: dict[int, list[int]] = {team_id: [] for team_id in team_ids}
        for some in _chunks(list(team_ids), COHORTS_A_REQUEST):
            rows = self._site.read_list(function, schemas.CohortMembers, {"cohortids": some})
            members.update({row["cohortid"]: row["userids"] for row in rows})
        return members

    def enrolments(
        self, course_ids: Sequence[int]
    ) -> Iterator[tuple[int, list[EnrolmentFact] | LmsError]]:
        function = "core_enrol_get_enrolled_users"
        lean = [{"name": "userfields", "value": "id,lastcourseaccess"}]
        answers = self._site.read_many(
            function,
            [{"courseid": course_id, "options": lean} for course_id in course_ids],
            size=COURSES_A_BATCH,
        )
        for course_id, answer in zip(course_ids, answers, strict=True):
            if isinstance(answer, LmsError):
                yield course_id, answer
            else:
                rows = schemas.load(schemas.EnrolledUser, answer, function, many=True)
                yield course_id, [facts.enrolment(row) for row in rows]

    def people(self, person_ids: Sequence[int]) -> list[PersonFact]:
        function = "core_user_get_users_by_field"
        people: list[PersonFact] = []
        for some in _chunks(list(person_ids), PEOPLE_A_REQUEST):
            rows = self._site.read_list(function, schemas.User, {"field": "id", "values": some})
            people += [facts.person(row) for row in rows]
        # One person may have been deleted since; several at once is the silence of a missing right.
        if not people and len(person_ids) > 1:
            raise MissingCapability(
                f"The LMS names none of {len(person_ids)} people that it lists as enrolled.",
                "Give the role of the token's user the capability moodle/user:viewdetails"
                f" under {ROLES}.",
                function=function,
                capability="moodle/user:viewdetails",
            )
        return people

    def job_teams(self) -> Sequence[JobTeamFact]:
        return []

    def completion_report(self, page: int, size: int) -> ReportPage:
        raise Missing("No custom report is configured.")

    def close(self) -> None:
        self._site.client.close()

    def completions(
        self, pairs: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[tuple[int, int], CompletionFact | LmsError]]:
        function = "core_completion_get_course_completion_status"
        pairs = list(pairs)
        answers = self._site.read_many(
            function,
            [{"courseid": course_id, "userid": person_id} for course_id, person_id in pairs],
            size=VERDICTS_A_BATCH,
        )
        for pair, answer in zip(pairs, answers, strict=True):
            if isinstance(answer, LmsError):
                yield pair, answer
            else:
                row = schemas.load(schemas.Completion, answer, function)
                yield pair, facts.completion(pair, row["completionstatus"])


def _strategies(functions: frozenset[str]) -> dict[str, str]:
    many = "batch" if CARRIER in functions else "plain"
    needs = {
        Stream.COURSES: ("one", {"core_course_get_courses_by_field", "core_course_get_courses"}),
        Stream.TEAMS: ("one", {"core_cohort_get_cohorts"}),
        Stream.ENROLMENTS: (many, {"core_enrol_get_enrolled_users"}),
        Stream.PEOPLE: ("pages", {"core_user_get_users_by_field"}),
        Stream.COMPLETIONS: (many, {"core_completion_get_course_completion_status"}),
        Stream.DISCUSSIONS: (many, {"mod_forum_get_forum_discussions"}),
    }
    return {
        stream: strategy if any_of & functions else "none"
        for stream, (strategy, any_of) in needs.items()
    }


def _chunks(ids: list[int], size: int) -> Iterator[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
