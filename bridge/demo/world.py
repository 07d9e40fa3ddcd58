"""The vocabulary of the demo company, as frozen dataclasses.

Ids are the LMS's ids. Times are whole epoch seconds, as in Moodle, and 0 stands for never. Names
and titles are plain text; what ends in ``_html`` is markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STUDENT = "student"
TEACHER = "editingteacher"

ADMIN_ID = 2
"""The LMS's own administrator; 1 is its guest, who is nobody."""

NO_GROUPS = 0
SEPARATE_GROUPS = 1

ALL_PARTICIPANTS = -1
"""The group of a discussion that is open to everybody in the forum."""


@dataclass(frozen=True)
class Person:
    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    department: str = ""
    city: str = ""
    country: str = ""
    language: str = "en"
    timezone: str = "99"
    """An Olson name; ``99`` is Moodle's word for the time zone of the server."""
    suspended: bool = False
    first_access: int = 0
    last_access: int = 0
    fields: tuple[tuple[str, str], ...] = ()
    """Custom profile fields that are filled in: short name and value."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Team:
    """A cohort."""

    id: int
    name: str
    id_number: str
    description_html: str = ""
    visible: bool = True
    member_ids: Sequence[int] = ()


@dataclass(frozen=True)
class Category:
    id: int
    name: str
    description_html: str = ""
    parent_id: int = 0


@dataclass(frozen=True)
class Course:
    id: int
    name: str
    short_name: str
    category_id: int
    summary_html: str = ""
    visible: bool = True
    starts_at: int = 0
    ends_at: int = 0
    changed_at: int = 0
    self_enrol: bool = False
    tracked: bool = True
    """Whether completion is switched on in the course."""
    tags: tuple[str, ...] = ()
    """In small letters, as Moodle names them."""


@dataclass(frozen=True)
class Activity:
    """A course module: ``id`` is its own, ``instance`` that of the page, forum or link in it."""

    id: int
    course_id: int
    kind: str
    """``page``, ``url`` or ``forum``."""
    instance: int
    name: str
    criterion: bool = False
    """Whether the course is complete only when this is."""
    visible: bool = True
    availability: str = ""
    """A restriction in Moodle's JSON; empty where everybody in the course may enter."""
    availability_text: str = ""
    group_mode: int = NO_GROUPS
    changed_at: int = 0


@dataclass(frozen=True)
class Forum:
    """What a forum has beyond its activity."""

    id: int
    course_id: int
    activity_id: int
    name: str
    intro_html: str = ""


@dataclass(frozen=True)
class Group:
    """A group inside one course."""

    id: int
    course_id: int
    name: str
    member_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Enrolment:
    course_id: int
    person_id: int
    role: str = STUDENT
    since: int = 0
    last_access: int = 0


@dataclass(frozen=True)
class Mark:
    """A person finished an activity."""

    activity_id: int
    person_id: int
    at: int


@dataclass(frozen=True)
class Completion:
    """A person finished a course. The LMS says so from ``recorded_at`` on, when its cron ran."""

    course_id: int
    person_id: int
    completed_at: int
    recorded_at: int


@dataclass(frozen=True)
class Post:
    """A post of a discussion; ``parent_id`` is 0 for the first one."""

    id: int
    discussion_id: int
    parent_id: int
    author_id: int
    subject: str
    message_html: str
    created_at: int
    modified_at: int


@dataclass(frozen=True)
class Discussion:
    id: int
    forum_id: int
    first_post_id: int
    name: str
    author_id: int
    created_at: int
    modified_at: int
    modified_by_id: int
    group_id: int = ALL_PARTICIPANTS
    pinned: bool = False


@dataclass(frozen=True)
class Message:
    """A word from the service account to a person."""

    id: int
    conversation_id: int
    to_id: int
    text_html: str
    sent_at: int


@dataclass(frozen=True)
class Story:
    """The company at the moment ``now``, and the three months before it.

    Besides what an LMS knows it suggests what only the bridge knows: who leads a team, who chose
    what, and who the three people are whose sign-in links the demo prints.
    """

    now: int
    seed: int
    site_name: str
    people: tuple[Person, ...]
    """The 200 people of the company, without the two accounts below."""
    site_admin: Person
    """The LMS's own administrator, enrolled nowhere."""
    service: Person
    """The account that the bridge's token belongs to."""
    teams: tuple[Team, ...]
    categories: tuple[Category, ...]
    courses: tuple[Course, ...]
    activities: tuple[Activity, ...]
    forums: tuple[Forum, ...]
    groups: tuple[Group, ...]
    enrolments: tuple[Enrolment, ...]
    marks: tuple[Mark, ...]
    completions: tuple[Completion, ...]
    discussions: tuple[Discussion, ...]
    posts: tuple[Post, ...]
    leaders: Mapping[int, int]
    """Team id → the id of the person who leads it, one of its members."""
    choices: Mapping[int, str]
    """Person id → ``nobody``, ``teams``, ``everyone`` or ``public``; the others were not asked."""
    learner_id: int
    leader_id: int
    admin_id: int
    """A person of the company, in a team, who looks after the bridge."""
    burst_team_id: int
    """The team in which a campaign made one topic grow in the last two weeks."""
    decay_team_id: int
    """The team that spiked two months ago and dwindled."""
    teachers: Mapping[int, int] = field(default_factory=dict)
    """Course id → the id of its teacher."""

    @property
    def leader_ids(self) -> frozenset[int]:
        """Everybody who leads a team."""
        return frozenset(self.leaders.values())
