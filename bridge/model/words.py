"""The words that everything else is said with: streams, choices, roles, audiences, kinds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PUT_OFF = "you put it off"
"""How a reason begins that is the leader's own and nobody else's to read: written by curation, and
looked for where a delegate reads the desk."""


class Stream(StrEnum):
    """What a sync reads, in the order in which it reads it."""

    COURSES = "courses"
    TEAMS = "teams"
    ENROLMENTS = "enrolments"
    PEOPLE = "people"
    COMPLETIONS = "completions"
    DISCUSSIONS = "discussions"
    RECONCILIATION = "reconciliation"


class Choice(StrEnum):
    """What a person agreed to: who may see their name beside what they learned."""

    NOBODY = "nobody"
    TEAMS = "teams"
    EVERYONE = "everyone"
    PUBLIC = "public"


class Rule(StrEnum):
    """What completes a course, from nothing that anybody does to what is done in it."""

    TIME = "time"
    """A date, a time since the enrolment, or its end."""
    SELF = "self"
    """People say themselves that they are done."""
    ROLE = "role"
    """Somebody else says so: a teacher, a manager."""
    WORK = "work"
    """Activities, a grade, other courses."""


class Quiet(StrEnum):
    """Why a course is not announced."""

    MUST = "must"
    """By the names of its categories people must take it."""
    CATEGORY = "category"
    TAG = "tag"
    RULE = "rule"


class Role(StrEnum):
    """What a person may do in the bridge, beyond what everybody may."""

    LEARNER = "learner"
    LEADER = "leader"
    DELEGATE = "delegate"
    MODERATOR = "moderator"
    COMMUNITY_MANAGER = "community_manager"
    ADMIN = "admin"


class AudienceKind(StrEnum):
    """Who an activity or an outlet is for, from narrow to wide; ``outlet`` is for its readers only,
    whoever they are: what is made for one outlet stands in nobody's feed."""

    TEAM = "team"
    COURSE = "course"
    EVERYONE = "everyone"
    PUBLIC = "public"
    OUTLET = "outlet"


@dataclass(frozen=True)
class Audience:
    """The people who may see an activity.

    ``id`` is the team's, the course's or the outlet's id, or the connection's for everyone and
    public.
    """

    kind: AudienceKind
    id: int

    @property
    def key(self) -> str:
        """One word that stands for it in a column: ``team:12``."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def of(cls, key: str) -> Audience:
        """The audience that :attr:`key` stands for.

        :raises ValueError: if it is none.
        """
        kind, _, ident = key.partition(":")
        return cls(AudienceKind(kind), int(ident))


class Kind(StrEnum):
    """What an activity tells."""

    COMPLETION = "completion"
    RENEWAL = "renewal"
    MILESTONE = "milestone"
    COURSE = "course"
    DISCUSSION = "discussion"
    SHARE = "share"
    POST = "post"
    REPLY = "reply"
    DIGEST = "digest"
    """Of one outlet: it lists activities that were more than the outlet's budget."""


AGGREGATES = frozenset({Kind.COMPLETION, Kind.RENEWAL})
"""Kinds that tell of one or several people at once: one activity per course, audience and day."""


class Standing(StrEnum):
    """Whether what somebody wrote is shown, and if not, by whose word."""

    SHOWN = "shown"
    REMOVED = "removed"
    """By its author."""
    HIDDEN = "hidden"
    """By a moderator, with a reason, who can restore it."""
