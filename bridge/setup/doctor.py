"""The doctor: proves each feature with data, because a missing right often answers ``[]``."""

from __future__ import annotations

from collections.abc import Callable

from bridge.errors import LmsError, Refused
from bridge.model import CourseFact, EnrolmentFact, Site
from bridge.ports import Connector
from bridge.setup.around import Check, Health, around
from bridge.setup.manifest import Feature, features

PROBED_COURSES = 5
"""How many courses are looked into for somebody enrolled and somebody's verdict."""

NOBODY = 0
"""No LMS gives anybody this id."""


class Doctor:
    """Examines one connection. It reads; it writes nothing anywhere, to nobody.

    :param kind: of LMS, as the manifest has it.
    :param url: the address by which the bridge reaches it.
    """

    def __init__(self, connector: Connector, kind: str, url: str) -> None:
        self._connector = connector
        self._kind, self._url = kind, url
        self._courses: list[CourseFact] = []
        self._enrolled: list[tuple[CourseFact, EnrolmentFact]] = []

    def examine(self) -> tuple[Site, list[Check]]:
        """Each feature of the manifest, in its order; then what is around them.

        :raises LmsError: if the site cannot even say who it is.
        """
        site = self._connector.site()
        checks = [self._check(feature, site) for feature in features()]
        return site, [*checks, *around(site, self._kind, self._url)]

    def _check(self, feature: Feature, site: Site) -> Check:
        bad = Health.RED if feature.required else Health.AMBER
        missing = feature.missing(site.functions)
        if missing:
            return Check(
                feature.name,
                bad,
                f"the token's service has not {', '.join(missing)}",
                "Add it under Site administration → Server → Web services → External services.",
            )
        proofs: dict[str, Callable[[], Check]] = {
            "connect": lambda: _connected(site),
            "courses": self._prove_courses,
            "people": self._prove_people,
            "teams": self._prove_teams,
            "completions": self._prove_completions,
            "discussions": self._prove_discussions,
            "replies": self._prove_replies,
            "messages": self._prove_messages,
        }
        try:
            return proofs[feature.name]()
        except LmsError as error:
            return Check(feature.name, bad, error.message, error.remedy)

    def _prove_courses(self) -> Check:
        categories = self._connector.categories()
        self._courses = list(self._connector.courses())
        if not self._courses:
            return Check(
                "courses",
                Health.RED,
                "the LMS shows no course",
                "If there are any, give the token's role moodle/course:view.",
            )
        return _green("courses", f"{len(self._courses)} courses in {len(categories)} categories")

    def _prove_people(self) -> Check:
        for course_id, answer in self._connector.enrolments(
            [c.lms_id for c in self._courses[:PROBED_COURSES]]
        ):
            if isinstance(answer, LmsError):
                return Check("people", Health.RED, answer.message, answer.remedy)
            course = next(c for c in self._courses if c.lms_id == course_id)
            self._enrolled += [(course, enrolment) for enrolment in answer]
        if not self._enrolled:
            return Check(
                "people",
                Health.RED,
                f"nobody is named in {len(self._courses[:PROBED_COURSES])} courses",
                "If people are enrolled, give the token's role moodle/course:viewparticipants.",
            )
        ids = sorted({enrolment.person_lms_id for _, enrolment in self._enrolled})[:20]
        people = self._connector.people(ids)
        if not any(person.email for person in people):
            return Check(
                "people",
                Health.AMBER,
                f"{len(people)} people read, none with an e-mail address",
                "Give the token's role moodle/course:useremail and moodle/site:viewuseridentity"
                " if people are to be found by e-mail.",
            )
        return _green("people", f"{people[0].name} and others, with their e-mail addresses")

    def _prove_teams(self) -> Check:
        teams = self._connector.teams()
        if not teams:
            return Check(
                "teams",
                Health.AMBER,
                "the LMS has no cohort",
                "Make cohorts (Site administration → Users → Cohorts), or name teams by hand.",
            )
        members = self._connector.team_members([team.lms_id for team in teams[:5]])
        count = sum(map(len, members.values()))
        return _green("teams", f"{len(teams)} cohorts; {count} people in the first {len(members)}")

    def _prove_completions(self) -> Check:
        tracked = [(c.lms_id, e.person_lms_id) for c, e in self._enrolled if c.tracked]
        firsts = list({course: (course, person) for course, person in tracked}.values())
        problem: LmsError | None = None
        for _, answer in self._connector.completions(firsts):
            if not isinstance(answer, LmsError):
                return self._prove_report("a verdict on one person in one course was read")
            problem = answer
        if problem is None:
            return Check(
                "completions",
                Health.AMBER,
                "no course with completion and people was among those looked at",
                "Switch completion on in a course: Course settings → Completion tracking.",
            )
        return Check("completions", Health.RED, problem.message, problem.remedy)

    def _prove_report(self, found: str) -> Check:
        """Verdicts can be read; whether the report can be, which costs the LMS so much less."""
        site = self._connector.site()
        way = site.strategies.get("completions", "")
        if way != "report":
            why = site.reasons.get("completions", "")
            return _green(
                "completions", f"{found}; they are read by {way}" + f" ({why})" * bool(why)
            )
        try:
            page = self._connector.completion_report(0, 50)
        except LmsError as error:
            return Check("completions", Health.AMBER, f"{found}; {error.message}", error.remedy)
        return _green("completions", f"{found}; the report has {page.total} rows")

    def _prove_discussions(self) -> Check:
        forums = self._connector.forums([c.lms_id for c in self._courses])
        open_ones = [forum for forum in forums if forum.open_to_course]
        if not forums:
            return Check(
                "discussions",
                Health.AMBER,
                "the LMS shows no forum",
                "If there are any, give the token's role mod/forum:viewdiscussion.",
            )
        for _, answer in self._connector.discussions(open_ones[:1], None):
            if isinstance(answer, LmsError):
                return Check("discussions", Health.AMBER, answer.message, answer.remedy)
        return _green(
            "discussions",
            f"{len(open_ones)} of {len(forums)} forums are open to their whole course",
        )

    def _prove_replies(self) -> Check:
        forums = self._connector.forums([c.lms_id for c in self._courses[:PROBED_COURSES]])
        if forums and not any(forum.can_start for forum in forums):
            return Check(
                "replies",
                Health.AMBER,
                "the token may not start a discussion in the forums looked at",
                "Give its role mod/forum:startdiscussion and mod/forum:replypost.",
            )
        lasting = self._connector.can("mod_forum_delete_post")
        return _green(
            "replies",
            "posting is possible; "
            + ("posts can be taken back" if lasting else "posts cannot be taken back"),
        )

    def _prove_messages(self) -> Check:
        """A message to nobody is refused by an LMS that lets messages be sent, and sends none."""
        try:
            self._connector.send_message(NOBODY, "Is anybody there?")
        except Refused as error:
            if error.code:
                raise
        return _green(
            "messages", "messages may be sent; whether somebody takes them is seen when one is"
        )


def _connected(site: Site) -> Check:
    return _green(
        "connect",
        f"{site.name}, release {site.release}, as {site.user_name};"
        f" {len(site.functions)} functions",
    )


def _green(feature: str, found: str) -> Check:
    return Check(feature, Health.GREEN, found)
