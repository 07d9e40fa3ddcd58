"""What one viewer may see of an activity: pure, from what was gathered about it.

The wide rules are :mod:`bridge.visibility`'s; here they are put to one feed:

* nothing of a course that is hidden or gone in the LMS, but the text of a share;
* nothing of a discussion that is gone, or that the bridge itself started;
* of a completion the names that consent covers, and the number of the others under the rule of
  five; where neither is left, nothing;
* nobody who left is named. What they posted stays, without a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.model import (
    AGGREGATES,
    Activity,
    AudienceKind,
    Choice,
    Course,
    Discussion,
    FeedItem,
    Kind,
    PersonCard,
    Team,
    Viewer,
)
from bridge.storage.feed import Named
from bridge.visibility import may_name, may_see, may_see_course, shown_count


@dataclass(frozen=True)
class Focus:
    """Whom a feed is about: a person, a team, or nobody in particular."""

    person_id: int | None = None
    team_id: int | None = None


ANYBODY = Focus()


@dataclass(frozen=True)
class Gathered:
    """What stands beside some activities, each by its id."""

    courses: Mapping[int, Course] = field(default_factory=dict)
    discussions: Mapping[int, Discussion] = field(default_factory=dict)
    cards: Mapping[int, PersonCard] = field(default_factory=dict)
    teams: Mapping[int, Team] = field(default_factory=dict)
    named: Mapping[int, Sequence[Named]] = field(default_factory=dict)


def choices_covering(audience: AudienceKind) -> tuple[Choice, ...]:
    """The choices of people who may be named to the audience."""
    return tuple(choice for choice in Choice if may_name(choice, audience))


def groups_to_name(activities: Iterable[Activity]) -> list[tuple[list[int], tuple[Choice, ...]]]:
    """The aggregates among the activities, each group with the choices that may be named in it."""
    groups: dict[tuple[Choice, ...], list[int]] = {}
    for activity in activities:
        if activity.kind in AGGREGATES:
            groups.setdefault(choices_covering(activity.audience.kind), []).append(activity.id)
    return [(ids, choices) for choices, ids in groups.items() if choices]


def course_ids(activities: Iterable[Activity]) -> set[int]:
    """The courses that the activities are about or told to."""
    return {a.course_id for a in activities if a.course_id is not None} | audience_ids(
        activities, AudienceKind.COURSE
    )


def audience_ids(activities: Iterable[Activity], kind: AudienceKind) -> set[int]:
    """The ids of the activities' audiences of one kind."""
    return {a.audience.id for a in activities if a.audience.kind is kind}


def seen(
    viewer: Viewer, activity: Activity, gathered: Gathered, focus: Focus = ANYBODY
) -> FeedItem | None:
    """The activity as the viewer may see it, or ``None`` where nothing of it is left."""
    if activity.gone or not may_see(viewer, activity.audience):
        return None
    course = _open(viewer, gathered.courses.get(activity.course_id or 0))
    about_hidden = activity.course_id is not None and course is None
    told = activity.audience
    place = _open(viewer, gathered.courses.get(told.id)) if _is_course(activity) else None
    told_in_hidden = _is_course(activity) and place is None
    if (about_hidden or told_in_hidden) and activity.kind is not Kind.SHARE:
        return None
    discussion = gathered.discussions.get(activity.discussion_id or 0)
    if activity.discussion_id is not None and discussion is None:
        return None
    if activity.kind is Kind.DISCUSSION and (discussion is None or discussion.ours):
        return None
    item = FeedItem(
        activity=activity,
        actor=gathered.cards.get(activity.actor_id or 0),
        behalf_of=gathered.cards.get(activity.behalf_of_id or 0),
        course=course,
        discussion=discussion,
        audience_name=_audience_name(activity, gathered.teams, place),
    )
    return _aggregate(viewer, item, gathered, focus) if activity.kind in AGGREGATES else item


def _aggregate(viewer: Viewer, item: FeedItem, gathered: Gathered, focus: Focus) -> FeedItem | None:
    activity = item.activity
    people = gathered.named.get(activity.id, ())
    others = shown_count(activity.others, activity.group)
    if not people and others is None:
        return None
    if _looks_elsewhere(activity, people, focus):
        return None
    mine = next((n for n in people if n.card.id == viewer.person_id), None)
    newest = max(people, key=lambda n: n.at, default=None)
    told = mine or newest
    return FeedItem(
        activity=activity,
        course=item.course,
        audience_name=item.audience_name,
        names=tuple(n.card for n in people if n.place <= NAMES_SHOWN),
        named=people[0].total if people else 0,
        others=others,
        about_me=mine is not None,
        dated=told is None or told.completed_at is not None,
        completed_at=told.completed_at if told else None,
        recorded_at=told.recorded_at if told else None,
        my_completion_id=mine.completion_id if mine else None,
    )


NAMES_SHOWN = 3


def _looks_elsewhere(activity: Activity, people: Sequence[Named], focus: Focus) -> bool:
    """Whether the feed is about somebody whom this completion may not name."""
    if focus == ANYBODY:
        return False
    told_to_team = activity.audience.kind is AudienceKind.TEAM
    if told_to_team and activity.audience.id == focus.team_id:
        return False
    return not any(n.focused for n in people)


def _open(viewer: Viewer, course: Course | None) -> Course | None:
    return course if course is not None and may_see_course(viewer, course) else None


def _is_course(activity: Activity) -> bool:
    return activity.audience.kind is AudienceKind.COURSE


def _audience_name(activity: Activity, teams: Mapping[int, Team], place: Course | None) -> str:
    match activity.audience.kind:
        case AudienceKind.TEAM:
            team = teams.get(activity.audience.id)
            return team.name if team else ""
        case AudienceKind.COURSE:
            return place.name if place else ""
        case _:
            return "Everyone"
