"""What the desk reads and writes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import type_coerce as as_type

from bridge.model import (
    About,
    Activity,
    Audience,
    AudienceKind,
    Course,
    DeliveryState,
    Discussion,
    Kind,
    Standing,
    Viewer,
)
from bridge.storage import tables as t
from bridge.storage.abouts import Joined, about
from bridge.storage.rows import activity, activity_columns, columns, entity


@dataclass(frozen=True)
class SuggestionRow:
    """What a decision about a suggestion depends on."""

    id: int
    leader_id: int
    course_id: int | None
    about_id: int | None
    state: str
    activity_id: int | None


@dataclass(frozen=True)
class Asked:
    """A discussion that stands in the LMS, with its course."""

    discussion: Discussion
    course: Course


@dataclass(frozen=True)
class ShareRow:
    """A share with raw numbers: whether they may be shown, the desk decides."""

    activity: Activity
    course: Course | None
    reactions: int
    comments: int
    completions: int
    """People of the audience who finished the course in the window after the share."""
    enrolments: int
    """Those who were first seen enrolled in it then."""
    usual: int
    """Those who finished it in the time before the share."""
    people: int
    """People of the audience."""
    opens: int = 0
    """Those who opened it here."""
    about: About | None = None


NOTHING, A_SECOND = timedelta(0), timedelta(seconds=1)


class DeskRepository:
    """Writes shares, replies and decisions; reads what became of shares."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def hold_person(self, person_id: int) -> None:
        """One act at a time: another transaction of this person waits until this one ends.

        SQLite has one writer at a time anyway, and takes this for a plain read.
        """
        p = t.people
        self.sql.execute(
            select(p.c.id).where(p.c.id == person_id).with_for_update(key_share=True)
        ).first()

    def hold_discussion(self, discussion_id: int) -> Asked | None:
        """The discussion, held as :meth:`hold_person` does, unless it is gone or the bridge's."""
        d = t.discussions
        row = self.sql.execute(
            select(
                *columns(d, Discussion, "d_"),
                # Whether the author may be named plays no part in an answer.
                literal("").label("d_author_name"),
                *columns(t.courses, Course, "c_"),
            )
            .select_from(d)
            .join(t.courses, t.courses.c.id == d.c.course_id)
            .where(d.c.id == discussion_id, d.c.gone.is_(False), d.c.ours.is_(False))
            .with_for_update(key_share=True, of=d)
        ).first()
        if row is None:
            return None
        return Asked(entity(Discussion, row, "d_"), entity(Course, row, "c_"))

    def answered(self, discussion_id: int, now: datetime) -> None:
        """The discussion has its answer; the time of an earlier one stays."""
        d = t.discussions
        self.sql.execute(
            d.update()
            .where(d.c.id == discussion_id, d.c.answered_at.is_(None))
            .values(answered_at=now)
        )

    def course(self, course_id: int) -> Course | None:
        row = self.sql.execute(
            select(*columns(t.courses, Course)).where(t.courses.c.id == course_id)
        ).first()
        return None if row is None else entity(Course, row)

    def activity(self, uid: str) -> Activity | None:
        row = self.sql.execute(select(*activity_columns()).where(t.activities.c.uid == uid)).first()
        return None if row is None else activity(row)

    def same(
        self,
        kind: Kind,
        actor_id: int,
        *,
        audience: Audience,
        text: str,
        since: datetime,
        course_id: int | None = None,
        about_id: int | None = None,
        discussion_id: int | None = None,
        behalf_of_id: int | None = None,
    ) -> Activity | None:
        """The first activity since then in which the person said this, and that still stands."""
        a = t.activities
        about = (
            a.c.discussion_id == discussion_id
            if discussion_id is not None
            else a.c.about_id == about_id
            if about_id is not None
            else a.c.course_id == course_id
        )
        row = self.sql.execute(
            select(*activity_columns())
            .where(
                a.c.kind == kind.value,
                a.c.actor_id == actor_id,
                a.c.behalf_of_id.is_(None)
                if behalf_of_id is None
                else a.c.behalf_of_id == behalf_of_id,
                a.c.audience == audience.key,
                about,
                a.c.text == text,
                a.c.published >= since,
                a.c.gone.is_(False),
            )
            .order_by(a.c.published, a.c.id)
            .limit(1)
        ).first()
        return None if row is None else activity(row)

    def write(
        self,
        kind: Kind,
        viewer: Viewer,
        *,
        audience: Audience,
        text: str,
        now: datetime,
        course_id: int | None = None,
        about_id: int | None = None,
        discussion_id: int | None = None,
        title: str = "",
        behalf_of_id: int | None = None,
    ) -> Activity:
        """A new activity of the viewer's, in its first revision."""
        row = self.sql.execute(
            t.activities.insert()
            .values(
                uid=str(uuid.uuid4()),
                connection_id=viewer.connection_id,
                kind=kind.value,
                audience=audience.key,
                actor_id=viewer.person_id,
                behalf_of_id=behalf_of_id,
                course_id=course_id,
                about_id=about_id,
                discussion_id=discussion_id,
                title=title,
                text=text,
                published=now,
                updated=now,
            )
            .returning(*activity_columns())
        ).one()
        return activity(row)

    def take_back(self, activity_id: int, now: datetime) -> Activity | None:
        """The activity is gone from now on, in a revision of its own; ``None`` if it was before."""
        a = t.activities
        row = self.sql.execute(
            a.update()
            .where(a.c.id == activity_id, a.c.standing != Standing.REMOVED.value)
            .values(
                gone=True,
                standing=Standing.REMOVED.value,
                revision=a.c.revision + 1,
                updated=now,
            )
            .returning(*activity_columns())
        ).first()
        return None if row is None else activity(row)

    def suggestion(self, suggestion_id: int) -> SuggestionRow | None:
        s = t.suggestions
        row = self.sql.execute(
            select(*columns(s, SuggestionRow)).where(s.c.id == suggestion_id)
        ).first()
        return None if row is None else entity(SuggestionRow, row)

    def decide(
        self,
        suggestion_id: int,
        state: str,
        now: datetime | None,
        *,
        why: str = "",
        kind: str = "",
        activity_id: int | None = None,
    ) -> None:
        """What the leader decided about the suggestion."""
        s = t.suggestions
        self.sql.execute(
            s.update()
            .where(s.c.id == suggestion_id)
            .values(
                state=state,
                decided_at=now,
                decided_why=why,
                decided_kind=kind,
                activity_id=activity_id,
            )
        )

    def reopen(self, activity_id: int) -> None:
        """The suggestion that became this activity, if any, waits for a decision again."""
        s = t.suggestions
        self.sql.execute(
            s.update()
            .where(s.c.activity_id == activity_id)
            .values(
                state="open", decided_at=None, decided_why="", decided_kind="", activity_id=None
            )
        )

    def shares(
        self, person_id: int, *, since: datetime, window: timedelta, before: timedelta
    ) -> tuple[ShareRow, ...]:
        """The person's shares since then that still stand, newest first: in whose name they are,
        not who wrote them.

        :param window: for how long after a share things are counted.
        :param before: for how long before it, to know what was usual.
        """
        a, c, joined = t.activities, t.courses, Joined()
        rows = self.sql.execute(
            select(
                *activity_columns("a_"),
                *joined.columns(),
                *columns(c, Course, "c_"),
                _count(t.reactions, t.reactions.c.activity_id == a.c.id).label("reactions"),
                _count(
                    t.comments,
                    and_(t.comments.c.activity_id == a.c.id, t.comments.c.gone.is_(False)),
                ).label("comments"),
                _finished(NOTHING, window).label("completions"),
                _enrolled(NOTHING, window).label("enrolments"),
                _finished(-before, -A_SECOND).label("usual"),
                _audience_size().label("people"),
                _opened().label("opens"),
            )
            .select_from(joined.beside(a, a.c.about_id).outerjoin(c, c.c.id == a.c.course_id))
            .where(
                # Said in two, for the index on either is of no use to what is said in one.
                or_(
                    and_(a.c.actor_id == person_id, a.c.behalf_of_id.is_(None)),
                    a.c.behalf_of_id == person_id,
                ),
                a.c.kind == Kind.SHARE.value,
                a.c.published >= since,
                a.c.gone.is_(False),
            )
            .order_by(a.c.published.desc(), a.c.id.desc())
        )
        return tuple(
            ShareRow(
                activity=activity(row, "a_"),
                course=None if row.c_id is None else entity(Course, row, "c_"),
                reactions=row.reactions,
                comments=row.comments,
                completions=row.completions,
                enrolments=row.enrolments,
                usual=row.usual,
                people=row.people,
                opens=row.opens,
                about=about(row),
            )
            for row in rows
        )

    def deliveries(
        self, activity_ids: Sequence[int]
    ) -> dict[int, tuple[tuple[str, DeliveryState], ...]]:
        """Activity id → the name of each outlet it goes to and how far it got there."""
        d, o = t.deliveries, t.outlets
        rows = self.sql.execute(
            select(d.c.activity_id, o.c.name, d.c.state)
            .join(o, o.c.id == d.c.outlet_id)
            .where(d.c.activity_id.in_(activity_ids))
            .order_by(d.c.activity_id, o.c.name)
        )
        found: dict[int, tuple[tuple[str, DeliveryState], ...]] = {}
        for row in rows:
            so_far = found.get(row.activity_id, ())
            found[row.activity_id] = (*so_far, (row.name, DeliveryState(row.state)))
        return found


