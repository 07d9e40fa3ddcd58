"""Who works at the demo company, in which team, and what its academy offers."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bridge.demo import catalogue
from bridge.demo.catalogue import COMPANY, MAIL_DOMAIN, TITLES, Title
from bridge.demo.names import FIRST_NAMES, LAST_NAMES, PLACES
from bridge.demo.world import (
    ADMIN_ID,
    SEPARATE_GROUPS,
    Activity,
    Category,
    Course,
    Forum,
    Group,
    Person,
    Team,
)

DAY = 86_400
FIRST_PERSON_ID = 3
FIRST_COURSE_ID = 2

_RESTRICTED = '{"op":"&","c":[{"type":"completion","cm":LESSON,"e":1}],"showc":[true]}'

HEADCOUNT = {
    "Sales": 32,
    "Customer Care": 30,
    "Engineering": 34,
    "Marketing": 20,
    "Operations": 34,
    "Finance": 16,
    "Product & Design": 18,
    "People & Learning": 10,
}
TRAINERS = 6
"""People from outside who teach and are in no team."""


@dataclass(frozen=True)
class Staff:
    """The people, in their teams."""

    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    leaders: Mapping[int, int]

    def team(self, name: str) -> Team:
        """The team of that name, one of :data:`HEADCOUNT`."""
        return next(team for team in self.teams if team.name == name)


@dataclass(frozen=True)
class Offer:
    """The catalogue as an LMS holds it."""

    categories: tuple[Category, ...]
    courses: tuple[Course, ...]
    activities: tuple[Activity, ...]
    forums: tuple[Forum, ...]
    titles: Mapping[int, Title]
    """Course id → the entry of the catalogue that it was made from."""

    def course(self, name: str) -> Course:
        """The course of that name, one of the catalogue."""
        return next(course for course in self.courses if course.name == name)

    def criteria(self, course_id: int) -> tuple[Activity, ...]:
        """The activities that complete the course."""
        return tuple(a for a in self.activities if a.course_id == course_id and a.criterion)

    def forum(self, course_id: int) -> Forum:
        """The course's forum that is open to all of it."""
        return next(f for f in self.forums if f.course_id == course_id)


def hire(rng: Random, now: int) -> Staff:
    """200 people, eight teams and their leaders."""
    names = _names(rng)
    ids = itertools.count(FIRST_PERSON_ID)
    people: list[Person] = []
    teams: list[Team] = []
    leaders: dict[int, int] = {}
    for number, (team_name, size) in enumerate(HEADCOUNT.items(), start=1):
        members = [
            _person(rng, next(ids), next(names), team_name, COMPANY, now) for _ in range(size)
        ]
        people += members
        teams.append(
            Team(
                id=number,
                name=team_name,
                id_number="team-" + _ascii(team_name).replace(" & ", "-").replace(" ", "-"),
                description_html=f"<p>{catalogue.TEAMS[team_name]}</p>",
                member_ids=tuple(p.id for p in members),
            )
        )
        leaders[number] = members[0].id
    people += [_person(rng, next(ids), next(names), "", "", now) for _ in range(TRAINERS)]
    return Staff(tuple(people), tuple(teams), leaders)


def site_admin(now: int) -> Person:
    """The administrator of the LMS itself."""
    return Person(
        id=ADMIN_ID,
        username="admin",
        first_name="Admin",
        last_name="User",
        email=f"admin@{MAIL_DOMAIN}",
        first_access=now - 700 * DAY,
        last_access=now - DAY,
    )


def service_account(person_id: int) -> Person:
    """The account of the bridge's token; it never signs in."""
    return Person(
        id=person_id,
        username="bridge",
        first_name="Social",
        last_name="Bridge",
        email=f"bridge@{MAIL_DOMAIN}",
    )


def open_academy(now: int) -> Offer:
    """Five categories and 25 courses, each with its activities and its forum."""
    categories = tuple(
        Category(id=number, name=name, description_html=f"<p>{text}</p>")
        for number, (name, text) in enumerate(catalogue.CATEGORIES.items(), start=1)
    )
    category_ids = {category.name: category.id for category in categories}
    courses: list[Course] = []
    activities: list[Activity] = []
    forums: list[Forum] = []
    titles: dict[int, Title] = {}
    for course_id, title in enumerate(TITLES, start=FIRST_COURSE_ID):
        opened = now - (400 - 9 * course_id) * DAY
        titles[course_id] = title
        courses.append(
            Course(
                id=course_id,
                name=title.name,
                short_name=title.short_name,
                category_id=category_ids[title.category],
                summary_html=_summary(course_id, title),
                visible=title.visible,
                starts_at=opened,
                changed_at=opened + 3 * DAY,
                self_enrol=title.self_enrol,
                tags=("self-study",) if title.self_enrol else (),
            )
        )
        for activity in _activities(course_id, title, len(activities), opened):
            activities.append(activity)
            if activity.kind == "forum":
                forums.append(_forum(activity))
    return _with_closed_forums(
        Offer(categories, tuple(courses), tuple(activities), tuple(forums), titles)
    )


