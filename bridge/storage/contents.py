"""What a post is made of: an activity with all that may be said of it, unfiltered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, literal, select

from bridge.mentions import SOMEONE, Spot
from bridge.model import About, Activity, Choice, Course, Discussion, Kind, PersonCard
from bridge.storage import tables as t
from bridge.storage.abouts import Joined, about
from bridge.storage.digests import DigestRows
from bridge.storage.mentions import Mentions
from bridge.storage.nameable import nameable
from bridge.storage.rows import activity, activity_columns, columns, entity


@dataclass(frozen=True)
class Member:
    """A person whom a completion tells of, with what they agreed to."""

    card: PersonCard
    choice: Choice | None
    completed_at: datetime | None = None
    """``None`` too where the LMS does not say when."""


@dataclass(frozen=True)
class Mentioned:
    """Whom the text mentions where, with what they agreed to."""

    spot: Spot
    member: Member


@dataclass(frozen=True)
class Content:
    """An activity and what stands beside it. Whether it may be shown is not decided here."""

    activity: Activity
    site_name: str
    actor: Member | None = None
    """``None`` too when that person left, or is never named."""
    behalf_of: PersonCard | None = None
    course: Course | None = None
    discussion: Discussion | None = None
    """``None`` too when it was deleted in the LMS."""
    about: About | None = None
    """The activity that a share is about, if that is there."""
    mentions: tuple[Mentioned, ...] = ()
    """Of the activity's own text; nobody who left or is never named."""
    members: tuple[Member, ...] = ()
    """Newest first; nobody who left, is never named, hid this completion or lost it."""
    lines: tuple[Content, ...] = ()
    """What a digest lists, newest first; at most :data:`MOST_LINES`."""
    unread: int = 0
    """How many more it lists."""


MOST_LINES = 400
"""Lines of a digest that are looked at: far more than any outlet shows."""


class ContentRows(DigestRows):
    """Reads contents in two statements, however many activities are asked for; in five where one of
    them is a digest, and one more where a text mentions somebody."""

    def contents(self, activity_ids: Collection[int]) -> dict[int, Content]:
        """The contents of the activities, by id."""
        found = self._contents(activity_ids)
        digests = [i for i, content in found.items() if content.activity.kind is Kind.DIGEST]
        if not digests:
            return found
        listed = self.lines(digests)
        read = {one for ids in listed.values() for one in ids[:MOST_LINES]}
        lines = self._contents(read)
        for ident in digests:
            ids = listed.get(ident, [])
            found[ident] = replace(
                found[ident],
                lines=tuple(lines[one] for one in ids[:MOST_LINES]),
                unread=len(ids[MOST_LINES:]),
            )
        return found

    def _contents(self, activity_ids: Collection[int]) -> dict[int, Content]:
        members = self._members(activity_ids)
        rows = self.sql.execute(_every(), {"ids": list(activity_ids)}).all()
        mentions = self._mentions([r.activity_id for r in rows if SOMEONE in r.activity_text])
        return {
            row.activity_id: replace(
                _content(row, members.get(row.activity_id, [])),
                mentions=tuple(mentions.get(row.activity_id, ())),
            )
            for row in rows
        }

    def _mentions(self, activity_ids: Collection[int]) -> dict[int, list[Mentioned]]:
        found: dict[int, list[Mentioned]] = {}
        for one in Mentions(self.sql).of_activities(activity_ids) if activity_ids else ():
            spot = Spot(one.start, one.person)
            mentioned = Mentioned(spot, Member(one.person, one.choice))
            found.setdefault(one.activity_id, []).append(mentioned)
        return found

    def _members(self, activity_ids: Collection[int]) -> dict[int, list[Member]]:
        found: dict[int, list[Member]] = {}
        for row in self.sql.execute(_whom(), {"ids": list(activity_ids)}).all():
            card = PersonCard(row.id, row.name, row.photo_url)
            member = Member(card, Choice(row.choice), row.at if row.dated else None)
            found.setdefault(row.activity_id, []).append(member)
        return found


@cache
def _every() -> Select[Any]:
    """The statement for the activities of some ``ids``; made once, for a worker asks it often."""
    a, c, d, s = t.activities, t.courses, t.discussions, t.connections
    actor, behalf, agreed = t.people.alias("actor"), t.people.alias("behalf"), t.consents
    joined = Joined()
    return (
        select(
            *activity_columns("activity_"),
            s.c.site_name,
            *columns(c, Course, "course_"),
            *columns(d, Discussion, "discussion_"),
            # Whether the author may be named is the actor's matter.
            literal("").label("discussion_author_name"),
            *_card(actor, "actor"),
            *_card(behalf, "behalf"),
            agreed.c.choice.label("actor_choice"),
            *joined.columns(),
        )
        .select_from(joined.beside(a.join(s, s.c.id == a.c.connection_id), a.c.about_id))
        .outerjoin(c, c.c.id == a.c.course_id)
        .outerjoin(d, and_(d.c.id == a.c.discussion_id, d.c.gone.is_(False)))
        .outerjoin(actor, and_(actor.c.id == a.c.actor_id, *nameable(actor)))
        .outerjoin(behalf, and_(behalf.c.id == a.c.behalf_of_id, *nameable(behalf)))
        .outerjoin(agreed, agreed.c.person_id == actor.c.id)
        .where(a.c.id.in_(bindparam("ids", expanding=True)))
    )


@cache
def _whom() -> Select[Any]:
    """The statement for whom aggregates tell of."""
    m, p, c, k = t.activity_members, t.people, t.consents, t.completions
    return (
        select(m.c.activity_id, p.c.id, p.c.name, p.c.photo_url, c.c.choice, m.c.at, k.c.dated)
        .join_from(m, p, p.c.id == m.c.person_id)
        .join(k, k.c.id == m.c.completion_id)
        .join(c, c.c.person_id == m.c.person_id)
        .where(
            m.c.activity_id.in_(bindparam("ids", expanding=True)),
            *nameable(p),
            k.c.hidden.is_(False),
            k.c.revoked.is_(False),
        )
        .order_by(m.c.activity_id, m.c.at.desc(), m.c.person_id)
    )


def _card(people: Any, prefix: str) -> list[Any]:
    return [
        people.c.id.label(f"{prefix}_id"),
        people.c.name.label(f"{prefix}_name"),
        people.c.photo_url.label(f"{prefix}_photo"),
    ]


def _content(row: Any, members: list[Member]) -> Content:
    actor = None
    if row.actor_id is not None:
        choice = None if row.actor_choice is None else Choice(row.actor_choice)
        actor = Member(PersonCard(row.actor_id, row.actor_name, row.actor_photo), choice)
    behalf = None
    if row.behalf_id is not None:
        behalf = PersonCard(row.behalf_id, row.behalf_name, row.behalf_photo)
    return Content(
        activity=activity(row, "activity_"),
        site_name=row.site_name,
        actor=actor,
        behalf_of=behalf,
        course=None if row.course_id is None else entity(Course, row, "course_"),
        discussion=None if row.discussion_id is None else entity(Discussion, row, "discussion_"),
        about=about(row),
        members=tuple(members),
    )