def _count(table: Any, condition: ColumnElement[bool]) -> Any:
    return (
        select(func.count())
        .select_from(table)
        .where(condition)
        .correlate(t.activities)
        .scalar_subquery()
    )


def _team() -> ColumnElement[Any]:
    # The key of a team's audience is "team:12". CASE keeps PostgreSQL from reading the number of
    # an audience that has none there.
    prefix = f"{AudienceKind.TEAM}:"
    number = func.substr(t.activities.c.audience, len(prefix) + 1)
    return case((t.activities.c.audience.like(f"{prefix}%"), cast(number, Integer)), else_=None)


def _here() -> ColumnElement[bool]:
    p = t.people
    return and_(p.c.suspended.is_(False), p.c.gone.is_(False))


def _audience_size() -> Any:
    a, m, p = t.activities, t.memberships, t.people
    team = _count(m.join(p, p.c.id == m.c.person_id), and_(m.c.team_id == _team(), _here()))
    everyone = _count(p, and_(p.c.connection_id == a.c.connection_id, _here()))
    return case((_team().is_(None), everyone), else_=team)


def _opened() -> Any:
    o, p = t.opens, t.people
    return _count(
        o.join(p, p.c.id == o.c.person_id),
        and_(o.c.activity_id == t.activities.c.id, _here(), _of_it(o)),
    )