def practice_groups(rng: Random, offer: Offer, students: Sequence[int]) -> tuple[Group, ...]:
    """Two groups in the course whose second forum is in separate groups."""
    course = offer.course("Negotiation basics")
    shuffled = rng.sample(students, len(students))
    half = len(shuffled) // 2
    return (
        Group(1, course.id, "Practice group A", tuple(sorted(shuffled[:half]))),
        Group(2, course.id, "Practice group B", tuple(sorted(shuffled[half:]))),
    )


def _names(rng: Random) -> Iterator[tuple[str, str]]:
    """Pairs of names; neither name is heard often."""
    seen = set()
    for turn in itertools.count():
        last_names = rng.sample(LAST_NAMES, len(LAST_NAMES))
        for first, last in zip(
            rng.sample(FIRST_NAMES, len(FIRST_NAMES)), itertools.cycle(last_names), strict=False
        ):
            if (first, last) not in seen:
                seen.add((first, last))
                yield first, last
        assert turn < 100, "there are names enough for every company that is told of here"


def _person(
    rng: Random, person_id: int, name: tuple[str, str], department: str, company: str, now: int
) -> Person:
    first, last = name
    city, country, timezone, language = rng.choice(PLACES)
    username = ".".join(_ascii(part).replace("'", "").replace(" ", "") for part in name)
    domain = MAIL_DOMAIN if company else "trainers.example"
    return Person(
        id=person_id,
        username=username,
        first_name=first,
        last_name=last,
        email=f"{username}@{domain}",
        department=department,
        city=city,
        country=country,
        language=language,
        timezone=timezone,
        first_access=now - rng.randrange(130, 900) * DAY,
    )


def _ascii(text: str) -> str:
    table = str.maketrans("łŁøØıđ", "lLoOid")
    folded = unicodedata.normalize("NFKD", text.translate(table))
    return folded.encode("ascii", "ignore").decode().lower()


def _summary(course_id: int, title: Title) -> str:
    """What the course is about; every other one says it twice, in two languages."""
    if course_id % 2:
        return f"<p>{title.pitch}</p>"
    return (
        f'<p><span lang="en" class="multilang">{title.pitch}</span>'
        f'<span lang="de" class="multilang">{title.german}</span></p>'
    )


def _activities(course_id: int, title: Title, before: int, at: int) -> list[Activity]:
    """What stands in the course; ``before`` is the number of activities of earlier courses."""
    plan = [
        ("page", f"Read: {title.name}", title.lessons >= 1),
        ("page", f"Exercise: {title.name}", True),
        ("url", f"Video: {title.name}", False),
        ("forum", f"Discuss: {title.name}", False),
    ]
    if title.lessons < 2:
        del plan[1]
    return [
        Activity(
            id=before + number,
            course_id=course_id,
            kind=kind,
            instance=before + number,
            name=name,
            criterion=criterion,
            changed_at=at,
        )
        for number, (kind, name, criterion) in enumerate(plan, start=1)
    ]


def _forum(activity: Activity, intro: str = "Ask, answer, and tell what worked.") -> Forum:
    return Forum(
        id=activity.instance,
        course_id=activity.course_id,
        activity_id=activity.id,
        name=activity.name,
        intro_html=f"<p>{intro}</p>",
    )


def _with_closed_forums(offer: Offer) -> Offer:
    """Three more forums, each closed to a part of its course: by groups, hidden, restricted."""
    number = len(offer.activities)
    negotiation = offer.course("Negotiation basics")
    hiring = offer.course("Inclusive hiring")
    first_aid = offer.course("First aid for mental health")
    lesson = offer.criteria(first_aid.id)[0]
    closed = (
        Activity(
            id=number + 1,
            course_id=negotiation.id,
            kind="forum",
            instance=number + 1,
            name="Practice groups",
            group_mode=SEPARATE_GROUPS,
            changed_at=negotiation.changed_at,
        ),
        Activity(
            id=number + 2,
            course_id=hiring.id,
            kind="forum",
            instance=number + 2,
            name="Notes of the hiring panel",
            visible=False,
            changed_at=hiring.changed_at,
        ),
        Activity(
            id=number + 3,
            course_id=first_aid.id,
            kind="forum",
            instance=number + 3,
            name="Certified first aiders",
            availability=_RESTRICTED.replace("LESSON", str(lesson.id)),
            availability_text="Not available unless: The activity "
            f"<strong>{lesson.name}</strong> is marked complete",
            changed_at=first_aid.changed_at,
        ),
    )
    forums = tuple(_forum(activity, "For some of us.") for activity in closed)
    return Offer(
        offer.categories,
        offer.courses,
        offer.activities + closed,
        offer.forums + forums,
        offer.titles,
    )
