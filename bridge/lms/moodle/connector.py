"""The connector: what a sync asks for, said in Moodle's functions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import requests

from bridge.errors import LmsError, Missing, MissingCapability
from bridge.lms import wire
from bridge.lms.meter import traffic
from bridge.lms.moodle import facts, lean, messages, report, schemas
from bridge.lms.moodle.batch import CARRIER
from bridge.lms.moodle.client import MoodleClient
from bridge.lms.moodle.form_fields import carries
from bridge.lms.moodle.forums import MoodleForums
from bridge.lms.moodle.lean import ENROLLED, VERDICT
from bridge.lms.moodle.report import CompletionReport
from bridge.lms.moodle.rights import forum_rights
from bridge.lms.moodle.site import MoodleSite
from bridge.lms.moodle.strategies import reasons, strategies
from bridge.lms.moodle.tags import courses_tagged
from bridge.lms.way import look
from bridge.model import (
    Carried,
    CategoryFact,
    CompletionFact,
    CourseFact,
    EnrolmentFact,
    ForumFact,
    ForumRights,
    JobTeamFact,
    PersonFact,
    ReportPage,
    Site,
    TeamFact,
    Traffic,
    Way,
)
from bridge.ports import of_whole_course

PEOPLE_A_REQUEST = 200
WORTH_A_REQUEST = 50
COHORTS_A_REQUEST = 50

COURSES_OF = "core_enrol_get_users_courses"
PEOPLE = "core_user_get_users_by_field"

# Roles tell who teaches: whom the LMS does not judge, which would end a batch for each of them.
_LEAN = "id,lastcourseaccess,roles"
_LEAN_BEFORE_3_7 = "id,fullname,lastaccess"
_FIELD_REFUSED = {"invaliduserfield", "invalidparameter", "errorinvalidparam"}


class MoodleConnector(MoodleForums):
    """A :class:`~bridge.ports.Connector` for Moodle.

    :param url: the address of the site's front page.
    :param timeout: seconds to wait for an answer.
    :param connections: HTTP connections that are open at once, at most.
    :param per_second: requests a second, at most; 0 for no limit.
    :param report_id: the custom report that completions are read from, if there is one.
    :param profile_fields: short names of the custom profile fields that are kept of a person.
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
        report_id: int | None = None,
        profile_fields: Collection[str] = (),
        sessions: Callable[[], requests.Session] = wire.plain_session,
    ) -> None:
        client = MoodleClient(
            url,
            token,
            timeout=timeout,
            pause=pause,
            connections=connections,
            per_second=per_second,
            sessions=sessions,
        )
        super().__init__(MoodleSite(client))
        self._guarded = None if sessions is wire.plain_session else sessions
        self._report_id = report_id
        self._report = None if report_id is None else CompletionReport(self._site, report_id)
        self._lean = _LEAN
        self._profile_fields = frozenset(profile_fields)

    @property
    def requests(self) -> int:
        """HTTP requests sent so far."""
        return self._site.client.meter.requests

    @property
    def traffic(self) -> Traffic:
        return traffic(self._site.client.meter)

    def way(self) -> Way:
        return look(self._site.client.url, self._site.client.timeout, self._guarded)

    def carries(self, person_ids: Sequence[int]) -> Carried | None:
        return carries(self._site, person_ids)

    def forum_rights(self, forum: ForumFact, discussion_id: int | None) -> ForumRights:
        return forum_rights(self._site, forum, discussion_id)

    def site(self) -> Site:
        info = self._site.info
        return Site(
            name=info["sitename"],
            url=self._site.url,
            release=info["release"],
            user_id=self._site.user_id,
            user_name=info["fullname"],
            functions=self._site.functions,
            strategies=strategies(self._site.functions, self._report_id),
            reasons=reasons(self._site.functions, self._report_id),
            is_admin=bool(info["userissiteadmin"]),
            clock=self._site.client.clock,
        )

    def categories(self) -> Sequence[CategoryFact]:
        rows = self._site.read_list("core_course_get_categories", schemas.Category)
        return [facts.category(row) for row in rows]

    def courses(self) -> Sequence[CourseFact]:
        function = "core_course_get_courses_by_field"
        if self.can(function):
            answer = self._site.read_as(schemas.Courses, function)
            # A course without the flag is one that only the catalogue shows: so it is visible.
            rows, unsaid = answer["courses"], True
        else:
            rows, unsaid = self._site.read_list("core_course_get_courses", schemas.Course), False
        return [
            facts.course(row, self._site.url, self._site.language, visible_unless_said=unsaid)
            for row in rows
            if row["id"] != 1 and row["format"] != "site"
        ]

    def courses_tagged(self, tags: Sequence[str]) -> dict[str, list[int] | LmsError]:
        found: dict[str, list[int] | LmsError] = {}
        for tag in tags:
            try:
                found[tag] = courses_tagged(self._site, tag)
            except LmsError as error:
                if error.retry:
                    raise
                found[tag] = error
        return found

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
        self, course_ids: Iterable[int]
    ) -> Iterator[tuple[int, list[EnrolmentFact] | LmsError]]:
        left = iter(course_ids)
        if CARRIER not in self._site.functions:
            yield from self._find_lean(left)
        yield from self._enrolments(left)

    def _find_lean(
        self, course_ids: Iterator[int]
    ) -> Iterator[tuple[int, list[EnrolmentFact] | LmsError]]:
        """An old site refuses the field ``lastcourseaccess``: ask until a course tells."""
        while self._lean == _LEAN and (course_id := next(course_ids, None)) is not None:
            answer = next(self._enrolments([course_id]))
            if isinstance(answer[1], LmsError) and answer[1].code in _FIELD_REFUSED:
                self._lean = _LEAN_BEFORE_3_7
                answer = next(self._enrolments([course_id]))
            yield answer
            if not isinstance(answer[1], LmsError):
                return

    def _enrolments(
        self, course_ids: Iterable[int]
    ) -> Iterator[tuple[int, list[EnrolmentFact] | LmsError]]:
        options = [{"name": "userfields", "value": self._lean}]
        asked: deque[int] = deque()

        def requests() -> Iterator[dict[str, Any]]:
            for course_id in course_ids:
                asked.append(course_id)
                yield {"courseid": course_id, "options": options}

        for answer in self._site.read_many(ENROLLED, requests(), check=lean.enrolments):
            yield asked.popleft(), answer

    def people(self, person_ids: Sequence[int]) -> list[PersonFact]:
        people = [
            facts.person(row, self._profile_fields)
            for rows in self._site.client.lanes.map(
                self._people, _evenly(list(person_ids), self._site.client.lanes.width)
            )
            for row in rows
        ]
        # One person may have been deleted since; several at once is the silence of a missing right.
        if not people and len(person_ids) > 1:
            raise MissingCapability(
                f"The LMS names none of {len(person_ids)} people that it lists as enrolled.",
                "Give the role of the token's user the capability moodle/user:viewdetails"
                f" under {self._site.client.pages.roles}.",
                function=PEOPLE,
                capability="moodle/user:viewdetails",
            )
        return people

    def _people(self, person_ids: list[int]) -> list[dict[str, Any]]:
        """Their records. Where one deleted person fails the whole call (Totara), it is halved."""
        try:
            return self._site.read_list(PEOPLE, schemas.User, {"field": "id", "values": person_ids})
        except Missing:
            if len(person_ids) == 1:
                return []
        half = len(person_ids) // 2
        return self._people(person_ids[:half]) + self._people(person_ids[half:])

    def report_clicks(self) -> Sequence[str]:
        if report.RETRIEVE not in self._site.functions:
            return []
        return [
            f"There is no custom report {report.NAME!r} yet. With it, completions cost the LMS a"
            " request or two. Four clicks make it:",
            *report.CLICKS,
        ]

    def courses_of(self, person_id: int) -> list[int] | None:
        if not self.can(COURSES_OF):
            return None
        rows = self._site.read_list(COURSES_OF, schemas.CourseOfPerson, {"userid": person_id})
        return [row["id"] for row in rows]

    def job_teams(self) -> Sequence[JobTeamFact]:
        return []

    def send_message(self, person_lms_id: int, text: str) -> int:
        return messages.send(self._site, person_lms_id, text)

    def completion_report(self, page: int, size: int) -> ReportPage:
        if self._report is None:
            raise Missing(
                "No custom report is known for this connection.",
                "`socialbridge connect` finds or prepares one.",
            )
        return self._report.page(page, size)

    def prepare_report(self, wanted: str | int | None) -> tuple[int, list[str]] | None:
        """Find the report (see :func:`report.find`) and make it ready.

        :returns: its id, and a sentence for each thing that was done to it; ``None`` without one.
        :raises LmsError: if one was named and is not there, or cannot be made ready.
        """
        report_id = report.find(self._site, wanted)
        if report_id is None:
            return None
        completion_report = CompletionReport(self._site, report_id)
        try:
            return report_id, completion_report.prepare()
        except MissingCapability:
            # Who may not change it may use it all the same, if somebody has made it ready.
            if not completion_report.page(0, 50).rows:
                raise
            return report_id, []

    def close(self) -> None:
        self._site.client.close()

    def completions(
        self, pairs: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[tuple[int, int], CompletionFact | LmsError]]:
        asked: deque[tuple[int, int]] = deque()

        def requests() -> Iterator[dict[str, int]]:
            for pair in pairs:
                asked.append(pair)
                yield {"courseid": pair[0], "userid": pair[1]}

        answers = self._site.read_many(
            VERDICT,
            requests(),
            size=100,
            check=lean.verdict,
            group=lambda request: request["courseid"],
            ends_group=of_whole_course,
        )
        for answer in answers:
            pair = asked.popleft()
            yield pair, answer if isinstance(answer, LmsError) else CompletionFact(*pair, *answer)


def _chunks(ids: list[int], size: int) -> Iterator[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _evenly(ids: list[int], lanes: int) -> Iterator[list[int]]:
    """``ids`` in shares that are as large as one another, so that no lane waits for another."""
    shares = max(-(-len(ids) // PEOPLE_A_REQUEST), min(lanes, -(-len(ids) // WORTH_A_REQUEST)))
    return _chunks(ids, -(-len(ids) // shares)) if ids else iter(())
