"""What one viewer may see of an activity: pure, from what stands beside it.

The wide rules are :mod:`bridge.visibility`'s; here they are put to one feed:

* nothing of a course that is hidden or gone in the LMS, but the text of a share;
* of what else a share is about, only which page shows it, to those whom that was told to;
* nothing of a discussion that is gone, or that the bridge itself started;
* of a completion the names that consent covers, and the number of the others under the rule of
  five; where neither is left, nothing;
* nobody who left is named. What they posted stays, without a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bridge.model import (
    AGGREGATES,
    About,
    Activity,
    AudienceKind,
    Choice,
    Course,
    FeedItem,
    Kind,
    Viewer,
)
from bridge.storage.feed import Entry, Named
from bridge.visibility import covers, may_name, may_see, may_see_course, shown_count


@dataclass(frozen=True)
class Focus:
    """Whom a feed is about: a person, a team, or nobody in particular."""

    person_id: int | None = None
    team_id: int | None = None


ANYBODY = Focus()


@cache
def choices_covering(audience: AudienceKind) -> tuple[Choice, ...]:
    """The choices of people who may be named to the audience."""
    return tuple(choice for choice in Choice if may_name(choice, audience))


def to_name(entries: Iterable[Entry]) -> list[tuple[int, tuple[Choice, ...]]]:
    """The aggregates among the activities, each with the choices that may be named in it."""
    return [
        (activity.id, choices_covering(activity.audience.kind))
        for activity, *_ in entries
        if activity.kind in AGGREGATES
    ]


def seen(
    viewer: Viewer, entry: Entry, people: Sequence[Named] = (), focus: Focus = ANYBODY
) -> FeedItem | None:
    """The activity as the viewer may see it, or ``None`` where nothing of it is left.

    :param people: those of an aggregate who may be named.
    """
    activity = entry.activity
    if activity.gone or not may_see(viewer, activity.audience):
        return None
    course, place = _open(viewer, entry.course), _open(viewer, entry.place)
    about_hidden = activity.course_id is not None and course is None
    told_in_hidden = activity.audience.kind is AudienceKind.COURSE and place is None
    if (about_hidden or told_in_hidden) and activity.kind is not Kind.SHARE:
        return None
    discussion = entry.discussion
    if activity.discussion_id is not None and discussion is None:
        return None
    if activity.kind is Kind.DISCUSSION and (discussion is None or discussion.ours):
        return None
    if activity.kind in AGGREGATES:
        return _aggregate(viewer, entry, course, place, people, focus)
    return FeedItem(
        activity=activity,
        actor=entry.actor,
        behalf_of=entry.behalf_of,
        course=course,
        discussion=discussion,
        about=_covered(activity, entry.about),
        audience_name=_audience_name(entry, place),
        reactions=entry.cheers,
        reacted=entry.cheered,
    )


def _covered(activity: Activity, told: About | None) -> About | None:
    """What a share is about, if all who read the share may read that."""
    return told if told is not None and covers(activity.audience, told.audience) else None


def _aggregate(
    viewer: Viewer,
    entry: Entry,
    course: Course | None,
    place: Course | None,
    people: Sequence[Named],
    focus: Focus,
) -> FeedItem | None:
    activity = entry.activity
    others = shown_count(activity.others, activity.group)
    if not people and others is None:
        return None
    if _looks_elsewhere(activity, people, focus):
        return None
    mine = next((n for n in people if n.card.id == viewer.person_id), None)
    newest = max(people, key=lambda n: n.at, default=None)
    return FeedItem(
        activity=activity,
        course=course,
        audience_name=_audience_name(entry, place),
        names=tuple(n.card for n in people if n.place <= NAMES_SHOWN),
        named=people[0].total if people else 0,
        others=others,
        reactions=entry.cheers,
        reacted=entry.cheered,
        **about(mine or newest, mine=mine is not None),
    )


def about(told: Named | None, *, mine: bool) -> dict[str, Any]:
    """What an item says of the one among its people who stands for all, or is the viewer."""
    return {
        "about_me": mine,
        "dated": told is None or told.completed_at is not None,
        "completed_at": told.completed_at if told else None,
        "recorded_at": told.recorded_at if told else None,
        "my_completion_id": told.completion_id if mine and told else None,
    }


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


def _audience_name(entry: Entry, place: Course | None) -> str:
    match entry.activity.audience.kind:
        case AudienceKind.TEAM:
            return entry.team
        case AudienceKind.COURSE:
            return place.name if place else ""
        case _:
            return "Everyone"
