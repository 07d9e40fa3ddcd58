"""What is forgotten when: for each kind of data, which of its rows are older than they are kept.

Nothing is forgotten that an outlet may show: it would stand there for ever, out of reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, FromClause, Table, and_, exists, func, or_, select, tuple_
from sqlalchemy import Connection as SqlConnection

from bridge.model import AGGREGATES, DeliveryState, Kind, PushState, Standing
from bridge.storage import tables as t
from bridge.storage.standing import stands

A_BATCH = 1_000
"""Rows of one transaction: no page has to wait for longer than that takes."""

Older = Callable[[datetime], ColumnElement[bool]]


@dataclass(frozen=True)
class Kept:
    """One kind of data of one table, and how it is forgotten."""

    table: Table
    older: Older
    """What is true of a row that was not news any more before a moment."""
    blank: str = ""
    """The column that is emptied, where the row itself stays."""


def _ended_session(before: datetime) -> ColumnElement[bool]:
    s = t.sessions.c
    return or_(s.expires_at < before, s.ended_at < before)


def _taken_down(before: datetime) -> ColumnElement[bool]:
    """Deliveries of what is gone, that nothing shows and no receipt lists."""
    d, a, x = t.deliveries.c, t.activities.c, t.withdrawn.c
    return and_(
        d.state == DeliveryState.GONE.value,
        d.pending.is_(False),
        d.due_at < before,
        d.activity_id.in_(select(a.id).where(a.gone.is_(True))),
        ~exists().where(x.delivery_id == d.id),
    )


def _told_long_ago(before: datetime) -> ColumnElement[bool]:
    """Activities of which no outlet shows or waits for anything, and no receipt tells.

    What a course's day came to is told to several audiences, and forgotten for all of them or for
    none: its completions are history afterwards, and what stands would lose them.
    """
    a, beside = t.activities, t.activities.alias("beside")
    same_day = and_(
        a.c.kind.in_(AGGREGATES),
        beside.c.kind.in_(AGGREGATES),
        beside.c.course_id == a.c.course_id,
        beside.c.day == a.c.day,
    )
    return and_(_done_with(a, before), ~exists().where(same_day, ~_done_with(beside, before)))


def _done_with(a: FromClause, before: datetime) -> ColumnElement[bool]:
    d, line, x = t.deliveries.alias(), t.deliveries.alias(), t.withdrawn.c
    kept = exists().where(
        d.c.activity_id == a.c.id,
        or_(
            stands(d),
            d.c.pending.is_(True),
            d.c.digest_id.is_not(None),
            exists().where(x.delivery_id == d.c.id),
        ),
    )
    lists = exists().where(line.c.digest_id == a.c.id)
    return and_(a.c.published < before, a.c.updated < before, ~kept, ~lists)


def _taken_away(table: Table, at: ColumnElement[datetime], before: datetime) -> ColumnElement[bool]:
    """What its author took away, and what it said is still there."""
    return and_(table.c.standing == Standing.REMOVED.value, at < before, table.c.text != "")


def _done_receipt(before: datetime) -> ColumnElement[bool]:
    w, x, d = t.withdrawals.c, t.withdrawn.c, t.deliveries.c
    waits = exists().where(x.withdrawal_uid == w.uid, d.id == x.delivery_id, d.pending.is_(True))
    return and_(w.at < before, ~waits)


def _quiet_discussion(before: datetime) -> ColumnElement[bool]:
    """Discussions without news since then, or gone, of which nothing is told any more."""
    d, a = t.discussions.c, t.activities.c
    return and_(d.modified_at < before, ~exists().where(a.discussion_id == d.id))


def _settled(before: datetime) -> ColumnElement[bool]:
    s = t.xapi_statements.c
    states = [PushState.STORED.value, PushState.IGNORED.value]
    return and_(s.state.in_(states), s.received_at < before)


KINDS: dict[str, tuple[Kept, ...]] = {
    "presence": (Kept(t.presence, lambda b: t.presence.c.day < b.date()),),
    "addresses": (
        Kept(
            t.consent_log,
            lambda b: and_(t.consent_log.c.at < b, t.consent_log.c.address != ""),
            blank="address",
        ),
    ),
    "audit": (Kept(t.audit, lambda b: t.audit.c.at < b),),
    "statements": (Kept(t.xapi_statements, _settled),),
    "sign-in": (
        Kept(t.sign_in_links, lambda b: t.sign_in_links.c.expires_at < b),
        Kept(t.sessions, _ended_session),
        Kept(t.lti_logins, lambda b: t.lti_logins.c.expires_at < b),
        Kept(t.lti_invitations, lambda b: t.lti_invitations.c.expires_at < b),
        Kept(t.setup_keys, lambda b: t.setup_keys.c.expires_at < b),
        Kept(t.sign_in_requests, lambda b: t.sign_in_requests.c.asked_at < b),
        Kept(t.feed_links, lambda b: t.feed_links.c.revoked_at < b),
        Kept(t.oidc_logins, lambda b: t.oidc_logins.c.expires_at < b),
        Kept(
            t.api_tokens,
            lambda b: or_(t.api_tokens.c.revoked_at < b, t.api_tokens.c.expires_at < b),
        ),
        Kept(t.api_answers, lambda b: t.api_answers.c.at < b),
    ),
    "notices": (Kept(t.notices, lambda b: t.notices.c.at < b),),
    "wordings": (
        Kept(t.wordings, lambda b: t.wordings.c.until < b),
        Kept(t.comments, lambda b: _taken_away(t.comments, t.comments.c.at, b), blank="text"),
        Kept(
            t.activities,
            lambda b: _taken_away(t.activities, t.activities.c.updated, b),
            blank="text",
        ),
    ),
    "reports": (
        Kept(t.reports, lambda b: t.reports.c.settled_at < b),
        Kept(t.moderations, lambda b: t.moderations.c.at < b),
    ),
    "opens": (Kept(t.opens, lambda b: t.opens.c.day < b.date()),),
    "suggestions": (
        Kept(t.suggestions, lambda b: t.suggestions.c.week < b.date()),
        Kept(t.plans, lambda b: t.plans.c.changed_at < b),
    ),
    "receipts": (Kept(t.withdrawals, _done_receipt),),
    "ledger": (Kept(t.deliveries, _taken_down),),
    "activities": (Kept(t.activities, _told_long_ago),),
    "discussions": (Kept(t.discussions, _quiet_discussion),),
}
"""In the order in which they are forgotten: what others wait for comes first."""


class KeepingRepository:
    """Counts and deletes what is older than it is kept."""

    def __init__(self, sql: SqlConnection) -> None:
        self.sql = sql

    def count(self, kind: str, before: datetime) -> int:
        """How many rows of the kind are older."""
        return sum(
            self.sql.execute(
                select(func.count()).select_from(kept.table).where(kept.older(before))
            ).scalar_one()
            for kept in KINDS[kind]
        )

    def forget(self, kind: str, before: datetime) -> int:
        """Forget at most :data:`A_BATCH` rows of the kind in each table; how many were."""
        return sum(self._forget(kept, before) for kept in KINDS[kind])

    def _forget(self, kept: Kept, before: datetime) -> int:
        table = kept.table
        keys = list(table.primary_key)
        query = select(*keys).where(kept.older(before)).order_by(*keys).limit(A_BATCH)
        rows = [tuple(row) for row in self.sql.execute(query)]
        if not rows:
            return 0
        its = tuple_(*keys).in_(rows)
        if table is t.activities and not kept.blank:
            a = t.activities
            ids = [row[0] for row in rows]
            self._history(ids)
            self.sql.execute(a.update().where(a.c.about_id.in_(ids)).values(about_id=None))
        if kept.blank:
            self.sql.execute(table.update().where(its).values({kept.blank: ""}))
        else:
            self.sql.execute(table.delete().where(its))
        return len(rows)

    def _history(self, activity_ids: list[int]) -> None:
        """What they told is history from now on, or it would be told once more."""
        a, k = t.activities.c, t.completions
        query = select(a.kind, a.course_id, a.day, a.discussion_id).where(a.id.in_(activity_ids))
        for row in self.sql.execute(query).all():
            if row.kind in AGGREGATES and row.day is not None:
                begin, end = _day(row.day)
                self.sql.execute(
                    k.update()
                    .where(
                        k.c.course_id == row.course_id,
                        k.c.completed_at >= begin,
                        k.c.completed_at < end,
                    )
                    .values(history=True, pending=False)
                )
            elif row.kind == Kind.COURSE.value:
                c = t.courses
                self.sql.execute(c.update().where(c.c.id == row.course_id).values(history=True))
            elif row.kind == Kind.DISCUSSION.value:
                d = t.discussions
                its = d.c.id == row.discussion_id
                self.sql.execute(d.update().where(its).values(history=True))


def _day(day: date) -> tuple[datetime, datetime]:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin, begin + timedelta(days=1)
