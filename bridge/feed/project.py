"""Facts → activities: reads what is pending, asks :mod:`bridge.feed.aggregate`, writes.

It sends nothing; it says which activities changed, and the flow hands them to delivery in the same
transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bridge.feed import milestones
from bridge.feed.aggregate import Aggregate, Completer, tellings
from bridge.model import Audience, AudienceKind, Kind
from bridge.storage import Work
from bridge.storage.projection import CourseRow, Unit
from bridge.storage.telling import Told
from bridge.visibility import shown_count

NEWS = timedelta(days=7)
"""What was told longer ago does not go where the public reads because somebody agrees to it now."""

A_TIME = 2_000
"""Pending rows that one call looks at; the caller calls again until nothing is pending."""


def project(work: Work, connection_id: int, now: datetime) -> list[int]:
    """Tell what is new, and correct what was told, for one connection.

    While the connection is being set up nothing is told: what is new stays pending until then.

    :returns: the ids of the activities that changed visibly.
    """
    if work.setups.is_open(connection_id):
        return []
    backlog = not work.telling.any(connection_id)
    changed = _courses(work, connection_id, now, backlog)
    changed += _discussions(work, connection_id, now, backlog)
    people = work.projection.pending_people(connection_id)
    units = work.projection.units_of_people(people)
    finished: list[int] = []
    while pending := work.projection.pending_completions(connection_id, A_TIME):
        units = units.union(*(found for _, found in pending))
        finished += [ident for ident, _ in pending]
        work.projection.done(completions=[ident for ident, _ in pending])
    shrunk = work.groups.shrunk(connection_id)
    units |= work.groups.numbered(shrunk)
    changed += _aggregates(work, connection_id, units, now, backlog)
    work.groups.counted(shrunk)
    changed += milestones.tell(work, connection_id, finished, now, backlog)
    changed += _aggregates_in_public(work, connection_id, people, now, set(changed))
    changed += milestones.look_again(work, people, now)
    changed += _discussions_of_people(work, people, now)
    changed += _mentions_of_people(work, people, now, set(changed))
    work.projection.done(people=people)
    return changed


def project_forbidden(work: Work, connection_id: int, now: datetime) -> list[int]:
    """Take out of what was told the names that may not stand there any more.

    It is asked before :func:`project`, and what it changes passes everything else by.

    :returns: the ids of the activities that changed.
    """
    people = work.projection.forbidden_people(connection_id)
    if not people or work.setups.is_open(connection_id):
        return []
    units = work.projection.units_of_people(people)
    changed = _aggregates(work, connection_id, units, now, backlog=False)
    changed += _aggregates_in_public(work, connection_id, people, now, set(changed))
    changed += milestones.look_again(work, people, now)
    for told in work.telling.told_by(people):
        work.telling.retell(told, now, {}, visibly=True)
        changed.append(told.id)
    changed += _mentions_of_people(work, people, now, set(changed))
    work.projection.done(people=people)
    return changed


def project_items(work: Work, connection_id: int, person_id: int, now: datetime) -> list[int]:
    """Correct what was told of what one person finished; the ids of the activities that changed."""
    if work.setups.is_open(connection_id):
        return []
    units = work.projection.units_of_people([person_id])
    changed = _aggregates(work, connection_id, units, now, backlog=False)
    changed += _aggregates_in_public(work, connection_id, [person_id], now, set(changed))
    return changed + milestones.look_again(work, [person_id], now)


def project_person(work: Work, connection_id: int, person_id: int, now: datetime) -> list[int]:
    """Correct all that was told of one person, at once; the ids of the activities that changed."""
    if work.setups.is_open(connection_id):
        return []
    changed = project_items(work, connection_id, person_id, now)
    changed += _discussions_of_people(work, [person_id], now)
    changed += _mentions_of_people(work, [person_id], now, set(changed))
    work.projection.done(people=[person_id])
    return changed


def _aggregates_in_public(
    work: Work, connection_id: int, person_ids: Sequence[int], now: datetime, changed: set[int]
) -> list[int]:
    """A choice between *everyone* and *public* changes nothing here, and how people are named where
    the public reads: what stands there is looked at again, and what is still news may go there."""
    ids = work.telling.in_public(connection_id, person_ids, now - NEWS)
    ids = [ident for ident in ids if ident not in changed]
    work.talk.retold(ids, now)
    return ids


def _discussions_of_people(work: Work, person_ids: Sequence[int], now: datetime) -> list[int]:
    """A choice changes how outlets name the author of a discussion: each looks at it again.

    In the feed it names them as the LMS does, to the people of the course.
    """
    changed = []
    for told in work.telling.said_by(person_ids):
        work.telling.retell(told, now, {}, visibly=True)
        changed.append(told.id)
    return changed


def _mentions_of_people(
    work: Work, person_ids: Sequence[int], now: datetime, changed: set[int]
) -> list[int]:
    """A choice changes at which outlets they may be named where a text mentions them."""
    ids = [i for i in work.mentions.told_of(person_ids) if i not in changed]
    work.talk.retold(ids, now)
    return ids


def _courses(work: Work, connection_id: int, now: datetime, backlog: bool) -> list[int]:
    pending = work.projection.pending_courses(connection_id)
    courses = work.projection.courses(pending)
    told = work.telling.told_of_courses(pending)
    everyone = Audience(AudienceKind.EVERYONE, connection_id)
    changed: list[int] = []
    for course in courses.values():
        before = told.get(course.id)
        if before is None:
            if course.announced and not course.history:
                changed.append(
                    work.telling.tell(
                        connection_id,
                        Kind.COURSE,
                        everyone,
                        published=now,
                        now=now,
                        values={"course_id": course.id, "title": course.name},
                    )
                )
        elif before.gone == course.announced or before.title != course.name:
            values = {"gone": not course.announced, "title": course.name}
            work.telling.retell(before, now, values, visibly=True)
            changed.append(before.id)
    # A course that was hidden, renamed or declared compulsory changes all that was told of it.
    units = work.projection.units_of_courses(pending)
    changed += _aggregates(work, connection_id, units, now, backlog)
    changed += _discussions_of_courses(work, pending, now)
    changed += _shares_of_courses(work, courses, now)
    changed += _milestones_of_courses(work, courses, now)
    work.projection.done(courses=pending)
    return changed


def _discussions_of_courses(work: Work, course_ids: list[int], now: datetime) -> list[int]:
    ids = work.telling.discussions_of_courses(course_ids)
    shown = {c.id for c in work.projection.courses(course_ids).values() if c.shown}
    changed = []
    for told in work.telling.told_of_discussions(ids).values():
        gone = told.audience.id not in shown or told.hidden
        if gone != told.gone:
            work.telling.retell(told, now, {"gone": gone}, visibly=True)
            changed.append(told.id)
    return changed


def _shares_of_courses(work: Work, courses: Mapping[int, CourseRow], now: datetime) -> list[int]:
    """A share keeps its words; the course beside them is shown as the LMS shows it."""
    changed = []
    for course_id, told in work.telling.shares_of_courses(list(courses)):
        title = courses[course_id].name if courses[course_id].shown else ""
        if title != told.title:
            work.telling.retell(told, now, {"title": title}, visibly=True)
            changed.append(told.id)
    return changed


def _milestones_of_courses(
    work: Work, courses: Mapping[int, CourseRow], now: datetime
) -> list[int]:
    """What its people have reached is told as long as the course is announced."""
    changed = []
    for told in work.telling.milestones_of(courses):
        course = courses[told.course_id or 0]
        gone = not course.announced or (told.gone and not milestones.stands(work, told))
        if (told.gone, told.title) != (gone, course.name):
            values = {"gone": gone, "title": course.name}
            work.telling.retell(told, now, values, visibly=True)
            changed.append(told.id)
    return changed


def _discussions(work: Work, connection_id: int, now: datetime, backlog: bool) -> list[int]:
    changed: list[int] = []
    while pending := work.projection.pending_discussions(connection_id, A_TIME):
        told = work.telling.told_of_discussions([row.id for row in pending])
        shown = {
            course.id
            for course in work.projection.courses([row.course_id for row in pending]).values()
            if course.shown
        }
        for row in pending:
            before = told.get(row.id)
            gone = row.gone or row.course_id not in shown
            gone = gone or (before is not None and before.hidden)
            digest = _digest(row.title, row.text)
            if before is None and not (row.history or row.ours or gone):
                changed.append(
                    work.telling.tell(
                        connection_id,
                        Kind.DISCUSSION,
                        Audience(AudienceKind.COURSE, row.course_id),
                        published=row.created_at if backlog else now,
                        now=now,
                        values={
                            "course_id": row.course_id,
                            "discussion_id": row.id,
                            "actor_id": row.author_id,
                            "title": row.title,
                            "digest": digest,
                            "question": "?" in row.title or "?" in row.text,
                        },
                    )
                )
            elif before is not None and (before.gone, before.digest) != (gone, digest):
                values = {"gone": gone, "title": row.title, "digest": digest}
                work.telling.retell(before, now, values, visibly=True)
                changed.append(before.id)
        work.projection.done(discussions=[row.id for row in pending])
    return changed


def _aggregates(
    work: Work, connection_id: int, units: Iterable[Unit], now: datetime, backlog: bool
) -> list[int]:
    wanted = sorted(set(units))
    if not wanted:
        return []
    course_ids = sorted({course_id for course_id, _ in wanted})
    courses = work.projection.courses(course_ids)
    enrolled = work.learning.count_present(course_ids)
    team_sizes = work.projection.team_sizes(connection_id)
    completers = work.projection.completers(wanted)
    told = work.telling.told_aggregates(wanted)
    changed: list[int] = []
    notes = _Notes()
    for unit in wanted:
        course = courses[unit[0]]
        rows = completers[unit] if course.announced else []
        now_true = tellings(
            connection_id,
            [Completer(**vars(row)) for row in rows],
            enrolled.get(course.id, 0),
            team_sizes,
        )
        for kind, audience in sorted({*now_true, *told[unit]}, key=lambda t: (t[0], t[1].key)):
            ident = _converge(
                work,
                connection_id,
                unit,
                kind,
                course.name,
                now_true.get((kind, audience)),
                told[unit].get((kind, audience)),
                now,
                backlog,
                notes,
            )
            if ident is not None:
                changed.append(ident)
    work.telling.retell_all(notes.changes, now)
    work.telling.set_members(notes.named)
    return changed


@dataclass
class _Notes:
    """What is to be written of many aggregates at once."""

    changes: list[tuple[Told, Mapping[str, Any], bool]] = field(default_factory=list)
    named: dict[int, list[tuple[int, int, datetime]]] = field(default_factory=dict)


def _converge(
    work: Work,
    connection_id: int,
    unit: Unit,
    kind: Kind,
    course_name: str,
    wanted: Aggregate | None,
    told: Told | None,
    now: datetime,
    backlog: bool,
    notes: _Notes,
) -> int | None:
    """Make what is told what it should be; the activity's id, if it looks different now."""
    if wanted is None:
        if told is None or told.gone:
            return None
        nothing = {"gone": True, "named": 0, "others": 0, "group_size": 0}
        notes.changes.append((told, nothing, True))
        notes.named[told.id] = []
        return told.id
    values = {
        "named": len(wanted.named),
        "others": wanted.others,
        "group_size": wanted.group,
        "title": course_name,
        "gone": False,
    }
    members = [(c.person_id, c.completion_id, c.completed_at) for c in wanted.named]
    if told is None:
        newest = max((c.completed_at for c in wanted.named), default=None)
        ident = work.telling.tell(
            connection_id,
            kind,
            wanted.audience,
            published=_published(unit, newest, now) if backlog else now,
            now=now,
            values={**values, "course_id": unit[0], "day": unit[1]},
        )
        notes.named[ident] = members
        return ident
    same_names = told.members == {completion_id for _, completion_id, _ in members}
    shown_before = shown_count(told.others, told.group)
    visibly = (
        told.gone
        or not same_names
        or told.title != course_name
        or shown_before != wanted.shown_others
    )
    if visibly or (told.others, told.group) != (wanted.others, wanted.group):
        notes.changes.append((told, values, visibly))
    if not same_names or told.gone:
        notes.named[told.id] = members
    return told.id if visibly else None


def _digest(*words: str) -> str:
    """Tells whether the LMS's words are still those that were told."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


def _published(unit: Unit, newest: datetime | None, now: datetime) -> datetime:
    """What a first projection finds was told by the LMS's own time, not all at this moment."""
    if newest is not None:
        return min(newest, now)
    end_of_day = now.replace(
        year=unit[1].year, month=unit[1].month, day=unit[1].day, hour=18, minute=0, second=0
    )
    return min(end_of_day, now)
