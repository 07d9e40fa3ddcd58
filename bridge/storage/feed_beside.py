"""What stands beside the activities of a feed: names, courses, cheers, comments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy import Connection as SqlConnection
from sqlalchemy.types import TypeEngine

from bridge.model import Choice, Course, Discussion, PersonCard, Team
from bridge.storage import tables as t
from bridge.storage.given import as_text, to_be_given
from bridge.storage.nameable import nameable
from bridge.storage.rows import columns, entity

LATEST_COMMENTS = 2
NAMES = 3
TOLD: Mapping[str, TypeEngine[Any]] = {"activity_id": Integer(), "choices": Text()}
IDS: Mapping[str, TypeEngine[Any]] = {"id": Integer()}


class Named(NamedTuple):
    """One of the people that an aggregate may name, and how many they are in all."""

    activity_id: int
    card: PersonCard
    completion_id: int
    completed_at: datetime | None
    """``None`` where the LMS does not say when."""
    recorded_at: datetime | None
    """When the bridge first saw it; ``None`` where it was renewed since, and nobody knows."""
    at: datetime
    """What it is sorted by."""
    place: int
    """From 1: those that the feed is about first, then the newest."""
    total: int
    focused: bool
    """Whether the feed is about this person, or about a team of theirs."""


class Said(NamedTuple):
    """A comment, with its author as a page may show them."""

    id: int
    activity_id: int
    author: PersonCard
    text: str
    at: datetime
    parent_id: int | None
    edited_at: datetime | None
    total: int
    """How many comments the activity has in all."""


class Beside:
    """Reads what a page shows with an activity; never the activities themselves."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def courses(self, ids: Collection[int]) -> dict[int, Course]:
        """The courses, by id; hidden and gone ones too, and they say so."""
        query = select(*columns(t.courses, Course)).where(t.courses.c.id.in_(ids))
        return {row.id: entity(Course, row) for row in self.sql.execute(query)}

    def discussions(self, ids: Collection[int]) -> dict[int, Discussion]:
        """The discussions that are still there, by id; one whose author left has no author."""
        d, p = t.discussions, t.people
        query = (
            select(*columns(d, Discussion), func.coalesce(p.c.name, "").label("author_name"))
            .outerjoin(p, and_(p.c.id == d.c.author_id, *nameable(p)))
            .where(d.c.id.in_(ids), d.c.gone.is_(False))
        )
        return {row.id: entity(Discussion, row) for row in self.sql.execute(query)}

    def cards(self, ids: Collection[int]) -> dict[int, PersonCard]:
        """The people who may be named at all, by id; see :func:`nameable`."""
        p = t.people
        query = select(p.c.id, p.c.name, p.c.photo_url).where(p.c.id.in_(ids), *nameable(p))
        return {row.id: PersonCard(*row) for row in self.sql.execute(query)}

    def teams(self, ids: Collection[int]) -> dict[int, Team]:
        """The teams that are still there, by id, with the number of their people."""
        g, s = t.teams, t.memberships
        size = select(func.count()).where(s.c.team_id == g.c.id).correlate(g).scalar_subquery()
        query = select(*columns(g, Team), size.label("size"))
        query = query.where(g.c.id.in_(ids), g.c.gone.is_(False))
        return {row.id: entity(Team, row) for row in self.sql.execute(query)}

    def named(
        self,
        aggregates: Sequence[tuple[int, Sequence[Choice]]],
        viewer_id: int,
        *,
        person_id: int | None = None,
        team_id: int | None = None,
        most: int = NAMES,
    ) -> list[Named]:
        """Of each aggregate the first few people who may be named, and the viewer if among them.

        :param aggregates: ids, each with the choices of people who may be named there.
        :param person_id: the person that the feed is about, or
        :param team_id: the team that it is about.
        :param most: how many are a few.
        """
        about = "person" if person_id is not None else "team" if team_id is not None else ""
        told = [(ident, " ".join(choices)) for ident, choices in aggregates]
        values = {"told": as_text(TOLD, told), "viewer_id": viewer_id, "most": most}
        if about:
            values["about"] = team_id if person_id is None else person_id
        rows = self.sql.execute(_named(self.sql.dialect.name, about), values).all()
        return [
            Named(
                activity_id=row.activity_id,
                card=PersonCard(row.person_id, row.name, row.photo_url),
                completion_id=row.completion_id,
                completed_at=row.at if row.dated else None,
                recorded_at=row.seen_at if row.completed_at == row.at else None,
                at=row.at,
                place=row.place,
                total=row.total,
                focused=bool(row.focus),
            )
            for row in rows
        ]

    def latest_comments(self, ids: Collection[int]) -> list[Said]:
        """The last few comments on each activity, in the order in which they were said."""
        values = {"ids": as_text(IDS, [(ident,) for ident in ids])}
        rows = self.sql.execute(_latest(self.sql.dialect.name), values).all()
        return [_said(row) for row in rows]

    def people_beside(self, ids: Collection[int]) -> list[tuple[int, int]]:
        """Whoever is one of an activity's people or wrote under it, named or not: pairs of ids."""
        values = {"ids": as_text(IDS, [(ident,) for ident in ids])}
        rows = self.sql.execute(_people(self.sql.dialect.name), values)
        return [(row.activity_id, row.person_id) for row in rows]

    def acquainted(self, viewer_id: int, person_id: int, audiences: Sequence[str]) -> bool:
        """Whether the viewer meets the person anyway.

        They share a team, lead one another or share a course; or the person said something to one
        of the viewer's audiences.
        """
        s, led, e, a, c = t.memberships, t.leaders, t.enrolments, t.activities, t.comments
        s2, e2 = s.alias(), e.alias()

        def both(one: Any, other: Any, group: str) -> Any:
            return (
                select(literal(1))
                .join_from(one, other, one.c[group] == other.c[group])
                .where(one.c.person_id == viewer_id, other.c.person_id == person_id)
            )

        courses = both(e, e2, "course_id").where(e.c.gone.is_(False), e2.c.gone.is_(False))
        heard = a.c.audience.in_(audiences), a.c.gone.is_(False)
        meetings = (
            both(s, s2, "team_id"),
            both(led, s, "team_id"),
            both(s, led, "team_id"),
            courses,
            select(literal(1)).where(a.c.actor_id == person_id, *heard),
            select(literal(1))
            .join_from(c, a, a.c.id == c.c.activity_id)
            .where(c.c.person_id == person_id, c.c.gone.is_(False), *heard),
        )
        met = or_(*(meeting.exists() for meeting in meetings))
        return bool(self.sql.execute(select(case((met, 1), else_=0))).scalar_one())

    def person_card(
        self, connection_id: int, person_id: int, viewer_id: int
    ) -> tuple[PersonCard, Choice | None] | None:
        """A person of the connection who may be named at all, and what they chose.

        The viewer themselves is found whoever they are, unless suspended or gone.
        """
        p, c = t.people, t.consents
        row = self.sql.execute(
            select(p.c.id, p.c.name, p.c.photo_url, c.c.choice)
            .outerjoin(c, c.c.person_id == p.c.id)
            .where(
                p.c.id == person_id,
                p.c.connection_id == connection_id,
                p.c.suspended.is_(False),
                p.c.gone.is_(False),
                or_(p.c.never_named.is_(False), p.c.id == viewer_id),
            )
        ).first()
        if row is None:
            return None
        return PersonCard(*row[:3]), None if row.choice is None else Choice(row.choice)


