"""Activities with all that stands beside each of them once, in one statement a page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Integer, Row, Select, and_, bindparam, case, cast, exists, func, select

from bridge.model import About, Activity, Course, Discussion, PersonCard
from bridge.storage import tables as t
from bridge.storage.abouts import Joined, about, touched_by
from bridge.storage.nameable import nameable
from bridge.storage.rows import activity_columns, activity_reader, columns, reader

a = t.activities


class Entry(NamedTuple):
    """An activity with what it is about, where it was told, who did it, and who cheered.

    Nothing is filtered: hidden courses and gone ones are here, and say so. Who may not be named,
    and a discussion that is gone, is ``None``.
    """

    activity: Activity
    course: Course | None
    place: Course | None
    """The course whose people it was told to."""
    team: str
    """The name of the team that it was told to; empty if that is gone, or it was told to none."""
    discussion: Discussion | None
    actor: PersonCard | None
    behalf_of: PersonCard | None
    cheers: int
    cheered: bool
    """Whether one of the cheers is the viewer's."""
    about: About | None = None
    """The activity that a share is about, if that is there."""
    beside_about: tuple[str, ...] = ()
    """What that depends on, in the words of ``touches``."""


def read(sql: SqlConnection, ids: Select[Any], viewer_id: int) -> list[Entry]:
    """The activities of these ids, newest first."""
    return _entries(sql.execute(among(ids), {"viewer_id": viewer_id}))


def one(sql: SqlConnection, uid: str, viewer_id: int) -> Entry | None:
    """The activity, gone or not."""
    found = _entries(sql.execute(_one(), {"uid": uid, "viewer_id": viewer_id}))
    return found[0] if found else None


@lru_cache
def _one() -> Select[Any]:
    return among(select(a.c.id).where(a.c.uid == bindparam("uid")))


def among(ids: Any) -> Select[Any]:
    """The statement for the activities whose ``id`` is among these, newest first."""
    c, p, g, d = t.courses, t.courses.alias("place"), t.teams, t.discussions
    r, author = t.reactions, t.people.alias("author")
    actor, behalf = t.people.alias("actor"), t.people.alias("behalf")
    found, joined = ids.subquery("found"), Joined()
    cheers = select(func.count()).where(r.c.activity_id == a.c.id).correlate(a)
    mine = exists().where(r.c.activity_id == a.c.id, r.c.person_id == bindparam("viewer_id"))
    return (
        select(
            *activity_columns("activity_"),
            *columns(c, Course, "course_"),
            *columns(p, Course, "place_"),
            *columns(d, Discussion, "discussion_"),
            func.coalesce(author.c.name, "").label("discussion_author_name"),
            *columns(actor, PersonCard, "actor_"),
            *columns(behalf, PersonCard, "behalf_"),
            func.coalesce(g.c.name, "").label("team"),
            cheers.scalar_subquery().label("cheers"),
            mine.correlate(a).label("cheered"),
            *joined.columns(),
        )
        .select_from(joined.beside(found.join(a, a.c.id == found.c.id), a.c.about_id))
        .outerjoin(c, c.c.id == a.c.course_id)
        .outerjoin(p, p.c.id == _id_in(a.c.audience, "course:"))
        .outerjoin(g, and_(g.c.id == _id_in(a.c.audience, "team:"), g.c.gone.is_(False)))
        .outerjoin(d, and_(d.c.id == a.c.discussion_id, d.c.gone.is_(False)))
        .outerjoin(author, and_(author.c.id == d.c.author_id, *nameable(author)))
        .outerjoin(actor, and_(actor.c.id == a.c.actor_id, *nameable(actor)))
        .outerjoin(behalf, and_(behalf.c.id == a.c.behalf_of_id, *nameable(behalf)))
        .order_by(a.c.published.desc(), a.c.id.desc())
    )


def _id_in(audience: Any, prefix: str) -> Any:
    """The id in the audience's key, if it is of that kind; else null."""
    ident = cast(func.substr(audience, len(prefix) + 1), Integer)
    return case((audience.startswith(prefix), ident))


def _entries(found: Any) -> list[Entry]:
    readers = _readers(tuple(found.keys()))
    return [_entry(row, readers) for row in found.all()]


class _Readers(NamedTuple):
    """What makes the parts of an entry of a row."""

    activity: Any
    course: Any
    place: Any
    discussion: Any
    actor: Any
    behalf_of: Any


@lru_cache(maxsize=8)
def _readers(keys: tuple[str, ...]) -> _Readers:
    return _Readers(
        activity=activity_reader(keys, "activity_"),
        course=reader(Course, keys, "course_"),
        place=reader(Course, keys, "place_"),
        discussion=reader(Discussion, keys, "discussion_"),
        actor=reader(PersonCard, keys, "actor_"),
        behalf_of=reader(PersonCard, keys, "behalf_"),
    )


def _entry(row: Row[Any], read: _Readers) -> Entry:
    course = None if row.course_id is None else read.course(row)
    same = row.place_id == row.course_id
    return Entry(
        activity=read.activity(row),
        course=course,
        place=course if same else None if row.place_id is None else read.place(row),
        team=row.team,
        discussion=None if row.discussion_id is None else read.discussion(row),
        actor=None if row.actor_id is None else read.actor(row),
        behalf_of=None if row.behalf_id is None else read.behalf_of(row),
        cheers=row.cheers,
        cheered=bool(row.cheered),
        about=about(row),
        beside_about=touched_by(row),
    )
