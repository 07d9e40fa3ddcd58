"""Round numbers that a course's people or a team have reached: told once, and never for history.

A course's milestone is a number of people, told to everyone; a team's is a number of completions,
told to the team. Only courses that are announced count, and only people who are there and have not
hidden the item. The rules:

* it is *told* when the completion that reached it is news of the last :data:`FRESH`; a number that
  was passed unseen (a first sync, people who joined a team) is never told later;
* it is told *once*: what is kept is the highest number of each group, which never falls, so a
  revocation and another completion do not tell it again;
* the *rule of five*: those who finished and may not be named are five or more or none, and five or
  more could finish and have not;
* it *stands* as long as, of the number told, those who may be named by now leave nobody or five and
  more: whoever takes their name back is not to be worked out from a number that counted them. What
  was taken back for that is not told again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

from bridge.feed.sight import choices_covering
from bridge.model import Audience, AudienceKind, Kind
from bridge.storage import Work
from bridge.storage.milestones import Count
from bridge.storage.telling import Told
from bridge.visibility import FEW, shown_count

NUMBERS = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000)
FRESH = timedelta(days=7)


def passed(total: int) -> int:
    """The highest milestone that is not above ``total``; 0 before the first."""
    place = bisect_right(NUMBERS, total)
    return NUMBERS[place - 1] if place else 0


def told_now(count: Count, before: int | None) -> bool:
    """Whether the count's highest milestone is news.

    :param before: the highest that was told of the group, or passed unseen; ``None`` if nobody
        looked yet.
    """
    number = passed(count.total)
    return number > (before or 0) and passed(count.total - count.fresh) < number


def may_tell(count: Count) -> bool:
    """Whether the rule of five lets the number be told."""
    if not count.unnamed:
        return count.rest >= FEW
    return shown_count(count.unnamed, count.unnamed + count.rest) is not None


def may_stand(number: int, named: int) -> bool:
    """Whether a number that was told may go on standing.

    :param named: how many of those that it counted may be named now.
    """
    unnamed = number - named
    return unnamed <= 0 or unnamed >= FEW


def stands(work: Work, told: Told) -> bool:
    """Whether the milestone may go on standing; see :func:`may_stand`."""
    course = told.course_id
    group = told.audience if course is None else Audience(AudienceKind.COURSE, course)
    covering = choices_covering(told.audience.kind)
    return may_stand(told.number, work.milestones.named(group, told.published, covering))


def look_again(work: Work, person_ids: Sequence[int], now: datetime) -> list[int]:
    """Take back the milestones that may not stand any more: fewer of these people may be named.

    :returns: the ids of the activities that changed.
    """
    gone = []
    for told in work.telling.milestones_of(*work.milestones.groups_of_people(person_ids)):
        if not told.gone and not stands(work, told):
            work.telling.retell(told, now, {"gone": True}, visibly=True)
            gone.append(told.id)
    return gone


def tell(
    work: Work, connection_id: int, completion_ids: Sequence[int], now: datetime, backlog: bool
) -> list[int]:
    """Tell the milestones that these completions have reached; the ids of the new activities.

    :param backlog: nothing was ever told of the connection: what it has reached is history.
    """
    courses, teams = work.milestones.groups_of(completion_ids)
    at_most = work.milestones.at_most(courses, teams)
    before = work.milestones.reached(list(at_most))
    reached: dict[str, int] = {}
    told: list[int] = []
    for subject, most in sorted(at_most.items()):
        if passed(most) <= before.get(subject, 0):
            continue
        group = Audience.of(subject)
        count = _count(work, group, now)
        number = passed(count.total)
        if number <= before.get(subject, 0):
            continue
        if not backlog and told_now(count, before.get(subject)):
            if not may_tell(count):
                continue
            told.append(_tell(work, connection_id, group, number, count.name, now))
        reached[subject] = number
    work.milestones.reach(connection_id, reached)
    return told


def _count(work: Work, group: Audience, now: datetime) -> Count:
    since = now - FRESH
    if group.kind is AudienceKind.COURSE:
        return work.milestones.of_course(group.id, since, choices_covering(AudienceKind.EVERYONE))
    return work.milestones.of_team(group.id, since, choices_covering(AudienceKind.TEAM))


def _tell(
    work: Work, connection_id: int, group: Audience, number: int, name: str, now: datetime
) -> int:
    of_course = group.kind is AudienceKind.COURSE
    audience = Audience(AudienceKind.EVERYONE, connection_id) if of_course else group
    return work.telling.tell(
        connection_id,
        Kind.MILESTONE,
        audience,
        published=now,
        now=now,
        values={"course_id": group.id if of_course else None, "title": name, "number": number},
    )