@lru_cache
def _named(dialect: str, about: str) -> Select[Any]:
    m, p, c, k, s = t.activity_members, t.people, t.consents, t.completions, t.memberships
    told = to_be_given(dialect, TOLD, "told")
    focus: Any = literal(0)
    if about == "person":
        focus = case((m.c.person_id == bindparam("about"), 1), else_=0)
    if about == "team":
        of_team = select(s.c.person_id).where(s.c.team_id == bindparam("about"))
        focus = case((m.c.person_id.in_(of_team), 1), else_=0)
    # One window for both: a second one would be sorted for by itself.
    order = (focus.desc(), m.c.at.desc(), m.c.person_id)
    window: dict[str, Any] = {"partition_by": m.c.activity_id, "order_by": order}
    every = (
        select(
            m.c.activity_id,
            m.c.person_id,
            p.c.name,
            p.c.photo_url,
            k.c.id.label("completion_id"),
            m.c.at,
            k.c.completed_at,
            k.c.dated,
            k.c.seen_at,
            focus.label("focus"),
            func.row_number().over(**window).label("place"),
            func.count().over(**window, rows=(None, None)).label("total"),
        )
        .join_from(told, m, m.c.activity_id == told.c.activity_id)
        .join(p, p.c.id == m.c.person_id)
        .join(c, c.c.person_id == m.c.person_id)
        .join(k, k.c.id == m.c.completion_id)
        .where(
            _among_words(dialect, c.c.choice, told.c.choices),
            *nameable(p),
            k.c.hidden.is_(False),
            k.c.revoked.is_(False),
        )
        .subquery()
    )
    return (
        select(every)
        .where(or_(every.c.place <= bindparam("most"), every.c.person_id == bindparam("viewer_id")))
        .order_by(every.c.activity_id, every.c.place)
    )


def _among_words(dialect: str, word: Any, words: Any) -> Any:
    """Whether one of the words, none of which is part of another, is this one."""
    if dialect == "postgresql":
        return func.strpos(words, word) > 0
    return func.instr(words, word) > 0


@lru_cache
def _people(dialect: str) -> CompoundSelect[Any]:
    ids = to_be_given(dialect, IDS, "ids")
    members, comments = t.activity_members.c, t.comments.c
    return union(
        select(members.activity_id, members.person_id).join(ids, ids.c.id == members.activity_id),
        select(comments.activity_id, comments.person_id).join(
            ids, ids.c.id == comments.activity_id
        ),
    )


@lru_cache
def _latest(dialect: str) -> Select[Any]:
    ids = to_be_given(dialect, IDS, "ids")
    every = _comments().join(ids, ids.c.id == t.comments.c.activity_id).subquery()
    return (
        select(every)
        .where(every.c.place <= LATEST_COMMENTS)
        .order_by(every.c.activity_id, every.c.place.desc())
    )


def _comments() -> Select[Any]:
    c, p = t.comments, t.people
    order = (c.c.at.desc(), c.c.id.desc())
    window: dict[str, Any] = {"partition_by": c.c.activity_id, "order_by": order}
    return (
        select(
            c.c.id,
            c.c.activity_id,
            c.c.person_id,
            p.c.name,
            p.c.photo_url,
            c.c.text,
            c.c.at,
            c.c.parent_id,
            c.c.edited_at,
            func.row_number().over(**window).label("place"),
            func.count().over(**window, rows=(None, None)).label("total"),
        )
        .join(p, p.c.id == c.c.person_id)
        .where(c.c.gone.is_(False), *nameable(p))
    )


def _said(row: Row[Any]) -> Said:
    return Said(
        id=row.id,
        activity_id=row.activity_id,
        author=PersonCard(row.person_id, row.name, row.photo_url),
        text=row.text,
        at=row.at,
        parent_id=row.parent_id,
        edited_at=row.edited_at,
        total=row.total,
    )