def _of_it(rows: Any) -> ColumnElement[bool]:
    """Whether the person of a row belongs to the share's audience."""
    a, m = t.activities, t.memberships
    member = (
        select(m.c.person_id)
        .where(m.c.team_id == _team(), m.c.person_id == rows.c.person_id)
        .correlate(a, rows)
        .exists()
    )
    return or_(_team().is_(None), member)


def _finished(begin: timedelta, end: timedelta) -> Any:
    f = t.completions
    return _of_audience(f, f.c.completed_at, begin, end, f.c.revoked.is_(False))


def _enrolled(begin: timedelta, end: timedelta) -> Any:
    e = t.enrolments
    return _of_audience(e, e.c.first_seen_at, begin, end, e.c.gone.is_(False))


def _of_audience(
    rows: Any, at: Any, begin: timedelta, end: timedelta, which: ColumnElement[bool]
) -> Any:
    """How many people of a share's audience have a row about its course, from one time after the
    share (or before it, if negative) to another."""
    a, p = t.activities, t.people
    shared_at, when = as_type(a.c.published, BigInteger), as_type(at, BigInteger)
    return _count(
        rows.join(p, p.c.id == rows.c.person_id),
        and_(
            rows.c.course_id == a.c.course_id,
            when >= shared_at + int(begin.total_seconds()),
            when <= shared_at + int(end.total_seconds()),
            which,
            _here(),
            _of_it(rows),
        ),
    )
