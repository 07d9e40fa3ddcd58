"""The doctor: proves each feature with data, because a missing right often answers ``[]``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bridge.errors import LmsError, Refused
from bridge.model import CourseFact, EnrolmentFact, PersonFact, Site, Traffic
from bridge.ports import Connector
from bridge.setup.around import Check, Health, around
from bridge.setup.forum_proofs import ForumProofs
from bridge.setup.manifest import Feature, features, grant, lms
from bridge.setup.phrases import lower, phrase
from bridge.setup.way import carried, on_the_way, pace

PROBED_COURSES = 5
"""How many courses are looked into for somebody enrolled and somebody's verdict."""
PROBED_PEOPLE = 20

NOBODY = 0
"""No LMS gives anybody this id."""


NONE = Traffic()


@dataclass(frozen=True)
class Findings:
    """What an examination found.

    :param site: ``None`` if the LMS did not even say who it is.
    """

    site: Site | None
    checks: tuple[Check, ...]
    traffic: Traffic = NONE


class Doctor:
    """Examines one connection. It reads; it writes nothing anywhere, to nobody.

    :param kind: of LMS, as the manifest has it.
    :param url: the address by which the bridge reaches it.
    :param off: the features that the bridge's settings leave out.
    :param refused: sign-in links that the LMS lately did not deliver as messages, and
        ``within`` how many days.
    """

    def __init__(
        self,
        connector: Connector,
        kind: str,
        url: str,
        now: datetime,
        *,
        off: Collection[str] = (),
        refused: int = 0,
        within: int = 7,
    ) -> None:
        self._connector = connector
        self._lms, self._url, self._now = lms(kind), url, now
        self._off, self._refused, self._within = off, refused, within
        self._forums = ForumProofs(connector, self._lms)
        self._courses: list[CourseFact] = []
        self._enrolled: list[tuple[CourseFact, EnrolmentFact]] = []
        self._people: list[PersonFact] = []

    def examine(self) -> Findings:
        """Each feature of the manifest, in its order; then what is around them, and the way there.

        Where the LMS does not say who it is, only why, and what is seen on the way.
        """
        try:
            site = self._connector.site()
        except LmsError as error:
            why = Check("connect", Health.RED, phrase(error.message), error.remedy)
            return self._found(None, [why], error)
        checks = [self._check(feature, site) for feature in features() if self._on(feature)]
        checks.append(self._prove_form())
        return self._found(site, [*checks, *around(site, self._lms.kind)], None)

    def _found(self, site: Site | None, checks: list[Check], error: LmsError | None) -> Findings:
        own = site.url if site else None
        way = on_the_way(self._url, own, self._connector.way(), error, self._now)
        traffic = self._connector.traffic
        return Findings(site, (*checks, *way, pace(traffic)), traffic)

    def _on(self, feature: Feature) -> bool:
        return feature.name not in self._off

    def _check(self, feature: Feature, site: Site) -> Check:
        bad = Health.RED if feature.required else Health.AMBER
        missing = feature.missing(site.functions)
        if missing:
            return Check(
                feature.name,
                bad,
                f"the token's service has not {', '.join(missing)}",
                f"Add it under {self._lms.services_page}.",
            )
        proofs: dict[str, Callable[[], Check]] = {
            "connect": lambda: _connected(site),
            "courses": self._prove_courses,
            "people": self._prove_people,
            "teams": self._prove_teams,
            "completions": lambda: self._prove_completions(site),
            "discussions": lambda: self._forums.reading(self._courses),
            "replies": self._forums.writing,
            "messages": self._prove_messages,
            "links": self._prove_links,
        }
        try:
            return proofs[feature.name]()
        except LmsError as error:
            return Check(feature.name, bad, phrase(error.message), error.remedy)

    def _prove_courses(self) -> Check:
        categories = self._connector.categories()
        self._courses = list(self._connector.courses())
        if not self._courses:
            return Check(
                "courses",
                Health.RED,
                "the LMS shows no course",
                f"If there are any, {lower(self._grant('moodle/course:view'))}",
            )
        seen = f"{len(self._courses)} courses in {len(categories)} categories"
        if not categories:
            return Check(
                "courses", Health.AMBER, seen, self._grant("moodle/category:viewcourselist")
            )
        hidden = sum(category.courses for category in categories) - len(self._courses)
        if hidden > 0:
            return Check(
                "courses",
                Health.AMBER,
                f"{seen}; the LMS counts {hidden} more that it does not show",
                self._grant("moodle/course:viewhiddencourses"),
            )
        return _green("courses", seen)

    def _prove_people(self) -> Check:
        for course_id, answer in self._connector.enrolments(
            [c.lms_id for c in self._courses[:PROBED_COURSES]]
        ):
            if isinstance(answer, LmsError):
                return Check("people", Health.RED, phrase(answer.message), answer.remedy)
            course = next(c for c in self._courses if c.lms_id == course_id)
            self._enrolled += [(course, enrolment) for enrolment in answer]
        if not self._enrolled:
            rights = ("moodle/user:viewdetails", "moodle/course:viewparticipants")
            return Check(
                "people",
                Health.RED,
                f"nobody is named in {len(self._courses[:PROBED_COURSES])} courses",
                f"If people are enrolled, {lower(self._grant(*rights))}",
            )
        ids = sorted({enrolment.person_lms_id for _, enrolment in self._enrolled})
        self._people = self._connector.people(ids[:PROBED_PEOPLE])
        return self._prove_details()

    def _prove_details(self) -> Check:
        count = len(self._people)
        if not any(person.username for person in self._people):
            return Check(
                "people",
                Health.AMBER,
                f"{count} people read, none with a user name, a department or a time zone",
                self._grant("moodle/user:viewalldetails"),
            )
        if not any(person.email for person in self._people):
            return Check(
                "people",
                Health.AMBER,
                f"{count} people read, none with an e-mail address",
                "If people are to be found by e-mail, "
                + lower(self._grant("moodle/site:viewuseridentity", "moodle/course:useremail")),
            )
        return _green("people", f"{self._people[0].name} and others, with their e-mail addresses")

    def _prove_form(self) -> Check:
        try:
            return carried(self._connector.carries([p.lms_id for p in self._people]))
        except LmsError as error:
            return Check("batches", Health.AMBER, phrase(error.message), error.remedy)

    def _prove_teams(self) -> Check:
        teams = self._connector.teams()
        if not teams:
            return Check(
                "teams",
                Health.AMBER,
                "the LMS has no cohort",
                f"Make cohorts ({self._lms.teams_page}), or name teams by hand.",
            )
        members = self._connector.team_members([team.lms_id for team in teams[:5]])
        count = sum(map(len, members.values()))
        return _green("teams", f"{len(teams)} cohorts; {count} people in the first {len(members)}")

    def _prove_completions(self, site: Site) -> Check:
        tracked = [(c.lms_id, e.person_lms_id) for c, e in self._enrolled if c.tracked]
        firsts = list({course: (course, person) for course, person in tracked}.values())
        problem: LmsError | None = None
        for _, answer in self._connector.completions(firsts):
            if not isinstance(answer, LmsError):
                return self._prove_report(site, "a verdict on one person in one course was read")
            problem = answer
        if problem is None:
            return Check(
                "completions",
                Health.AMBER,
                "no course with completion and people was among those looked at",
                "Switch completion on in a course: Course settings → Completion tracking.",
            )
        return Check("completions", Health.RED, phrase(problem.message), problem.remedy)

    def _prove_report(self, site: Site, found: str) -> Check:
        """Verdicts can be read; whether the report can be, which costs the LMS so much less."""
        way = site.strategies.get("completions", "")
        if way != "report":
            why = site.reasons.get("completions", "")
            return _green(
                "completions", f"{found}; they are read by {way}" + f" ({why})" * bool(why)
            )
        try:
            page = self._connector.completion_report(0, 50)
        except LmsError as error:
            return Check(
                "completions", Health.AMBER, f"{found}; {phrase(error.message)}", error.remedy
            )
        return _green("completions", f"{found}; the report has {page.total} rows")

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

    def _prove_links(self) -> Check:
        """Whether everybody can be written to shows when somebody is: nothing is sent to try it."""
        self._prove_messages()
        days = f"in the last {self._within} days"
        if self._refused:
            links = f"{self._refused} sign-in link{'s' * (self._refused > 1)}"
            return Check(
                "links",
                Health.AMBER,
                f"the LMS did not deliver {links} as a message {days}",
                self._grant("moodle/site:sendmessage", "moodle/site:messageanyuser")
                + " Without the latter only those get a message who let strangers write to them.",
            )
        return _green("links", f"no sign-in link was refused as a message {days}")

    def _grant(self, *capabilities: str) -> str:
        return grant(self._lms, *capabilities)


def _connected(site: Site) -> Check:
    return _green(
        "connect",
        f"{site.name}, release {site.release}, as {site.user_name};"
        f" {len(site.functions)} functions",
    )


def _green(feature: str, found: str) -> Check:
    return Check(feature, Health.GREEN, found)
